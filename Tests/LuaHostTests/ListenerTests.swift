import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Writes down what it hears.
private final class Listener: OperationListener {
  private let heard = Mutex<[String]>([])
  private let ends = Mutex<[String]>([])

  /// The typed accesses, as they were left.
  var typed: [String] { ends.withLock { $0 } }

  var lines: [String] { heard.withLock { $0 } }

  func enter(_ operation: Operation) { note("enter \(Self.text(operation))") }

  func leave(_ operation: Operation, outcome: Int32) {
    let bytes = String(decoding: operation.data, as: UTF8.self)
    let data = bytes.isEmpty ? "" : " \"\(bytes)\""
    let existed = operation.existed && outcome == 0 ? " existed" : ""
    note("leave \(Self.text(operation))\(data) = \(outcome)\(existed)")
    if !operation.verb.isEmpty {
      ends.withLock {
        $0.append(
          "\(operation.kind) \(operation.offset)+\(operation.length) \(operation.verb) "
            + "\(operation.arguments) \"\(bytes)\" \(operation.result)")
      }
    }
  }

  private func note(_ line: String) { heard.withLock { $0.append(line) } }

  private static func text(_ operation: Operation) -> String {
    let name = operation.name.map { String(decoding: $0, as: UTF8.self) } ?? "(none)"
    let access = operation.access.map { " \($0.rawValue)" } ?? ""
    return "\(operation.line) \(operation.kind) \(name) "
      + "\(operation.offset)+\(operation.length)\(access)"
  }
}

/// A person who presses one key, and looks at what is shown.
private struct Person: Terminal {
  func key() -> UInt8? { UInt8(ascii: "k") }
  func show(_ text: [UInt8], title: [UInt8]) {}
}

@Suite struct ListenerTests {
  private let session = Session(named: Places.unique("gate"))
  private let listener = Listener()

  private func interpreter() throws -> Interpreter {
    let made = try Interpreter(session: session, console: Person(), listener: listener)
    try made.open()
    return made
  }

