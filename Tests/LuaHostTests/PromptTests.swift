import LuaHost
import SharedMemory
import TestSupport
import Testing

/// The prompt's entry points in C: nothing raises, everything comes back as text.
@Suite struct PromptTests {
  let interpreter: OpenInterpreter

  /// A suite is copied, an interpreter is not.
  final class OpenInterpreter {
    let lua: Interpreter

    init() throws {
      lua = try Interpreter(session: Session(named: Places.unique()))
      try lua.open()
      try lua.openPrompt()
    }

    func isIncomplete(_ chunk: String) -> Bool { lua.isIncomplete(Array(chunk.utf8)) }

    func evaluate(_ bytes: [UInt8]) -> Interpreter.Evaluation { lua.evaluate(bytes) }

    func ask(_ function: String) throws -> [UInt8] { try lua.ask(function) }

    /// What the prompt shows; the kind of outcome comes first.
    func shown(_ chunk: String, final: Bool = false) -> String {
      switch lua.evaluate(Array(chunk.utf8), final: final) {
      case .done(let text): "done " + String(decoding: text, as: UTF8.self)
      case .failed(let text): "failed " + String(decoding: text, as: UTF8.self)
      case .incomplete: "incomplete"
      }
    }
  }

  init() throws { interpreter = try OpenInterpreter() }

  @Test(
    arguments: [
      ("1 + 1", "done 2\n"), ("=1 + 1", "done 2\n"), ("x = 5", "done "), ("", "done "),
      ("-- nothing", "done "), ("'a', nil, 2.0", "done \"a\"  nil  2.0\n"),
      ("return 7", "done 7\n"), ("nil", "done nil\n"), ("print", "done function print\n"),
    ])
  func aChunkIsAnExpressionOrElseStatements(chunk: String, shown: String) {
    #expect(interpreter.shown(chunk) == shown)
  }

  @Test(
    arguments: [
      "for i = 1, 2 do", "function f(", "x =", "1 +", "f(", "{ 1,", "[[ long", "--[[ long",
      "if x then\n  y()", "'goes on\\", "local",
    ])
  func whatEndsTooEarlyIsIncomplete(chunk: String) {
    #expect(interpreter.shown(chunk) == "incomplete")
    #expect(interpreter.isIncomplete(chunk))
    #expect(interpreter.shown(chunk, final: true).hasPrefix("failed "))
  }

  @Test(arguments: ["x = = 1", "end", "'abc", "1 2", "f(}", "goto nowhere", "\u{1B}Lua", "é"])
  func whatMoreLinesCannotMendFails(chunk: String) {
    #expect(interpreter.shown(chunk).hasPrefix("failed "))
    #expect(!interpreter.isIncomplete(chunk))
  }

