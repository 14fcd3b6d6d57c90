import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// The end of a stream comes to everybody at once, and `drain` sees it however a worker died.
@Suite(.timeLimit(.minutes(2))) struct QueueEndTests {
  private let session = Session(named: Places.unique("end"))

  private func text(_ text: String) -> Message { Message(Array(text.utf8)) }

  private func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SharedMemoryError)?.code
    }
  }

  private func open(_ access: NamedAccess = .all) throws -> NamedQueue {
    try NamedQueue.open("q", access: access, owner: Owner(), in: session)
  }

  private func write(_ word: UInt64, at: Int, _ queue: NamedQueue) throws {
    let descriptor = Glibc.open(try #require(queue.path), O_RDWR)
    defer { close(descriptor) }
    var word = word
    try #require(pwrite(descriptor, &word, 8, off_t(at)) == 8)
  }

  private func isSaid(_ queue: NamedQueue) -> Bool {
    queue.handle.words.state.has(NamedState.set)
  }

  /// Others that were woken find the state as it was for the first one, and do not sleep again.
  @Test(arguments: [true, false]) func whoIsToldTheEndLeavesItToTheOthers(_ isFinished: Bool) throws
  {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .wait, in: session)
    do {
      let producer = try open(.modify)
      #expect(try producer.push(text("a")))
      if isFinished { try producer.finish() }
      #expect(try queue.pop() == text("a"))
      #expect(try isFinished || queue.pop(timeout: .zero) == nil)
    }
    #expect(code { _ = try queue.pop(timeout: .zero) } == .brokenPipe)
    #expect(isSaid(queue))
    #expect(code { _ = try queue.peek() } == .brokenPipe)
    #expect(isSaid(queue))
    #expect(code { _ = try queue.take() } == .brokenPipe)
    #expect(isSaid(queue))
    #expect(try Waiting.any([queue], timeout: .zero)?.index == 0)
    #expect(isSaid(queue))
  }

  @Test func theEndIsThereForAWaitForAll() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let event = try NamedEvent.create("e", manual: true, set: true, in: session)
    #expect(try queue.push(text("a")) && queue.pop() == text("a"))
    try queue.finish()
    #expect(try Waiting.all([queue, event], timeout: .seconds(2)) == .locked)
  }

  /// A producer that comes later makes the stream go on: the state that says the end costs a look.
  @Test func theStreamGoesOnAfterTheEnd() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .wait, in: session)
    do { #expect(try open(.modify).push(text("a")) && queue.pop() == text("a")) }
    #expect(code { _ = try queue.pop() } == .brokenPipe)
    let producer = try open(.modify)
    #expect(try queue.pop(timeout: .milliseconds(1)) == nil)
    #expect(!isSaid(queue))
    #expect(try producer.push(text("b")) && queue.pop() == text("b"))
  }

  @Test func allWhoWaitAreToldTheEnd() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    let waiters = try (0..<8).map { _ in
      let consumer = try open(.wait)
      return Background { () -> ErrorCode? in
        code { while try consumer.pop() != nil {} }
      }
    }
    while !waiters.allSatisfy(\.isAsleep) { usleep(500) }
    try queue.finish()
    for waiter in waiters { #expect(waiter.result == .brokenPipe) }
    #expect(isSaid(queue))
  }

  // MARK: drain

  /// Of a worker that dies right after its job was done, the record still lies there.
  @Test func drainPassesWhatADeadWorkerHadDone() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    let idle = try open(.wait)
    #expect(try queue.push(text("a")) && queue.push(text("b")))
    try write(2, at: 8192 + 8, queue)  // DONE, as its `taken`
    #expect(try !queue.drain(timeout: .zero))
    try write(2, at: 8192 + 32 + 8, queue)
    #expect(try queue.drain(timeout: .zero))
    #expect(try idle.pop(timeout: .zero) == nil)
    #expect(queue.free == queue.capacity)
  }

  /// Of a producer that dies right after it padded the ring's end, the padding still lies there.
  @Test func drainPassesPadding() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    let idle = try open(.wait)
    #expect(try queue.push(text("a")))
    try write(255 << 32 | 1, at: 8192, queue)
    #expect(try queue.drain(timeout: .zero))
    withExtendedLifetime(idle) {}
  }

  /// Who is told that all consumers have gone tells the others that wait for room.
  @Test func allWhoWaitForRoomAreToldThatNobodyIsLeft() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    let half = Message([UInt8](repeating: 1, count: queue.limit))
    var consumer: NamedQueue? = try open(.wait)
    #expect(try queue.pushAll([half, half], timeout: .zero) == 2)
    let waiters = try (0..<4).map { number in
      let producer = try open(.modify)
      return Background { () -> ErrorCode? in
        code { _ = number == 0 ? try producer.drain() : try producer.push(half) }
      }
    }
    while !waiters.allSatisfy(\.isAsleep) { usleep(500) }
    let room = queue.ring.plain.pointee.room!
    let before = room.pointee
    withExtendedLifetime(consumer) {}
    consumer = nil
    for waiter in waiters { #expect(waiter.result == .noData) }
    // Whoever was told first has said so, instead of leaving the others to their next look.
    #expect(room.pointee & 0x7FFF_FFFF != before & 0x7FFF_FFFF)
  }
}
