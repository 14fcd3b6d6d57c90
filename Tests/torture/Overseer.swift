import Glibc
import SharedMemory
import TestSupport

/// Kills workers at random moments and replaces them, then looks at what is left.
struct Overseer {
  /// No operation may take longer, on however busy a machine.
  private static let bound: UInt64 = 5_000_000_000

  private let crew = Crew(of: 6) { crew, me, seed in
    var worker = Worker(crew.ledger, me, session: crew.session, seed: seed)
    worker.work()
  }
  private var dice: Dice
  private let seed: UInt64
  private var kills = 0

  init(seed: UInt64) {
    self.seed = seed
    dice = Dice(seed: seed)
  }

  /// - Returns: whether nothing was found.
  mutating func run(kills wanted: Int) -> Bool {
    for worker in 0..<crew.count { spawn(worker) }
    while kills < wanted && crew.ledger[.violations].value < 20 {
      let pause = UInt32(dice.below(2000))
      // Now and then one is held where it is, which opens what is normally a narrow gap.
      let stopped = dice.below(4) == 0 ? dice.below(crew.count) : nil
      if let stopped { crew.signal(stopped, SIGSTOP) }
      usleep(pause)
      kill(dice.below(crew.count))
      if let stopped { crew.signal(stopped, SIGCONT) }
    }
    end()
    lookAround()
    return report()
  }

  private mutating func spawn(_ worker: Int) { crew.spawn(worker, seed: dice.next()) }

  private mutating func kill(_ worker: Int) {
    let ledger = crew.ledger
    if ledger[.ready, worker].value == 0 { return }
    ledger[.doomed, worker].set(1)
    crew.signal(worker, SIGKILL)
    let status = crew.wait(worker)
    if status != 128 + SIGKILL { ledger.violation("a worker ended with status \(status)") }
    kills += 1
    ledger[.ready, worker].set(0)
    for name in 0..<Ledger.names {
      ledger.held(worker, name).set(0)
      ledger.possible(worker, name).set(0)
    }
    ledger[.doomed, worker].set(0)
    spawn(worker)
  }

  private func end() {
    crew.ledger[.stop].set(1)
    for worker in 0..<crew.count {
      let status = crew.wait(worker)
      if status != 0 { crew.ledger.violation("a worker ended with status \(status)") }
    }
  }

  /// All are gone: one operation of anybody, and nothing is there.
  private func lookAround() {
    do throws(SharedMemoryError) {
      _ = try MemoryObject.open("n0", in: Session(named: crew.session))
      crew.ledger.violation("back: n0 was opened after all were gone")
    } catch {
      if error.code != .fileNotFound { crew.ledger.violation("at the end: \(error)") }
    }
    if let left = entries(of: crew.directory) {
      crew.ledger.violation("left: \(crew.directory) with \(left)")
    }
  }

  private func report() -> Bool {
    let ledger = crew.ledger
    let longest = ledger[.longest].value
    if longest > Self.bound { ledger.violation("an operation took \(longest / 1_000_000) ms") }
    func events(_ some: [Ledger.Event]) -> String {
      some.map { "\(ledger[$0].value) \($0)" }.joined(separator: ", ")
    }
    let operations = Ledger.Event.allCases.filter { $0 != .quiet && $0 != .shared }
    print(
      """
      torture: seed \(seed), \(kills) kills, \(operations.reduce(0) { $0 + ledger[$1].value }) \
      operations (\(events(operations))), \(events([.quiet])), longest \
      \(longest / 1_000) µs, \(ledger[.violations].value) violations
      """)
    return ledger[.violations].value == 0
  }
}
