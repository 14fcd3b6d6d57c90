import Glibc
import SharedMemory
import TestSupport
import Testing

/// Queues from Swift: order, batches, jobs, the end, what waits for what.
struct NamedQueueTests {
  private let session = Session(named: Places.unique("queue"))

  private func queue(_ bytes: Int = 4096, _ name: String = "q") throws -> NamedQueue {
    try NamedQueue.create(name, bytes: bytes, in: session)
  }

  private func text(_ text: String) -> NamedQueue.Message { NamedQueue.Message(Array(text.utf8)) }

  @Test func messagesComeInTheirOrder() throws {
    let queue = try queue()
    #expect(
      try queue.pushAll([text("a"), text("b"), NamedQueue.Message([0xC3], isValue: true)]) == 3)
    #expect(queue.count == 3)
    #expect(try queue.pop() == text("a"))
    #expect(try queue.popAll(most: 1) == [text("b")])
    #expect(try queue.popAll() == [NamedQueue.Message([0xC3], isValue: true)])
    #expect(try queue.pop(timeout: .zero) == nil)
    #expect(queue.free == queue.capacity && queue.limit == 2032)
  }

  @Test func aFullQueueMakesWait() async throws {
    let queue = try queue()
    let half = NamedQueue.Message([UInt8](repeating: 1, count: queue.limit))
    #expect(try queue.pushAll([half, half], timeout: .zero) == 2)
    #expect(try !queue.push(text("x"), timeout: .milliseconds(20)))
    #expect(code { _ = try queue.push(.init([UInt8](repeating: 0, count: 2033))) } == .badLength)
    async let pushed = Task.detached { try queue.push(half, timeout: .seconds(20)) }.value
    usleep(50_000)
    #expect(try queue.pop() == half)
    #expect(try await pushed)
  }

  @Test func theEndComesWhenTheProducersAreGone() throws {
    let consumer = try queue()
    var producer: NamedQueue? = try NamedQueue.open("q", access: .modify, in: session)
    #expect(try producer!.push(text("last")))
    #expect(code { _ = try producer!.pop() } == .accessDenied)
    producer = nil
    #expect(try Waiting.any([consumer], timeout: .zero)?.index == 0)
    #expect(try consumer.pop() == text("last"))
    #expect(code { _ = try consumer.pop() } == .brokenPipe)
    #expect(try Waiting.any([consumer], timeout: .zero)?.index == 0)
    let late = try NamedQueue.open("q", access: .modify, in: session)
    #expect(try consumer.pop(timeout: .zero) == nil)
    try late.finish()
    #expect(code { _ = try late.push(text("no")) } == .noData)
    #expect(code { _ = try consumer.pop() } == .brokenPipe)
  }

  @Test func jobsComeBackUntilTheyAreDone() throws {
    let queue = try queue()
    #expect(try queue.push(text("job")))
    var job = try queue.take()
    #expect(job?.tries == 1 && job?.message == text("job"))
    #expect(try queue.take(timeout: .zero) == nil)
    #expect(try !queue.drain(timeout: .zero))
    job = nil
    job = try queue.take(timeout: .zero)
    #expect(job?.tries == 2)
    try job?.done()
    #expect(code { try job?.done() } == .notOwner)
    #expect(try queue.drain(timeout: .zero))
    #expect(queue.count == 0)
  }

  @Test func whoStopsInsideHoldsItsSideUpAndIsNamed() throws {
    let queue = try queue()
    #expect(try queue.push(text("x")))
    // As a producer leaves it that is stopped in the midst: its lock is held by a living mark.
    let other = Owner()
    let second = try NamedQueue.open("q", owner: other, in: session)
    #expect(try second.push(text("y")))
    let file = try #require(queue.path)
    let descriptor = open(file, O_RDWR)
    defer { close(descriptor) }
    var mark: UInt64 = 0
    // The second owner's slot has the epoch 1, as everybody's first.
    mark = (UInt64(1 << 10 | 2) << 32) | 1
    #expect(pwrite(descriptor, &mark, 8, 4096) == 8)
    #expect(code { _ = try queue.push(text("z")) } == .busy)
    #expect(try queue.pop() == text("x"))
    mark = 0
    #expect(pwrite(descriptor, &mark, 8, 4096) == 8)
    #expect(try queue.push(text("z")))
    // A dead one's lock is the next one's.
    mark = (UInt64(1 << 10 | 77) << 32) | 1
    #expect(pwrite(descriptor, &mark, 8, 4096) == 8)
    #expect(pwrite(descriptor, &mark, 8, 4224) == 8)
    #expect(try queue.push(text("last")))
    #expect(try queue.popAll().count == 3)
  }

  @Test func whatIsNoRingIsErrorThirteenForGood() throws {
    let queue = try queue()
    #expect(try queue.push(text("x")))
    let descriptor = open(try #require(queue.path), O_RDWR)
    defer { close(descriptor) }
    var length: UInt32 = 100_000
    #expect(pwrite(descriptor, &length, 4, 8192) == 4)
    #expect(code { _ = try queue.pop() } == .invalidData)
    length = 1
    #expect(pwrite(descriptor, &length, 4, 8192) == 4)
    #expect(code { _ = try queue.pop() } == .invalidData)
    let fresh = try NamedQueue.open("q", in: session)
    #expect(try fresh.pop() == text("x"))
  }

  @Test func aFileOfAnotherSizeIsDamaged() throws {
    let queue = try queue()
    #expect(truncate(try #require(queue.path), 8192) == 0)
    #expect(code { _ = try NamedQueue.open("q", in: session) } == .fileInvalid)
    #expect(code { _ = try queue.push(text("x")) } == .swap)
  }

  @Test func theStateTellsWhoIsThere() throws {
    let queue = try queue()
    let entry = try session.find(Array("q".utf8))
    func state() throws -> NamedQueue.State? {
      try session.state(of: entry) as? NamedQueue.State
    }
    #expect(try state()?.text == "0 messages, 4096 of 4096 bytes free, no producer, no consumer")
    #expect(try queue.push(text("x")))
    #expect(try state()?.text == "1 message, 4064 of 4096 bytes free, no consumer")
    #expect(try queue.pop() == text("x"))
    try queue.finish()
    #expect(
      try state()
        == NamedQueue.State(
          messages: 0, free: 4096, capacity: 4096, isFinished: true, hasProducers: true,
          hasConsumers: true, pushed: 1, popped: 1))
  }
}
