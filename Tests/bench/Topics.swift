import Glibc
import LuaHost
import SharedMemory
import TestSupport

/// Messages of 64 bytes by a topic: in one process beside a queue's and a view's, with readers
/// beside none, and how many a reader lost.
func measureTopics(_ report: inout Report) {
  measureTopicCalls(&report)
  measureReaders(&report)
  measureLaps(&report)
}

private func interpreter(_ session: String) -> Interpreter {
  let lua = try! Interpreter(session: Session(named: session))
  try! lua.open()
  return lua
}

private func measureTopicCalls(_ report: inout Report) {
  let lua = interpreter(Places.unique("bench"))
  try! lua.run(
    """
    collectgarbage("generational") -- as the program does
    local queue, topic, reader = shm.queue(nil, 1 << 20), shm.topic(nil, 1 << 20), shm.topic(nil, 1 << 20)
    local view, text = shm.create(nil, 256), ("x"):rep(64)
    function pushes() for _ = 1, 1024 do queue:push(text) end end
    function pops() queue:pop_all() end
    function publishes() for _ = 1, 1024 do topic:publish(text) end end
    function turns() for _ = 1, 1024 do reader:publish(text) reader:next() end end
    function latest() for _ = 1, 1024 do topic:latest() end end
    function reads() for _ = 1, 1024 do view:read(64) end end
    function calls() for _ = 1, 1024 do view:size() end end
    pushes() pops() publishes() turns()
    """)
  func call(_ name: String) { try! lua.run("\(name)()") }
  func row(_ what: String, _ ours: String, _ bare: String, then: String? = nil, budget: Double?) {
    var (mine, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<400 {
      mine.append(time(1) { call(ours) } / 1024)
      theirs.append(time(1) { call(bare) } / 1024)
      if let then { call(then) }
    }
    report.add(what, ours: mine.sorted()[200], bare: theirs.sorted()[200], budget: budget)
  }
  row("topic:publish of 64 B / queue:push", "publishes", "pushes", then: "pops", budget: 1.2)
  row("topic:latest of 64 B / view:read", "latest", "reads", budget: 2)
  row("topic:publish of 64 B / an empty method", "publishes", "calls", budget: nil)
  row("topic:publish and next / an empty method", "turns", "calls", budget: nil)
}

// MARK: - Readers

/// What all readers do, as they find it in a word.
private enum Doing: UInt32 {
  /// Nothing with the topic: beside that, reading is measured, as so many processes that run cost a
  /// publisher its caches, whatever they do.
  case computing
  /// They look for the next message again and again, and never sleep.
  case reading
  /// They sleep until there is one. Between them and others the publisher sleeps, too.
  case sleeping
}

private let readers = 64

/// A publisher's processor time a message, as the machine has fewer processors than there are
/// readers: the time that passes is mostly theirs.
private func measureReaders(_ report: inout Report) {
  let session = Places.unique("bench")
  let lua = interpreter(session)
  try! lua.run(
    """
    local topic, text = assert(shm.topic("topic", 65536)), ("x"):rep(64)
    doing = assert(shm.create("doing", 256)):atomic(0)
    function publishes() for _ = 1, 200000 do topic:publish(text) end end
    function pauses() for _ = 1, 200 do topic:publish(text) shm.sleep(0.001) end end
    publishes()
    """)
  let children = (0..<readers).map { _ in
    Child("\(Places.binaries)/bench", ["follow", session], input: .open)
  }
  for child in children { precondition(child.prints("ready"), child.complained) }
  func spent(_ doing: Doing, _ name: String, _ messages: Double) -> Double {
    try! lua.run("doing:store(\(doing.rawValue)):wake()")
    try! lua.run("shm.sleep(0.02)")
    let before = processorTime()
    try! lua.run("\(name)()")
    return Double(processorTime() - before) / messages
  }
  func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  func row(
    _ what: String, _ ours: () -> Double, _ bare: () -> Double, rounds: Int, budget: Double?
  ) {
    var (mine, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      mine.append(ours())
      theirs.append(bare())
    }
    report.add(what, ours: median(mine), bare: median(theirs), budget: budget)
  }
  row(
    "a publisher beside \(readers) readers / \(readers) that compute",
    { spent(.reading, "publishes", 200_000) }, { spent(.computing, "publishes", 200_000) },
    rounds: 9, budget: 1.05)
  func only(_ count: Int) {
    for (index, child) in children.enumerated() { child.kill(index < count ? SIGCONT : SIGSTOP) }
  }
  func asleep(_ count: Int) -> Double {
    only(count)
    return spent(.sleeping, "pauses", 200)
  }
  row(
    "a publisher of \(readers) readers that sleep / of one", { asleep(readers) }, { asleep(1) },
    rounds: 9, budget: 1.05)
  row(
    "a publisher of one reader that sleeps / of none", { asleep(1) }, { asleep(0) }, rounds: 9,
    budget: nil)
  for child in children { child.kill() }
}

private func processorTime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// `bench follow SESSION`: one of the readers.
func follow(_ session: String) {
  let lua = interpreter(session)
  try! lua.run(
    """
    local topic = assert(shm.open_topic("topic", { access = "read" }))
    local doing = assert(shm.open("doing")):atomic(0)
    function follow()
      local now = doing:load()
      if now == \(Doing.reading.rawValue) then
        for _ = 1, 1000 do topic:next(0) end
      elseif now == \(Doing.sleeping.rawValue) then
        topic:next(0.5)
      else
        local sum = 0
        for i = 1, 100000 do sum = sum + i end
      end
    end
    """)
  print("ready")
  fflush(nil)
  let owner = getppid()
  while getppid() == owner { try! lua.run("follow()") }
}

// MARK: - What was lost

/// A ring that is written over a million times, and a reader that now and then reads what is there.
private func measureLaps(_ report: inout Report) {
  let found = figures(
    Places.moonpool, ["\(peersFolder)/laps.lua", Places.unique("bench"), "1000000"])!
  let (counted, published) = (found["counted"]!, found["published"]!)
  report.add(
    "read or lost in 1,000,000 laps / published", ours: max(counted, published),
    bare: min(counted, published), budget: 1, unit: "")
}
