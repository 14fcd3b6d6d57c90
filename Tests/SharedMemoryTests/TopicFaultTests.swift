import SharedMemory
import TestSupport
import Testing

/// Every system call of what is done with a topic fails in turn, with every error that it may have:
/// the claim of a slot, the lock of publishers, the questions who lives.
///
/// In a process of its own, so that descriptors and mappings can be counted exactly.
@Suite struct TopicFaultTests {
  @Test func aFailedSystemCallIsAnErrorOrNothing() async {
    await #expect(processExitsWith: .success) { RingFaultRun.expect(deeds, moreThan: 20) }
  }
}

extension NamedTopic: FaultyRing {
  static func make(_ name: String, in session: Session) throws(SharedMemoryError) -> NamedTopic {
    try create(name, bytes: 4096, owner: Owner(), in: session)
  }
  static func use(_ name: String, in session: Session) throws(SharedMemoryError) -> NamedTopic {
    try open(name, from: .oldest, owner: Owner(), in: session)
  }
  /// By a publisher that has gone, so that behind it is the end.
  static func fill(
    _ name: String, _ holder: NamedTopic, in session: Session
  ) throws(SharedMemoryError) {
    try open(name, owner: Owner(), in: session).publish(message)
  }
  var amount: Int { get throws(SharedMemoryError) { Int(try sequence()) } }
}

private let message = Message([UInt8](repeating: 7, count: 1000))

/// The end is what it is to say.
private func orTheEnd(
  _ body: () throws(SharedMemoryError) -> String
) throws(SharedMemoryError) -> String {
  do throws(SharedMemoryError) {
    return try body()
  } catch {
    if error.code != .brokenPipe { throw error }
    return "the end"
  }
}

private let deeds: [RingDeed<NamedTopic>] = [
  RingDeed(name: "a first publish", operation: "publish", before: 0, after: 1, result: "1") {
    topic throws(SharedMemoryError) in "\(try topic.publish(message))"
  },
  RingDeed(name: "a batch, over older ones", operation: "publish", before: 3, after: 5, result: "5")
  {
    topic throws(SharedMemoryError) in "\(try topic.publishAll([message, message]))"
  },
  RingDeed(name: "a next", operation: "next", before: 2, after: 2, result: "1") {
    topic throws(SharedMemoryError) in
    try topic.seek(.oldest)
    return "\(try topic.next(timeout: .milliseconds(1))?.sequence ?? 0)"
  },
  RingDeed(name: "a next in vain", operation: "next", before: 0, after: 0, result: "0") {
    topic throws(SharedMemoryError) in
    "\(try topic.next(timeout: .milliseconds(1))?.sequence ?? 0)"
  },
  // Whoever cannot ask who lives does not say that nobody does.
  RingDeed(
    name: "the end", operation: "next", before: 1, after: 1, result: "the end", otherwise: "0"
  ) { topic throws(SharedMemoryError) in
    try topic.skip()
    return try orTheEnd { () throws(SharedMemoryError) in
      "\(try topic.next(timeout: .milliseconds(1))?.sequence ?? 0)"
    }
  },
  RingDeed(name: "a look at the newest", operation: "latest", before: 2, after: 2, result: "2") {
    topic throws(SharedMemoryError) in "\(try topic.latest()?.sequence ?? 0)"
  },
  RingDeed(name: "a wait", operation: "wait", before: 1, after: 1, result: "0") {
    topic throws(SharedMemoryError) in
    "\(try Waiting.any([topic], timeout: .milliseconds(1))?.index ?? -1)"
  },
  RingDeed(name: "a wait in vain", operation: "wait", before: 0, after: 0, result: "-1") {
    topic throws(SharedMemoryError) in
    "\(try Waiting.any([topic], timeout: .milliseconds(1))?.index ?? -1)"
  },
  RingDeed(
    name: "a wait for the end", operation: "wait", before: 1, after: 1, result: "0",
    otherwise: "-1"
  ) { topic throws(SharedMemoryError) in
    try topic.skip()
    return "\(try Waiting.any([topic], timeout: .milliseconds(1))?.index ?? -1)"
  },
]
