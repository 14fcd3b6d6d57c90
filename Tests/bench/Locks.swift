import BareCalls
import Glibc
import LuaHost
import SharedMemory
import TestSupport

/// Locking and unlocking a mutex from Lua: alone, beside calls that do nothing; and by two
/// processes at once, beside a normal process-shared mutex of glibc through the same Lua calls.
func measureLocks(_ report: inout Report) {
  measureUncontended(&report)
  let word = Places.unique("bench")
  let session = Session(named: word)
  // What the two processes of each kind meet in.
  let ours = try! NamedMutex.create("ours", in: session)
  let bare = try! MemoryObject.create("bare", size: 4096, in: session)
  let memory = try! bare.map()
  precondition(bare_make_mutex(memory.base) == 0)
  var counts: (ours: [Double], bare: [Double]) = ([], [])
  for _ in 0..<7 {
    counts.ours.append(locksByTwo("shm.open_mutex('ours')", word))
    counts.bare.append(locksByTwo("bare_mutex('\(bare.path!)')", word))
  }
  withExtendedLifetime(ours) {}
  let (mine, theirs) = (counts.ours.sorted()[3], counts.bare.sorted()[3])
  report.add(
    "a lock by one of two processes / pthread", ours: 1e9 / mine, bare: 1e9 / theirs, budget: 1)
}

private func measureUncontended(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    local mutex, view = shm.mutex(nil), shm.create(nil, 256)
    function pairs_of_locks() for _ = 1, 1000 do mutex:lock() mutex:unlock() end end
    function pairs_of_calls() for _ = 1, 1000 do view:size() view:size() end end
    """)
  let pair = compare(rounds: 40, calls: 10) {
    try! lua.run("pairs_of_locks()")
  } _: {
    try! lua.run("pairs_of_calls()")
  }
  report.add(
    "mutex:lock+unlock / two empty methods", ours: pair.ours / 1000, bare: pair.bare / 1000,
    budget: 1.5)
}

/// Locks a second of two processes together.
private func locksByTwo(_ mutex: String, _ session: String) -> Double {
  let milliseconds = 300
  let children = (0..<2).map { _ in
    Child(
      "\(Places.binaries)/bench", ["contend", mutex, "\(milliseconds)"],
      environment: ["MOONPOOL_SESSION": session], input: .open)
  }
  for child in children { precondition(child.prints("ready\n"), child.complained) }
  for child in children { child.write("go\n") }
  var locks = 0.0
  for child in children {
    precondition(child.wait() == 0, child.complained)
    locks += Double(child.printed.split(separator: "\n")[1])!
  }
  return locks / (Double(milliseconds) / 1000)
}

/// One of the two: prints how often it got the mutex.
func contend(_ mutex: String, milliseconds: Int) {
  let lua = try! Interpreter()
  try! lua.open()
  bare_open_mutexes(lua.state)
  try! lua.run(
    """
    local mutex = assert(\(mutex))
    function thousand() for _ = 1, 1000 do mutex:lock() mutex:unlock() end end
    thousand()
    """)
  print("ready")
  fflush(nil)
  _ = readLine()
  let clock = ContinuousClock()
  let end = clock.now + .milliseconds(milliseconds)
  var locks = 0
  while clock.now < end {
    try! lua.run("thousand()")
    locks += 1000
  }
  print(locks)
}
