import Glibc
import SharedMemory
import Synchronization
import TestSupport

/// Short histories of one queue that three processes use at once, and for each an order of its
/// operations in which one process alone would have seen the same (`Linearization`).
///
/// In every eighth history one of the three is killed at a random moment: what it had begun then has
/// happened as a whole, or not at all. No jobs are taken then, as one that comes back is out of order.
struct Histories {
  private static let workers = 3
  static let operations = 4
  private let crew: Crew
  private let log = HistoryLog(workers: workers)
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    let log = self.log
    crew = Crew(of: Self.workers) { crew, me, seed in
      var worker = HistoryWorker(crew, log, me, seed: seed)
      worker?.run()
    }
  }

  static func hasKill(_ number: UInt64) -> Bool { number % 8 == 0 }

  /// - Returns: whether nothing was found.
  func run(_ count: Int) -> Bool {
    var dice = Dice(seed: seed)
    let session = Session(named: crew.session)
    guard let queue = try? NamedQueue.create("h", bytes: 4096, in: session) else {
      crew.ledger.violation("there is no queue")
      return false
    }
    for worker in 0..<Self.workers { crew.spawn(worker, seed: dice.next()) }
    var (kills, operations, overlaps) = (0, 0, 0)
    if !Linearization.tellsRightFromWrong { crew.ledger.violation("the checker is wrong") }
    for number in 1...max(count, 1) where crew.ledger[.violations].value < 5 {
      let victim = Self.hasKill(UInt64(number)) ? dice.below(Self.workers) : nil
      guard log.play(UInt64(number), victim, crew, &dice) else {
        crew.ledger.violation("history \(number) does not end")
        break
      }
      kills += victim == nil ? 0 : 1
      var history = log.history
      let rest = (try? queue.popAll(timeout: .zero)) ?? []
      history += HistoryLog.drained(rest, after: history)
      operations += history.count
      overlaps += Linearization.overlaps(history)
      if !Linearization(history).exists {
        crew.ledger.violation(
          "history \(number) has no order: " + history.map(\.description).joined(separator: "; "))
      }
    }
    log.stop()
    for worker in 0..<Self.workers { _ = crew.wait(worker) }
    print(
      """
      histories: seed \(seed), \(count) histories, \(operations) operations, \(overlaps) pairs at \
      once, \(kills) kills, \(crew.ledger[.violations].value) violations
      """)
    return crew.ledger[.violations].value == 0
  }
}

/// An operation of a history.
struct HistoryEvent: CustomStringConvertible {
  enum Kind: UInt64 { case push, pop, job, popAll }

  var kind: Kind
  var worker: Int
  var begun: UInt64
  /// Nil: its process was killed before it returned.
  var ended: UInt64?
  /// What was pushed, or what came out; none: it was full, or empty.
  var messages: [UInt64]
  var isRefused: Bool

  var description: String {
    let result = ended == nil ? "killed" : isRefused ? "none" : "\(messages)"
    return "\(worker) \(kind) \(result) \(begun)-\(ended ?? 0)"
  }
}

/// The words in which workers say what they do. Each round begins when `round` has its number.
struct HistoryLog: @unchecked Sendable {
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let workers: Int
  private static let most = 8
  private static let eventWords = 5 + most
  private static let workerWords = 1 + Histories.operations * eventWords

