import Glibc
import TestSupport
import Testing

/// `moonpool` in the place of `lua5.4`: what a caller sees does not differ.
///
/// Each case is run by both, in a folder of its own, under the same name.
struct LuaCommandLineTests {
  /// One command line.
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let environment: [String: String]
    let input: String?
    var testDescription: String {
      (environment.map { "\($0)=\($1)" } + arguments + (input.map { ["<", $0] } ?? [])).description
    }

    init(_ arguments: String..., environment: [String: String] = [:], input: String? = nil) {
      self.arguments = arguments
      self.environment = environment
      self.input = input
    }
  }

  /// The files that the cases use.
  static let files = [
    "args.lua": """
    #!/usr/bin/env lua
    print(#arg, ...)
    for i = -8, #arg do if arg[i] then print(i, arg[i]) end end
    """,
    "twice.lua": "#!shebang only",
    "fails.lua": "local function inner() error('no luck') end\ninner()",
    "syntax.lua": "x = = 1",
    "init.lua": "print('init', arg[0], ...) from_init = 1",
    "mod.lua": "loads = (loads or 0) + 1 return {name = ..., loads = loads}",
    "-": "print('a file named -')",
    "global.lua": "print(mod.name, other and other.name, mod.loads)",
    "garbage.lua": "\u{1b}Lua and then nothing",
    "empty.lua": "",
  ]

  static let options: [Case] = [
    Case("args.lua"),
    Case("args.lua", "a", "", "b c", "-e"),
    Case("-e", "x = 1", "-W", "--", "args.lua", "--", "-v"),
    Case("-e", "x = 1", "args.lua", "last"),
    Case("-ex = 1", "-e", "print(x, #arg, arg[0], arg[-1])"),
    Case("-e", "print(...)", "args.lua", "a"),
    Case("-e", "a = 1", "-e", "a = a + 1 print(a)"),
    Case("-e", "print(1)", "-e", "error('stop')", "-e", "print(2)"),
    Case("-e", ""), Case("-e", " "), Case("-e", "x ="), Case("-e", "return 1, 2"),
    Case("-l", "mod", "global.lua"), Case("-lmod", "-l", "other=mod", "global.lua"),
    Case("-lstring=mod", "-e", "print(string.name)"), Case("-l", "nowhere"),
    Case("-lmod", "-e", "print(mod.name)"), Case("-l", "a.b=mod", "-e", "print(_G['a.b'].name)"),
    Case("-l", "mod", input: "print(mod.name)"),
    Case("-v"), Case("-v", "-e", "print(1)"), Case("-v", "args.lua"), Case("-vE"),
    Case("-E", "-e", "print(os.getenv('LUA_PATH') ~= nil)"),
    Case("-W", "-e", "warn('heard ', 'this')"), Case("-W", "-e", "warn('@off') warn('no')"),
    Case("-e", "warn('unheard')"), Case("-e", "warn('@on') warn('heard')"),
    Case("-W", "-l", "mod", input: "warn('x')"), Case("-Wx"), Case("-W"),
    Case("-x"), Case("-"), Case("--"), Case("---"), Case("--x"), Case("-ee", "x"),
    Case("-e"), Case("-l"), Case("-e", "-v"), Case("-l", "-e"), Case("-e", "--"), Case("-i2"),
    Case("-vx"), Case("-Ex"), Case("-E", "-v", "-W", "-z"),
    Case("--", "args.lua", "a"), Case("--", "-"), Case("-", "a", "b", input: "print(..., arg[0])"),
    Case("-v", input: "print('never')"), Case("-E", input: "print('run')"),
    Case("-", input: "#!first line\nprint(debug.getinfo(1).source)"),
    Case(input: "print('chunk', ...)"), Case(input: "error('from input')"), Case(input: "x ="),
    Case("-e", "print(1)", input: "print('never')"),
  ]

  static let environments: [Case] = [
    Case("-e", "print(x)", environment: ["LUA_INIT": "x = 10"]),
    Case("-e", "print(x)", environment: ["LUA_INIT": "x = 10", "LUA_INIT_5_4": "x = 20"]),
    Case("-e", "print(x)", environment: ["LUA_INIT": "x = 10", "LUA_INIT_5_4": ""]),
    Case("-E", "-e", "print(x)", environment: ["LUA_INIT": "x = 10"]),
    Case("-e", "print(x)", "-E", environment: ["LUA_INIT": "x = 10"]),
    Case("args.lua", "a", environment: ["LUA_INIT": "@init.lua"]),
    Case("-e", "print(1)", environment: ["LUA_INIT": "@nowhere.lua"]),
    Case("-e", "print(1)", environment: ["LUA_INIT": "error('in init')"]),
    Case("-e", "print(1)", environment: ["LUA_INIT_5_4": "x ="]),
    Case("args.lua", "a", environment: ["LUA_INIT": "arg = {'changed', 'twice'}"]),
    Case("args.lua", "a", environment: ["LUA_INIT": "arg = 1"]),
    Case("-v", environment: ["LUA_INIT": "print('init')"]),
    Case("-e", "print(package.path)", environment: ["LUA_PATH": "here/?.x;;"]),
    Case(
      "-e", "print(package.path)", environment: ["LUA_PATH": "no", "LUA_PATH_5_4": "?.y;;"]),
    Case("-e", "print(package.cpath)", environment: ["LUA_CPATH": "here/?.so;;"]),
    Case("-E", "-e", "print(package.path)", environment: ["LUA_PATH": "no"]),
    Case("-l", "mod", "-e", "print(1)", environment: ["LUA_PATH": "nowhere/?.lua"]),
  ]

  static let endings: [Case] = [
    Case("nowhere.lua"), Case("."), Case("syntax.lua"), Case("fails.lua"), Case("garbage.lua"),
    Case("empty.lua"), Case("twice.lua"),
    Case("-e", "error('text')"), Case("-e", "error('text', 0)"), Case("-e", "error()"),
    Case("-e", "error({})"), Case("-e", "error(12)"), Case("-e", "error(print)"),
    Case("-e", "error(setmetatable({}, {__tostring = function() return 'told' end}))"),
    Case("-e", "error(setmetatable({}, {__tostring = function() return 1 end}))"),
    Case("-e", "error(setmetatable({}, {__tostring = function() error('deeper') end}))"),
    Case("-e", "error(setmetatable({}, {__name = 'Named'}))"),
    Case("-e", "coroutine.wrap(function() error('inside') end)()"),
    Case("-e", "local function f() return f() + 1 end f()"),
    Case("-e", "string.rep('x', 1 << 62)"),
    Case(
      "-e", "local t <close> = setmetatable({}, {__close = function() print('closed') end}) f()"),
    Case("-e", "os.exit()"), Case("-e", "os.exit(true)"), Case("-e", "os.exit(false)"),
    Case("-e", "os.exit(7)"), Case("-e", "os.exit(300)"), Case("-e", "os.exit(true, true)"),
    Case("-e", closer + " os.exit(3)"), Case("-e", closer + " os.exit(4, true)"),
    Case("-e", closer), Case("-e", closer + " error('then')"),
    Case("-e", "io.write('no newline')"), Case("-e", "io.stderr:write('only errors')"),
    Case("-e", "io.write('out') error('err')"),
    Case("-e", "print(('x'):rep(100000))"), Case("-e", "print('\u{e9}\\xff')"),
    Case("-e", "return coroutine.isyieldable() and 1 or error('main')"),
    Case("-e", "print(pcall(coroutine.yield))"),
  ]

  /// Lines of a file or a pipe with `-i`: they are shown as they are read. What Debian's readline
  /// does with lines of more than 80 columns, with keys such as Tab, and with an end in the middle
  /// of a statement (it says "(null)") is not wanted.
  static let interactive: [Case] = [
    "", "\n", "x = 1\nprint(x)\n", "1", "1,2,nil\n", "=1\n", "= 1, 2\n", "=\n", "==1\n",
    "for i=1,2 do\nprint(i)\nend\n", "=1+\n2\n", "=1,\n2,\n\n3\n", "x = = 1\n", "error('e')\n",
    "error('e',0)\n1\n", "error()\n", "error{}\n", "print=nil\n1\n2\n", "print=error\n1\n",
    "a = [[x\ny\n]]\n=a\n", "--[[ c\n]] 1\n", "-- c\n1 -- d\n", "(1)\n(2)\n", ";;\n",
    "::a::\ngoto b\n", "return 1,2\n", "local a = 1\na\n", "local a <close> = 1\n",
    "coroutine.yield()\n", "os.exit(3)\n1\n", "os.exit(true,true)\n", "io.write('abc')\n1\n",
    "_PROMPT='a> '\n1\n_PROMPT2='b> '\n1+\n2\n", "_PROMPT='x\\ny> '\n1\n", "_PROMPT=''\n1\n",
    "_PROMPT='\\1\\2p> '\n1\n", "_PROMPT=12\n1\n", "_PROMPT=false\n1\n",
    "_PROMPT=setmetatable({},{__tostring=function() return 'T' end})\n1\n",
    "_PROMPT=setmetatable({},{__tostring=function() error'no' end})\n1\n",
    "'\u{e9}'\n", "1\r\n2\r\n", "1 \n  2\n", " =1\n", "function f()\n  return 1\nend\nf()\n",
    "nothing.x\n", "nothing()\n", "debug.getinfo(1,'S').short_src\n", "table.unpack({}, 1, 200)\n",
    "os.execute('cat')\nrest\n", "#!x\n", "1 2\n", "'abc\\\ndef'\n", "end\n",
    "arg[0], arg[-1], #arg\n", "...\n", "warn('@on')\nwarn('w')\n", "if x then\nelse\nend\n",
  ].map { Case("-i", input: $0) }

  static let interactiveWords: [Case] = [
    Case("-i", "args.lua", "a", "b", input: two), Case("-i", "fails.lua", input: two),
    Case("-i", "nowhere.lua", input: two), Case("-e", "x = 3", "-i", input: two),
    Case("-i", "-e", "x = 3", input: two), Case("-i", "-e", "error'x'", input: two),
    Case("-i", "-", input: two), Case("-i", "--", input: two), Case("-v", "-i", input: two),
    Case("-i", "-l", "mod", input: two), Case("-i", "-l", "nowhere", input: two),
    Case("-i", "-W", input: two), Case("-i", "-E", environment: ["LUA_INIT": "x = 9"], input: two),
    Case("-i", environment: ["LUA_INIT": "x = 9"], input: two),
    Case("-i", environment: ["LUA_INIT": "@init.lua"], input: two),
    Case("-i", environment: ["LUA_INIT": "error'no'"], input: two),
  ]

  private static let two = "x, y\n1+\n2\nerror'e'\n"

  /// Says when it is collected.
  private static let closer =
    "keep = setmetatable({}, {__gc = function() print('collected') end})"

  private static let hasLua = access("/usr/bin/lua5.4", X_OK) == 0

  @Test(.enabled(if: hasLua, "lua5.4 is not installed to compare with"), arguments: options)
  func optionsMeanWhatLuaMeans(_ line: Case) { Self.compare(line) }

  @Test(.enabled(if: hasLua, "lua5.4 is not installed to compare with"), arguments: environments)
  func theEnvironmentCountsAsForLua(_ line: Case) { Self.compare(line) }

  @Test(.enabled(if: hasLua, "lua5.4 is not installed to compare with"), arguments: endings)
  func errorsAndEndingsAreLuas(_ line: Case) { Self.compare(line) }

  @Test(
    .enabled(if: hasLua, "lua5.4 is not installed to compare with"),
    arguments: interactive + interactiveWords)
  func linesOfInputAreShownAsByLua(_ line: Case) {
    Self.compare(line)
    // What comes before what is seen where both go to one place.
    let folder = Folder(files: Self.files)
    let ours = folder.run(Places.moonpool, line, joining: true)
    let theirs = folder.run("/usr/bin/lua5.4", line, joining: true)
    #expect(Self.withoutAddresses(ours.output) == Self.withoutAddresses(theirs.output))
  }

  private static func compare(_ line: Case) {
    let folder = Folder(files: files)
    let ours = folder.run(Places.moonpool, line)
    let theirs = folder.run("/usr/bin/lua5.4", line)
    #expect(withoutAddresses(ours.output) == withoutAddresses(theirs.output))
    #expect(withoutAddresses(ours.errors) == withoutAddresses(theirs.errors))
    #expect(ours.status == theirs.status)
  }

  /// Addresses differ from run to run.
  private static func withoutAddresses(_ text: String) -> String {
    text.split(separator: "0x", omittingEmptySubsequences: false).enumerated().map { index, part in
      index == 0 ? String(part) : "0x" + part.drop { $0.isHexDigit }
    }.joined()
  }
}

