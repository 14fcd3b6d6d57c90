import CLuaShm
import Glibc
import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// A world of the test's own: `decide` sees each operation, and performs it, has the real memory
/// perform it, or refuses.
private final class TestWorld: @unchecked Sendable {
  typealias Operation = UnsafeMutablePointer<luashm_operation>

  let plain = UnsafeMutablePointer<luashm_world>.allocate(capacity: 1)
  private let decide: (Operation) -> Void
  private(set) var seen: Set<UInt16> = []
  private(set) var verbs: Set<String> = []

  init(_ decide: @escaping (Operation) -> Void) {
    self.decide = decide
    plain.initialize(
      to: luashm_world(
        context: Unmanaged.passUnretained(self).toOpaque(), goes_by_steps: nil
      ) { context, operation in
        let world = Unmanaged<TestWorld>.fromOpaque(context!).takeUnretainedValue()
        world.seen.insert(operation!.pointee.op)
        world.verbs.insert(operation!.pointee.verb)
        world.decide(operation!)
      })
  }

  deinit { plain.deallocate() }

  static func really(_ operation: Operation) { luashm_perform_real(operation) }

  static func refuse(_ operation: Operation, _ code: Int32, _ message: String) {
    operation.pointee.answer = LUASHM_ANSWER_REFUSED
    let failure = operation.pointee.failure!
    failure.pointee.code = code
    withUnsafeMutableBytes(of: &failure.pointee.message) { buffer in
      buffer.copyBytes(from: message.utf8)
      buffer[message.utf8.count] = 0
    }
  }
}

extension luashm_operation {
  fileprivate var kind: luashm_op { luashm_op(rawValue: UInt32(op)) }
  fileprivate var verb: String { withUnsafePointer(to: self) { String(cString: luashm_verb($0)) } }
}

