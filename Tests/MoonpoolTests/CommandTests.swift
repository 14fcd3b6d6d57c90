import Glibc
import SharedMemory
import TestSupport
import Testing

/// The binary as a person at a shell meets it: scripts, errors, statuses.
@Suite struct RunningScripts {
  let session = Places.unique("command")

  private func moonpool(_ arguments: String..., input: Child.Input = .none) -> Outcome {
    run(
      Places.moonpool, arguments, environment: ["MOONPOOL_SESSION": session], input: input)
  }

  private static let tellArguments = """
    for i = -5, 5 do if arg[i] then io.write(i, "=", arg[i]:match("[^/]*$"), " ") end end
    print(select("#", ...), ...)
    """

  @Test func aScriptGetsItsArguments() throws {
    let file = try TemporaryFile(Self.tellArguments)
    let script = file.path.split(separator: "/").last ?? ""
    #expect(
      moonpool(file.path, "one", "", "-e").output
        == "-1=moonpool 0=\(script) 1=one 2= 3=-e 3\tone\t\t-e\n")
    #expect(
      moonpool("-e", "x = 1", file.path, "one").output
        == "-3=moonpool -2=-e -1=x = 1 0=\(script) 1=one 1\tone\n")
    #expect(moonpool("--", file.path).output == "-2=moonpool -1=-- 0=\(script) 0\n")
    #expect(
      moonpool("--explain", file.path, "--explain").output
        == "-2=moonpool -1=--explain 0=\(script) 1=--explain 1\t--explain\n")
  }

  @Test func standardInputIsAScript() {
    let input = Child.Input.text(Self.tellArguments)
    #expect(moonpool(input: input).output == "0=moonpool 0\n")
    #expect(moonpool("-", "one", input: input).output == "-1=moonpool 0=- 1=one 1\tone\n")
    #expect(moonpool("--explain", "-", input: input).output == "-2=moonpool -1=--explain 0=- 0\n")
  }

  @Test func afterTwoHyphensAScriptMayHaveAnyName() {
    let outcome = moonpool("--", "-", input: .text("print('standard input')"))
    #expect(outcome.output == "")
    #expect(outcome.errors == "\(Places.moonpool): cannot open -: No such file or directory\n")
    #expect(moonpool("--", "-e").errors.contains("cannot open -e"))
  }

  @Test func textsOnTheCommandLineRunInOrder() {
    let sum = moonpool("-e", "x = 20", "-ex = x + 1", "-e", "print(x, arg[2])")
    #expect(sum.output == "21\tx = 20\n")
    #expect(moonpool("-e", "print(...)").output == "\n")
    #expect(moonpool("-e", "", input: .text("print('not run')")).output == "")
    let stopped = moonpool("-e", "error('one', 0)", "-e", "print('two')")
    #expect(stopped.status == 1)
    #expect(stopped.output == "")
  }

  @Test func theFirstLineMayNameTheInterpreter() throws {
    let file = try TemporaryFile(
      "#!/usr/bin/env moonpool\nprint(debug.getinfo(1, 'l').currentline)")
    #expect(moonpool(file.path).output == "2\n")
  }

  /// Chunks that fail, and what `lua5.4` says of them after its name.
  static let failures: [(chunk: String, said: String)] = [
    (
      "error('over')",
      """
      (command line):1: over
      stack traceback:
      \t[C]: in function 'error'
      \t(command line):1: in main chunk
      \t[C]: in ?
      """
    ),
    (
      "local function f() local x = nil .. 1 end f()",
      """
      (command line):1: attempt to concatenate a nil value
      stack traceback:
      \t(command line):1: in local 'f'
      \t(command line):1: in main chunk
      \t[C]: in ?
      """
    ),
    (
      "error({})",
      """
      (error object is a table value)
      stack traceback:
      \t[C]: in function 'error'
      \t(command line):1: in main chunk
      \t[C]: in ?
      """
    ),
    (
      "error()",
      """
      (error object is a nil value)
      stack traceback:
      \t[C]: in function 'error'
      \t(command line):1: in main chunk
      \t[C]: in ?
      """
    ),
    ("error(setmetatable({}, {__tostring = function() return 'told' end}))", "told"),
    ("x = = 1", "(command line):1: unexpected symbol near '='"),
    (
      "coroutine.yield()",
      """
      attempt to yield from outside a coroutine
      stack traceback:
      \t[C]: in function 'coroutine.yield'
      \t(command line):1: in main chunk
      \t[C]: in ?
      """
    ),
  ]

  @Test(arguments: failures.indices)
  func anErrorIsReportedWithItsTraceback(index: Int) {
    let (chunk, said) = Self.failures[index]
    let outcome = moonpool("-e", chunk)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors == "\(Places.moonpool): \(said)\n")
  }

  private static let lua = "/usr/bin/lua5.4"

  @Test(
    .enabled(if: access(lua, X_OK) == 0, "lua5.4 is not installed to be compared with"),
    arguments: failures.indices)
  func anErrorReadsAsInLua(index: Int) {
    let chunk = Self.failures[index].chunk
    let outcome = moonpool("-e", chunk)
    let reference = run(Self.lua, ["-e", chunk])
    #expect(outcome.status == reference.status)
    #expect(
      outcome.errors.dropFirst(Places.moonpool.count) == reference.errors.dropFirst(Self.lua.count))
  }

  @Test func anErrorInAScriptNamesItsLine() throws {
    let file = try TemporaryFile("local x\nerror 'over'\n")
    let outcome = moonpool(file.path)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == """
        \(Places.moonpool): \(file.path):2: over
        stack traceback:
        \t[C]: in function 'error'
        \t\(file.path):2: in main chunk
        \t[C]: in ?

        """)
  }

  @Test func aScriptThatIsNoneIsSaid() {
    let missing = moonpool("/nowhere/at/all.lua")
    #expect(missing.status == 1)
    #expect(
      missing.errors
        == "\(Places.moonpool): cannot open /nowhere/at/all.lua: No such file or directory\n")
    let folder = moonpool("/usr")
    #expect(folder.status == 1)
    #expect(folder.errors == "\(Places.moonpool): cannot read /usr: Is a directory\n")
  }

  @Test(arguments: [
    ("os.exit(0)", 0), ("os.exit(0, true)", 0), ("os.exit(true)", 0), ("os.exit(false)", 1),
    ("os.exit(7)", 7), ("error('over')", 1), ("coroutine.wrap(function() os.exit(3) end)()", 3),
  ])
  func noFileIsLeftByAProcessThatEndsWithOpenViews(ending: String, status: Int32) throws {
    let outcome = moonpool(
      "-e",
      """
      a = assert(shm.create("x", 8)); b = a:map{}; c = assert(shm.create("y", 8))
      print(shm.path("x")) io.stdout:flush()
      \(ending)
      """)
    #expect(outcome.status == status)
    let path = outcome.output.split(separator: "\n").first.map(String.init) ?? ""
    #expect(path.hasSuffix("@\(session)/x"))
    #expect(access(path, F_OK) != 0)
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    #expect(isRemoved("/\(folder)"), "the session's directory is gone, too")
  }

  @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
  func aClosedStandardDescriptorNeverBecomesAnObjects(redirection: String) {
    let chunk = """
      local view = assert(shm.create([[x]], 64))
      print([[printed]]) io.stdout:flush() io.stderr:write([[complained]])
      local file = io.open(shm.path([[x]]))
      os.exit(view:read() == [[]] and file:seek([[end]]) == 64 and io.read() == nil)
      """
    let outcome = run(
      "/bin/sh", ["-c", "exec '\(Places.moonpool)' -e '\(chunk)' \(redirection)"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 0)
  }

  @Test func cModulesAreLookedForWhereDebianHasThem() {
    let chunk = "print(package.cpath:find('/usr/lib', 1, true) ~= nil)"
    #expect(moonpool("-e", chunk).output == "true\n")
  }
}