  @Test func everyOperationIsHeardBeforeAndAfter() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      """
      local view = assert(shm.create("x", 70000))
      local again = select(2, shm.create("x", 1, {access = "r"}))
      local other = assert(shm.open("x", {access = "copy"}))
      local window = assert(view:map {offset = 65536, length = 100})
      view:write("text", 3)
      assert(view:read(2, 4) == "ex")
      assert(view:read(nil, 3) == "text")
      view:check()
      shm.unlink("/none-of-that-name")
      console.getch()
      console.message_box("said", "titled")
      view:close()
      view:close()
      """, name: "@s.lua")
    #expect(
      Array(listener.lines.prefix(24)) == [
        "enter s.lua:1 create x 0+70000 rw",
        "leave s.lua:1 create x 0+70000 rw = 0",
        "enter s.lua:2 create x 0+1 r",
        "leave s.lua:2 create x 0+1 r = 0 existed",
        "enter s.lua:3 open x 0+0 copy",
        "leave s.lua:3 open x 0+0 copy = 0 existed",
        "enter s.lua:4 map x 65536+100",
        "leave s.lua:4 map x 65536+100 = 0 existed",
        "enter s.lua:5 write x 3+4",
        "leave s.lua:5 write x 3+4 \"text\" = 0 existed",
        "enter s.lua:6 read x 4+2",
        "leave s.lua:6 read x 4+2 \"ex\" = 0 existed",
        "enter s.lua:7 text x 3+69997",
        "leave s.lua:7 text x 3+4 \"text\" = 0 existed",
        "enter s.lua:8 check x 0+0",
        "leave s.lua:8 check x 0+0 = 0 existed",
        "enter s.lua:9 unlink /none-of-that-name 0+0",
        "leave s.lua:9 unlink /none-of-that-name 0+0 = 2",
        "enter s.lua:10 getch (none) 0+0",
        "leave s.lua:10 getch (none) 0+0 = 0 existed",
        "enter s.lua:11 messageBox titled 0+4",
        "leave s.lua:11 messageBox titled 0+4 \"said\" = 0",
        "enter s.lua:12 close x 0+0",
        "leave s.lua:12 close x 0+0 = 0 existed",
      ])
    #expect(listener.lines.count == 24, "a closed view is not closed again")
  }

  @Test func whatTheCollectorClosesIsHeardWithoutALine() throws {
    do {
      let interpreter = try interpreter()
      try interpreter.run("view = assert(shm.create('x', 8))", name: "@s.lua")
    }
    #expect(
      listener.lines.suffix(2) == ["enter  close x 0+0", "leave  close x 0+0 = 0 existed"])
  }

  @Test func aRefusalIsHeardWithItsNumber() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      """
      shm.open("nobody")
      shm.create("x", 0)
      local view <close> = assert(shm.create("x", 8))
      view:map {length = 9}
      """, name: "@s.lua")
    #expect(
      listener.lines.filter { $0.hasPrefix("leave") } == [
        "leave s.lua:1 open nobody 0+0 rw = 2",
        "leave s.lua:2 create x 0+0 rw = 87",
        "leave s.lua:3 create x 0+8 rw = 0",
        "leave s.lua:4 map x 0+9 = 5",
        "leave s.lua:4 close x 0+0 = 0 existed",
      ])
  }

  @Test func misuseIsRaisedBeforeTheListenerHearsIt() throws {
    let interpreter = try interpreter()
    try interpreter.run("view = assert(shm.create('x', 8))")
    let before = listener.lines.count
    for misuse in [
      "shm.create('y')", "shm.create('y', 8, {acces = 'r'})", "shm.open()", "view:read(9)",
      "view:write('123456789')", "view:write('x', -1)", "view:map(8)", "view.read()",
      "shm.unlink({})", "shm.path()",
    ] {
      #expect(throws: Interpreter.ScriptError.self) { try interpreter.run(misuse) }
    }
    #expect(listener.lines.count == before)
  }

  @Test func anErrorAfterALostPageIsHeardFirst() throws {
    let interpreter = try interpreter()
    // A text may be as long as the view; how long it is, is known afterwards.
    for (call, shown, left) in [
      ("view:read(4)", "read x 0+4", "read x 0+4"), ("view:read()", "text x 0+8", "text x 0+4"),
      ("view:write('text')", "write x 0+4", "write x 0+4"),
    ] {
      try interpreter.run(
        "view = assert(shm.create('x', 8)); io.open(shm.path('x'), 'w'):close()")
      if call == "view:read()" { try interpreter.run("pcall(view.write, view, 'text')") }
      let before = listener.lines.count
      #expect(throws: Interpreter.ScriptError.self) { try interpreter.run(call, name: "@s.lua") }
      let heard = listener.lines.dropFirst(before)
      #expect(heard.count == 2)
      #expect(heard.first == "enter s.lua:1 \(shown)")
      #expect(heard.last?.hasPrefix("leave s.lua:1 \(left)") == true)
      #expect(heard.last?.contains(" = -1") == true)
      try interpreter.run("view:close()")
    }
  }

  @Test func readsAreTheSameWithAListener() throws {
    let calls = """
      local view <close> = assert(shm.create(nil, 5000))
      view:write(("\\0abc"):rep(300), 1000)
      view:write(("z"):rep(400), 3000)
      local all = {}
      for _, length in ipairs {0, 1, 40, 255, 256, 257, 1000} do
        for _, offset in ipairs {0, 990, 1001, 3000, 3399, 4000} do
          all[#all + 1] = view:read(length, offset)
          all[#all + 1] = view:read(nil, offset)
        end
      end
      print = nil
      result = table.concat(all, "|")
      """
    let heard = try interpreter()
    let unheard = try Interpreter(session: session)
    try unheard.open()
    try heard.run(calls)
    try unheard.run(calls)
    let store = "assert(shm.create(NAME, #result)):write(result)"
    try heard.run("one = " + store.replacing("NAME", with: "'one'"))
    try unheard.run("two = " + store.replacing("NAME", with: "'two'"))
    try unheard.run("local v = shm.open('one'); assert(#v > 9000 and v:read(#v) == result)")
  }

  @Test func typedAccessIsHeardWithItsArguments() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      """
      local view <close> = assert(shm.create("x", 64))
      view:u32(8, 7)
      assert(view:u32(8) == 7)
      view:f64(16, 0.5)
      assert(view:f64(16) == 0.5)
      view:pack("<I4 s1", 0, 3, "abc")
      assert(select("#", view:unpack("<I4 s1", 0)) == 3)
      view:text(0, 8, "text")
      assert(view:text(0) == "text")
      view:utf16(0, "wide")
      assert(view:utf16(0, 3) == "wid")
      view:fill(0x41, 4, 2)
      view:copy(32, view, 0, 8)
      assert(view:find("AA") == 4)
      assert(view:find("none") == nil)
      assert(#view:hex(0, 16) == 87)
      """, name: "@s.lua")
    let typed = [
      "load 8+4 view:u32 [8] \"\" 7", "store 16+8 view:f64 [16] \"0.5\" 0",
      "load 16+8 view:f64 [16] \"0.5\" 0", "store 0+8 view:pack [0, 3] \"<I4 s1\" 8",
      "load 0+8 view:unpack [0] \"\" 8", "store 0+5 view:text [0, 8] \"text\" 0",
      "load 0+4 view:text [0] \"text\" 4", "store 0+10 view:utf16 [0] \"wide\" 0",
      "load 0+6 view:utf16 [0, 3] \"wid\" 3", "store 4+2 view:fill [65, 4, 2] \"\" 0",
      "store 32+8 view:copy [32, 0, 8] \"\" 0", "load 0+64 view:find [] \"AA\" 4",
      "load 0+64 view:find [] \"none\" -1",
    ]
    let left = listener.typed
    #expect(left.first == "store 8+4 view:u32 [8, 7] \"\" 0")
    #expect(Array(left.dropFirst().prefix(typed.count)) == typed)
    #expect(left.last?.hasPrefix("load 0+16 view:hex [0, 16] \"00000000  ") == true)
    #expect(left.count == typed.count + 2)
    #expect(
      listener.lines.filter { $0.hasPrefix("leave") }.allSatisfy { $0.contains(" = 0") })
    #expect(listener.lines.contains("enter s.lua:2 store x 8+4"))
  }

  @Test func typedMisuseIsRaisedBeforeTheListenerHearsItAndTheRestAfterwards() throws {
    let interpreter = try interpreter()
    try interpreter.run("view = assert(shm.create('x', 8)); view:pack('<I4', 0, 99)")
    let before = listener.lines.count
    for misuse in [
      "view:u8(0, 256)", "view:u8(8)", "view:pack('q', 0)", "view:pack('<d', 1, 0.5)",
      "view:unpack('<d', 1)", "view:text(9)", "view:text(4, 'long')", "view:fill(0, 9)",
      "view:copy(1, view)", "view:find('x', 9)", "view:hex(0, 9)",
    ] {
      #expect(throws: Interpreter.ScriptError.self) { try interpreter.run(misuse) }
    }
    #expect(listener.lines.count == before)
    // What the memory says is known only when it is looked at.
    #expect(throws: Interpreter.ScriptError.self) { try interpreter.run("view:unpack('<s4', 0)") }
    #expect(listener.lines.dropFirst(before).map { $0.contains(" = -1") } == [false, true])
  }

  @Test func typedAccessIsTheSameWithAListener() throws {
    let calls = """
      local view <close> = assert(shm.create(nil, 5000))
      for place = 0, 4999 do view:u8(place, place * 7 % 256) end
      view:u16(0, 5):i32(3, -5):u64(8, -1):f32(17, 0.1):f64(24, 1e300)
      local next = view:pack("<s2 z !8 d !1 I7 c5", 100, ("s"):rep(300), "zz", 0.5, 7, "c")
      view:text(1000, ("t"):rep(2000)):utf16(3001, "Grüße, 😀"):utf32(3100, 40, "wide")
      view:fill(0, 3500, 100):copy(4000, view, 100, 500)
      local all = {next, view:u16(0), view:i32(3), view:u64(8), view:f32(17), view:f64(24)}
      local more = table.pack(view:unpack("<s2 z !8 d !1 I7 c5", 100))
      table.move(more, 1, more.n, #all + 1, all)
      table.move({view:text(1000), view:text(1000, 9), view:utf16(3001), view:utf16(3001, 4),
        view:utf32(3100), view:find("zz"), view:hex(3480, 200)}, 1, 7, #all + 1, all)
      for place, value in ipairs(all) do all[place] = tostring(value) end
      result = table.concat(all, "|") .. view:read(5000)
      """
    let heard = try interpreter()
    let unheard = try Interpreter(session: session)
    try unheard.open()
    try heard.run(calls)
    try unheard.run(calls)
    try heard.run("one = assert(shm.create('one', #result)):write(result)")
    try unheard.run("local v = shm.open('one'); assert(#v > 7000 and v:read(#v) == result)")
  }

  @Test func waitsAreHeardBeforeAndAfter() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      """
      local m = assert(shm.mutex("m"))
      local e = shm.open_event("e") or assert(shm.event("e"))
      assert(m:lock() and m:unlock() and not m:unlock() and not e:wait(0))
      assert(e:set() and shm.wait {m, e} == 1)
      m:close()
      """, name: "@s.lua")
    #expect(
      listener.lines.prefix(20) == [
        "enter s.lua:1 createOther m 0+0",
        "leave s.lua:1 createOther m 0+0 = 0",
        "enter s.lua:2 openOther e 0+0",
        "leave s.lua:2 openOther e 0+0 = 2",
        "enter s.lua:2 createOther e 0+0",
        "leave s.lua:2 createOther e 0+0 = 0",
        "enter s.lua:3 acquire m 0+0",
        "leave s.lua:3 acquire m 0+0 = 0 existed",
        "enter s.lua:3 release m 0+0",
        "leave s.lua:3 release m 0+0 = 0 existed",
        "enter s.lua:3 release m 0+0",
        "leave s.lua:3 release m 0+0 = 288",
        "enter s.lua:3 acquire e 0+0",
        "leave s.lua:3 acquire e 0+0 = 0",
        "enter s.lua:4 release e 0+0",
        "leave s.lua:4 release e 0+0 = 0 existed",
        "enter s.lua:4 acquire (none) 0+0",
        "leave s.lua:4 acquire (none) 0+0 = 0 existed",
        "enter s.lua:5 closeOther m 0+0",
        "leave s.lua:5 closeOther m 0+0 = 0 existed",
      ])
  }
}
