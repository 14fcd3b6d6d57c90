internal import COperations
internal import CShm

/// A named topic: what is published there every reader gets, as far as it keeps up.
///
/// Publishing never waits for a reader: it writes over the oldest messages, and a reader that is too
/// slow learns exactly how many it has lost. Readers write nothing into shared memory, so any number
/// of them costs a publisher nothing. Nobody's death breaks it, at whatever instruction: a message is
/// there as a whole or not at all, and none is read that was being written over.
///
/// Each handle is one reader, with a position of its own, for one thread at a time; it becomes a
/// publisher with its first `publish`. The topic lives like a mapping, as long as anybody has a
/// handle. Messages are bytes, as in queues. Windows has nothing like it. Lua: `shm.topic`.
public final class NamedTopic: Waitable {
  public let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }
  fileprivate convenience init(
    _ handle: NamedHandle, _ place: ReadingPlace, _ isStrict: Bool
  ) throws(SharedMemoryError) {
    self.init(handle)
    broadcast.plain.pointee.is_strict = isStrict
    if place != .next { try broadcast.seek(place, "open") }
  }
  package var broadcast: NamedBroadcast { handle.broadcast! }

  /// Creates the topic, or opens the one that exists (`existed`; then its size applies).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - bytes: of its ring, rounded up to whole pages: 1 to 2^30. A message takes 24 bytes more
  ///     than it has, rounded up to 8; the largest has a quarter of the ring (`limit`).
  ///   - mode: permission bits that include the owner's 0o600.
  ///   - exclusive: an existing name is error 183, and no handle to it is taken.
  ///   - access: `.wait` only reads; `.modify` only publishes, and the handle is a publisher at once.
  ///   - place: where this reader begins.
  ///   - isStrict: `next` says error 1117 before it goes on behind messages that were lost, or that
  ///     `place` or `seek` asked for and are gone.
  ///   - owner: as for `NamedMutex.create`.
  /// - Throws: 87 an invalid size or mode, and as `NamedEvent.create`.
  public static func create(
    _ name: String? = nil, bytes: Int, mode: UInt32 = 0o600, exclusive: Bool = false,
    access: NamedAccess = .all, from place: ReadingPlace = .next, isStrict: Bool = false,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedTopic {
    try NamedTopic(
      .create(
        TopicKind(), name, ["bytes": Int64(bytes)], mode: mode, exclusive: exclusive,
        access: access, owner, session), place, isStrict)
  }

  /// The same with a name of any bytes.
  public static func create(
    bytes name: [UInt8], size: Int, access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedTopic {
    NamedTopic(
      try .create(
        TopicKind(), name, ["bytes": Int64(size)], mode: 0o600, access: access, owner, session))
  }

  /// Opens an existing topic. Lua: `shm.open_topic`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, from place: ReadingPlace = .next,
    isStrict: Bool = false, owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedTopic {
    try NamedTopic(.open(TopicKind(), name, access, owner, session), place, isStrict)
  }

  /// The same with a name of any bytes.
  public static func open(
    bytes name: [UInt8], access: NamedAccess = .all, from place: ReadingPlace = .next,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedTopic {
    try NamedTopic(.open(TopicKind(), name, access, owner, session), place, false)
  }

  // MARK: Publishing

  /// Publishes a message; it never waits for readers. Lua: `topic:publish`.
  ///
  /// - Returns: its sequence: 1, 2, …
  /// - Throws: 5 the handle may not publish, 24 it is larger than `limit`, 170 another publisher has
  ///   stopped in the midst of publishing, 999 the object's memory is gone, 13 what lies there is no
  ///   topic.
  @discardableResult
  public func publish(_ message: Message) throws(SharedMemoryError) -> UInt64 {
    try publishAll([message])
  }

  /// Publishes several messages under one lock. Lua: `topic:publish_all`.
  ///
  /// - Returns: the sequence of the last one.
  /// - Throws: as `publish`.
  @discardableResult
  public func publishAll(_ messages: [Message]) throws(SharedMemoryError) -> UInt64 {
    let bytes = messages.flatMap(\.bytes)
    return try bytes.withUnsafeBufferPointer { buffer throws(SharedMemoryError) -> UInt64 in
      var at = 0
      let all = messages.map { message in
        defer { at += message.bytes.count }
        return cops_message(
          bytes: buffer.baseAddress.map { $0 + at },
          length: UInt32(clamping: message.bytes.count),
          kind: UInt8((message.isValue ? CSHM_VALUE : CSHM_BYTES).rawValue))
      }
      return try all.withUnsafeBufferPointer { all throws(SharedMemoryError) -> UInt64 in
        try broadcast.publish(all, "publish")
      }
    }
  }

  // MARK: Reading

  /// A message, and its place in the order of all.
  public struct Received: Sendable, Equatable {
    public let message: Message
    public let sequence: UInt64
  }

  /// The next message that this handle has not read. Lua: `topic:next`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only looks.
  /// - Returns: nil after the timeout.
  /// - Throws: 109 every publisher that there was has gone, and all is read; 1117 messages were lost,
  ///   if the handle is strict; 5 the handle may not read; 13 and 999 as `publish`.
  public func next(timeout: Duration? = nil) throws(SharedMemoryError) -> Received? {
    let deadline = Deadline(after: timeout?.nanoseconds)
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let result = room.withUnsafeMutableBytes { buffer in
        Result { () throws(SharedMemoryError) in
          try broadcast.next(
            into: buffer, nanoseconds: deadline.left, until: NamedSleep.never, "next")
        }
      }
      var (outcome, call) = try result.get()
      if outcome == .timedOut { return nil }
      if outcome == .interrupted { continue }
      if let received = Self.received(call, &room) {
        cops_broadcast_accept(broadcast.plain, &call)
        return received
      }
    }
  }

  /// The newest message, whoever published it and whether it lives; nil: there has been none. It
  /// changes nothing about what `next` reads. Lua: `topic:latest`.
  ///
  /// - Throws: 5, 13 and 999 as `next`.
  public func latest() throws(SharedMemoryError) -> Received? {
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let result = room.withUnsafeMutableBytes { buffer in
        Result { () throws(SharedMemoryError) in try broadcast.newest(into: buffer, "latest") }
      }
      guard let call = try result.get() else { return nil }
      if let received = Self.received(call, &room) { return received }
    }
  }

  /// Nil: the room was too small, and is larger now.
  private static func received(_ call: cops_broadcast_call, _ room: inout [UInt8]) -> Received? {
    let length = Int(call.length)
    if call.result == COPS_RING_TOO_SMALL.rawValue {
      room = [UInt8](repeating: 0, count: length)
      return nil
    }
    return Received(
      message: Message(
        Array(room[..<length]), isValue: UInt32(call.kind) == CSHM_VALUE.rawValue),
      sequence: call.sequence)
  }

  /// Goes on elsewhere; what is passed over does not count as lost. What a sequence asks for and is
  /// gone does, once. Lua: `topic:seek`.
  ///
  /// - Returns: the sequence of the message that `next` returns then.
  /// - Throws: 5, 13 and 999 as `next`.
  @discardableResult
  public func seek(_ place: ReadingPlace) throws(SharedMemoryError) -> UInt64 {
    try handle.require(.wait, "seek")
    return try broadcast.seek(place, "seek")
  }

  /// Passes over everything there is; returns how many messages. Lua: `topic:skip`.
  ///
  /// - Throws: 5, 13 and 999 as `next`.
  @discardableResult
  public func skip() throws(SharedMemoryError) -> UInt64 {
    try handle.require(.wait, "skip")
    return try broadcast.skip("skip")
  }

  /// The sequence of the message that was read, or passed over, last. Lua: `topic:position`.
  public var position: UInt64 { broadcast.plain.pointee.sequence &- 1 }

  /// How many messages were written over before this handle came to read them: since the last call,
  /// and since it was opened. Exact: it counts sequences. Lua: `topic:lost`.
  public func lost() -> (new: UInt64, total: UInt64) { broadcast.lost() }

  /// The sequence of the newest message; 0: there has been none. Lua: `topic:sequence`.
  ///
  /// - Throws: 13 and 999 as `next`.
  public func sequence() throws(SharedMemoryError) -> UInt64 { try broadcast.sequence("sequence") }

  /// The time since the message that `next` returned last was published; nil: it has returned none.
  /// Lua: `topic:age`.
  public var age: Duration? { broadcast.age.map { .nanoseconds($0) } }

  /// The bytes of its ring.
  public var capacity: Int { broadcast.capacity }
  /// The bytes of the largest message.
  public var limit: Int { broadcast.limit }
}

