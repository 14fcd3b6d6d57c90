import Glibc
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Every allocation of the Lua state fails in turn, in every function of the modules.
///
/// In processes of their own, so that a crash is one test's and descriptors can be counted.
@Suite struct AllocationTests {
  @Test func aRefusedAllocationLeavesTheObjectsRight() async {
    await #expect(processExitsWith: .success) {
      for binding in AllocationRun.bindings { AllocationRun.all(binding, heard: false) }
    }
  }

  @Test func aRefusedAllocationUnderAListenerLeavesTheObjectsRight() async {
    await #expect(processExitsWith: .success) {
      for binding in AllocationRun.bindings { AllocationRun.all(binding, heard: true) }
    }
  }

  @Test func aRefusedAllocationWhileTheLibrariesAreOpenedIsAnError() async {
    await #expect(processExitsWith: .success) { AllocationRun.openings() }
  }
}

/// A script with its allocations refused from one on.
private struct AllocationRun {
  /// What is run without faults before, what is run with them, and (in `check`) what must hold.
  struct Binding: Sendable {
    let name: String
    var setUp = ""
    let script: String
    /// Without faults again: either the call failed, and `got` is false, or it had its effect.
    var effect = ""
    /// The script locks the mutex "m", whose owner died with it.
    var isAbandoned = false
  }

  private static func abandoned(_ name: String, _ script: String) -> Binding {
    Binding(
      name: "an abandoned mutex: \(name)", setUp: "m = assert(shm.mutex('m')); got = false",
      script: "got = \(script)", isAbandoned: true)
  }

  private static func effect(_ setUp: String, _ script: String, _ effect: String) -> Binding {
    Binding(
      name: "the effect of \(script)", setUp: "x = assert(\(setUp)); got = false",
      script: "got = \(script)", effect: "assert(\(effect))")
  }

  private static let view = "v = assert(shm.create('x', 70000)); v:write('text')"

  private static let declarations =
    "struct x { int a; char b[600]; struct { float c[3]; unsigned f : 3; } d; wchar_t e[]; };"
  private static let record =
    "\(view); T = shm.layout('\(declarations)'); x = v:as(T, 8)"

