internal import COperations
internal import CShm

/// A named queue of messages between processes.
///
/// Each message is popped once. Nobody hangs because somebody died, at whatever instruction: a
/// message is in the queue as a whole or not at all; consumers learn the end (error 109) when all
/// producers have gone or died; what a dead worker had taken and not settled goes to the next one.
///
/// A handle becomes a producer with its first `push` and a consumer with its first `pop` or `take`;
/// as long as it is open it counts as one. The queue lives like a mapping, as long as anybody has a
/// handle. Messages are bytes; what `shm.queue` pushes is a string as it is, or a value as
/// MessagePack (`Message.isValue`). Windows has nothing like it. Lua: `shm.queue`.
public final class NamedQueue: Waitable {
  public let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }
  package var ring: NamedRing { handle.ring! }

  /// Creates the queue, or opens the one that exists (`existed`; then its size applies).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - bytes: of its ring, rounded up to whole pages: 1 to 2^30. A message takes 16 bytes more
  ///     than it has, rounded up to 16; the largest has half the ring (`limit`).
  ///   - mode: permission bits that include the owner's 0o600.
  ///   - exclusive: an existing name is error 183, and no handle to it is taken.
  ///   - access: `.wait` only pops, `.modify` only pushes; the handle has that role at once.
  ///   - owner: as for `NamedMutex.create`.
  /// - Throws: 87 an invalid size or mode, and as `NamedEvent.create`.
  public static func create(
    _ name: String? = nil, bytes: Int, mode: UInt32 = 0o600, exclusive: Bool = false,
    access: NamedAccess = .all, owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedQueue {
    NamedQueue(
      try .create(
        QueueKind(), name, ["bytes": Int64(bytes)], mode: mode, exclusive: exclusive,
        access: access, owner, session))
  }

  /// The same with a name of any bytes.
  public static func create(
    bytes name: [UInt8], size: Int, mode: UInt32 = 0o600, access: NamedAccess = .all,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedQueue {
    NamedQueue(
      try .create(
        QueueKind(), name, ["bytes": Int64(size)], mode: mode, access: access, owner, session))
  }

  /// The same with a name of any bytes.
  public static func open(
    bytes name: [UInt8], access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedQueue {
    NamedQueue(try .open(QueueKind(), name, access, owner, session))
  }

  /// Opens an existing queue. Lua: `shm.open_queue`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedQueue {
    NamedQueue(try .open(QueueKind(), name, access, owner, session))
  }

  /// What was pushed.
  public typealias Message = SharedMemory.Message

  /// Pushes a message, and waits while the queue is full. Lua: `queue:push`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only tries.
  /// - Returns: false after the timeout.
  /// - Throws: 5 the handle may not push, 24 it is larger than `limit`, 170 a producer has stopped
  ///   in the midst of a push, 232 the queue is finished, or full and all consumers that there were
  ///   have gone, 999 the object's memory is gone, 13 what lies there is no queue.
  public func push(
    _ message: Message, timeout: Duration? = nil
  ) throws(SharedMemoryError) -> Bool {
    try pushAll([message], timeout: timeout) == 1
  }

  /// Pushes several messages under one lock. Lua: `queue:push_all`.
  ///
  /// - Parameter failure: called with what kept it from pushing more, if it has pushed some.
  /// - Returns: how many; fewer than all if the time was over, or because of the failure.
  /// - Throws: as `push`, if none was pushed.
  public func pushAll(
    _ messages: [Message], timeout: Duration? = nil,
    failure: (SharedMemoryError) -> Void = { _ in }
  ) throws(SharedMemoryError) -> Int {
    let deadline = Deadline(after: timeout?.nanoseconds)
    var pushed = 0
    let bytes = messages.flatMap(\.bytes)
    while pushed < messages.count {
      let outcome: NamedRing.Outcome
      do throws(SharedMemoryError) {
        outcome = try push(messages, from: pushed, bytes, deadline.left)
      } catch {
        // Nothing in this round, but before an interruption.
        if pushed == 0 { throw error }
        failure(error)
        break
      }
      pushed += Int(outcome.count)
      if let stopped = outcome.failure { failure(stopped) }
      if outcome.failure != nil || outcome.wait != .interrupted { break }
    }
    return pushed
  }

  private func push(
    _ messages: [Message], from first: Int, _ bytes: [UInt8], _ left: Int64?
  ) throws(SharedMemoryError) -> NamedRing.Outcome {
    try bytes.withUnsafeBufferPointer {
      buffer throws(SharedMemoryError) -> NamedRing.Outcome in
      var at = messages.prefix(first).reduce(0) { $0 + $1.bytes.count }
      let rest = messages.dropFirst(first).map { message in
        defer { at += message.bytes.count }
        return cops_message(
          bytes: buffer.baseAddress.map { $0 + at },
          length: UInt32(clamping: message.bytes.count),
          kind: UInt8((message.isValue ? CSHM_VALUE : CSHM_BYTES).rawValue))
      }
      return try rest.withUnsafeBufferPointer {
        rest throws(SharedMemoryError) -> NamedRing.Outcome in
        try ring.push(rest, nanoseconds: left, until: NamedSleep.never, "push")
      }
    }
  }

  /// Pops the oldest message. Lua: `queue:pop`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only looks.
  /// - Returns: nil after the timeout.
  /// - Throws: 109 the end: the queue is finished, or all producers that there were have gone, and
  ///   nothing is left, not even with a worker that took it; 5 the handle may not pop, 170 a
  ///   consumer has stopped in the midst of a pop, 13 and 999 as `push`.
  public func pop(timeout: Duration? = nil) throws(SharedMemoryError) -> Message? {
    try popping(.pop, 1, timeout)?.messages.first
  }

  /// Pops what is there, at least one message. Lua: `queue:pop_all`.
  ///
  /// - Parameter most: so many at most, from 1.
  /// - Returns: none after the timeout.
  /// - Throws: as `pop`, if none was popped.
  public func popAll(
    most: Int = .max, timeout: Duration? = nil
  ) throws(SharedMemoryError) -> [Message] {
    let most = max(most, 1)
    let there = min(count, most)
    var all: [Message] = []
    repeat {
      let batch: [Message]?
      do throws(SharedMemoryError) {
        batch = try popping(
          .pop, UInt32(clamping: most - all.count), all.isEmpty ? timeout : .zero)?.messages
      } catch {
        // What is wrong the next call says.
        if all.isEmpty { throw error }
        break
      }
      guard let batch, !batch.isEmpty else { break }
      all += batch
    } while all.count < there
    return all
  }

  /// A copy of the message that the next `pop` would return; it stays in the queue. Whoever only
  /// looks is no consumer. Lua: `queue:peek`.
  ///
  /// - Returns: nil if nothing is there.
  /// - Throws: as `pop`.
  public func peek() throws(SharedMemoryError) -> Message? {
    try popping(.peek, 1, .zero)?.messages.first
  }

  /// Drops all messages that are there when it begins, but for those that living workers have
  /// taken. Lua: `queue:clear`.
  ///
  /// - Returns: how many.
  /// - Throws: 5 the handle may not pop, 170, 13 and 999 as `pop`.
  @discardableResult
  public func clear() throws(SharedMemoryError) -> Int { try ring.clear() }

  /// Takes the oldest message: it stays in the queue until it is done, and goes to the next one if
  /// the job is dropped or this process dies. Lua: `queue:take`.
  ///
  /// - Throws: as `pop`.
  public func take(timeout: Duration? = nil) throws(SharedMemoryError) -> Job? {
    guard let (messages, outcome) = try popping(.take, 1, timeout), let message = messages.first
    else { return nil }
    return Job(self, message, token: outcome.token, tries: Int(outcome.tries))
  }

  /// A message that was taken.
  public final class Job: Sendable {
    public let message: Message
    /// How often the message was taken, this time included. A process that is killed in the midst of
    /// its take counts, too, though it has never had the message.
    public let tries: Int
    private let queue: NamedQueue
    private let token: UInt64

    fileprivate init(_ queue: NamedQueue, _ message: Message, token: UInt64, tries: Int) {
      self.queue = queue
      self.message = message
      self.token = token
      self.tries = tries
    }

    /// The message is done. Lua: `job:done`.
    ///
    /// - Throws: 288 it was settled before; 170 as `pop`: then it can be tried again.
    public func done() throws(SharedMemoryError) { try queue.ring.done(token) }

    fileprivate var isOpen: Bool { queue.ring.has(token) }

    /// Gives the message back, for the next one who takes or pops. Lua: `job:close`.
    ///
    /// - Throws: 288 it was settled before; 170 a consumer has stopped in the midst of a pop: then
    ///   it goes back with this owner's next operation on the queue, or when its last handle is
    ///   closed, or its process ends.
    public func giveBack() throws(SharedMemoryError) { try queue.ring.giveBack(token) }

    /// Gives it back if it is not done, at once or later, as `giveBack`.
    deinit { try? queue.ring.giveBack(token) }
  }

  /// Takes one message after the other. A job is done when the body returns, unless the body has
  /// settled it; it is given back if the body throws. Lua: `queue:jobs`, whose loop says itself what
  /// is done.
  ///
  /// - Parameter timeout: for each message; nil waits for ever.
  /// - Returns: true at the end of the stream (109), false after the timeout.
  /// - Throws: as `pop` but for the end; what `done` throws; what the body throws.
  @discardableResult
  public func forEachJob(
    timeout: Duration? = nil, _ body: (Job) throws -> Void
  ) throws -> Bool {
    while true {
      let job: Job?
      do throws(SharedMemoryError) { job = try take(timeout: timeout) } catch {
        if error.code == .brokenPipe { return true }
        throw error
      }
      guard let job else { return false }
      do { try body(job) } catch {
        try? job.giveBack()
        throw error
      }
      if job.isOpen { try job.done() }
    }
  }

  private func popping(
    _ popping: NamedRing.Copying, _ wanted: UInt32, _ timeout: Duration?
  ) throws(SharedMemoryError) -> (messages: [Message], NamedRing.Outcome)? {
    let deadline = Deadline(after: timeout?.nanoseconds)
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let outcome = try pop(popping, into: &room, wanted, deadline.left)
      if outcome.isTooSmall {
        room = [UInt8](repeating: 0, count: outcome.filled)
      } else if outcome.wait == .timedOut {
        return nil
      } else if outcome.wait == .acquired {
        return (Self.messages(room, Int(outcome.count)), outcome)
      }
    }
  }

  private func pop(
    _ popping: NamedRing.Copying, into room: inout [UInt8], _ wanted: UInt32, _ left: Int64?
  ) throws(SharedMemoryError) -> NamedRing.Outcome {
    let result = room.withUnsafeMutableBytes { buffer in
      Result { () throws(SharedMemoryError) in
        try ring.copy(
          popping, into: buffer, wanted: wanted, nanoseconds: left, until: NamedSleep.never)
      }
    }
    return try result.get()
  }

  private static func messages(_ room: [UInt8], _ count: Int) -> [Message] {
    room.withUnsafeBytes { room in
      var at = 0
      return (0..<count).map { _ in
        let popped = room.loadUnaligned(fromByteOffset: at, as: cops_popped.self)
        let begin = at + MemoryLayout<cops_popped>.size
        let end = begin + Int(popped.length)
        at = (end + 7) & ~7
        return Message(
          Array(room[begin..<end]), isValue: UInt32(popped.kind) == CSHM_VALUE.rawValue)
      }
    }
  }

  /// No more messages: pushes are error 232 from now on, for everybody and for good; what is there
  /// can be popped, then comes the end. Lua: `queue:finish`.
  ///
  /// - Throws: as `push`.
  public func finish() throws(SharedMemoryError) { try ring.finish() }

  /// Waits until everything was popped, or taken and done. Lua: `queue:drain`.
  ///
  /// - Returns: false after the timeout.
  /// - Throws: 232 something is left, and all consumers that there were have gone; 13, 170 and 999
  ///   as `pop`.
  public func drain(timeout: Duration? = nil) throws(SharedMemoryError) -> Bool {
    let deadline = Deadline(after: timeout?.nanoseconds)
    while true {
      let outcome = try ring.drain(nanoseconds: deadline.left, until: NamedSleep.never)
      if outcome != .interrupted { return outcome == .acquired }
    }
  }

  /// Messages in it, those included that somebody has taken and not done. Lua: `#queue`.
  public var count: Int { ring.count }
  /// The bytes of its ring, and how many of them hold no message.
  public var capacity: Int { ring.capacity }
  public var free: Int { ring.free }
  /// The bytes of the largest message.
  public var limit: Int { ring.limit }
}

