import Glibc
import SharedMemory
import TestSupport
import Testing

/// What users of queues rely on beside messages: reasons, what is left, jobs that go back later,
/// looks, and the loop over jobs.
@Suite(.timeLimit(.minutes(2))) struct QueueUsersTests {
  private let session = Session(named: Places.unique("users"))

  private func text(_ text: String) -> Message { Message(Array(text.utf8)) }

  private func failure(_ body: () throws -> Void) -> SharedMemoryError? {
    do {
      try body()
      return nil
    } catch {
      return error as? SharedMemoryError
    }
  }

  private func open(_ access: NamedAccess = .all, _ owner: Owner = Owner()) throws -> NamedQueue {
    try NamedQueue.open("q", access: access, owner: owner, in: session)
  }

  /// What stands in the lock of pop, as a stopped consumer leaves it that has the second slot.
  private func hold(_ isHeld: Bool, _ queue: NamedQueue) throws {
    let descriptor = Glibc.open(try #require(queue.path), O_RDWR)
    defer { close(descriptor) }
    var word = isHeld ? UInt64(1 << 10 | 2) << 32 | 1 : 0
    try #require(pwrite(descriptor, &word, 8, 4224) == 8)
  }

  // MARK: The end of the consumers

  @Test func drainSaysWhatIsLeftWhenAllConsumersHaveGone() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    #expect(try queue.pushAll([text("a"), text("b")]) == 2)
    #expect(try !queue.drain(timeout: .zero), "there has been no consumer")
    do {
      let consumer = try open(.wait)
      #expect(try consumer.pop() == text("a"))
      let job = try consumer.take()
      #expect(try !queue.drain(timeout: .zero))
      withExtendedLifetime(job) {}
    }
    #expect(
      failure { _ = try queue.drain() }?.description
        == "drain q: ERROR_NO_DATA (232): 1 message was not taken, and nobody who took messages is "
        + "left; start one who does")
    let consumer = try open(.wait)
    #expect(try !queue.drain(timeout: .zero))
    #expect(try consumer.pop() == text("b"))
    #expect(try queue.drain())
  }

  @Test func drainHearsOfTheDeathWhileItSleeps() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    #expect(try queue.push(text("a")))
    let owner = Owner()
    let leaver = Background { [session] () -> Bool in
      guard
        let consumer = try? NamedQueue.open("q", access: .wait, owner: owner, in: session)
      else { return false }
      usleep(100_000)
      return withExtendedLifetime(consumer) { true }
    }
    while try session.state(of: session.find(Array("q".utf8))).map({ "\($0.text)" })?
      .contains("no consumer") ?? true
    { usleep(1000) }
    #expect(failure { _ = try queue.drain() }?.code == .noData)
    #expect(leaver.result)
  }

  @Test func aBatchSaysWhyItStopped() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, access: .modify, in: session)
    _ = try open(.wait)
    let half = Message([UInt8](repeating: 1, count: queue.limit))
    var reasons: [String] = []
    #expect(try queue.pushAll([half, half, half]) { reasons.append($0.description) } == 2)
    #expect(
      reasons == [
        "push q: ERROR_NO_DATA (232): it is full, and nobody who took messages is left; start one "
          + "who does"
      ])
    let consumer = try open(.wait)
    #expect(try queue.pushAll([half], timeout: .zero) { reasons.append("\($0)") } == 0)
    #expect(reasons.count == 1)
    let large = Message([UInt8](repeating: 1, count: queue.limit + 1))
    #expect(
      failure { _ = try queue.pushAll([half, large]) }?.description
        == "push q: ERROR_BAD_LENGTH (24): message 2 of 2 has 2033 bytes, and the largest that fits has "
        + "2032; create it with more bytes")
    #expect(try consumer.clear() == 2)
  }

  // MARK: Jobs

  @Test func aJobThatCannotBeGivenBackGoesBackLater() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.pushAll([text("a"), text("b")]) == 2)
    let other = try open()  // its slot is the second
    #expect(try other.pop(timeout: .zero) == text("a"))
    #expect(try queue.push(text("c")))
    for isSaid in [true, false] {
      var job = try queue.take()
      #expect(job?.message == text("b"))
      try hold(true, queue)
      if isSaid {
        let error = failure { try job!.giveBack() }
        #expect(error?.code == .busy)
        #expect(
          error?.advice.hasSuffix(
            "; the job goes back later: with the next pop, take or wait of this queue, or when it is "
              + "closed") == true)
        #expect(failure { try job!.done() }?.code == .notOwner)
      }
      job = nil
      #expect(failure { _ = try queue.take(timeout: .zero) }?.code == .busy)
      try hold(false, queue)
    }
    #expect(try queue.popAll() == [text("b"), text("c")])
  }

  @Test func whatAClosedHandleOwesGoesBackWithTheOwnersNext() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let other = try open()
    #expect(try other.push(text("a")))
    var second: NamedQueue? = try open(.all, .process)
    var job = try second!.take()
    #expect(job?.tries == 1)
    try hold(true, queue)
    job = nil
    second = nil
    try hold(false, queue)
    job = try queue.take(timeout: .zero)
    #expect(job?.tries == 2)
  }

  @Test func theLoopDoesJobsAndGivesThemBack() throws {
    struct Fails: Error {}
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    #expect(try queue.pushAll([text("a"), text("b"), text("c")]) == 3)
    var met: [Message] = []
    #expect(
      try !queue.forEachJob(timeout: .zero) { job in
        met.append(job.message)
        if met.count == 1 { try job.done() }
        if met.count == 2 { try job.giveBack() }
      })
    #expect(met == [text("a"), text("b"), text("b"), text("c")])
    #expect(try queue.push(text("d")))
    #expect(throws: Fails.self) {
      try queue.forEachJob { _ in throw Fails() }
    }
    #expect(try queue.take()?.tries == 2)
    #expect(try queue.pop() == text("d"))
    try queue.finish()
    #expect(try queue.forEachJob { _ in })
  }

  // MARK: Looking, and taking all

  @Test func popAllTakesAnySize() throws {
    let queue = try NamedQueue.create("q", bytes: 1 << 20, in: session)
    let messages = (0..<300).map { Message([UInt8](repeating: UInt8($0 & 0xFF), count: 3 * $0)) }
    #expect(try queue.pushAll(messages) == 300)
    #expect(try queue.popAll(most: 100) == Array(messages[..<100]))
    #expect(try queue.popAll() == Array(messages[100...]))
    #expect(try queue.popAll(timeout: .zero) == [])
    try queue.finish()
    #expect(failure { _ = try queue.popAll() }?.code == .brokenPipe)
  }

  @Test func peekLeavesTheMessageAndIsNoConsumer() throws {
    let queue = try NamedQueue.create("q", bytes: 1 << 16, access: .modify, in: session)
    let looker = try open()
    #expect(try looker.peek() == nil)
    let large = Message([UInt8](repeating: 5, count: 9000), isValue: true)
    #expect(try queue.pushAll([large, text("b")]) == 2)
    #expect(try looker.peek() == large)
    #expect(try looker.peek() == large)
    #expect(failure { _ = try queue.peek() }?.code == .accessDenied)
    do {
      let job = try #require(try open().take())
      #expect(try looker.peek() == text("b"))
      withExtendedLifetime(job) {}
    }
    #expect(try looker.peek() == large)
    #expect(failure { _ = try queue.drain() }?.code == .noData)
    #expect(try looker.clear() == 2)
    try queue.finish()
    #expect(failure { _ = try looker.peek() }?.code == .brokenPipe)
  }

  @Test func clearMakesRoomForWhoWaits() throws {
    let queue = try NamedQueue.create("q", bytes: 4096, in: session)
    let half = Message([UInt8](repeating: 1, count: queue.limit))
    let producer = try open(.modify)
    #expect(try producer.pushAll([half, half]) == 2)
    let pushing = Background { (try? producer.push(half, timeout: .seconds(60))) == true }
    usleep(50_000)
    #expect(try queue.clear() == 2)
    #expect(pushing.result)
    #expect(try queue.popAll().count == 1)
    let job = try #require(
      try {
        _ = try queue.push(text("job"))
        return try queue.take()
      }())
    #expect(try queue.push(text("x")))
    #expect(try queue.clear() == 1)
    try job.done()
    #expect(queue.free == queue.capacity)
  }
}