  init(workers: Int) {
    self.workers = workers
    let count = 1 + workers * Self.workerWords
    words = mmap(
      nil, count * 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
      .bindMemory(to: Atomic<UInt64>.self, capacity: count)
  }

  private var round: UnsafeMutablePointer<Atomic<UInt64>> { words }
  /// The last round that the worker has ended.
  private func done(_ worker: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    words + 1 + worker * Self.workerWords
  }
  private func event(_ worker: Int, _ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    done(worker) + 1 + number * Self.eventWords
  }

  /// Ends the workers.
  func stop() { round.set(.max) }

  /// Lets all play a round, one of whom may be killed in the midst of it; false: it does not end.
  func play(_ number: UInt64, _ victim: Int?, _ crew: Crew, _ dice: inout Dice) -> Bool {
    for worker in 0..<workers {
      for each in 0..<Histories.operations { event(worker, each).set(0) }
    }
    round.set(number)
    if let victim {
      for _ in 0..<dice.below(3000) { sched_yield() }
      crew.signal(victim, SIGKILL)
      _ = crew.wait(victim)
    }
    let areDone = poll(within: 20) {
      (0..<workers).allSatisfy { $0 == victim || done($0).value == number }
    }
    if let victim {
      done(victim).set(number)
      crew.spawn(victim, seed: dice.next())
    }
    return areDone
  }

  /// Nil: the run is over.
  func next(after number: UInt64) -> UInt64? {
    while round.value == number || round.value == 0 { sched_yield() }
    return round.value == .max ? nil : round.value
  }

  func finished(_ worker: Int, _ number: UInt64) { done(worker).set(number) }
  func last(_ worker: Int) -> UInt64 { done(worker).value }

  func begins(
    _ worker: Int, _ number: Int, _ kind: HistoryEvent.Kind, _ message: UInt64
  ) {
    let event = event(worker, number)
    (event + 1).set(kind.rawValue)
    (event + 2).set(now())
    (event + 3).set(0)
    (event + 4).set(1)
    (event + 5).set(message)
    event.set(1)
  }

  func ends(_ worker: Int, _ number: Int, _ messages: [UInt64]) {
    let event = event(worker, number)
    (event + 4).set(UInt64(messages.count))
    for (index, message) in messages.prefix(Self.most).enumerated() {
      (event + 5 + index).set(message)
    }
    (event + 3).set(now())
  }

  var history: [HistoryEvent] {
    (0..<workers).flatMap { worker in
      (0..<Histories.operations).compactMap { number -> HistoryEvent? in
        let event = event(worker, number)
        if event.value == 0 { return nil }
        let ended = (event + 3).value
        let kind = HistoryEvent.Kind(rawValue: (event + 1).value)!
        let count = Int((event + 4).value)
        let messages = (0..<count).map { (event + 5 + $0).value }
        return HistoryEvent(
          kind: kind, worker: worker, begun: (event + 2).value, ended: ended == 0 ? nil : ended,
          messages: ended == 0 && kind != .push ? [] : messages, isRefused: count == 0)
      }
    }
  }

  /// What was left, as pops that came after all.
  static func drained(
    _ rest: [NamedQueue.Message], after history: [HistoryEvent]
  ) -> [HistoryEvent] {
    let last = now()
    let pops = rest.enumerated().map { index, message in
      HistoryEvent(
        kind: .pop, worker: 9, begun: last + UInt64(2 * index), ended: last + UInt64(2 * index) + 1,
        messages: [HistoryWorker.number(message)], isRefused: false)
    }
    let end = last + UInt64(2 * rest.count)
    return pops + [
      HistoryEvent(
        kind: .pop, worker: 9, begun: end, ended: end + 1, messages: [], isRefused: true)
    ]
  }
}

/// One process.
private struct HistoryWorker {
  private let crew: Crew
  private let log: HistoryLog
  private let me: Int
  private var dice: Dice
  private let queue: NamedQueue
  private let overseer = getppid()

  init?(_ crew: Crew, _ log: HistoryLog, _ me: Int, seed: UInt64) {
    guard let queue = try? NamedQueue.create("h", bytes: 4096, in: Session(named: crew.session))
    else {
      crew.ledger.violation("worker \(me) has no queue")
      return nil
    }
    self.queue = queue
    self.crew = crew
    self.log = log
    self.me = me
    dice = Dice(seed: seed)
  }

  /// A message of 900 bytes: four fill the ring, so that pushes are refused, too.
  private static func message(_ number: UInt64) -> NamedQueue.Message {
    let head = (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    return NamedQueue.Message(head + [UInt8](repeating: head[0], count: 892))
  }

  static func number(_ message: NamedQueue.Message) -> UInt64 {
    let number = message.bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return message == Self.message(number) ? number : .max
  }

  mutating func run() {
    var round = log.last(me)
    while getppid() == overseer, let next = log.next(after: round) {
      for number in 0..<Histories.operations { act(next, number) }
      round = next
      log.finished(me, next)
    }
  }

  private mutating func act(_ round: UInt64, _ number: Int) {
    for _ in 0..<dice.below(60) { _ = now() }
    var kind = [.push, .push, .push, .pop, .job, .popAll][dice.below(6)] as HistoryEvent.Kind
    if kind == .job && Histories.hasKill(round) { kind = .pop }
    let message = round << 8 | UInt64(me << 4 | number)
    log.begins(me, number, kind, message)
    do throws(SharedMemoryError) {
      log.ends(me, number, try perform(kind, message))
    } catch {
      // All that pushed may be dead for a moment, or all that popped.
      if error.code != .brokenPipe && error.code != .noData {
        crew.ledger.violation("\(me): \(error)")
      }
      log.ends(me, number, [])
    }
  }

  private func perform(
    _ kind: HistoryEvent.Kind, _ message: UInt64
  ) throws(SharedMemoryError) -> [UInt64] {
    switch kind {
    case .push: return try queue.push(Self.message(message), timeout: .zero) ? [message] : []
    case .pop: return try queue.pop(timeout: .zero).map { [Self.number($0)] } ?? []
    case .popAll: return try queue.popAll(most: 2, timeout: .zero).map(Self.number)
    case .job:
      guard let job = try queue.take(timeout: .zero) else { return [] }
      try job.done()
      return [Self.number(job.message)]
    }
  }
}
