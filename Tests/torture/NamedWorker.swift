import Glibc
import SharedMemory
import TestSupport

/// The named objects that all workers use; a process opens them for itself.
struct NamedObjects {
  let mutexes: [NamedMutex]
  let semaphore: NamedSemaphore
  let event: NamedEvent

  /// Makes them, or opens those that are there.
  init(_ session: Session) throws(SharedMemoryError) {
    var mutexes: [NamedMutex] = []
    for number in 0..<NamedLedger.mutexes {
      mutexes.append(try NamedMutex.create("m\(number)", in: session))
    }
    self.mutexes = mutexes
    let permits = NamedLedger.permits
    semaphore = try NamedSemaphore.create("s", initial: permits, maximum: permits, in: session)
    event = try NamedEvent.create("e", in: session)
  }
}

/// Locks, acquires, sets and waits at random until it is killed, and judges each answer by the
/// ledger.
struct NamedWorker {
  /// Nobody is inside for longer than a moment, and the dead are found out: nobody waits so long.
  static let patience = Duration.seconds(20)

  private let crew: Crew
  private let ledger: NamedLedger
  private let me: Int
  private let objects: NamedObjects
  private var dice: Dice

  init(_ crew: Crew, _ ledger: NamedLedger, _ me: Int, seed: UInt64) throws(SharedMemoryError) {
    self.crew = crew
    self.ledger = ledger
    self.me = me
    objects = try NamedObjects(Session(named: crew.session))
    dice = Dice(seed: seed)
  }

  /// - Parameter debt: permits that dead workers surely had.
  mutating func work(debt: Bool) throws(SharedMemoryError) {
    let overseer = getppid()
    if debt { _ = try objects.semaphore.release(1) }
    ledger[.ready, me].set(1)
    while crew.ledger[.stop].value == 0 && getppid() == overseer {
      try act()
      pauseIfAsked()
    }
  }

  private func pauseIfAsked() {
    if ledger[.pause].value == 0 { return }
    ledger[.paused, me].set(1)
    while ledger[.pause].value != 0 && crew.ledger[.stop].value == 0 { usleep(200) }
    ledger[.paused, me].set(0)
  }

  private mutating func act() throws(SharedMemoryError) {
    if dice.below(16) == 0 { usleep(UInt32(dice.below(300))) }
    switch dice.below(10) {
    case 0...3: try lock(dice.below(NamedLedger.mutexes))
    case 4, 5: try acquire()
    case 6: try set()
    case 7: try wait()
    case 8: try waitForAll()
    default: try waitForAny()
    }
  }

  /// Nanoseconds that it took count for the longest.
  private func timed<Value>(
    _ body: () throws(SharedMemoryError) -> Value
  ) throws(SharedMemoryError) -> Value {
    let begun = now()
    defer { ledger[.longest].raise(to: now() - begun) }
    return try body()
  }

  private func violation(_ text: String) { crew.ledger.violation("worker \(me): \(text)") }
}

// MARK: - Mutexes

extension NamedWorker {
  private mutating func lock(_ number: Int) throws(SharedMemoryError) {
    let mutex = objects.mutexes[number]
    if dice.below(8) == 0 {
      // Half of these find it held; that is no outcome to wait for.
      let outcome = try mutex.tryLock()
      if outcome == .timedOut {
        ledger[.refused].add(1)
        return
      }
      inside(number, outcome)
    } else {
      let outcome = try timed { () throws(SharedMemoryError) in
        try mutex.lock(timeout: Self.patience)
      }
      if outcome == .timedOut { return violation("m\(number) was never free") }
      inside(number, outcome)
    }
    if dice.below(4) == 0 { try lockAgain(mutex) }
    leave(number)
    try mutex.unlock()
  }

  private func lockAgain(_ mutex: NamedMutex) throws(SharedMemoryError) {
    if try mutex.lock(timeout: .zero) != .locked { violation("its own mutex is refused") }
    ledger[.recursive].add(1)
    try mutex.unlock()
  }

  /// Nobody else is inside, and what it finds is whole, unless it was told of a death.
  private mutating func inside(_ number: Int, _ outcome: LockOutcome) {
    let other = ledger[.inside, number].value
    ledger[.inside, number].set(UInt64(me + 1))
    let kills = ledger[.kills].value
    if outcome == .abandoned {
      ledger[.abandoned].add(1)
      if ledger[.kills, number].value == kills && nobodyIsDoomed {
        violation("m\(number) is abandoned, and nobody was killed since it was taken last")
      }
      repair(number)
    } else {
      ledger[.locked].add(1)
      if other != 0 { violation("m\(number) is taken, and worker \(other - 1) is inside") }
    }
    ledger[.kills, number].set(kills)
    count(number)
  }