// MARK: - The kind

extension NamedQueue {
  /// A queue's state at one look.
  public struct State: ObjectState, Equatable {
    public let messages, free, capacity: Int
    public let isFinished, hasProducers, hasConsumers: Bool
    /// Messages since the queue was made, modulo 2^32; a message counts as popped once nothing
    /// older is left.
    public let pushed, popped: UInt32

    public init(
      messages: Int, free: Int, capacity: Int, isFinished: Bool, hasProducers: Bool,
      hasConsumers: Bool, pushed: UInt32, popped: UInt32
    ) {
      self.pushed = pushed
      self.popped = popped
      self.messages = messages
      self.free = free
      self.capacity = capacity
      self.isFinished = isFinished
      self.hasProducers = hasProducers
      self.hasConsumers = hasConsumers
    }

    public var text: String {
      let count = "\(messages) message\(messages == 1 ? "" : "s")"
      let ends = [
        isFinished ? "finished" : hasProducers ? nil : "no producer",
        hasConsumers ? nil : "no consumer",
      ].compactMap { $0 }
      return ([count, "\(free) of \(capacity) bytes free"] + ends).joined(separator: ", ")
    }
    public var counters: [(label: String, value: UInt32)] {
      [("pushed", pushed), ("popped", popped)]
    }
    public var fields: [StateField] {
      [
        StateField("messages", .number(messages)), StateField("free", .number(free)),
        StateField("capacity", .number(capacity)), StateField("finished", .flag(isFinished)),
        StateField("producers", .flag(hasProducers)), StateField("consumers", .flag(hasConsumers)),
        StateField("pushed", .number(Int(pushed))), StateField("popped", .number(Int(popped))),
      ]
    }
  }
}

