import Glibc
import SharedMemory
import TestSupport

/// Random kills of who publishes and who reads, over many laps of a small ring.
///
/// Every reader checks each message that it gets: whole, later than the one before, and what it has
/// read and what it says it has lost add up to the message's sequence, exactly. At the end as many
/// were published as were acknowledged, and at most one more for each publisher that was killed.
struct TopicTorture {
  private static let workers = 6
  private static let capacity = 4096
  private let crew: Crew
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    crew = Crew(of: Self.workers + 1, TopicWorker.self)
  }

  /// - Returns: whether nothing was found.
  func run(laps: Int) -> Bool {
    var dice = Dice(seed: seed)
    var (kills, publishers) = (0, 0)
    let ledger = crew.ledger
    for worker in (0...Self.workers).reversed() {
      crew.spawn(worker, seed: dice.next())
      if worker == Self.workers && !poll(within: 60, { ledger[.ready, worker].value == 1 }) {
        ledger.violation("the topic's holder does not come")
      }
    }
    while written / Self.capacity < laps && ledger[.violations].value < 20 {
      usleep(UInt32(dice.below(4) == 0 ? dice.below(20_000) : dice.below(1500)))
      let worker = dice.below(Self.workers)
      crew.signal(worker, SIGKILL)
      _ = crew.wait(worker)
      kills += 1
      publishers += TopicWorker.role(worker) == .publishes ? 1 : 0
      crew.spawn(worker, seed: dice.next())
    }
    ledger[.stop].set(1)
    for worker in 0..<Self.workers where crew.wait(worker) != 0 {
      ledger.violation("worker \(worker) ended badly")
    }
    judge(publishers)
    let laps = written / Self.capacity
    ledger[.phase].set(1)
    _ = crew.wait(Self.workers)
    print(
      """
      topics: seed \(seed), \(laps) laps, \(kills) kills, \
      \(ledger[.created].value) messages acknowledged, \(ledger[.verified].value) read, \
      \(ledger[.closed].value) lost, \(ledger[.busy].value) stopped, longest \(ledger[.longest].value / 1_000_000) ms, \
      \(ledger[.violations].value) violations
      """)
    return ledger[.violations].value == 0
  }

  private func judge(_ publishers: Int) {
    guard let topic = try? NamedTopic.open("t", in: Session(named: crew.session)),
      let newest = try? topic.sequence()
    else { return crew.ledger.violation("the topic is gone") }
    let known = crew.ledger[.created].value
    if newest < known || newest > known + UInt64(publishers) {
      crew.ledger.violation(
        "\(newest) were published, \(known) acknowledged, \(publishers) publishers died")
    }
  }

  /// Bytes of the ring that were ever written: the tail, in units of 8.
  private var written: Int {
    let file = open("\(crew.directory)/t", O_RDONLY | O_CLOEXEC)
    if file < 0 { return 0 }
    defer { close(file) }
    var tail: UInt64 = 0
    _ = pread(file, &tail, 8, 4232)
    return Int(clamping: tail) * 8
  }
}

/// One process of the crew.
private struct TopicWorker: CrewMember {
  enum Role { case publishes, reads, sleeps, looks, holds }

  private let crew: Crew
  private let me: Int
  private var dice: Dice
  private let overseer = getppid()

  init(_ crew: Crew, _ me: Int, seed: UInt64) {
    self.crew = crew
    self.me = me
    dice = Dice(seed: seed)
  }

  static func role(_ me: Int) -> Role {
    [.publishes, .publishes, .reads, .sleeps, .reads, .looks, .holds][me]
  }

  private var goesOn: Bool { crew.ledger[.stop].value == 0 && getppid() == overseer }

  mutating func run() {
    do throws(SharedMemoryError) {
      let session = Session(named: crew.session)
      if Self.role(me) == .holds { return hold(try .create("t", bytes: 4096, in: session)) }
      let topic = try NamedTopic.open(
        "t", from: [.next, .oldest, .newest][dice.below(3)], in: session)
      switch Self.role(me) {
      case .publishes: try publish(topic)
      case .looks: try look(topic)
      default: try read(topic)
      }
    } catch {
      crew.ledger.violation("worker \(me): \(error)")
    }
  }

  private func hold(_ topic: NamedTopic) {
    crew.ledger[.ready, me].set(1)
    while crew.ledger[.phase].value == 0 && getppid() == overseer { usleep(1000) }
    withExtendedLifetime(topic) {}
  }

  private mutating func publish(_ topic: NamedTopic) throws(SharedMemoryError) {
    var last: UInt64 = 0
    while goesOn {
      let message = Self.message(dice.next())
      guard let sequence = try publish(message, in: topic) else { continue }
      crew.ledger.count(.created)
      if sequence <= last { crew.ledger.violation("\(sequence) after \(last)") }
      last = sequence
    }
  }

  /// Nil: another publisher had no processor for 0.3 s in the midst, which is as if it were stopped.
  private func publish(
    _ message: Message, in topic: NamedTopic
  ) throws(SharedMemoryError) -> UInt64? {
    do throws(SharedMemoryError) {
      return try crew.ledger.timed { () throws(SharedMemoryError) in try topic.publish(message) }
    } catch {
      if error.code != .busy { throw error }
      crew.ledger.count(.busy)
      return nil
    }
  }

  private mutating func read(_ topic: NamedTopic) throws(SharedMemoryError) {
    var (read, lost) = (UInt64(0), UInt64(0))
    var first: UInt64?
    while goesOn {
      if Self.role(me) == .sleeps && dice.below(64) == 0 { usleep(UInt32(dice.below(3000))) }
      guard let received = try next(topic) else { continue }
      let (new, total) = topic.lost()
      if first == nil { first = received.sequence - total }
      read += 1
      lost += new
      check(received.message)
      crew.ledger.count(.verified)
      if total != lost || first! + read + lost - 1 != received.sequence {
        crew.ledger.violation(
          "\(received.sequence) from \(first!) on: \(read) read, \(lost) and \(total) lost")
      }
      if new > 0 { crew.ledger[.closed].add(new) }
    }
  }

  /// Nil also while both publishers are dead, which is the end until one comes again.
  private func next(_ topic: NamedTopic) throws(SharedMemoryError) -> NamedTopic.Received? {
    do throws(SharedMemoryError) {
      return try topic.next(timeout: .milliseconds(100))
    } catch {
      if error.code != .brokenPipe { throw error }
      usleep(100)
      return nil
    }
  }

  private func look(_ topic: NamedTopic) throws(SharedMemoryError) {
    var last: UInt64 = 0
    while goesOn {
      guard let received = try topic.latest() else { continue }
      check(received.message)
      if received.sequence < last { crew.ledger.violation("the newest went back") }
      last = received.sequence
    }
  }

  private static func message(_ number: UInt64) -> Message {
    let head = (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    return Message(head + [UInt8](repeating: head[3], count: Int(number % 90)))
  }

  private func check(_ message: Message) {
    let number = message.bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if message != Self.message(number) { crew.ledger.violation("a torn message") }
  }
}