  @Test func anErrorComesWithItsLineAndACaret() {
    #expect(
      interpreter.shown("x = 1\ny = nothing.field") == """
        failed prompt[1]:2: attempt to index a nil value (global 'nothing')
           2 | y = nothing.field
             |     ^^^^^^^

        """)
    #expect(
      interpreter.shown("1 + * 2") == """
        failed prompt[2]:1: unexpected symbol near '*'
           1 | 1 + * 2
             |     ^

        """)
  }

  @Test func resultsAreRemembered() {
    for value in ["10", "20", "30"] { _ = interpreter.shown(value) }
    #expect(interpreter.shown("_, _1, _2, _3") == "done 30  30  20  10\n")
    #expect(interpreter.shown("_ + 1") == "done 31\n")
  }

  @Test func aVanishedLocalGetsItsHint() {
    _ = interpreter.shown("local lost = 1")
    #expect(interpreter.shown("lost.x").contains("write lost = … without local"))
  }

  @Test func aHintIsOfTheCallThatFailed() {
    #expect(interpreter.shown("shm.crate('a', 1)").contains("field 'crate'"))
    #expect(!interpreter.shown("string.crate('a', 1)").contains("did you mean"))
  }

  @Test(
    arguments: [
      ("view:wirte('x')", "view:write"), ("view:u23(0)", "view:u32"),
      ("view:atomic(0):laod()", "cell:load"), ("(nil or view):raed()", "view:read"),
      ("print(1, nil, view:fil(0))", "view:fill"),
      ("shm.event(nil):rest()", "event:reset"), ("shm.mutex(nil):lok()", "mutex:lock"),
      ("shm.semaphore(nil, 1, 1):aquire()", "semaphore:acquire"),
      ("shm.layout('struct s { int x; };'):ofset('x')", "layout:offset"),
      ("shm.crate('a', 1)", "shm.create"),
      ("view.wirte(view)", nil), ("view:nothing()", nil),
      ("('x'):wirte()", nil), ("io.stdout:wirte()", nil), ("shm.wirte(view)", nil),
      ("coroutine.wrap(function() view:wirte('x') end)()", nil),
    ] as [(String, String?)])
  func aMisspeltMethodGetsItsHint(chunk: String, meant: String?) {
    _ = interpreter.shown("view = shm.create(nil, 64)")
    let shown = interpreter.shown(chunk)
    #expect(shown.hasPrefix("failed "))
    #expect(shown.contains("did you mean") == (meant != nil), "\(shown)")
    if let meant { #expect(shown.contains("\ndid you mean \(meant)?\n"), "\(shown)") }
    #expect(interpreter.shown("view.wirte") == "done nil\n")
  }

  @Test(
    arguments: [
      "error()", "error(nil)", "error({})", "error(setmetatable({}, {__tostring = error}))",
      "error(42)", "setmetatable({}, {__tostring = function() error({}) end})",
      "setmetatable({}, {__pairs = function() error() end})",
      "local function f() return f() + 1 end f()", "string.rep('x', -1):bad()",
      "coroutine.wrap(function() error('inside') end)()", "debug.getregistry()[1]",
      "table.unpack({}, 1, 1e7)", "setmetatable(_G, {__index = error}) y",
    ])
  func noChunkEndsThePrompt(chunk: String) {
    _ = interpreter.shown(chunk)
    #expect(interpreter.shown("40 + 2") == "done 42\n")
  }

  @Test func aChunkMayBeAMillionBytesLong() {
    let long = String(repeating: "x = 1 ", count: 170_000)
    #expect(interpreter.shown(long) == "done ")
    let outcome = interpreter.shown(long + "= 2")
    #expect(outcome.contains("unexpected symbol near '='"))
    #expect(outcome.utf8.count < 1000)
  }

  @Test func anUnknownFunctionIsAnErrorAsText() {
    #expect(throws: Interpreter.ScriptError.self) { try interpreter.ask("no such function") }
    #expect(interpreter.shown("1") == "done 1\n")
  }

  @Test func bytesThatAreNoTextAreShownAsSuch() {
    #expect(interpreter.evaluate([0x27, 0xFF, 0x00, 0x27]) == .done(Array(#""\xFF\0"\#n"#.utf8)))
  }

  /// Memory runs out at each allocation in turn; the prompt answers afterwards.
  @Test(
    arguments: [
      "1 + 1", "{ 1, { a = 'x' } }", "x = = 1", "nothing.field", "local y = 1",
      "setmetatable({}, { __pairs = function() return next, { 1 } end })",
    ])
  func memoryThatRunsOutIsAnError(chunk: String) throws {
    for count in [1, 2, Int.max / 2] {
      var first = 1
      while try refused(chunk, first, count) { first += 1 }
      #expect(first > 5)
    }
  }

  private func refused(_ chunk: String, _ first: Int, _ count: Int) throws -> Bool {
    let allocator = FailingAllocator()
    do {
      let lua = try Interpreter(
        session: Session(named: Places.unique()), allocator: FailingAllocator.allocate,
        context: allocator.state)
      try lua.open()
      try lua.openPrompt()
      allocator.arm(first: first, count: count)
      _ = lua.evaluate(Array(chunk.utf8), final: true)
      allocator.disarm()
      let after = lua.evaluate(Array("1 + 1".utf8))
      #expect(after == .done(Array("2\n".utf8)), "\(first), \(count)")
    }
    #expect(allocator.state.pointee.bytes == 0)
    return allocator.state.pointee.refused > 0
  }
}
