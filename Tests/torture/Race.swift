import Glibc
import SharedMemory
import TestSupport

/// Eight processes that want one name at the same moment, round after round.
enum Race {
  static let runners = 8

  /// - Returns: whether nothing was found.
  static func run(rounds: Int) -> Bool {
    let crew = Crew(of: runners) { crew, me, _ in
      Runner(ledger: crew.ledger, me: me, session: crew.session).run(rounds: rounds)
    }
    for runner in 0..<runners { crew.spawn(runner) }
    for runner in 0..<runners {
      let status = crew.wait(runner)
      if status != 0 { crew.ledger.violation("runner \(runner) ended with status \(status)") }
    }
    let ledger = crew.ledger
    if entries(of: crew.directory) != nil { ledger.violation("left: \(crew.directory)") }
    print(
      """
      race: \(rounds) rounds, \(ledger[.created].value) created, \(ledger[.shared].value) existed, \
      \(ledger[.opened].value) opened, \(ledger[.notFound].value) not found, \
      \(ledger[.exists].value) refused, \(ledger[.violations].value) violations
      """)
    return ledger[.violations].value == 0
  }
}

/// One of the eight.
struct Runner {
  let ledger: Ledger
  let me: Int
  let session: String

  /// Even rounds create or open and stay; odd ones create exclusively, and some open.
  func run(rounds: Int) {
    for round in 0..<rounds {
      if me == 0 { ledger[.newInRound].set(0) }
      meet()
      if round % 2 == 0 { share(round) } else { exclude(round) }
      meet()
      // All have closed, and nobody was killed: nothing stays, without any further operation.
      if me == 0, let left = entries(of: "/dev/shm/moonpool-\(geteuid())@\(session)") {
        ledger.violation("left: round \(round), \(left)")
      }
    }
  }

  private var size: Int { 4096 * (me + 1) + me }

  private func share(_ round: Int) {
    do throws(SharedMemoryError) {
      let object = try MemoryObject.create("x", size: size, in: Session(named: session))
      ledger.count(object.existed ? .shared : .created)
      if !object.existed {
        ledger[.newInRound].add(1)
        ledger[.size].set(UInt64(size))
      }
      meet()
      let view = try object.map()
      try view.write([UInt8(round & 0xFF), UInt8(me + 1)], at: 2 * me)
      meet()
      check(try view.read(2 * Race.runners), round, size: object.size)
      meet()
    } catch {
      fail("round \(round): \(error)")
    }
  }

  private func check(_ marks: [UInt8], _ round: Int, size: Int) {
    let all = (0..<Race.runners).flatMap { [UInt8(round & 0xFF), UInt8($0 + 1)] }
    if marks != all { ledger.violation("two: round \(round) shows \(marks)") }
    if ledger[.newInRound].value != 1 {
      ledger.violation("two: round \(round) has \(ledger[.newInRound].value) new ones")
    }
    if UInt64(size) != ledger[.size].value { ledger.violation("round \(round): size \(size)") }
  }

  private func exclude(_ round: Int) {
    // In half of these rounds the first holds until all have asked; in the others it closes while
    // they ask, and some of them open.
    let isOrdered = round % 4 == 1
    do throws(SharedMemoryError) {
      let object = try !isOrdered && me % 2 == 1 ? open() : createExclusively()
      ledger.count(object.existed ? .opened : .created)
      ledger[.newInRound].add(1)
      if isOrdered { meet() }
      _ = object.isRemoved
    } catch {
      switch error.code {
      case .alreadyExists: ledger.count(.exists)
      case .fileNotFound: ledger.count(.notFound)
      default: fail("round \(round): \(error)")
      }
      if isOrdered { meet() }
    }
    if isOrdered && ledger[.newInRound].value != 1 {
      ledger.violation("two: round \(round) has \(ledger[.newInRound].value) new ones")
    }
  }

  private func open() throws(SharedMemoryError) -> MemoryObject {
    try MemoryObject.open("x", in: Session(named: session))
  }

  private func createExclusively() throws(SharedMemoryError) -> MemoryObject {
    try MemoryObject.create("x", size: size, .init(exclusive: true), in: Session(named: session))
  }

  private func fail(_ text: String) -> Never {
    ledger.violation("runner \(me), \(text)")
    ledger[.stop].set(1)
    _exit(1)
  }

  /// Waits until all runners are here.
  private func meet() {
    let phase = ledger[.phase].value
    if ledger[.arrived].add(1) == Race.runners {
      ledger[.arrived].set(0)
      ledger[.phase].add(1)
    }
    while ledger[.phase].value == phase {
      if ledger[.stop].value != 0 { _exit(1) }
      sched_yield()
    }
  }
}
