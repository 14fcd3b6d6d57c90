import Glibc
import SharedMemory
import TestSupport
import Testing

/// Every system call of what is done with a queue fails in turn, with every error that it may have:
/// the claim of a slot, the locks of roles, the questions who lives.
///
/// In a process of its own, so that descriptors and mappings can be counted exactly.
@Suite struct QueueFaultTests {
  @Test func aFailedSystemCallIsAnErrorOrNothing() async {
    await #expect(processExitsWith: .success) { RingFaultRun.expect(deeds, moreThan: 100) }
  }
}

extension NamedQueue: FaultyRing {
  static func make(_ name: String, in session: Session) throws(SharedMemoryError) -> NamedQueue {
    try create(name, bytes: 4096, owner: Owner(), in: session)
  }
  static func use(_ name: String, in session: Session) throws(SharedMemoryError) -> NamedQueue {
    try open(name, owner: Owner(), in: session)
  }
  static func fill(
    _ name: String, _ holder: NamedQueue, in session: Session
  ) throws(SharedMemoryError) {
    _ = try holder.push(message, timeout: .zero)
  }
  var amount: Int { count }
}

private let message = NamedQueue.Message([UInt8](repeating: 7, count: 1000))

private let deeds: [RingDeed<NamedQueue>] = [
  RingDeed(name: "a first push", operation: "push", before: 0, after: 1, result: "true") {
    queue throws(SharedMemoryError) in
    "\(try queue.push(message, timeout: .milliseconds(1)))"
  },
  RingDeed(name: "a batch", operation: "push", before: 1, after: 3, result: "2") {
    queue throws(SharedMemoryError) in
    "\(try queue.pushAll([message, message], timeout: .zero))"
  },
  RingDeed(name: "a push, full", operation: "push", before: 4, after: 4, result: "false") {
    queue throws(SharedMemoryError) in
    "\(try queue.push(message, timeout: .milliseconds(1)))"
  },
  RingDeed(name: "a first pop", operation: "pop", before: 2, after: 1, result: "true") {
    queue throws(SharedMemoryError) in
    "\(try queue.pop(timeout: .milliseconds(1)) == message)"
  },
  RingDeed(name: "a pop, empty", operation: "pop", before: 0, after: 0, result: "false") {
    queue throws(SharedMemoryError) in
    "\(try queue.pop(timeout: .milliseconds(1)) == message)"
  },
  RingDeed(name: "a job", operation: "take", before: 1, after: 0, result: "true") {
    queue throws(SharedMemoryError) in
    guard let job = try queue.take(timeout: .milliseconds(1)) else { return "false" }
    try job.done()
    return "true"
  },
  RingDeed(name: "a job that goes back", operation: "take", before: 1, after: 1, result: "true") {
    queue throws(SharedMemoryError) in
    "\(try queue.take(timeout: .milliseconds(1))?.message == message)"
  },
  RingDeed(name: "a peek", operation: "peek", before: 1, after: 1, result: "true") {
    queue throws(SharedMemoryError) in "\(try queue.peek() == message)"
  },
  RingDeed(name: "a peek, empty", operation: "peek", before: 0, after: 0, result: "false") {
    queue throws(SharedMemoryError) in "\(try queue.peek() == message)"
  },
  RingDeed(name: "a clear", operation: "clear", before: 3, after: 0, result: "3") {
    queue throws(SharedMemoryError) in "\(try queue.clear())"
  },
  RingDeed(name: "a wait", operation: "wait", before: 1, after: 1, result: "true") {
    queue throws(SharedMemoryError) in
    "\(try Waiting.any([queue], timeout: .milliseconds(1))?.index == 0)"
  },
  RingDeed(name: "a wait in vain", operation: "wait", before: 0, after: 0, result: "false") {
    queue throws(SharedMemoryError) in
    "\(try Waiting.any([queue], timeout: .milliseconds(1))?.index == 0)"
  },
  RingDeed(
    name: "a wait until all is taken", operation: "drain", before: 1, after: 1,
    result: "false"
  ) {
    queue throws(SharedMemoryError) in "\(try queue.drain(timeout: .milliseconds(1)))"
  },
]