extension ObjectKind {
  package static var queue: ObjectKind { QueueKind().objectKind }
}

/// Its word is `0 | SLEEPERS, generation, LOOKED, SET`: a manual event that says that a pop would
/// find something. Its limit: the bytes of its ring.
package struct QueueKind: RingKind {
  package init() {}
  package var number: UInt32 { UInt32(cshm_named_kind.CSHM_QUEUE.rawValue) }
  package var name: String { "queue" }
  package var wait: String { "pop" }
  package var accessWords: (wait: String, modify: String) { ("pop", "push") }

  // MARK: The rules

  package var isLookedAfter: Bool { true }
  package var ring: RingForm? { .popped }
  package func size(_ limit: UInt32) -> Int { Int(CSHM_RING_AT) + Int(limit) }

  package func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    state.has(NamedState.set) ? .pass : .sleep(state.with(NamedState.sleepers))
  }

  package func signalled(_ state: NamedState) -> NamedState? {
    if state.has(NamedState.set) { return nil }
    let next = state.rawValue + CSHM_READY_STEP
    return NamedState(.none, next & CSHM_READY_GENERATION | NamedState.set)
  }

  // MARK: Making and showing

  package func object(_ handle: NamedHandle) -> any Waitable { NamedQueue(handle) }

  package var acts: [WaitableAct] {
    let none: @Sendable (WaitableCall) -> String = { _ in "(none)" }
    return [
      .wait("queue:push", none), .wait("queue:push_all", gives: .number, none),
      .wait("queue:pop", gives: .object("value"), none),
      .wait("queue:pop_all", gives: .object("a table"), none),
      .wait("queue:take", gives: .object("job"), none),
      .wait("queue:peek", gives: .object("value"), otherwise: "false, \"empty\"", none),
      .wait("queue:drain", none),
      .act(
        "job:done", windows: none, onRing: .done,
        does: { (queue: NamedQueue, token) throws(SharedMemoryError) in
          try queue.ring.done(UInt64(bitPattern: token))
          return 0
        }),
      .act(
        "job:close", windows: none, onRing: .back,
        does: { (queue: NamedQueue, token) throws(SharedMemoryError) in
          try queue.ring.giveBack(UInt64(bitPattern: token))
          return 0
        }),
      .act(
        "queue:clear", gives: .number, windows: none, onRing: .clear,
        does: { (queue: NamedQueue, most) throws(SharedMemoryError) in
          Int64(try queue.ring.clear(most: Int(most)))
        }),
      .act(
        "queue:__len", gives: .number, windows: none, onRing: .count,
        does: { (queue: NamedQueue, _) throws(SharedMemoryError) in Int64(queue.count) }),
      .act(
        "queue:free", gives: .number, windows: none, onRing: .free,
        does: { (queue: NamedQueue, _) throws(SharedMemoryError) in Int64(queue.free) }),
      .act(
        "queue:finish", windows: none, onRing: .finish,
        does: { (queue: NamedQueue, _) throws(SharedMemoryError) in
          try queue.finish()
          return 0
        }),
    ]
  }

  package func state(_ look: WaitableLook) -> any ObjectState {
    let ring = look.ring
    return NamedQueue.State(
      messages: ring?.count ?? 0, free: ring?.free ?? 0, capacity: Int(look.limit),
      isFinished: ring?.isFinished ?? false, hasProducers: ring?.has(.pushes) ?? false,
      hasConsumers: ring?.has(.pops) ?? false, pushed: ring?.pushed ?? 0,
      popped: ring?.popped ?? 0)
  }

  package func steps(_ verb: String) -> String? {
    switch verb {
    case "queue:push", "queue:push_all":
      "a lock by a compare-and-swap; stores and memcpy into the ring; futex(2) only if somebody "
        + "sleeps, or while it must wait"
    case "queue:pop", "queue:pop_all", "queue:take":
      "a lock by a compare-and-swap; memcpy out of the ring and a store; futex(2) only while "
        + "it must wait, or if somebody waits for room"
    case "queue:peek": "a lock by a compare-and-swap; memcpy out of the ring"
    case "job:done", "job:close":
      "a lock by a compare-and-swap and a store; futex(2) only if somebody sleeps"
    case "queue:__len", "queue:free": "loads from the ring: no system call"
    case "queue:drain": "loads from the ring; futex(2) only while it must wait"
    default: nil
    }
  }
}