  static let bindings: [Binding] = [
    .init(name: "layout", script: "T = shm.layout('\(declarations)', {object = 'o'})"),
    .init(
      name: "layout refused",
      script: "r = pcall(shm.layout, 'struct x { foo a; };'); r = pcall(shm.layout, '', {abj = 1})"),
    .init(
      name: "layout's methods", setUp: "T = shm.layout('enum {E}; \(declarations)')",
      script: """
        r = tostring(T) .. T:size() .. T:offset('d.c[1]') .. T:size('d')
        r = {T:constants(), T:object(), T:bits('d')}
        """),
    .init(name: "record", setUp: record, script: "r = v:as(T, 16); r = x.d.c[1]; r = x.b"),
    .init(name: "record read", setUp: record, script: "r = x:read(); r = tostring(x)"),
    .init(
      name: "record pairs", setUp: record,
      script: "for _, each in pairs(x) do r = each end; for i in pairs(x.d.c) do r = i end"),
    .init(
      name: "record assigned", setUp: record,
      script: "x.a, x.b, x.e = 5, 'text', 'wide'; x.d = {f = 3, c = {1, 2, 3}}; x.d.c = x.d.c"),
    .init(name: "record write", setUp: record, script: "x:write{a = 1, d = {f = 1}}; x:write(x)"),
    .init(
      name: "records of two layouts",
      setUp: "\(record); y = v:as(shm.layout('\(declarations)'), 8)",
      script: "r = {x == y, x.d == y.d}; x:write(y)"),
    .init(
      name: "record misused", setUp: record,
      script: "r = {pcall(x.write, x, {d = {z = 1}}), pcall(function() x.bb = 1 end)}"),
    .init(
      name: "record of a closed view", setUp: record,
      script: "v:close(); r = {pcall(function() return x.a end), tostring(x)}"),
    .init(name: "create", script: "v = assert(shm.create('x', 4096))"),
    .init(
      name: "create with options",
      script: """
        v = assert(shm.create('x', 4096,
          {access = 'rw', mode = '0640', exclusive = true, reserve = true, length = 0, offset = 0}))
        """),
    .init(name: "create without a name", script: "v = assert(shm.create(nil, 4096))"),
    .init(name: "atomic", setUp: view, script: "v:atomic(8):add(1); v:atomic(8):wait(9, 0)"),
    .init(
      name: "update and snapshot", setUp: view,
      script: """
        v:update(8, 2000, function(draft) draft:write('draft', 8) end)
        assert(v:snapshot(8, 2000):find('draft'))
        v:write('text')
        """),
    .init(name: "create twice", script: "v = assert(shm.create('x', 1)); w = shm.create('x', 9)"),
    .init(
      name: "create refused", script: "r = {shm.create('x', 0)}; r = {shm.create('a\\\\b', 1)}"),
    .init(name: "create misused", script: "r = pcall(shm.create, 'x', 1, {siez = 1})"),
    .init(name: "open", setUp: view, script: "w = assert(shm.open('x', {access = 'r'}))"),
    .init(name: "open refused", script: "r = {shm.open('nobody')}"),
    .init(
      name: "map", setUp: view, script: "w = v:map{offset = 65536, length = 9, access = 'copy'}"),
    .init(name: "map refused", setUp: view, script: "r = {v:map{offset = 1}}"),
    .init(name: "write", setUp: view, script: "v:write('short'); v:write(12.5, 100)"),
    .init(name: "write misused", setUp: view, script: "r = {pcall(v.write, v, 'x', 70000)}"),
    .init(name: "read short", setUp: view, script: "r = v:read(40)"),
    .init(name: "read long", setUp: view, script: "r = v:read(65536, 9)"),
    .init(name: "read a text", setUp: view, script: "r = v:read(); r = v:read(nil, 2)"),
    .init(name: "read misused", setUp: view, script: "r = {pcall(v.read, v, 70001)}"),
    .init(
      name: "scalars", setUp: view,
      script: "r = v:u32(8, 7):f64(16, 0.5):u32(8) + v:f64(16) + v:i8(3)"),
    .init(
      name: "scalars misused", setUp: view,
      script: "r = {pcall(v.u8, v, 0, 256)}; r = {pcall(v.u64, v, 70000)}"),
    .init(
      name: "pack", setUp: view, script: "v:pack('<I4 z s1 d', 8, 1, 12.5, ('x'):rep(99), 0.5)"),
    .init(
      name: "unpack", setUp: view + "; v:pack('z s2', 8, 'name', ('x'):rep(999))",
      script: "r = {v:unpack('z s2 c3000', 8)}"),
    .init(
      name: "unpack misused", setUp: view,
      script: "r = {pcall(v.unpack, v, '<s8', 0)}; r = {pcall(v.unpack, v, 'q', 0)}"),
    .init(
      name: "texts", setUp: view,
      script: """
        r = v:text(8, ('x'):rep(2000)):text(8); r = v:utf16(8, 'Grüße'):utf16(8)
        r = v:utf32(8, ('x'):rep(500)):utf32(8)
        """),
    .init(
      name: "bytes", setUp: view,
      script: """
        v:fill(0x41, 8, 90):copy(300, v, 0, 99); r = v:find('A', 300); r = v:hex(0, 400)
        """),
    .init(name: "close", setUp: view, script: "r = {v:close()}; v:close()"),
    .init(name: "use after close", setUp: view, script: "v:close(); r = {pcall(v.read, v)}"),
    .init(
      name: "close what a stranger removed",
      setUp: """
        \(view); os.remove((shm.path('x'))); warn('@off')
        """, script: "r = {v:close()}"),
    .init(name: "check", setUp: view, script: "r = {v:check()}"),
    .init(
      name: "check what a stranger removed",
      setUp: """
        \(view); os.remove((shm.path('x')))
        """, script: "r = {v:check()}"),
    .init(name: "unlink refused", script: "r = {shm.unlink('/\(Places.unique("nobody"))')}"),
    .init(name: "path", script: "r = shm.path('Global\\\\some name'); r = {shm.path('')}"),
    .init(
      name: "what it is", setUp: view,
      script: """
        r = tostring(v) .. v:name() .. v:access() .. #v .. v:size()
        """),
    .init(name: "console", script: "r = console.getch(); console.message_box({}, 'title')"),
    .init(
      name: "<close>",
      script: """
        do local a <close> = assert(shm.create('x', 4096)); a:write('a') end
        """),
    .init(
      name: "<close> in an error",
      script: """
        r = {pcall(function() local a <close> = assert(shm.create('x', 9)); error('e' .. #a) end)}
        """),
    .init(name: "collected", script: "shm.create('x', 4096); collectgarbage()"),
    .init(
      name: "in a coroutine",
      script: """
        r = coroutine.wrap(function() v = assert(shm.create('x', 9)); coroutine.yield(v:read()) end)()
        """),
    .init(
      name: "an event",
      script: """
        e = assert(shm.event('e', {manual = true, set = true, mode = '0660'}))
        e:wait(0); e:reset(); e:set(); r = tostring(e) .. e:name(); e:wait(1); e:close()
        """),
    .init(
      name: "opened events", setUp: "e = assert(shm.event('e'))",
      script: """
        f = assert(shm.open_event('e', {access = 'wait'})); r = {f:set()}; r = {f:wait(0)}
        r = {shm.open_event('nobody')}; r = {pcall(shm.open_event, 'e', {acces = 1})}
        """),
    .init(
      name: "a mutex", setUp: "m = assert(shm.mutex('m'))",
      script: """
        assert(m:lock() and m:try() and m:unlock() and m:unlock()); r = {m:unlock()}
        r = {m:owner()}; r = {pcall(m.lock, m, -1)}; r = tostring(m)
        """),
    .init(
      name: "a guard", setUp: "m = assert(shm.mutex('m'))",
      script: """
        do local g <close> = assert(m:guard()); r = tostring(g) end
        m:guard(0):unlock(); r = m:guard(); r = nil; collectgarbage()
        """),
    abandoned("lock", "m:lock()"), abandoned("lock with a timeout", "m:lock(9)"),
    abandoned("try", "m:try()"), abandoned("guard", "m:guard(0)"),
    abandoned("wait for any", "shm.wait{m}"),
    abandoned("wait for all", "shm.wait({m}, {all = true})"),
    effect("shm.mutex(nil)", "x:lock()", "x:unlock() == (got or nil)"),
    effect("shm.semaphore(nil, 1, 1)", "x:acquire()", "x:acquire(0) == not got"),
    effect("shm.semaphore(nil, 0, 1)", "x:release()", "x:acquire(0) == (got == 0)"),
    effect("shm.event(nil, {set = true})", "x:wait()", "x:wait(0) == not got"),
    effect("shm.event(nil, {set = true})", "shm.wait{x}", "x:wait(0) == not got"),
    effect("shm.event(nil)", "x:set()", "x:wait(0) == got"),
    .init(
      name: "a semaphore",
      script: """
        s = assert(shm.semaphore('s', 1, 2)); s:acquire(); s:acquire(0); s:release(2)
        r = {s:release()}; r = {shm.semaphore('t', 2, 1)}; r = tostring(s); s:close()
        """),
    .init(
      name: "a wait for several",
      setUp: "e = shm.event(nil); s = shm.semaphore(nil, 1, 1); m = shm.mutex(nil)",
      script: """
        r = shm.wait({e, s, m}, {timeout = 0}); r = shm.wait({e, s}, {all = true, timeout = 0})
        r = {pcall(shm.wait, {e, 1})}; r = {pcall(shm.wait, {e}, {al = true})}; r = {pcall(shm.wait, {})}
        """),
    .init(
      name: "the effect of queue:pop",
      setUp: """
        x = assert(shm.queue(nil, 8192)); x:push(('t'):rep(50)); x:push{1, {2}}
        got = {false, false}
        """, script: "got[1] = x:pop(); got[2] = x:pop()",
      effect: """
        local one, two = got[1] or x:pop(0), got[2] or x:pop(0)
        assert(#one == 50 and two[2][1] == 2 and x:pop(0) == false)
        """),
    .init(
      name: "the effect of queue:push", setUp: "x = assert(shm.queue(nil, 8192)); got = false",
      script: "got = x:push{a = {1, 2, {3}}, b = ('t'):rep(200)}",
      effect: "assert((x:pop(0) ~= false) == got)"),
    .init(
      name: "the effect of queue:take",
      setUp: "x = assert(shm.queue(nil, 8192)); x:push{1, {2}}; got = false",
      script: "j, r = x:take(); j:done(); got = true",
      effect: "j = nil; collectgarbage(); assert((x:pop(0) == false) == got)"),
    .init(
      name: "the effect of queue:pop_all",
      setUp: """
        x = assert(shm.queue(nil, 32768)); got = {}
        for i = 1, 60 do x:push{i, ('t'):rep(100)} end
        """, script: "got = x:pop_all()",
      effect: """
        local list = x:pop_all(nil, 0) or {}
        assert(#got + #list == 60 and x:pop(0) == false)
        for i = 1, 60 do assert((got[i] or list[i - #got])[1] == i) end
        """),
    .init(
      name: "the effect of queue:peek",
      setUp: "x = assert(shm.queue(nil, 8192)); x:push{1, {2}}; x:push(('t'):rep(50))",
      script: "r = x:peek()",
      effect: "assert(x:peek()[2][1] == 2 and x:pop()[1] == 1 and #x:pop() == 50)"),
    .init(
      name: "the effect of queue:jobs",
      setUp: "x = assert(shm.queue(nil, 8192)); x:push{1, {2}}; x:push('b'); got = 0",
      script: "for j in x:jobs(0) do j:done(); got = got + 1 end",
      effect: "collectgarbage(); assert(#(x:pop_all(nil, 0) or {}) == 2 - got)"),
    .init(
      name: "a queue",
      script: """
        q = assert(shm.queue('q', 8192)); q:push_all{1, 'a', {b = 2}}; r = q:pop_all(2)
        r = tostring(q) .. #q; for v in q:messages(0) do r = v end
        q:push(('x'):rep(5000)); r = {q:push(1, 0)}; r = {q:pop(0)}; r = {pcall(q.push, q, print)}
        j = q:take(0); q:push('y'); j = q:take(); r = tostring(j); j:close(); q:finish(); q:close()
        """),
    .init(
      name: "the effect of topic:publish", setUp: "x = assert(shm.topic(nil, 8192)); got = false",
      script: "got = x:publish{a = {1, 2, {3}}, b = ('t'):rep(200)} == 1",
      effect: "assert((x:next(0) ~= false) == got)"),
    .init(
      name: "the effect of topic:next",
      setUp: """
        x = assert(shm.topic(nil, 16384)); x:publish(('t'):rep(2000)); x:publish{1, {2}}
        got = {false, false}
        """, script: "got[1] = x:next(); got[2] = x:next()",
      effect: """
        local one, two = got[1] or x:next(0), got[2] or x:next(0)
        assert(#one == 2000 and two[2][1] == 2 and x:next(0) == false)
        """),
    .init(
      name: "a topic",
      script: """
        t = assert(shm.topic('t', 8192, {from = 'oldest', strict = true}))
        t:publish_all{1, 'a', {b = 2}}; r = {t:next()}; r = tostring(t); r = {t:latest()}
        for v in t:messages(0) do r = v end; r = {t:publish(('x'):rep(5000))}; r = {t:next(0)}
        r = {pcall(t.publish, t, print)}; r = {t:seek('oldest'), t:skip(), t:lost()}
        r = {shm.open_topic('t')}; r[1]:close(); t:close()
        """),
    .init(
      name: "a traceback",
      script: "error(setmetatable({}, {__tostring = function() return 'e' end}))"),
  ]

