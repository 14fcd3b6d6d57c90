import Glibc
import SharedMemory
import TestSupport
import Testing

/// Names of any bytes, as a shell gives them to the commands and as the commands print them.
@Suite final class NamesOfAnyBytes {
  private let session = Places.unique("bytes")
  private let folder: String

  init() { folder = "/dev/shm/moonpool-\(geteuid())@\(session)" }

  /// Starts a process that makes an object of each name and holds it.
  private func held(_ names: [String]) throws -> Child {
    let list = names.map { "[==[\($0)]==]" }.joined(separator: ", ")
    let script = """
      held = {}
      for _, name in ipairs { \(list) } do
        local bytes = load('return "' .. name .. '"')()
        held[#held + 1] = assert(shm.create(bytes, 8)):write("hi")
      end
      io.write("ready\\n"):flush() io.read()
      """
    let child = Child(
      Places.moonpool, ["-e", script], environment: ["MOONPOOL_SESSION": session], input: .open)
    try #require(child.prints("ready\n"), "\(child.complained)")
    return child
  }

  /// Runs a line of sh in which `$m` is the binary; a name is written as `$(printf '\377')`.
  private func shell(_ line: String) -> Outcome {
    run("sh", ["-c", line], environment: ["MOONPOOL_SESSION": session, "m": Places.moonpool])
  }

  private func end(_ child: Child) {
    child.closeInput()
    #expect(child.wait() == 0, "\(child.complained)")
  }

  @Test func areTakenByEachCommandAsTheyAre() throws {
    let holder = try held([#"\xFF\x9Bq"#])
    let name = #""$(printf '\377\233q')""#
    let stat = shell("$m stat \(name)")
    #expect(stat.output.hasPrefix("name    Local\\\\xFF\\x9Bq\ntype    mapping\n"), "\(stat)")
    #expect(stat.output.hasSuffix("\nfile    \(folder)/\\xFF\\x9Bq\n"))
    #expect(shell("$m who \(name)").output.contains("\n\(holder.pid) "))
    #expect(shell("$m dump \(name)").output.contains("|hi......|"))
    #expect(
      shell("$m path \(name) | od -An -c | tr -d ' \\n'").output.hasSuffix("/377233q\\n"))
    let watching = Child(
      "sh", ["-c", "exec $m watch \(name)"],
      environment: ["MOONPOOL_SESSION": session, "m": Places.moonpool])
    #expect(watching.prints("|hi......|"), "\(watching.complained)")
    end(holder)
    #expect(watching.wait() == 0)
    #expect(watching.printed.hasSuffix("\\xFF\\x9Bq is gone\n"))
    let gone = shell("$m stat \(name)")
    #expect(
      gone.errors.hasPrefix("moonpool: find \\xFF\\x9Bq: ERROR_FILE_NOT_FOUND (2): "), "\(gone)")
  }

