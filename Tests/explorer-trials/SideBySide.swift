import Glibc
import LuaHost
import SharedMemory
import TestSupport

@testable import Explorer
@testable import Scenarios

/// The model and the real primitives, side by side: random operations of three users on the same
/// names, and each says the same in both.
///
/// A million of them: `explorer-trials real 1000000`.
enum SideBySide {
  private static let users = 3
  private static let round = 4000

  /// Each is one operation, or none; what it returns is compared as text.
  private static let operations = """
    local v, l, e, m, s, q, t, job
    local function with(object, fn)
      if not object then return "none" end
      return fn(object)
    end
    local function described(...)
      local texts = table.pack(...)
      for i = 1, texts.n do
        texts[i] = type(texts[i]) == "table" and "table" or tostring(texts[i])
      end
      return (table.concat(texts, " "):gsub("[^%g ]", function(c) return ("<%d>"):format(c:byte()) end))
    end
    -- So long that two of them fill half of a ring.
    local long = ("x"):rep(900)
    local function opened(object, ...) q = object or q return object, ... end
    local function followed(object, ...) t = object or t return object, ... end
    local function taken(one, ...) job = one or job return one, ... end
    local function word(at) return v and v:atomic(at) end
    local ops = {
      function() local made, x = shm.create("m", 64) v = made or v return made, x end,
      function() local made, x = shm.create("m", 64, { exclusive = true }) v = made or v return made, x end,
      function() local made, x = shm.open("m") v = made or v return made, x end,
      function() local made, x = shm.open("l") return made, x end,
      function() return with(v, function(view) return view:close() end) end,
      function() return with(v, function(view) return view:u32(0) end) end,
      function() return with(v, function(view) return view:u32(0, 7) end) end,
      function() return with(v, function(view) return view:i16(4, -3) end) end,
      function() return with(v, function(view) return view:i16(4) end) end,
      function() return with(v, function(view) return view:f64(8, 1.5) end) end,
      function() return with(v, function(view) return view:f64(8) end) end,
      function() return with(v, function(view) return view:fill(16, 8, 0x61) end) end,
      function() return with(v, function(view) return view:find("aa", 8) end) end,
      function() return with(v, function(view) return view:copy(24, view, 16, 8) end) end,
      function() return with(v, function(view) return view:write("text", 32) end) end,
      function() return with(v, function(view) return view:read(nil, 32) end) end,
      function() return with(v, function(view) return view:read(12, 14) end) end,
      function() return with(v, function(view) return view:pack("<i4z", 40, 9, "hey") end) end,
      function() return with(v, function(view) return view:unpack("<i4z", 40) end) end,
      function() return with(v, function(view) return table.unpack(view:numbers("u16", 0, 4)) end) end,
      function() return with(v, function(view) return view:check() end) end,
      function() return with(word(0), function(c) return c:add(3) end) end,
      function() return with(word(0), function(c) return c:cas(7, 8) end) end,
      function() return with(word(0), function(c) return c:exchange(5) end) end,
      function() return with(word(0), function(c) return c:wait(7, 0) end) end,
      function() return with(word(0), function(c) return c:wake() end) end,
      function() return with(v, function(view) return view:snapshot(48, 16, { timeout = 0 }) end) end,
      function() local made, x = shm.mutex("l") l = made or l return made, x end,
      function() local made, x = shm.open_mutex("l") l = made or l return made, x end,
      function() return with(l, function(lock) return lock:try() end) end,
      function() return with(l, function(lock) return lock:try() end) end,
      function() return with(l, function(lock) return lock:unlock() end) end,
      function() return with(l, function(lock) return lock:unlock() end) end,
      function() return with(l, function(lock) return lock:close() end) end,
      function() local made, x = shm.event("e") e = made or e return made, x end,
      function() return with(e, function(event) return event:set() end) end,
      function() return with(e, function(event) return event:reset() end) end,
      function() return with(e, function(event) return event:wait(0) end) end,
      function() return with(e, function(event) return event:close() end) end,
      function() local made, x = shm.event("m2", { manual = true, set = true }) m = made or m return made, x end,
      function() return with(m, function(event) return event:wait(0) end) end,
      function() return with(m, function(event) return event:reset() end) end,
      function() return with(m, function(event) return event:set() end) end,
      function() local made, x = shm.semaphore("s", 1, 2) s = made or s return made, x end,
      function() local made, x = shm.open_semaphore("s", { access = "wait" }) s = made or s return made, x end,
      function() return with(s, function(permits) return permits:acquire(0) end) end,
      function() return with(s, function(permits) return permits:release() end) end,
      function() return with(s, function(permits) return permits:release(2) end) end,
      function() return with(s, function(permits) return permits:close() end) end,
      function() return with(e and s, function() return shm.wait({ e, s }, { timeout = 0 }) end) end,
      function() return with(l and e, function() return shm.wait({ l, e }, { all = true, timeout = 0 }) end) end,
      function() local made, x = shm.open_event("m") return made, x end,
      function() local made, x = shm.create("bad\\\\name", 8) return made, x end,
      function() local made, x = shm.semaphore("s", 3, 2) return made, x end,
      function() return opened(shm.queue("q", 4096)) end,
      function() return opened(shm.queue("q", 4096)) end,
      function() return opened(shm.queue("q", 4096, { access = "pop" })) end,
      function() return opened(shm.open_queue("q", { access = "push" })) end,
      function() return opened(shm.queue("q2", 1)) end,
      function() return with(q, function(queue) return queue:push("a", 0) end) end,
      function() return with(q, function(queue) return queue:push("a", 0) end) end,
      function() return with(q, function(queue) return queue:push({ 1, x = "y" }, 0) end) end,
      function() return with(q, function(queue) return queue:push(long, 0) end) end,
      function() return with(q, function(queue) return queue:push(long, 0) end) end,
      function() return with(q, function(queue) return queue:push(long:rep(3), 0) end) end,
      function() return with(q, function(queue) return queue:push_all({ "b", long, 3, long }, 0) end) end,
      function() return with(q, function(queue) return queue:pop(0) end) end,
      function() return with(q, function(queue) return queue:pop(0) end) end,
      function() return with(q, function(queue) return queue:pop(0) end) end,
      function() return with(q, function(queue)
        local list, x = queue:pop_all(nil, 0)
        return list and #list, list and list[1], x
      end) end,
      function() return with(q, function(queue) local list = queue:pop_all(2, 0) return list and #list end) end,
      function() return with(q, function(queue) return taken(queue:take(0)) end) end,
      function() return with(q, function(queue) return taken(queue:take(0)) end) end,
      function() return with(job, function(one) return one:tries() end) end,
      function() return with(job, function(one) return one:done() end) end,
      function() return with(job, function(one) return one:done() end) end,
      function() return with(job, function(one) return one:close() end) end,
      function() return with(q, function(queue) return #queue end) end,
      function() return with(q, function(queue) return queue:free() end) end,
      function() return with(q, function(queue) return queue:limit(), queue:capacity() end) end,
      function() return with(q, function(queue) return queue:finish() end) end,
      function() return with(q, function(queue) return queue:close() end) end,
      function() return with(q, function(queue) return queue:close() end) end,
      function() return with(q and e, function() return shm.wait({ q, e }, { timeout = 0 }) end) end,
      function() return followed(shm.topic("t", 4096)) end,
      function() return followed(shm.topic("t", 4096)) end,
      function() return followed(shm.topic("t", 4096, { from = "oldest", strict = true })) end,
      function() return followed(shm.open_topic("t", { access = "publish" })) end,
      function() return followed(shm.open_topic("t", { access = "read", from = 3 })) end,
      function() return with(t, function(topic) return topic:publish("a") end) end,
      function() return with(t, function(topic) return topic:publish(long) end) end,
      function() return with(t, function(topic) return topic:publish(long) end) end,
      function() return with(t, function(topic) return topic:publish(long:rep(2)) end) end,
      function() return with(t, function(topic) return topic:publish_all({ "b", long, 3 }) end) end,
      function() return with(t, function(topic) return topic:next(0) end) end,
      function() return with(t, function(topic) return topic:next(0) end) end,
      function() return with(t, function(topic) return topic:next(0) end) end,
      function() return with(t, function(topic) return topic:latest() end) end,
      function() return with(t, function(topic) return topic:lost() end) end,
      function() return with(t, function(topic) return topic:position(), topic:sequence() end) end,
      function() return with(t, function(topic) return topic:seek("oldest") end) end,
      function() return with(t, function(topic) return topic:seek("latest") end) end,
      function() return with(t, function(topic) return topic:seek(5) end) end,
      function() return with(t, function(topic) return topic:skip() end) end,
      function() return with(t, function(topic) return topic:limit(), topic:capacity() end) end,
      function() return with(t, function(topic) return topic:close() end) end,
      function() return with(q and t, function() return shm.wait({ t, q }, { timeout = 0 }) end) end,
    }
    local function act(which) return described(pcall(ops[which])) end

    """