  /// In Lua, without faults: every view that a script can reach is open and works, or is closed.
  private static let check = """
    r = nil; collectgarbage(); collectgarbage()
    reachable = 0
    for _, each in pairs{v, w} do
      if not tostring(each):find('closed') then
        reachable = reachable + 1
        assert(#each >= 1 and each:read(1))
        if each:access() == 'rw' then assert(each:write('z'):read(1) == 'z') end
      else
        assert(not pcall(each.read, each))
      end
    end
    assert(shm.views == nil and type(shm.create) == 'function')
    """

  /// A mutex "m" that an owner left locked, and the one who locks it after the script.
  private struct AbandonedMutex {
    let next: NamedMutex

    init(_ session: Session) throws {
      next = try .create("m", owner: Owner(), in: session)
      _ = try NamedMutex.create("m", owner: Owner(), in: session).lock()
    }
  }

  private struct Console: Terminal {
    func key() -> UInt8? { 0x61 }
    func show(_ text: [UInt8], title: [UInt8]) {}
  }

  /// Reads all that a listener may read, the line included.
  private final class Listener: OperationListener {
    func enter(_ operation: Operation) { precondition(operation.line.utf8.count >= 0) }
    func leave(_ operation: Operation, outcome: Int32) {}
  }

  private static func interpreter(
    _ session: Session, _ allocator: borrowing FailingAllocator, heard: Bool
  ) throws(Interpreter.OutOfMemory) -> Interpreter {
    try Interpreter(
      session: session, console: Console(), listener: heard ? Listener() : nil,
      allocator: FailingAllocator.allocate, context: allocator.state)
  }

