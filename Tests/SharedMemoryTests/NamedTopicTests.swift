import Glibc
import SharedMemory
import TestSupport
import Testing

/// Topics from Swift: order, losses, late joiners, the end, hostile bytes.
struct NamedTopicTests {
  private let session = Session(named: Places.unique("topic"))

  private func topic(_ bytes: Int = 4096) throws -> NamedTopic {
    try NamedTopic.create("t", bytes: bytes, in: session)
  }

  private func text(_ text: String) -> Message { Message(Array(text.utf8)) }

  private func read(_ received: NamedTopic.Received?) -> String? {
    received.map { "\($0.sequence) \(String(decoding: $0.message.bytes, as: UTF8.self))" }
  }

  @Test func everyReaderGetsEveryMessage() throws {
    let topic = try topic()
    let other = try NamedTopic.open("t", access: .wait, in: session)
    #expect(try topic.latest() == nil)
    #expect(try topic.publish(text("a")) == 1)
    #expect(try topic.publishAll([text("b"), Message([0xC3], isValue: true)]) == 3)
    for reader in [topic, other] {
      #expect(try read(reader.next()) == "1 a")
      #expect(try read(reader.next(timeout: .zero)) == "2 b")
      #expect(try reader.next()?.message == Message([0xC3], isValue: true))
      #expect(try reader.next(timeout: .zero) == nil)
      #expect(reader.lost() == (0, 0))
    }
    #expect(try topic.latest()?.sequence == 3)
    #expect(topic.limit == 1000 && topic.capacity == 4096)
    #expect(code { try topic.publish(.init([UInt8](repeating: 0, count: 1001))) } == .badLength)
    #expect(code { try other.publish(text("x")) } == .accessDenied)
    let largest = Message([UInt8](repeating: 9, count: 1000))
    for _ in 0..<20 { try topic.publish(largest) }
    #expect(try topic.latest()?.message == largest)
  }

