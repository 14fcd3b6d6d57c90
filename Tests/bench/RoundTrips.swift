import BareCalls
import Glibc
import LuaHost
import SharedMemory
import TestSupport

/// Two processes that take turns through two words: scripts beside C that does the same waits.
///
/// Both sleep: each has one processor to itself, so that scripts do not spin. Both run: C spins;
/// what wakes all the same, as a script does, has the budget, and a spin that wakes nobody is beside
/// it.
func measureRoundTrips(_ report: inout Report) {
  measureCells(&report)
  let all = bare_processors()
  let first = all & ~(all - 1)
  bare_use_processors(all == first ? first : all & ~first & ~((all & ~first) - 1))
  let other = Partner()  // has inherited it
  bare_use_processors(first)
  let asleep = other.compare(with: BARE_SLEEP, turns: 300)
  report.add("round trip, both sleep / C", ours: asleep.ours, bare: asleep.bare, budget: 1.1)
  let queued = other.compare(queues, with: BARE_SLEEP, turns: 300)
  report.add(
    "round trip by queues, both sleep / C", ours: queued.ours, bare: queued.bare, budget: 1.1)
  bare_use_processors(all)
  guard all != first else { return print("round trips of two that run: one processor only") }
  let free = Partner()
  let running = free.compare(with: BARE_SPIN_AND_WAKE, turns: 3_000)
  report.add(
    "round trip, both run / C's spin", ours: running.ours, bare: running.bare, budget: 3)
  let bare = free.compare(with: BARE_SPIN, turns: 3_000)
  report.add(
    "round trip, both run / without wakes", ours: bare.ours, bare: bare.bare, budget: nil)
}

private func measureCells(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    local view = shm.create(nil, 256)
    local cell = view:atomic(0)
    function loads() for _ = 1, 10000 do cell:load() end end
    function additions() for _ = 1, 10000 do cell:add(1) end end
    function calls() for _ = 1, 10000 do view:size() end end
    """)
  for (what, name) in [("loads", "cell:load()"), ("additions", "cell:add(1)")] {
    let taken = compare(rounds: 60, calls: 1) {
      try! lua.run("\(what)()")
    } _: {
      try! lua.run("calls()")
    }
    report.add(
      "\(name) / view:size()", ours: taken.ours / 10_000, bare: taken.bare / 10_000, budget: nil)
  }
}

/// The words: what the other side is told to do, and those that carry the turns.
private enum Word {
  static let go = 0
  static let mode = 64
  static let first = 128
  static let turns = 192
  static let ping = 256
  static let pong = 320
}

private let lua = UInt32.max  // the mode in which a script serves
private let queues = UInt32.max - 1  // the same by two queues

private let script = """
  local view = assert(shm.create("turns", 4096))
  local ping, pong = view:atomic(\(Word.ping)), view:atomic(\(Word.pong))
  function ask(first, turns)
    for turn = first, first + turns - 1 do
      ping:store(turn):wake()
      repeat pong:wait(turn - 1) until pong:load() == turn
    end
  end
  local asked, told = assert(shm.queue("asked", 4096)), assert(shm.queue("told", 4096))
  function ask_by_queues(turns)
    for turn = 1, turns do
      asked:push("ping")
      told:pop()
    end
  end
  function serve_by_queues(turns)
    for turn = 1, turns do
      asked:pop()
      told:push("pong")
    end
  end
  function serve(first, turns)
    for turn = first, first + turns - 1 do
      repeat ping:wait(turn - 1) until ping:load() == turn
      pong:store(turn):wake()
    end
  end
  """

/// One side: this process's view of the words, and its interpreter.
private final class Side {
  let interpreter: Interpreter
  private let view: View
  private let object: MemoryObject  // keeps the name

  init(_ session: String) {
    object = try! MemoryObject.create("turns", size: 4096, in: Session(named: session))
    view = try! object.map()
    interpreter = try! Interpreter(session: Session(named: session))
    try! interpreter.open()
    try! interpreter.run(script)
  }

  func cell(_ word: Int) -> AtomicCell<UInt32> { try! view.atomic(at: word) }

  func pointer(_ word: Int) -> UnsafeMutablePointer<UInt32> {
    (view.base + word).assumingMemoryBound(to: UInt32.self)
  }
}

/// The other side, in a process of its own; it sleeps between rounds.
private final class Partner {
  private let side: Side
  private let child: Child
  private var turn: UInt32 = 1

  init() {
    let session = Places.unique("turns")
    side = Side(session)
    child = Child("\(Places.binaries)/bench", ["serve", session], input: .open)
    precondition(child.prints("ready"))
  }

  /// Nanoseconds of a round trip.
  func compare(
    _ mode: UInt32 = lua, with how: bare_wait, turns: UInt32
  ) -> (ours: Double, bare: Double) {
    var times: (ours: [Double], bare: [Double]) = ([], [])
    for _ in 0..<40 {
      times.ours.append(round(mode, turns))
      times.bare.append(round(how.rawValue, turns))
    }
    // The fastest tenth: where somebody else had a processor, a spin is no spin any more.
    return (times.ours.sorted()[4], times.bare.sorted()[4])
  }

  private func round(_ mode: UInt32, _ turns: UInt32) -> Double {
    for (word, value) in [(Word.mode, mode), (Word.first, turn), (Word.turns, turns)] {
      try! side.cell(word).store(value)
    }
    try! side.cell(Word.go).add(1)
    try! side.cell(Word.go).wake()
    let taken = ContinuousClock().measure { side.ask(mode, turn, turns) }
    turn += turns
    return Double(taken.components.attoseconds) / 1e9 / Double(turns)
  }
}

extension Side {
  fileprivate func ask(_ mode: UInt32, _ first: UInt32, _ turns: UInt32) {
    if mode == lua {
      try! interpreter.run("ask(\(first), \(turns))")
    } else if mode == queues {
      try! interpreter.run("ask_by_queues(\(turns))")
    } else {
      bare_ask(pointer(Word.ping), pointer(Word.pong), first, turns, bare_wait(mode))
    }
  }

  fileprivate func serve(_ mode: UInt32, _ first: UInt32, _ turns: UInt32) {
    if mode == lua {
      try! interpreter.run("serve(\(first), \(turns))")
    } else if mode == queues {
      try! interpreter.run("serve_by_queues(\(turns))")
    } else {
      bare_serve(pointer(Word.ping), pointer(Word.pong), first, turns, bare_wait(mode))
    }
  }
}

/// `bench serve SESSION`: the other side, until its owner is gone.
func serveTurns(_ session: String) {
  let side = Side(session)
  let owner = getppid()
  print("ready")
  fflush(nil)
  var round: UInt32 = 0
  while getppid() == owner {
    guard try! side.cell(Word.go).wait(while: round, timeout: .seconds(1)) else { continue }
    round += 1
    let (mode, first, turns) = (Word.mode, Word.first, Word.turns)
    try! side.serve(side.cell(mode).load(), side.cell(first).load(), side.cell(turns).load())
  }
}