@Suite struct WorldTests {
  private static func run(
    _ script: String, listener: (any OperationListener)? = nil, in world: TestWorld,
    thenAtThePrompt line: String? = nil
  ) throws {
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("world")), listener: listener, world: world.plain)
    try interpreter.open()
    try interpreter.run(script, name: "=s")
    guard let line else { return }
    try interpreter.openPrompt()
    if case .failed(let text) = interpreter.evaluate(Array("x".utf8)) {
      Issue.record("\(String(decoding: text, as: UTF8.self))")
    }
    _ = try interpreter.ask(
      "complete", [.text(Array(line.utf8)), .integer(line.utf8.count)])
  }

  @Test func aWorldMayDelayAnOperation() throws {
    // Whoever loads sees what was stored only after the load had been asked for.
    let world = TestWorld { operation in
      if operation.pointee.kind == LUASHM_OP_CELL_LOAD {
        var store = operation.pointee
        store.op = UInt16(LUASHM_OP_CELL_STORE.rawValue)
        store.a = 7
        TestWorld.really(&store)
      }
      TestWorld.really(operation)
    }
    try Self.run("assert(shm.create(nil, 8):atomic(0):load() == 7)", in: world)
  }

  @Test func aWorldMayRefuseAnOperation() throws {
    let world = TestWorld { operation in
      switch operation.pointee.kind {
      case LUASHM_OP_OPEN:
        TestWorld.refuse(operation, 5, "open x: ERROR_ACCESS_DENIED (5): not here")
      case LUASHM_OP_LOAD:
        TestWorld.refuse(operation, 5, "u32: not here")
      default: TestWorld.really(operation)
      }
    }
    try Self.run(
      """
      local view, message, code = shm.open("x")
      assert(view == nil and code == 5 and message == "open x: ERROR_ACCESS_DENIED (5): not here")
      view = assert(shm.create("x", 8))
      local well, refused = pcall(view.u32, view, 0)
      assert(not well and refused == "u32: not here", refused)
      assert(view:u32(0, 5):unpack("<I4", 0) == 5)
      """, in: world)
  }

  @Test func aWorldMayReplaceAnOperation() throws {
    let world = TestWorld { operation in
      if operation.pointee.kind == LUASHM_OP_LOAD {
        operation.pointee.result = 0xFFFF_FFFF
      } else if operation.pointee.kind == LUASHM_OP_READ {
        memset(operation.pointee.bytes, 0x61, Int(operation.pointee.length))
      } else if operation.pointee.kind != LUASHM_OP_WRITE {
        TestWorld.really(operation)
      }
    }
    try Self.run(
      """
      local view = assert(shm.create(nil, 16))
      assert(view:u32(0, 5):u32(0) == 0xFFFFFFFF and view:i32(0) == -1)
      view:write("never written")
      assert(view:read(3) == "aaa" and view:text(4) == "")
      """, in: world)
  }

  @Test func aWorldMayRefuseAndReplaceAWait() throws {
    let world = TestWorld { operation in
      switch operation.pointee.verb {
      case "mutex:lock": operation.pointee.outcome = 1  // CSHM_ABANDONED
      case "mutex:unlock": TestWorld.refuse(operation, 288, "unlock: ERROR_NOT_OWNER (288)")
      case "event:wait": operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      default: TestWorld.really(operation)
      }
    }
    try Self.run(
      """
      local m, e = assert(shm.mutex(nil)), assert(shm.event(nil, {set = true}))
      assert(select(2, m:lock()) == "abandoned" and m:owner() == nil)
      assert(select(3, m:unlock()) == 288 and select(2, e:wait()) == "timeout")
      """, in: world)
  }

  @Test func aWorldMayDelayRefuseAndReplaceWhatARecordDoes() throws {
    let world = TestWorld { operation in
      switch operation.pointee.kind {
      case LUASHM_OP_FIELD_LOAD: operation.pointee.result = 42
      case LUASHM_OP_FIELD_STORE: TestWorld.refuse(operation, 5, "record: not here")
      case LUASHM_OP_FIELD_READ:
        memset(operation.pointee.bytes, 0x61, Int(operation.pointee.length))
      case LUASHM_OP_FIELD_WRITE: break
      case LUASHM_OP_RECORD_READ:
        // Another one writes first.
        var store = operation.pointee
        store.op = UInt16(LUASHM_OP_STORE.rawValue)
        store.length = 4
        store.a = 9
        TestWorld.really(&store)
        TestWorld.really(operation)
      default: TestWorld.really(operation)
      }
    }
    try Self.run(
      """
      local view = assert(shm.create(nil, 64))
      local record = view:as(shm.layout "struct s { int number; char text[4]; };", 16)
      assert(record.number == 42 and record.text == "aaaa")
      local well, refused = pcall(function() record.number = 1 end)
      assert(not well and refused:find("record: not here", 1, true), refused)
      record.text = "gone"
      local all = record:read()
      assert(all.number == 9 and all.text == "", all.text)
      """, in: world)
  }

  @Test func aWorldMayDelayAndReplaceWhatANamedObjectSays() throws {
    let world = TestWorld { operation in
      switch operation.pointee.verb {
      case "semaphore:acquire":
        // Somebody releases before the look.
        var release = operation.pointee
        release.op = UInt16(LUASHM_OP_ACT_ON_NAMED.rawValue)
        release.act += 1
        #expect(release.verb == "semaphore:release")
        release.a = 1
        TestWorld.really(&release)
        TestWorld.really(operation)
      case "tostring:state": operation.pointee.result = 1  // CSHM_SET, or a count of 1
      case "mutex:owner": operation.pointee.result = 4711
      case "shm.event" where operation.pointee.text.length == 6:
        TestWorld.refuse(operation, 5, "create denied: ERROR_ACCESS_DENIED (5): not here")
      default: TestWorld.really(operation)
      }
    }
    try Self.run(
      """
      local s, e, m = assert(shm.semaphore(nil, 0, 1)), assert(shm.event(nil)), assert(shm.mutex(nil))
      assert(s:acquire(0))
      assert(tostring(e) == "event of an unnamed object (set)", tostring(e))
      assert(tostring(s) == "semaphore of an unnamed object (1 of 1)", tostring(s))
      assert(m:owner() == 4711)
      local none, message, code = shm.event("denied")
      assert(not none and code == 5 and message:find("not here", 1, true))
      """, in: world)
  }

  @Test func whatAListenerHearsIsWhatTheInnerWorldAnswers() throws {
    final class Listener: OperationListener {
      let results = Mutex<[Int64]>([])
      func enter(_ operation: Operation) {}
      func leave(_ operation: Operation, outcome: Int32) {
        if operation.kind == .load { results.withLock { $0.append(operation.result) } }
      }
    }
    let listener = Listener()
    let world = TestWorld { operation in
      if operation.pointee.kind == LUASHM_OP_LOAD {
        operation.pointee.result = 42
      } else {
        TestWorld.really(operation)
      }
    }
    try Self.run("shm.create(nil, 8):u64(0)", listener: listener, in: world)
    #expect(listener.results.withLock { $0 } == [42])
  }

  /// The script uses each operation; none reaches memory but through the world.
  @Test func everyOperationPassesTheWorld() throws {
    let world = TestWorld(TestWorld.really)
    try Self.run(
      """
      local view <close> = assert(shm.create("x", 70000))
      assert(shm.open("x")):close()
      shm.unlink("/none-of-that-name")
      assert(shm.path("x"))
      assert(not shm.offer(view, [[Wine\\Local\\x]], {wine = "/nowhere"}))
      assert(view:map{offset = 65536} and view:check())
      shm.sleep(0)
      assert(shm.now() > 0 and shm.pid() > 0 and #shm.list() >= 1 and #shm.holders("x") >= 1)
      assert(assert(shm.process(shm.pid())):close())
      assert(console.getch() == nil)
      console.message_box("said")
      view:write("text"):fill(1, 8, 2):copy(16, view, 8, 2)
      assert(view:read(2) == "te" and view:read() == "text")
      assert(view:find("ext") == 1 and #view:hex(0, 16) == 87)
      assert(view:u32(32, 7):u32(32) == 7 and view:utf16(40, "wide"):utf16(40) == "wide")
      assert(view:numbers("u16", 60, {1, 2, 3}):numbers("u16", 60, 2)[2] == 2)
      assert(view:pack("<I4 s1 !8 d !1 i3 z", 64, 1, "abc", 0.5, -2, "z") == 85)
      local a, b, c, d, e, next = view:unpack("<I4 s1 !8 d !1 i3 z", 64)
      assert(a == 1 and b == "abc" and c == 0.5 and d == -2 and e == "z" and next == 85)
      local cell = view:atomic(128)
      assert(cell:store(6):add(2) == 6 and cell:sub(1) == 8 and cell:load() == 7)
      cell["and"](cell, 6) cell["or"](cell, 1) cell:xor(2)
      assert(cell:exchange(9) == 5 and cell:cas(9, 1) and not cell:cas(9, 2))
      assert(not cell:wait(1, 0) and cell:wake() == 0)
      view:update(256, 16, function(draft) draft:write("new", 8) end)
      assert(view:snapshot(256, 16):find("new"))
      local record = view:as(shm.layout "struct s { int n; char text[8]; int list[2]; };", 512)
      record.n, record.text = 5, "text"
      assert(record.n == 5 and record.text == "text")
      assert(record:write{list = {7, 8}}:read().list[1] == 8)
      local e, m, s = assert(shm.event("e")), assert(shm.mutex("m")), assert(shm.semaphore("s", 1, 2))
      assert(shm.open_event("e") and shm.open_mutex("m") and shm.open_semaphore("s"))
      assert(e:set() and e:check() and e:wait(0) and e:reset() and e:close())
      assert(m:lock() and m:try() and m:owner() and m:unlock() and m:unlock() and m:check())
      assert(m:guard():unlock() and tostring(m) == "mutex of m (free)" and m:close())
      assert(s:acquire(0) and s:release() == 0 and shm.wait{s} == 1 and s:check() and s:close())
      local q = assert(shm.queue("q", 4096))
      assert(shm.open_queue("q"))
      assert(q:push("a") and q:push_all{{1}} == 1 and #q == 2 and q:free() == 4032 and q:pop() == "a")
      assert(q:take():done() and q:push("b") and q:take():close() and #q:pop_all() == 1)
      assert(q:push("c") and q:peek() == "c" and q:clear() == 1)
      assert(q:drain() and q:finish() and q:check() and q:close())
      local t = assert(shm.topic("t", 4096))
      assert(shm.open_topic("t"))
      assert(t:publish("a") == 1 and t:publish_all{{1}} == 2 and t:sequence() == 2 and t:next() == "a" and t:age() >= 0)
      assert(t:latest()[1] == 1 and t:position() == 1 and t:seek("oldest") == 1 and t:skip() == 2 and t:check() and t:close())
      x = assert(shm.create("shown", 8))
      """, in: world, thenAtThePrompt: "shm.open('s")
    let all = Set((0..<LUASHM_OPS.rawValue).map { UInt16($0) })
    #expect(all.subtracting(world.seen) == [])
    let acts = WaitableKinds.all.flatMap { $0.acts.map(\.verb) }
    #expect(Set(acts).subtracting(world.verbs) == [])
  }
}