/// A file that goes with its owner.
final class TemporaryFile {
  let path: String

  init(_ text: String) throws {
    path = "/tmp/\(Places.unique("moonpool-test")).lua"
    let file = try #require(fopen(path, "wx"))
    fputs(text, file)
    fclose(file)
  }

  deinit { unlink(path) }
}

@Test func aSizePastTheLimitOfFilesIsError87() {
  let command =
    "ulimit -f 1; exec \(Places.moonpool) -e 'print(select(3, shm.create(nil, 1 << 20)))'"
  let outcome = run("/bin/sh", ["-c", command])
  #expect(outcome.output == "87\n")
  #expect(outcome.status == 0)
}

@Test func aBoxWithoutATitleHasNone() {
  let outcome = moonpool("--explain", "-e", "console.message_box('hi')", session: Places.unique())
  #expect(outcome.output == "hi\n")
  #expect(outcome.errors.contains("console.message_box(\"hi\", nil)"))
}

@Test func typedAccessIsExplainedAsTheScriptAndAsWin32WriteIt() {
  let script = """
    local v <close> = shm.create(nil, 64)
    v:u32(8, 7):f64(16, 0.5):fill(65, 2, 3):copy(40, v, 8, 4):text(0, 8, "hi"):utf16(24, "hi")
    v:pack("<I4 z", 0, 1, "abc") v:unpack("<I4 z", 0) v:f64(16) v:utf16(24) v:find("none")
    """
  let explained = moonpool("--explain", "-e", script, session: Places.unique()).errors
  for (call, win32, result) in [
    ("view:u32(8, 7)", "*(UINT32 *)(pBuf + 8) = 7", "view"),
    ("view:f64(16, 0.5)", "*(double *)(pBuf + 16) = 0.5", "view"),
    ("view:fill(65, 2, 3)", "FillMemory(pBuf + 2, 3, 65)", "view"),
    ("view:copy(40, source, 8, 4)", "MoveMemory(pBuf + 40, pSource, 4)", "view"),
    ("view:text(0, 8, \"hi\")", "lstrcpyA((LPSTR)(pBuf), \"hi\")", "view"),
    ("view:utf16(24, \"hi\")", "lstrcpyW((LPWSTR)(pBuf + 24), L\"hi\")", "view"),
    ("view:pack(\"<I4 z\", 0, 1, …)", "CopyMemory(pBuf, \"…\", 8)", "8"),
    ("view:unpack(\"<I4 z\", 0)", "CopyMemory(\"…\", pBuf, 8)", "…, 8"),
    ("view:f64(16)", "*(double *)(pBuf + 16)", "0.5"),
    ("view:utf16(24)", "(LPCWSTR)(pBuf + 24)", "\"hi\""),
    ("view:find(\"none\")", "(none)", "nil"),
  ] {
    let block = explained.rest(after: "  \(call)\n")
    #expect(block.hasPrefix("  Win32  \(win32)\n"), "\(call): \(block)")
    #expect(block.rest(after: "\n  → ").hasPrefix("\(result)\n"), "\(call): \(block)")
  }
}