  private var nobodyIsDoomed: Bool {
    (0..<NamedLedger.workers).allSatisfy { ledger[.doomed, $0].value == 0 }
  }

  private func repair(_ number: Int) {
    ledger[.second, number].set(ledger[.first, number].value)
  }

  private mutating func count(_ number: Int) {
    let (first, second) = (ledger[.first, number].value, ledger[.second, number].value)
    if first != second { violation("m\(number) guards \(first) and \(second)") }
    ledger[.first, number].set(first + 1)
    if dice.below(8) == 0 { usleep(UInt32(dice.below(100))) }
    ledger[.second, number].set(second + 1)
    if ledger[.inside, number].value != UInt64(me + 1) {
      violation("another one came into m\(number)")
    }
  }

  private func leave(_ number: Int) { ledger[.inside, number].set(0) }
}

// MARK: - Semaphore and event

extension NamedWorker {
  private mutating func acquire() throws(SharedMemoryError) {
    ledger[.permit, me].set(NamedLedger.Permit.trying.rawValue)
    // Permits of the killed are gone until the next audit: perhaps all.
    let isAcquired = try timed { () throws(SharedMemoryError) in
      try objects.semaphore.acquire(timeout: .milliseconds(20))
    }
    if !isAcquired {
      ledger[.permit, me].set(0)
      ledger[.timedOut].add(1)
      return
    }
    try usePermit()
  }

  private mutating func usePermit() throws(SharedMemoryError) {
    ledger[.permit, me].set(NamedLedger.Permit.held.rawValue)
    ledger[.acquired].add(1)
    let holders = (0..<NamedLedger.workers).filter {
      ledger.permit($0) == .held && ledger[.doomed, $0].value == 0
    }
    if holders.count > NamedLedger.permits { violation("\(holders.count) hold permits") }
    if dice.below(8) == 0 { usleep(UInt32(dice.below(100))) }
    ledger[.permit, me].set(NamedLedger.Permit.releasing.rawValue)
    _ = try objects.semaphore.release(1)
    ledger[.permit, me].set(0)
  }

  private func set() throws(SharedMemoryError) {
    ledger[.lastSet].set(now())
    ledger[.sets].add(1)
    try objects.event.set()
    ledger[.set].add(1)
  }

  private mutating func wait() throws(SharedMemoryError) {
    let isSignalled = try timed { () throws(SharedMemoryError) in
      try objects.event.wait(timeout: .milliseconds(Int64(dice.below(300))))
    }
    if isSignalled { return signalled() }
    ledger[.timedOut].add(1)
    let last = ledger[.lastSet].value
    if try objects.event.wait(timeout: .zero) {
      signalled()
      let time = Int64(now()) - Int64(last)
      if ledger[.lastSet].value == last && time > 5_000_000_000 {
        violation("it slept beside an event that was set for \(time / 1_000_000) ms")
      }
    }
  }

  /// A signal that was received had been sent.
  private func signalled() {
    ledger[.signalled].add(1)
    if ledger[.signals].add(1) > ledger[.sets].value { violation("more signals than were sent") }
  }
}

// MARK: - Several

extension NamedWorker {
  private mutating func waitForAll() throws(SharedMemoryError) {
    ledger[.permit, me].set(NamedLedger.Permit.trying.rawValue)
    let mutex = objects.mutexes[0]
    let outcome = try timed { () throws(SharedMemoryError) in
      try Waiting.all([objects.semaphore, mutex], timeout: .milliseconds(20))
    }
    guard outcome != .timedOut else {
      ledger[.permit, me].set(0)
      ledger[.timedOut].add(1)
      return
    }
    ledger[.both].add(1)
    inside(0, outcome == .abandoned ? .abandoned : .locked)
    leave(0)
    try mutex.unlock()
    try usePermit()
  }

  /// The mutex stands first: it is taken if it is free.
  private mutating func waitForAny() throws(SharedMemoryError) {
    let mutex = objects.mutexes[1]
    let found = try timed { () throws(SharedMemoryError) in
      try Waiting.any([mutex, objects.event], timeout: .milliseconds(20))
    }
    guard let found else {
      ledger[.timedOut].add(1)
      return
    }
    ledger[.either].add(1)
    if found.index == 1 { return signalled() }
    inside(1, found.abandoned ? .abandoned : .locked)
    leave(1)
    try mutex.unlock()
  }
}