// MARK: - The kind

extension NamedTopic {
  /// A topic's state at one look.
  public struct State: ObjectState, Equatable {
    /// Messages that were published since it was made, and those that are gone again.
    public let published, overwritten: UInt64
    public let capacity: Int
    public let hasPublishers: Bool

    public init(published: UInt64, overwritten: UInt64, capacity: Int, hasPublishers: Bool) {
      self.published = published
      self.overwritten = overwritten
      self.capacity = capacity
      self.hasPublishers = hasPublishers
    }

    public var text: String {
      let count = "\(published) message\(published == 1 ? "" : "s")"
      let kept = "the last \(published - overwritten) kept in \(capacity) bytes"
      return ([count, kept] + (hasPublishers ? [] : ["no publisher"])).joined(separator: ", ")
    }
    public var counters: [(label: String, value: UInt32)] {
      [
        ("published", UInt32(truncatingIfNeeded: published)),
        ("overwritten", UInt32(truncatingIfNeeded: overwritten)),
      ]
    }
    public var fields: [StateField] {
      [
        StateField("published", .number(Int(clamping: published))),
        StateField("overwritten", .number(Int(clamping: overwritten))),
        StateField("capacity", .number(capacity)), StateField("publishers", .flag(hasPublishers)),
      ]
    }
  }
}

