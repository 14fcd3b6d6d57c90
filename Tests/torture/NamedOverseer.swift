import Glibc
import SharedMemory
import TestSupport

/// Kills workers on named objects at random moments and replaces them; now and then all pause, and
/// the permits are counted.
struct NamedOverseer {
  private static let keeper = NamedLedger.workers
  /// Kills between two audits.
  private static let batch = 50

  private let ledger: NamedLedger
  private let crew: Crew
  private var dice: Dice
  private let seed: UInt64
  private var kills = 0
  /// Permits of which nobody knows whether the dead had them.
  private var unsure = 0
  private var audits = 0

  init(seed: UInt64) {
    self.seed = seed
    dice = Dice(seed: seed)
    let ledger = NamedLedger()
    self.ledger = ledger
    crew = Crew(of: NamedLedger.workers + 1) { crew, me, seed in
      do throws(SharedMemoryError) {
        if me == Self.keeper { return try Self.keep(crew, ledger) }
        var worker = try NamedWorker(crew, ledger, me, seed: seed >> 1)
        try worker.work(debt: seed & 1 == 1)
      } catch {
        crew.ledger.violation("worker \(me): \(error)")
        _exit(1)
      }
    }
  }

  /// - Returns: whether nothing was found.
  mutating func run(kills wanted: Int) -> Bool {
    crew.spawn(Self.keeper)
    for worker in 0..<NamedLedger.workers { spawn(worker, debt: false) }
    while kills < wanted && crew.ledger[.violations].value < 20 {
      let pause = UInt32(dice.below(2000))
      let stopped = dice.below(4) == 0 ? dice.below(NamedLedger.workers) : nil
      if let stopped { crew.signal(stopped, SIGSTOP) }
      usleep(pause)
      kill(dice.below(NamedLedger.workers))
      if let stopped { crew.signal(stopped, SIGCONT) }
      if kills % Self.batch == 0 { audit() }
    }
    audit()
    end()
    return report()
  }

  private mutating func spawn(_ worker: Int, debt: Bool) {
    crew.spawn(worker, seed: dice.next() << 1 | (debt ? 1 : 0))
  }

  private mutating func kill(_ worker: Int) {
    if ledger[.ready, worker].value == 0 { return }
    ledger[.doomed, worker].set(1)
    crew.signal(worker, SIGKILL)
    let status = crew.wait(worker)
    if status != 128 + SIGKILL { crew.ledger.violation("a worker ended with status \(status)") }
    kills += 1
    ledger[.kills].add(1)
    let permit = ledger.permit(worker)
    if permit == .trying || permit == .releasing { unsure += 1 }
    for word in NamedLedger.OfWorker.allCases { ledger[word, worker].set(0) }
    spawn(worker, debt: permit == .held)
  }

  /// Holds the objects for the whole run, and counts the permits when it is asked to.
  private static func keep(_ crew: Crew, _ ledger: NamedLedger) throws(SharedMemoryError) {
    let objects = try NamedObjects(Session(named: crew.session))
    let overseer = getppid()
    while crew.ledger[.stop].value == 0 && getppid() == overseer {
      usleep(200)
      if ledger[.audit].value == 0 { continue }
      var count = 0
      while try objects.semaphore.acquire(timeout: .zero) { count += 1 }
      ledger[.permits].set(UInt64(count))
      _ = try objects.semaphore.release(NamedLedger.permits)
      ledger[.audit].set(0)
    }
  }

  private mutating func audit() {
    ledger[.pause].set(1)
    let arePaused = poll(within: 60) {
      (0..<NamedLedger.workers).allSatisfy { ledger[.paused, $0].value == 1 }
    }
    if !arePaused {
      crew.ledger.violation("a worker does not come to its end")
      return
    }
    ledger[.audit].set(1)
    if !poll(within: 60, { ledger[.audit].value == 0 }) {
      crew.ledger.violation("the permits cannot be counted")
      return
    }
    let count = Int(ledger[.permits].value)
    if !(NamedLedger.permits - unsure...NamedLedger.permits).contains(count) {
      crew.ledger.violation(
        "\(count) permits of \(NamedLedger.permits), and \(unsure) may be gone with the dead")
    }
    unsure = 0
    audits += 1
    ledger[.pause].set(0)
  }

  private func end() {
    crew.ledger[.stop].set(1)
    for worker in 0..<crew.count {
      let status = crew.wait(worker)
      if status != 0 { crew.ledger.violation("a worker ended with status \(status)") }
    }
    // All are gone: one operation of anybody, and nothing is there.
    do throws(SharedMemoryError) {
      _ = try NamedMutex.open("m0", in: Session(named: crew.session))
      crew.ledger.violation("back: m0 was opened after all were gone")
    } catch {
      if error.code != .fileNotFound { crew.ledger.violation("at the end: \(error)") }
    }
    if let left = entries(of: crew.directory) {
      crew.ledger.violation("left: \(crew.directory) with \(left)")
    }
  }

  private func report() -> Bool {
    let events = NamedLedger.Event.allCases.map { "\(ledger[$0].value) \($0)" }
    print(
      """
      named: seed \(seed), \(kills) kills, \(events.joined(separator: ", ")), \(audits) audits, \
      longest \(ledger[.longest].value / 1_000) µs, \(crew.ledger[.violations].value) violations
      """)
    return crew.ledger[.violations].value == 0
  }
}
