import Glibc
import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

@Suite struct Interpreters {
  private let session = Session(named: Places.unique("lua"))

  private func interpreter() throws -> Interpreter {
    let made = try Interpreter(session: session)
    try made.open()
    return made
  }

  @Test func aScriptWritesAndReads() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      #"local v = assert(shm.create("x", 8)); v:write("hi"); assert(v:read() == "hi")"#)
  }

  @Test func twoInterpretersShareANameInOneProcess() throws {
    let one = try interpreter()
    let two = try interpreter()
    try one.run("v = assert(shm.create('x', 8)); v:write('one')")
    try two.run("v = assert(shm.open('x')); assert(v:read() == 'one'); v:write('two')")
    try one.run("assert(v:read() == 'two'); v:close()")
    try two.run("assert(shm.open('x')):close(); v:close(); assert(select(3, shm.open('x')) == 2)")
  }

  @Test func globalsBelongToOneInterpreter() throws {
    let one = try interpreter()
    let two = try interpreter()
    try one.run("mine = 1; shm.mine = 1; getmetatable(shm.create(nil, 1)).mine = 1")
    try two.run("assert(not mine and not shm.mine)")
    try two.run("assert(not getmetatable(shm.create(nil, 1)).mine)")
  }

  @Test func aClosedInterpreterReleasesItsNames() throws {
    do {
      let interpreter = try interpreter()
      try interpreter.run("a = assert(shm.create('x', 8)); b = a:map{}; c = shm.open('x')")
      let open = interpreter.openViews
      #expect(open == 3)
      try interpreter.run("b:close()")
      let left = interpreter.openViews
      #expect(left == 2)
      #expect(throws: Never.self) { try MemoryObject.open("x", in: session).close() }
    }
    #expect {
      try MemoryObject.open("x", in: session).close()
    } throws: {
      ($0 as? SharedMemoryError)?.code == .fileNotFound
    }
    #expect(isRemoved(path(session, "x")))
  }

  private func path(_ session: Session, _ name: String) -> String {
    String(decoding: (try? session.path(of: Array(name.utf8))) ?? [], as: UTF8.self)
  }

  @Test func everyThreadMayHaveAnInterpreterOfItsOwn() async throws {
    let session = session
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<4 {
        group.addTask {
          let interpreter = try Interpreter(session: session)
          try interpreter.open()
          try interpreter.run(
            """
            for round = 1, 200 do
              local name = "t\(number)-" .. round
              local view <close> = assert(shm.create(name, 300))
              view:write(name .. ("y"):rep(280))
              assert(shm.open(name)):close()
              assert(view:read():sub(1, #name) == name)
              local shared <close> = assert(shm.create("shared", 64))
              shared:write("\(number)", \(number))
              assert(shared:read(1, \(number)) == "\(number)")
            end
            """)
          return interpreter.openViews
        }
      }
      for try await open in group { #expect(open == 0) }
    }
    #expect(try session.list(.local).isEmpty)
  }

  @Test func anErrorComesWithItsTraceback() throws {
    let interpreter = try interpreter()
    let error = #expect(throws: Interpreter.ScriptError.self) {
      try interpreter.run(
        "local function deep()\n  shm.open({})\nend\nlocal ok = deep()\n", name: "@s.lua")
    }
    #expect(
      error?.description == """
        s.lua:2: bad argument #1 to 'open' (string expected, got table)
        stack traceback:
        \t[C]: in function 'shm.open'
        \ts.lua:2: in local 'deep'
        \ts.lua:4: in main chunk
        """)
  }

  private static let trace =
    "stack traceback:\n\t[C]: in function 'error'\n\ts.lua:1: in main chunk"

  @Test(arguments: [
    ("error('plain', 0)", "plain\n\(trace)"),
    ("error({})", "(error object is a table value)\n\(trace)"),
    ("error(setmetatable({}, {__tostring = function() return 'told' end}))", "told"),
    ("x =", "s.lua:1: unexpected symbol near <eof>"),
  ])
  func errorsOfEveryKindAreText(chunk: String, text: String) throws {
    let interpreter = try interpreter()
    let error = #expect(throws: Interpreter.ScriptError.self) {
      try interpreter.run(chunk, name: "@s.lua")
    }
    #expect(error?.description == text)
    try interpreter.run("assert(1 + 1 == 2)")
  }

  @Test func namesComeBackByteForByte() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      #"""
      for _, name in ipairs {"a\0b", "\0", "\xFF\xFE", "\xC3", "x\n", "%00", "\xED\xA0\x80"} do
        local view <close> = assert(shm.create(name, 8))
        assert(view:name() == name)
        view:write("here")
        local other <close> = assert(shm.open(name))
        assert(other:name() == name and other:read() == "here")
        local window <close> = assert(other:map {})
        assert(window:name() == name)
      end
      """#)
  }
}