  /// All allocations of one script: refused once, with its second try, and for good.
  static func all(_ binding: Binding, heard: Bool) {
    for count in [1, 2, Int.max / 2] {
      var first = 1
      while first < 5000, refused(binding, first, count, heard: heard) { first += 1 }
      #expect(first > 1 && first < 5000, "\(binding.name): \(first) allocations")
    }
  }

  /// - Returns: whether an allocation was refused, that is, whether there may be a later one.
  private static func refused(
    _ binding: Binding, _ first: Int, _ count: Int, heard: Bool
  ) -> Bool {
    let place = "\(binding.name), allocation \(first), \(count) refused"
    let before = Traces.now()
    let name = Places.unique()
    let allocator = FailingAllocator()
    var refused = 0
    do {
      let interpreter = try interpreter(Session(named: name), allocator, heard: heard)
      try interpreter.open()
      let abandoned = binding.isAbandoned ? try AbandonedMutex(Session(named: name)) : nil
      try interpreter.run(binding.setUp)
      allocator.arm(first: first, count: count)
      let failure = failure(interpreter, binding.script)
      allocator.disarm()
      refused = allocator.state.pointee.refused
      if refused == 0, binding.name != "a traceback" { #expect(failure == nil, "\(place)") }
      if let failure, binding.name != "a traceback" {
        #expect(failure.contains("not enough memory"), "\(place): \(failure)")
      }
      try interpreter.run(check)
      try interpreter.run(binding.effect)
      if let abandoned {
        let isTaken = (try? interpreter.run("assert(got and m:unlock())")) != nil
        #expect(try abandoned.next.tryLock() == (isTaken ? .locked : .abandoned), "\(place)")
      }
      // A finalizer that Lua had no memory to call is never called again; the view then stays
      // open, and its name held, until the state is closed.
      let relation = binding.name == "collected" ? "<=" : "=="
      try interpreter.run(
        "assert(reachable \(relation) \(interpreter.openViews), reachable)")
      #expect(interpreter.waitingLayouts == 0, "\(place)")
      let isHeld = (try? MemoryObject.open("x", in: Session(named: name)).close()) != nil
      let isNamed = !binding.name.contains("without") && !binding.name.contains("stranger")
      #expect(isHeld == (interpreter.openViews > 0 && isNamed), "\(place)")
    } catch {
      Issue.record("\(place): \(error)")
      return false
    }
    let after = Traces.now()
    #expect(after == before, "\(place): \(before) became \(after)")
    #expect(allocator.state.pointee.bytes == 0, "\(place)")
    #expect((try? MemoryObject.open("x", in: Session(named: name)).close()) == nil, "\(place)")
    return refused > 0
  }

  private static func failure(_ interpreter: borrowing Interpreter, _ script: String) -> String? {
    do throws(Interpreter.ScriptError) {
      try interpreter.run(script)
      return nil
    } catch {
      return error.description
    }
  }

  /// The state itself, and the opening of its libraries.
  static func openings() {
    for count in [1, 2, Int.max / 2] {
      var first = 1
      var refused = true
      while refused, first < 20_000 {
        let allocator = FailingAllocator()
        allocator.arm(first: first, count: count)
        do throws(Interpreter.OutOfMemory) {
          let interpreter = try interpreter(
            Session(named: Places.unique()), allocator, heard: false)
          try interpreter.open()
        } catch {}
        refused = allocator.state.pointee.refused > 0
        #expect(allocator.state.pointee.bytes == 0, "allocation \(first), \(count) refused")
        first += 1
      }
      #expect(first > 200 && first < 20_000, "\(first) allocations")
    }
  }
}
