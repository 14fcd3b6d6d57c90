import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What a queue says where others are in the midst of something, have just gone, or have written
/// what they should not.
@Suite(.timeLimit(.minutes(2)))
struct QueueDoubtTests {
  private let name: String
  private let session: Session
  /// The words of the locks in a queue's file; a topic's is the first one.
  private static let locks: [Int] = [4096, 4224]
  private static let firstRecord = 8192

  init() {
    name = Places.unique("doubt")
    session = Session(named: name)
  }

  private func text(_ text: String) -> Message { Message(Array(text.utf8)) }

  /// What somebody hostile, or stopped, leaves in the file.
  private func write<Word: FixedWidthInteger>(_ word: Word, at: Int, _ path: String?) throws {
    let descriptor = open(try #require(path), O_RDWR)
    defer { close(descriptor) }
    var word = word
    #expect(
      pwrite(descriptor, &word, MemoryLayout<Word>.size, off_t(at)) == MemoryLayout<Word>.size)
  }

  // MARK: Locks

  @Test func aLockThatNobodyHoldsIsFree() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let event = try NamedEvent.create("e", in: session)
    /// HELD, by the mark 0.
    func hold() throws { for at in Self.locks { try write(UInt64(1), at: at, queue.path) } }
    try hold()
    #expect(try queue.push(text("a"), timeout: .zero))
    try hold()
    #expect(try Waiting.any([event, queue], timeout: .zero)?.index == 1)
    try hold()
    #expect(try queue.pop(timeout: .zero) == text("a"))
    try hold()
    #expect(try Waiting.any([event, queue], timeout: .milliseconds(30)) == nil)
    #expect(try queue.push(text("b"), timeout: .zero))
    try hold()
    var job = try queue.take(timeout: .zero)
    try hold()
    job = nil
    try hold()
    job = try queue.take(timeout: .zero)
    try hold()
    try job?.done()
    try hold()
    #expect(try queue.drain(timeout: .zero))
    try queue.finish()
    try hold()
    #expect(code { _ = try queue.pop(timeout: .zero) } == .brokenPipe)
  }

  @Test func theSameOfATopic() throws {
    let topic = try NamedTopic.create("t", bytes: 4096, in: session)
    try write(UInt64(1), at: Self.locks[0], topic.path)
    #expect(try topic.publish(text("a")) == 1)
  }

  @Test func anothersPopIsNoMessage() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let event = try NamedEvent.create("e", in: session)
    #expect(try queue.push(text("x")) && queue.pop() == text("x"))
    let other = try NamedQueue.open("q", owner: Owner(), in: session)
    #expect(try other.push(text("y")) && other.pop() == text("y"))
    // The second owner's slot has the epoch 1, as everybody's first.
    let held = UInt64(1 << 10 | 2) << 32 | 1
    try write(held, at: Self.locks[1], queue.path)
    let path = queue.path
    let thread = Background { () -> Bool in
      usleep(50_000)
      let descriptor = open(path!, O_RDWR)
      var free: UInt64 = 0
      defer { close(descriptor) }
      return pwrite(descriptor, &free, 8, off_t(Self.locks[1])) == 8
    }
    #expect(try Waiting.any([event, queue], timeout: .zero) == nil)
    #expect(thread.result)
    // As long as that, it is stopped, and pop says so.
    try write(held, at: Self.locks[1], queue.path)
    #expect(try Waiting.any([event, queue], timeout: .zero)?.index == 1)
    #expect(code { _ = try queue.pop(timeout: .zero) } == .busy)
  }

  @Test func aWaitForAllSeesTheEnd() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let event = try NamedEvent.create("e", manual: true, set: true, in: session)
    #expect(try Waiting.all([queue, event], timeout: .zero) == .timedOut)
    #expect(try queue.push(text("x")) && queue.pop() == text("x"))
    try queue.finish()
    #expect(try Waiting.all([queue, event], timeout: .seconds(10)) == .locked)
    #expect(try Waiting.all([queue, event], timeout: .zero) == .locked)
    // Nobody says that the last one who pushed has gone.
    let other = try NamedQueue.create("other", bytes: 4096, in: session)
    let producer = try NamedQueue.open("other", access: .modify, owner: Owner(), in: session)
    let thread = Background { try? Waiting.all([other, event], timeout: .seconds(10)) }
    while !thread.isAsleep { usleep(500) }
    withExtendedLifetime(producer) {}
    _ = consume producer
    #expect(thread.result == .locked)
  }

  // MARK: The end of others

  @Test func whoLeavesAfterItsLastPopHasMadeRoom() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let leaver = Leaver()
    leaver.consumer.withLock {
      $0 = try? NamedQueue.open("q", access: .wait, owner: Owner(), in: session)
    }
    let half = Message([UInt8](repeating: 1, count: queue.limit))
    #expect(try queue.pushAll([half, half], timeout: .zero) == 2)
    let producer = try NamedQueue.open(
      "q", access: .modify, owner: Owner(),
      in: Session(
        session: Array(name.utf8), strictGlobal: false, system: System(observer: leaver)))
    #expect(leaver.consumer.withLock { $0 != nil })
    #expect(try producer.push(text("there is room"), timeout: .seconds(10)))
    #expect(leaver.consumer.withLock { $0 == nil })
  }

  // MARK: Damage

  @Test func drainSaysThatTheMemoryIsGone() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.push(text("x")))
    let thread = Background { () -> ErrorCode? in
      code { _ = try queue.drain(timeout: .seconds(10)) }
    }
    // It has looked, and waits: the next look finds the memory gone.
    while !thread.isAsleep { usleep(500) }
    #expect(truncate(try #require(queue.path), 0) == 0)
    #expect(thread.result == .swap)
  }

  @Test(arguments: [(4232, 0xFFFF_FFF0), (8192, 100_000)] as [(Int, UInt32)])
  func drainSaysThatThereIsNoRing(_ at: Int, _ word: UInt32) throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.push(text("x")))
    try write(word, at: at, queue.path)
    #expect(code { _ = try queue.drain(timeout: .milliseconds(50)) } == .invalidData)
  }

  @Test func whatWasPoppedBeforeTheDamageIsHandedOut() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.pushAll([text("a"), text("b"), text("c")]) == 3)
    try write(UInt32(100_000), at: Self.firstRecord + 64, queue.path)
    #expect(try queue.popAll(timeout: .zero) == [text("a"), text("b")])
    #expect(code { _ = try queue.popAll(timeout: .zero) } == .invalidData)
  }

  // MARK: Jobs

  @Test func triesEndAtTheLargestNumber() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.push(text("x")))
    try write(UInt16(65_534), at: Self.firstRecord + 6, queue.path)
    for _ in 0..<3 { #expect(try queue.take(timeout: .zero)?.tries == 65_535) }
  }

  @Test func behindAJobTheRestComesInItsOrder() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    var expected: [Message] = []
    var next = 0
    // Around the ring's end several times, with one job or two at its beginning.
    for round in 0..<40 {
      var texts: [Message] = []
      for _ in 0..<(3 + round % 9) {
        texts.append(text("message \(next)"))
        next += 1
      }
      #expect(try queue.pushAll(texts, timeout: .zero) == texts.count)
      expected = texts
      let first = try #require(try queue.take(timeout: .zero))
      let second = round % 2 == 0 ? try queue.take(timeout: .zero) : nil
      #expect(first.message == expected.removeFirst())
      if let second { #expect(second.message == expected.removeFirst()) }
      #expect(try queue.popAll(most: 2) == Array(expected.prefix(2)))
      #expect(try queue.popAll(timeout: .zero) == Array(expected.dropFirst(2)))
      #expect(try queue.pop(timeout: .zero) == nil)
      try second?.done()
      try first.done()
      #expect(queue.count == 0 && queue.free == 4096)
    }
  }
}

/// Pops all and leaves when a producer is about to ask whether consumers are there.
private final class Leaver: SystemObserver {
  let seesSweeps = false
  let consumer = Mutex<NamedQueue?>(nil)

  func step(_ step: LifetimeStep?) {}
  func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}

  func before(_ call: SystemCall) -> Errno? {
    guard call.name == "fcntl", call.arguments.hasSuffix("F_OFD_GETLK, {F_RDLCK, pops}") else {
      return nil
    }
    let leaves = consumer.withLock { consumer in
      defer { consumer = nil }
      return consumer
    }
    _ = try? leaves?.popAll(timeout: .zero)
    return nil
  }
}