extension ObjectKind {
  package static var topic: ObjectKind { TopicKind().objectKind }
}

/// Its word is `0 | SLEEPERS, the low bits of the newest sequence`: ready for whoever has not read
/// so far. Its limit: the bytes of its ring.
package struct TopicKind: RingKind {
  package init() {}
  package var number: UInt32 { UInt32(cshm_named_kind.CSHM_TOPIC.rawValue) }
  package var name: String { "topic" }
  package var wait: String { "next" }
  package var accessWords: (wait: String, modify: String) { ("read", "publish") }

  // MARK: The rules

  package var ring: RingForm? { .followed }
  package func word(_ role: RingRole) -> String { role == .pushes ? "publisher" : "reader" }
  package func size(_ limit: UInt32) -> Int { Int(CSHM_BROADCAST_AT) + Int(limit) }

  /// The word may be behind: a publisher was killed before it came to it.
  package func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    let ahead = (state.rawValue &- waiter.start.rawValue) & NamedState.count
    let isAhead = ahead != 0 && ahead <= NamedState.count / 2
    return waiter.hasNews || isAhead ? .pass : .sleep(state.with(NamedState.sleepers))
  }

  // MARK: Making and showing

  package func object(_ handle: NamedHandle) -> any Waitable { NamedTopic(handle) }

  package var acts: [WaitableAct] {
    let none: @Sendable (WaitableCall) -> String = { _ in "(none)" }
    return [
      .wait("topic:publish", gives: .number, none),
      .wait("topic:publish_all", gives: .number, none),
      .wait("topic:next", gives: .object("value"), none),
      .wait("topic:latest", gives: .object("value"), otherwise: "nil", none),
      .wait("topic:age", gives: .object("seconds"), none),
      .act(
        "topic:seek", gives: .number, windows: none, onRing: .seek,
        shows: { number in
          let place = ReadingPlace(number)
          return number > 0 ? place.word : "\"\(place.word)\""
        },
        does: { (topic: NamedTopic, number) throws(SharedMemoryError) in
          Int64(bitPattern: try topic.seek(ReadingPlace(number)))
        }),
      .act(
        "topic:skip", gives: .number, windows: none, onRing: .skip,
        does: { (topic: NamedTopic, _) throws(SharedMemoryError) in
          Int64(bitPattern: try topic.skip())
        }),
      .act(
        "topic:sequence", gives: .number, windows: none, onRing: .sequence,
        does: { (topic: NamedTopic, _) throws(SharedMemoryError) in
          Int64(bitPattern: try topic.sequence())
        }),
    ]
  }

  package func state(_ look: WaitableLook) -> any ObjectState {
    let newest = look.broadcast?.newest ?? 0
    let oldest = look.broadcast?.oldest ?? 0
    return NamedTopic.State(
      published: newest, overwritten: oldest > newest || oldest == 0 ? 0 : oldest - 1,
      capacity: Int(look.limit), hasPublishers: look.broadcast?.hasPublishers ?? false)
  }

  package func steps(_ verb: String) -> String? {
    switch verb {
    case "topic:publish", "topic:publish_all":
      "a lock by a compare-and-swap; stores and memcpy into the ring; futex(2) only if a reader "
        + "sleeps, or another publisher has the lock"
    case "topic:next":
      "loads, memcpy out of the ring, and a look whether it was written over; futex(2) only while "
        + "it must wait"
    case "topic:latest":
      "loads, memcpy out of the ring, and a look whether it was written over: no system call"
    case "topic:seek", "topic:skip", "topic:sequence": "loads from the ring: no system call"
    case "topic:age": "clock_gettime(CLOCK_MONOTONIC): no system call"
    default: nil
    }
  }
}