  private static let count = operations.split(separator: "\n").count {
    $0.hasPrefix("  function()")
  }

  private static let scenario =
    operations + """
      scenario "side by side"
      actors(\(users), "user", function()
        local all = {}
        for which = 1, #ops do all[which] = which end
        while true do print(act(any(table.unpack(all)))) end
      end)
      """

  /// What the operation says in the model.
  private static func modelled(_ model: Model, _ user: Int, _ which: Int) throws -> String {
    for part in 1...Self.users { model.ledger.setTold(part, 0) }
    model.make(Move(kind: .choose, actor: user, alternative: which))
    try model.check()
    while true {
      if case .choice = model.world.processes[user].pending.kind { break }
      model.make(Move(kind: .step, actor: user))
      try model.check()
    }
    let told = model.ledger.records(upTo: Self.users + 1).last { $0.kind == "print" }
    return String(told?.text(1).dropLast() ?? "")
  }

  /// And on real memory.
  private static func real(_ interpreter: borrowing Interpreter, _ which: Int) -> String {
    do throws(Interpreter.ScriptError) {
      try interpreter.run("error('\\n' .. act(\(which)) .. '\\n', 0)")
      return ""
    } catch {
      return String(error.description.split(separator: "\n").first ?? "")
    }
  }

  private static func makeInterpreter(_ session: Session) throws -> Interpreter {
    let interpreter = try Interpreter(session: session)
    try interpreter.open()
    try interpreter.run(
      "collectgarbage('stop') "
        + Self.operations.replacing("local function act", with: "function act"), name: "@test.lua")
    return interpreter
  }

  /// Nil: no difference.
  private static func difference(_ steps: Int, _ random: inout Random) throws -> String? {
    let model = try Corpus.model(text: scenario)
    let session = Session(named: Places.unique("real"))
    let one = try makeInterpreter(session)
    let two = try makeInterpreter(session)
    let three = try makeInterpreter(session)
    for step in 0..<steps {
      let user = random.index([1, 1, 1])
      let which = 1 + random.index(Array(repeating: 1, count: count))
      let expected =
        user == 0 ? real(one, which) : user == 1 ? real(two, which) : real(three, which)
      let found = try modelled(model, user, which)
      if found == expected { continue }
      return "step \(step), user \(user), operation \(which): \(found)\nreal: \(expected)"
    }
    return nil
  }

  static func complaint(_ steps: Int) throws -> String? {
    var random = Random(1)
    for _ in 0..<max(1, steps / round) {
      if let difference = try difference(round, &random) { return difference }
    }
    return nil
  }
}