  /// The first room that a message is copied into has 4096 bytes.
  @Test(arguments: [4000, 5000, 8000]) func aLossIsToldOnceHoweverLongTheMessagesAre(
    length: Int
  ) throws {
    let topic = try topic(65536)
    let message = Message([UInt8](repeating: 9, count: length))
    for _ in 0..<40 { try topic.publish(message) }
    let strict = try NamedTopic.open(
      "t", access: .wait, from: .oldest, isStrict: true, in: session)
    try strict.seek(.sequence(1))
    for _ in 0..<40 { try topic.publish(message) }
    let refusal = #expect(throws: SharedMemoryError.self) {
      _ = try strict.next(timeout: .zero)
    }?.description
    let next = try #require(try strict.next(timeout: .zero))
    #expect(next.message == message && next.sequence > 60)
    #expect(refusal?.contains(": \(next.sequence - 1) messages were lost") == true)
    #expect(strict.lost() == (next.sequence - 1, next.sequence - 1))
  }

  /// Over many laps, with messages of many lengths and readers that come now and then.
  @Test func whatIsReadAndWhatIsLostAddUp() throws {
    let publisher = try topic()
    let readers = try (0..<3).map { _ in try NamedTopic.open("t", access: .wait, in: session) }
    var read = [UInt64](repeating: 0, count: 3)
    var dice = SystemRandomNumberGenerator()
    for number in 1...UInt64(30_000) {
      let length = Int.random(in: 0..<60, using: &dice)
      let bytes = withUnsafeBytes(of: number) { Array($0) }
      #expect(
        try publisher.publish(Message(bytes + [UInt8](repeating: 1, count: length))) == number)
      let at = Int.random(in: 0..<40, using: &dice)
      if at >= 3 { continue }
      for _ in 0..<Int.random(in: 0..<30, using: &dice) {
        guard let received = try readers[at].next(timeout: .zero) else { break }
        read[at] += 1
        let whose = received.message.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        #expect(whose == received.sequence)
        #expect(read[at] + readers[at].lost().total == received.sequence)
      }
    }
    #expect(readers.allSatisfy { $0.lost().total > 1000 })
  }

  @Test func whoComesLateBeginsWhereItSays() throws {
    let topic = try topic()
    for number in 1...500 { try topic.publish(text("\(number)")) }
    func begins(_ place: ReadingPlace) throws -> String? {
      let reader = try NamedTopic.open("t", access: .wait, from: place, in: session)
      defer { #expect(reader.lost().total == (place == .sequence(300) ? 73 : 0)) }
      return try read(reader.next(timeout: .zero))
    }
    #expect(try begins(.next) == nil)
    #expect(try begins(.newest) == "500 500")
    #expect(try begins(.oldest) == "373 373")
    #expect(try begins(.sequence(450)) == "450 450")
    #expect(try begins(.sequence(300)) == "373 373")
    #expect(try begins(.sequence(9000)) == nil)
    #expect(try topic.seek(.newest) == 500)
    #expect(try topic.skip() == 1)
    #expect(try topic.seek(.oldest) == 373)
    #expect(try topic.skip() == 128)
  }

  @Test func whoIsStrictIsToldOnce() throws {
    let topic = try topic()
    let strict = try NamedTopic.open("t", access: .wait, isStrict: true, in: session)
    for number in 1...130 { try topic.publish(text("\(number % 10)")) }
    let refusal = #expect(throws: SharedMemoryError.self) { _ = try strict.next() }
    #expect(
      refusal?.description
        == "next t: ERROR_IO_DEVICE (1117): 2 messages were lost, written over before this reader "
        + "came to read; call again to go on, or create it with more bytes")
    #expect(try read(strict.next()) == "3 3")
    #expect(strict.lost() == (2, 2))
    #expect(strict.lost() == (0, 2))
  }

  @Test func whoIsStrictIsToldWhatIsGoneAlready() throws {
    let topic = try topic()
    for number in 1...500 { try topic.publish(text("\(number)")) }
    let strict = try NamedTopic.open(
      "t", access: .wait, from: .sequence(1), isStrict: true, in: session)
    func told() -> String? {
      #expect(throws: SharedMemoryError.self) { _ = try strict.next() }?.description
    }
    let said =
      "written over before this reader came to read; call again to go on, or create it "
      + "with more bytes"
    #expect(try strict.latest()?.sequence == 500)
    #expect(told() == "next t: ERROR_IO_DEVICE (1117): 372 messages were lost, \(said)")
    #expect(strict.lost() == (372, 372))
    #expect(try read(strict.next()) == "373 373")
    // Asked for again, it is told again, and counted once.
    #expect(try strict.seek(.sequence(372)) == 373)
    #expect(told() == "next t: ERROR_IO_DEVICE (1117): 1 message was lost, \(said)")
    #expect(strict.lost() == (0, 372))
    // What was asked for and what is written over meanwhile are told together.
    try strict.seek(.sequence(370))
    for number in 501...510 { try topic.publish(text("\(number)")) }
    #expect(told() == "next t: ERROR_IO_DEVICE (1117): 13 messages were lost, \(said)")
    #expect(strict.lost() == (10, 382))
    #expect(try read(strict.next()) == "383 383")
    // Who goes elsewhere does not ask for it any more.
    try strict.seek(.sequence(5))
    try strict.seek(.oldest)
    #expect(try read(strict.next()) == "383 383")
  }

  @Test func theEndComesWhenThePublishersAreGone() throws {
    let reader = try NamedTopic.create("t", bytes: 4096, access: .wait, in: session)
    var publisher: NamedTopic? = try NamedTopic.open("t", access: .modify, in: session)
    try publisher!.publish(text("last"))
    #expect(code { _ = try publisher!.next() } == .accessDenied)
    publisher = nil
    #expect(try Waiting.any([reader], timeout: .zero)?.index == 0)
    #expect(try read(reader.next()) == "1 last")
    #expect(code { _ = try reader.next() } == .brokenPipe)
    #expect(try Waiting.any([reader], timeout: .zero)?.index == 0)
    #expect(try read(reader.latest()) == "1 last")
    let late = try NamedTopic.open("t", access: .modify, in: session)
    #expect(try reader.next(timeout: .zero) == nil)
    #expect(try late.publish(text("more")) == 2)
    #expect(try read(reader.next()) == "2 more")
  }

  @Test func aSleeperIsWokenAndWaitsForItsOwnPlace() async throws {
    let topic = try topic()
    let stop = try NamedEvent.create("stop", in: session)
    let reader = try NamedTopic.open("t", access: .wait, in: session)
    #expect(try Waiting.any([stop, reader], timeout: .milliseconds(20)) == nil)
    async let woken = Task.detached { try Waiting.any([stop, reader], timeout: .seconds(20)) }.value
    usleep(50_000)
    try topic.publish(text("x"))
    #expect(try await woken?.index == 1)
    #expect(try Waiting.any([reader], timeout: .zero)?.index == 0)
    #expect(try Waiting.all([reader, stop], timeout: .zero) == .timedOut)
    try stop.set()
    #expect(try Waiting.all([reader, stop], timeout: .zero) == .locked)
    #expect(try read(reader.next()) == "1 x")
    #expect(try Waiting.any([reader], timeout: .zero) == nil)
    #expect(try Waiting.any([topic], timeout: .zero)?.index == 0)
    try stop.set()
    #expect(try Waiting.all([reader, stop], timeout: .milliseconds(20)) == .timedOut)
    async let next = Task.detached { try reader.next(timeout: .seconds(20)) }.value
    usleep(50_000)
    try topic.publish(text("y"))
    #expect(try await read(next) == "2 y")
    #expect(try #require(reader.age) < .seconds(60))
  }

  @Test func whoStopsInsideHoldsUpPublishersOnly() throws {
    let topic = try topic()
    try topic.publish(text("x"))
    let other = try NamedTopic.open("t", owner: Owner(), in: session)
    try other.publish(text("y"))
    let descriptor = open(try #require(topic.path), O_RDWR)
    defer { close(descriptor) }
    // The second owner's slot has the epoch 1, as everybody's first.
    var lock = (UInt64(1 << 10 | 2) << 32) | 1
    #expect(pwrite(descriptor, &lock, 8, 4096) == 8)
    let refusal = #expect(throws: SharedMemoryError.self) { try topic.publish(text("z")) }
    #expect(
      refusal?.description
        == "publish t: ERROR_BUSY (170): process \(getpid()) (slot 1) has stopped in the midst of "
        + "publishing; continue it (kill -CONT), or end it")
    #expect(try read(topic.next()) == "1 x")
    #expect(try read(topic.latest()) == "2 y")
    // A dead one's lock is the next one's.
    lock = (UInt64(1 << 10 | 77) << 32) | 1
    #expect(pwrite(descriptor, &lock, 8, 4096) == 8)
    #expect(try topic.publish(text("z")) == 3)
  }

  @Test func whatIsNoRingIsErrorThirteenForGood() throws {
    let topic = try topic()
    try topic.publish(text("x"))
    let descriptor = open(try #require(topic.path), O_RDWR)
    defer { close(descriptor) }
    var length: UInt32 = 100_000
    #expect(pwrite(descriptor, &length, 4, 8192) == 4)
    #expect(code { _ = try topic.next() } == .invalidData)
    length = 1
    #expect(pwrite(descriptor, &length, 4, 8192) == 4)
    #expect(code { _ = try topic.next() } == .invalidData)
    let fresh = try NamedTopic.open("t", from: .oldest, in: session)
    #expect(try read(fresh.next()) == "1 x")
    #expect(truncate(try #require(topic.path), 8192) == 0)
    #expect(code { _ = try NamedTopic.open("t", in: session) } == .fileInvalid)
    #expect(code { try fresh.publish(text("x")) } == .swap)
  }

  @Test func theStateTellsWhatIsThere() throws {
    let topic = try topic()
    let entry = try session.find(Array("t".utf8))
    func state() throws -> NamedTopic.State? {
      try session.state(of: entry) as? NamedTopic.State
    }
    #expect(
      try state()?.text == "0 messages, the last 0 kept in 4096 bytes, no publisher")
    for _ in 0..<200 { try topic.publish(text("x")) }
    #expect(try state()?.text == "200 messages, the last 128 kept in 4096 bytes")
    #expect(
      try state()
        == NamedTopic.State(published: 200, overwritten: 72, capacity: 4096, hasPublishers: true))
    #expect(code { _ = try NamedTopic.create(bytes: 0, in: session) } == .invalidParameter)
  }
}