  @Test func areExactInJSON() throws {
    let holder = try held([#"\xFF\x9Bq"#, #"a\u{202E}\u{9B}\n\"\u{1F9AD}"#, #"\u{10FF9B}"#])
    let place = #", "type": "mapping", "size": 8, "mode": "0600", "owner": \#(geteuid()), "#
    let path = Array("\(folder)/".utf8) + [0xFF, 0x9B, 0x71]
    let hex = path.map { String($0, radix: 16) }.joined()
    let lines = shell("$m ls --json").output.split(separator: "\n").filter {
      !$0.contains(#""Global\\"#)
    }
    #expect(
      lines.map(String.init) == [
        "[",
        #"  {"name": "Local\\a\u202e\u009b\n\"🦭""# + place
          + #""handles": 1, "path": "\#(folder)/a\u202e\u009b%0A\"🦭"},"#,
        #"  {"name": "Local\\\udbff\udf9b""# + place
          + #""handles": 1, "path": "\#(folder)/\udbff\udf9b"},"#,
        #"  {"name": null, "name_hex": "4c6f63616c5cff9b71""# + place
          + #""handles": 1, "path": null, "path_hex": "\#(hex)"}"#, "]",
      ])
    #expect(
      shell(#"$m stat --json "$(printf '\377\233q')""#).output.hasPrefix(
        #"{"name": null, "name_hex": "4c6f63616c5cff9b71", "type""#))
    // A character that stands for a byte inside of the parser is one of its own outside.
    #expect(
      shell(#"$m stat --json "$(printf '\364\217\276\233')""#).output.hasPrefix(
        #"{"name": "Local\\\udbff\udf9b""#))
    end(holder)
  }

  @Test func areRemovedWherePosixMadeThem() {
    let name = "\"$(printf '/\\377\(session)')\""
    let file = "/dev/shm\(name)"
    defer { _ = shell("rm -f \(file)") }
    #expect(shell("printf x > \(file)").status == 0)
    let removed = shell("$m rm \(name)")
    #expect(removed.status == 0 && removed.errors == "")
    #expect(shell("test -e \(file)").status == 1)
    #expect(
      shell("$m rm \(name)").errors
        == "moonpool: unlink /\\xFF\(session): ERROR_FILE_NOT_FOUND (2, ENOENT): there is no POSIX "
        + "object of this name\n")
  }

  @Test(arguments: [
    (#"Local\\"#, "123", "the name is empty; write something after the prefix"),
    (#"\\\377"#, "161", "a name does not begin with a backslash"),
    (#"\377\\x"#, "3", "a backslash only ends the prefixes"),
  ])
  func areRefusedByTheErrorsOfNames(name: String, code: String, advice: String) {
    for command in ["stat", "path", "who", "dump"] {
      let outcome = shell("$m \(command) \"$(printf '\(name)')\"")
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("(\(code)): \(advice)"), "\(outcome.errors)")
      #expect(outcome.errors.utf8.count == outcome.errors.unicodeScalars.count)
    }
  }

  @Test func areRefusedWhenTheyAreTooLong() {
    let outcome = shell(#"$m stat "$(head -c 40000 /dev/zero | tr '\0' '\377')""#)
    let start = String(repeating: #"\xFF"#, count: 30)
    #expect(
      outcome.errors
        == "moonpool: find \(start)…: ERROR_FILENAME_EXCED_RANGE (206): a name has at most 32766 bytes\n"
    )
  }

  @Test(arguments: CodePoints.all) func commandNoTerminal(name: CodePoints.Case) throws {
    if name.bytes.contains(0) || name.shown == #"<\>"# { return }  // no word of a command line
    let octal = name.bytes.map { byte in
      "\\" + String(String(UInt32(byte) | 0o1000, radix: 8).dropFirst())
    }.joined()
    let word = "\"$(printf '\(octal)')\""
    #expect(
      shell("$m stat \(word)").errors
        == "moonpool: find \(name.shown): ERROR_FILE_NOT_FOUND (2): no process holds an object of "
        + "this name; start the one that creates it first\n")
    #expect(
      shell("$m run \(word)").errors.hasPrefix("moonpool: no script '\(name.shown)' is bundled"))
    let misused = shell("$m stat a \(word)")
    #expect(misused.status == 64)
    // There the quotes belong to the text.
    let quoted = SharedMemory.shown(Array("'".utf8) + name.bytes + Array("'".utf8), .lines)
    #expect(misused.errors.contains(quoted), "\(misused.errors)")
  }
}

/// What others wrote, on the terminal of who looks at it.
@Suite struct WhatOthersWrote {
  private let session = Places.unique("hostile")

  @Test func doesNotCommandTheTerminalOfAnError() {
    let term = PseudoTerminal(columns: 100, rows: 24)
    term.start(
      Places.moonpool, ["-e", #"error("mem\u{9b}2J\27[31m\u{202e}\xff\n\tend", 0)"#],
      environment: ["MOONPOOL_SESSION": session])
    #expect(term.waits(for: #"mem\u{9B}2J\x1B[31m\u{202E}\xFF"#))
    #expect(term.wait() == 1)
    let text = String(decoding: term.raw, as: UTF8.self)
    #expect(!text.unicodeScalars.contains { [0x1B, 0x9B, 0x202E].contains($0.value) })
    #expect(text.contains("\r\n\tend\r\n"))
  }

  /// To a file everything goes as lua writes it.
  @Test func staysAsItIsInAFile() {
    let outcome = moonpool("-e", #"error("mem\u{9b}2J", 0)"#, session: session)
    #expect(outcome.errors.contains("mem\u{9B}2J\n"))
  }

  @Test func isEscapedByTheMonitorOfDebugTexts() {
    let monitor = Child(
      Places.moonpool, ["run", "debug-monitor", "1"], environment: ["MOONPOOL_SESSION": session],
      input: .none)
    #expect(poll { monitor.complained.contains("listening") })
    let sent = moonpool(
      "run", "debug-send", "bad\u{9B}31m\u{1B}[2J\u{202E}", session: session)
    #expect(sent.status == 0, "\(sent.errors)")
    #expect(monitor.wait() == 0)
    #expect(monitor.printed.hasSuffix("\tbad\\u{9B}31m\\x1B[2J\\u{202E}\n"), "\(monitor.printed)")
  }

  /// Swift's, C's and the prompt's columns of text.
  @Test func isInTheColumnsOfEachDumpByTheSameRule() {
    let every =
      "assert(shm.create('x', 256)):write((('x'):rep(256):gsub('()x', function(at) "
      + "return string.char(at - 1) end)))"
    let dump = moonpool(
      "-e", "v = \(every) io.write(v:hex(), '\\n') io.flush() os.execute(arg[0] .. ' dump x')",
      session: session)
    let lines = dump.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 34)
    #expect(lines.prefix(17) == lines.suffix(17), "\(dump)")
    let text = lines.prefix(16).map { $0.drop { $0 != "|" }.dropFirst().dropLast() }.joined()
    let expected = (0..<256).map { byte in
      shown([UInt8(byte)]).utf8.count == 1 ? String(UnicodeScalar(UInt8(byte))) : "."
    }.joined()
    #expect(text == expected)
  }

  @Test func isEscapedByShow() {
    let script = #"""
      local T = shm.layouts.mumble_linux
      view = assert(shm.create("/\#(session)", T:size()))
      local link = view:as(T)
      link.uiVersion, link.uiTick = 2, 1
      link.name, link.identity = "game\u{202e}\27[2J", "me\u{9b}31m"
      io.write("ready\n"):flush() io.read()
      shm.unlink("/\#(session)")
      """#
    let game = Child(Places.moonpool, ["-e", script], input: .open)
    #expect(game.prints("ready\n"), "\(game.complained)")
    let outcome = moonpool(
      "run", "show", "mumble_linux", "--name", "/\(session)", "-n", "1", session: session)
    #expect(outcome.output.contains(#"game\u{202E}\x1B[2J"#), "\(outcome)")
    #expect(outcome.output.contains(#"identity me\u{9B}31m"#))
    game.closeInput()
    #expect(game.wait() == 0)
  }
}