/// The essentials once more, in words that need no other lua beside it.
struct LuaCommandLineEssentialTests {
  private typealias Case = LuaCommandLineTests.Case

  private static func outcome(_ line: Case) -> Outcome {
    Folder(files: LuaCommandLineTests.files).run(Places.moonpool, line)
  }

  @Test func argumentsBeforeTheScriptHaveNegativeIndices() {
    let outcome = Self.outcome(Case("-e", "x = 1", "args.lua", "a", "b"))
    #expect(
      outcome.output == "2\ta\tb\n-3\tlua\n-2\t-e\n-1\tx = 1\n0\targs.lua\n1\ta\n2\tb\n")
    #expect(outcome.status == 0)
  }

  @Test func anUnknownOptionIsRefusedWithLuasUsageAndStatus() {
    let outcome = Self.outcome(Case("-x", "-e", "print(1)"))
    #expect(
      outcome.errors.hasPrefix(
        "lua: unrecognized option '-x'\nusage: lua [options] [script [args]]\n"))
    #expect(outcome.output == "")
    #expect(outcome.status == 1)
  }

  @Test func anOptionWithoutItsTextSaysSo() {
    #expect(Self.outcome(Case("-e")).errors.hasPrefix("lua: '-e' needs argument\n"))
    #expect(Self.outcome(Case("-l", "-v")).errors.hasPrefix("lua: '-l' needs argument\n"))
  }

  @Test func anErrorHasATracebackAndStatusOne() {
    let outcome = Self.outcome(Case("fails.lua"))
    #expect(outcome.errors.hasPrefix("lua: fails.lua:1: no luck\nstack traceback:\n"))
    #expect(outcome.status == 1)
  }

  @Test func standardInputIsTheScriptWithoutAnother() {
    #expect(Self.outcome(Case(input: "print(2 + 2)")).output == "4\n")
  }

  @Test func aMissingScriptIsOneClearLine() {
    let outcome = Self.outcome(Case("nowhere.lua"))
    #expect(outcome.errors.hasPrefix("lua: cannot open nowhere.lua"))
    #expect(outcome.errors.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(outcome.status == 1)
  }

  @Test func linesOfInputAreRunOneByOneAfterTheScript() {
    let outcome = Self.outcome(
      Case(
        "-e", "_PROMPT = 'a' _PROMPT2 = setmetatable({}, {__tostring = function() return 'b' end})",
        "-i",
        input: "x = 6\n= x * 7\nx, nil\nfor i = 1, 2 do\nprint(i) end\nerror('e', 0)\nerror{}\nx =")
    )
    #expect(outcome.output.hasPrefix("Lua 5.4"))
    #expect(
      outcome.output.hasSuffix(
        "\nax = 6\na= x * 7\n42\nax, nil\n6\tnil\nafor i = 1, 2 do\nbprint(i) end\n1\n2\n"
          + "aerror('e', 0)\naerror{}\nax =\nba\n"))
    #expect(outcome.errors.hasPrefix("e\nstack traceback:"))
    #expect(outcome.errors.contains("(error object is a table value)"))
    #expect(outcome.errors.hasSuffix("stdin:1: unexpected symbol near <eof>\n"))
    #expect(outcome.status == 0)
  }
}

/// A folder with files, in which programs are run as `lua`; it goes with its owner.
private final class Folder {
  private let path = "/tmp/moonpool-" + Places.unique("lua")
  private var names: [String] = ["lua"]

  init(files: [String: String]) {
    mkdir(path, 0o700)
    for (name, text) in files {
      names.append(name)
      let file = fopen("\(path)/\(name)", "w")!
      fputs(text, file)
      fclose(file)
    }
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// Through a shell, which can change folders and name a program as it likes.
  ///
  /// - Parameter joining: whether standard error goes where standard output goes.
  func run(
    _ program: String, _ line: LuaCommandLineTests.Case, joining: Bool = false
  ) -> Outcome {
    symlink(program, "\(path)/lua")
    defer { unlink("\(path)/lua") }
    var environment = ["PATH": "\(path):/usr/bin:/bin", "MOONPOOL_SESSION": Places.unique()]
    environment.merge(line.environment) { $1 }
    return TestSupport.run(
      "/bin/sh",
      ["-c", #"cd "$0" && exec lua "$@""# + (joining ? " 2>&1" : ""), path] + line.arguments,
      environment: environment, input: line.input.map { .text($0) } ?? .none)
  }
}
