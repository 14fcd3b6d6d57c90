import Glibc
import SharedMemory
import TestSupport

/// How long it takes until one that pops is told the end, after all that pushed were killed; and one
/// that reads a topic, after all that published were.
struct StreamEnds {
  private static let producers = 2
  private let stream: any EndingStream.Type
  private let crew: Crew
  private let seed: UInt64

  init(of stream: any EndingStream.Type, seed: UInt64) {
    self.stream = stream
    self.seed = seed
    crew = Crew(of: Self.producers) { crew, me, seed in
      guard let stream = try? stream.join(in: Session(named: crew.session)) else {
        return crew.ledger.violation("\(me) cannot send")
      }
      crew.ledger[.ready, me].set(1)
      // Until it is killed; and it keeps the object, whatever the optimiser thinks of endless loops.
      repeat { pause() } while stream.capacity >= 0
    }
  }

  /// - Returns: whether nothing was found.
  func run(_ count: Int) -> Bool {
    var dice = Dice(seed: seed)
    guard let reader = try? stream.make(in: Session(named: crew.session)) else {
      crew.ledger.violation("there is no stream")
      return false
    }
    var times: [UInt64] = []
    while times.count < count && crew.ledger[.violations].value == 0 {
      if let time = time(reader, &dice) { times.append(time) }
    }
    times.sort()
    let worst = times.isEmpty ? 0 : times[(times.count * 99 + 99) / 100 - 1]
    func shown(_ time: UInt64?) -> String { "\((time ?? 0) / 1_000_000) ms" }
    if worst > stream.limit {
      crew.ledger.violation("the 99th percentile is over \(shown(stream.limit))")
    }
    print(
      """
      ends of a \(stream.name): seed \(seed), \(times.count) ends, told after \(shown(times[safe: times.count / 2])) in the \
      median, \(shown(worst)) at the 99th percentile, \(shown(times.last)) at most, \
      \(crew.ledger[.violations].value) violations
      """)
    return crew.ledger[.violations].value == 0
  }

  /// From the kill to what a wait says.
  private func time(_ reader: some EndingStream, _ dice: inout Dice) -> UInt64? {
    for me in 0..<Self.producers {
      crew.ledger[.ready, me].set(0)
      crew.spawn(me)
    }
    let areReady = poll(within: 20) {
      (0..<Self.producers).allSatisfy { crew.ledger[.ready, $0].value == 1 }
    }
    if !areReady { crew.ledger.violation("the producers do not come") }
    for _ in 0..<Self.producers { try? reader.take(within: .zero) }
    // Another process kills them while this one waits.
    let wait = UInt32(20_000 + dice.below(stream.longestWait))
    let killer = forked {
      usleep(wait)
      crew.ledger[.begun, 0].set(now())
      for me in 0..<Self.producers { crew.signal(me, SIGKILL) }
    }
    var told: UInt64?
    do throws(SharedMemoryError) {
      try reader.take(within: .seconds(60))
      crew.ledger.violation("nobody was told")
    } catch {
      if error.code == .brokenPipe { told = now() } else { crew.ledger.violation("\(error)") }
    }
    _ = ended(killer)
    for me in 0..<Self.producers { _ = crew.wait(me) }
    return told.map { $0 - crew.ledger[.begun, 0].value }
  }
}

/// Something that ends with the last one who sends.
protocol EndingStream: Waitable {
  static var name: String { get }
  /// In nanoseconds: the 99th percentile is at most this.
  static var limit: UInt64 { get }
  /// In microseconds: how long a wait lasts until all who send are killed.
  static var longestWait: Int { get }
  static func make(in session: Session) throws(SharedMemoryError) -> Self
  /// Opens it and sends a message.
  static func join(in session: Session) throws(SharedMemoryError) -> Self
  func take(within time: Duration) throws(SharedMemoryError)
  var capacity: Int { get }
}

private let message = Message([1])

/// One of those who sleep looks for all, every 25 ms.
extension NamedQueue: EndingStream {
  static var name: String { "queue" }
  static var limit: UInt64 { 40_000_000 }
  static var longestWait: Int { 60_000 }
  static func make(in session: Session) throws(SharedMemoryError) -> NamedQueue {
    try create("e", bytes: 4096, in: session)
  }
  static func join(in session: Session) throws(SharedMemoryError) -> NamedQueue {
    let queue = try open("e", in: session)
    _ = try queue.push(message, timeout: .zero)
    return queue
  }
  func take(within time: Duration) throws(SharedMemoryError) { _ = try pop(timeout: time) }
}

/// Each reader looks by itself, in the long run once a second.
extension NamedTopic: EndingStream {
  static var name: String { "topic" }
  static var limit: UInt64 { 1_020_000_000 }
  static var longestWait: Int { 3_000_000 }
  static func make(in session: Session) throws(SharedMemoryError) -> NamedTopic {
    try create("e", bytes: 4096, in: session)
  }
  static func join(in session: Session) throws(SharedMemoryError) -> NamedTopic {
    let topic = try open("e", in: session)
    try topic.publish(message)
    return topic
  }
  func take(within time: Duration) throws(SharedMemoryError) { _ = try next(timeout: time) }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