extension String {
  /// What follows the first occurrence; empty if there is none.
  fileprivate func rest(after part: String) -> String {
    guard let found = firstRange(of: part) else { return "" }
    return String(self[found.upperBound...])
  }
}

/// What the program says of itself, and of words that are nearly its own.
@Suite struct OverviewTests {
  private func moonpool(_ arguments: String...) -> Outcome {
    run(Places.moonpool, arguments, environment: ["MOONPOOL_SESSION": Places.unique()])
  }

  @Test func helpListsEveryOptionAndLuas() {
    let help = moonpool("--help")
    #expect(help.status == 0)
    let labels = help.output.split(separator: "\n").filter { $0.hasPrefix("  -") }
      .map { $0.split(separator: " ")[0] }
    #expect(
      labels == [
        "--explain", "-e", "-i", "-l", "-v", "-E", "-W", "--", "-", "--help", "--version",
        "--generate-completion-script", "--complete",
      ])
    for line in help.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(moonpool("help").output == help.output)
    // Each option of a command stands behind its name.
    for command in help.output.split(separator: "\n").filter({ $0.hasPrefix("  ") }) {
      let name = String(command.split(separator: " ")[0])
      guard ["demo", "ls", "stat", "who", "dump", "watch", "run"].contains(name) else { continue }
      for line in moonpool(name, "--help").output.split(separator: "\n")
      where line.hasPrefix("  --") && !line.hasPrefix("  --version") {
        let option = line.split(separator: " ")[0]
        #expect(command.contains(option), "\(name) \(option)")
      }
    }
  }

  @Test(
    arguments: [
      ["--help"], ["help"], ["--version"], ["ls", "--help"], ["help", "ls"],
      ["--generate-completion-script", "bash"],
    ])
  func whatCannotBeSaidIsAFailure(arguments: [String]) {
    let script = #"exec "$0" "$@" > /dev/full"#
    let session = Places.unique()
    let outcome = run(
      "/bin/sh", ["-c", script, Places.moonpool] + arguments,
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: standard output: No space left on device\n")
  }

  /// As the prompt's `?WORD`.
  @Test func helpKnowsMoreThanCommands() {
    let outcome = moonpool("help", "view.write")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("view:write(data [, offset]) → view\n\nCopies the bytes"))
    #expect(moonpool("help", "183").output.hasPrefix("183 is ERROR_ALREADY_EXISTS: "))
    #expect(moonpool("help", "ls").output.contains("USAGE: moonpool ls"))
    let none = moonpool("help", "viwe.\"wirte\\")
    #expect(none.status == 64)
    #expect(none.output == "")
    #expect(none.errors.hasPrefix("moonpool: no help for 'viwe.\"wirte"))
  }

  @Test(arguments: [
    ("lss", "ls"), ("statt", "stat"), ("wathc", "watch"), ("docter", "doctor"),
    ("explain", "--explain"), ("version", "--version"),
  ])
  func aWordThatIsNearlyACommandIsAskedFor(word: String, command: String) {
    let outcome = moonpool(word, "x")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == """
        \(Places.moonpool): cannot open \(word): No such file or directory
        did you mean \(command)?

        """)
  }

  @Test func whatIsAFileOrFarFromEachCommandIsNot() throws {
    #expect(!moonpool("nowhere").errors.contains("did you mean"))
    #expect(!moonpool("./lss").errors.contains("did you mean"))
    let folder = "/tmp/moonpool-\(Places.unique("near"))"
    mkdir(folder, 0o700)
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let script = "cd \(folder) && echo 'error(\"mine\", 0)' > lss && exec \"$0\" lss"
    let outcome = run("/bin/sh", ["-c", script, Places.moonpool])
    #expect(outcome.errors.contains("mine"))
    #expect(!outcome.errors.contains("did you mean"))
  }
}
