package import COperations
package import CShm

/// Where a reader of a topic goes on.
public enum ReadingPlace: Sendable, Equatable {
  /// With what is published from now on.
  case next
  /// With the newest message that is there.
  case newest
  /// With the oldest one.
  case oldest
  /// With this one; what is gone of it and those behind it counts as lost.
  case sequence(UInt64)

  /// `CShmBroadcasts.h`'s number.
  package init(_ number: Int64) {
    switch number {
    case Int64(CSHM_FROM_NEXT): self = .next
    case Int64(CSHM_FROM_LATEST): self = .newest
    case Int64(CSHM_FROM_OLDEST): self = .oldest
    default: self = .sequence(UInt64(bitPattern: number))
    }
  }

  /// As Lua's option `from` has it: a word, or the sequence.
  package var word: String {
    switch self {
    case .next: "next"
    case .newest: "latest"
    case .oldest: "oldest"
    case .sequence(let sequence): "\(sequence)"
    }
  }
}

/// One handle's use of a ring that is written over: as publisher, and as a reader with a position of
/// its own, of which nothing is shared.
///
/// How the parts play together. `CShmBroadcasts.h` says what lies in the file,
/// `COperationsBroadcasts.h` what changes it, as one table of steps that the tests' model explores,
/// too. A publisher waits for other publishers only (`RingLockWait`). A reader waits for the state,
/// whose low bits are the newest sequence: it is ready when they are ahead of its own (`seen`). What
/// nobody says, such as the last publisher's death, each reader finds when it looks again.
package final class NamedBroadcast: @unchecked Sendable {
  /// Used directly by the C module; it never moves.
  package let plain: UnsafeMutablePointer<cshm_broadcast>
  /// It owns this, and uses it in its deinitialiser, too.
  private unowned(unsafe) let handle: NamedHandle
  private let spinner: UnsafeMutablePointer<cshm_spinner>

  init(_ base: UnsafeMutableRawPointer, _ handle: NamedHandle) {
    self.handle = handle
    plain = .allocate(capacity: 1)
    plain.initialize(to: cshm_broadcast_at(base, handle.rules.limit))
    spinner = .allocate(capacity: 1)
    spinner.initialize(to: cshm_spinner())
    handle.words.plain.pointee.broadcast = plain
  }

  func deallocate() {
    plain.deallocate()
    spinner.deallocate()
  }

  // MARK: Publishing

  /// This owner's mark, after this handle has become a publisher.
  func becomePublisher(_ operation: String) throws(SharedMemoryError) -> UInt32 {
    try handle.require(.modify, operation)
    let mark = try handle.assume(.pushes, operation)
    plain.pointee.roles = RingRole.pushes.bit
    // Only now, so that whoever sees it also finds the lock, as long as we live.
    cshm_store64(UnsafeMutableRawPointer(plain.pointee.publishers) + 8, 1)
    return mark.rawValue
  }

  /// Publishes the messages, and waits for nobody but another publisher in the midst of that.
  ///
  /// - Parameter time: when that is, in nanoseconds; 0: now.
  /// - Returns: the sequence of the last one.
  package func publish(
    _ messages: UnsafeBufferPointer<cops_message>, time: UInt64 = 0, _ operation: String
  ) throws(SharedMemoryError) -> UInt64 {
    let mark = try becomePublisher(operation)
    if let text = RingRefusals.tooLong(messages.lazy.map { Int($0.length) }, limit: Int(limit)) {
      throw handle.refused(.badLength, operation, text)
    }
    if messages.isEmpty { return try sequence(operation) }
    var call = cops_publish_call(
      mark, messages.baseAddress, UInt32(messages.count), time == 0 ? UInt64(System.now) : time)
    _ = try run(&call, operation)
    return call.sequence
  }

  // MARK: Reading

  /// Copies the next message into the room, and waits for one. The handle stays where it is until
  /// `accept`.
  ///
  /// - Returns: how it ended; what was read, or `length` says what the room needs (`TOO_SMALL`),
  ///   after a strict handle was told of what was lost before it.
  /// - Throws: 109 every publisher that there was has gone, and all is read; 1117 messages were
  ///   lost, if the handle is strict: the next call goes on behind them.
  package func next(
    into room: UnsafeMutableRawBufferPointer, nanoseconds: Int64?,
    until isStopped: NamedSleep.Stop?, _ operation: String
  ) throws(SharedMemoryError) -> (WaitOutcome, cops_broadcast_call) {
    try handle.require(.wait, operation)
    let deadline = Deadline(after: nanoseconds)
    let bytes = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var turns = 0
    while true {
      var call = cops_next_call(plain, bytes, UInt64(room.count))
      if try run(&call, operation) != COPS_RING_EMPTY {
        let owed = cops_broadcast_owes(plain, &call)
        if owed > 0 { throw lost(owed, &call, operation) }
        return (.acquired, call)
      }
      if isOver {
        throw handle.refused(
          .brokenPipe, operation, "the end: all who published have gone, and everything was read")
      }
      if deadline.isOver { return (.timedOut, call) }
      let (outcome, _) = try handle.wait(
        operation, nanoseconds: deadline.left, until: isStopped, goesOn: true)
      if outcome == .interrupted || isStopped?() ?? false { return (.interrupted, call) }
      // Only somebody hostile says again and again that there is something where nothing is.
      turns += 1
      if turns > 8 { handle.object.handle.system.sleep(microseconds: 1000) }
    }
  }

  private func lost(
    _ count: UInt64, _ call: inout cops_broadcast_call, _ operation: String
  ) -> SharedMemoryError {
    cops_broadcast_go_before(plain, &call)
    return handle.refused(.ioDevice, operation, BroadcastModel<[UInt8]>.loss(count))
  }

  /// Copies the newest message into the room; nil: there has been none.
  package func newest(
    into room: UnsafeMutableRawBufferPointer, _ operation: String
  ) throws(SharedMemoryError) -> cops_broadcast_call? {
    try handle.require(.wait, operation)
    let bytes = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var call = cops_newest_call(bytes, UInt64(room.count))
    return try run(&call, operation) == COPS_RING_EMPTY ? nil : call
  }

  /// The newest message's sequence; 0: there has been none.
  package func sequence(_ operation: String) throws(SharedMemoryError) -> UInt64 {
    var call = cops_seek_call(0)
    return try run(&call, operation) == COPS_RING_EMPTY ? 0 : call.sequence
  }

  /// The handle goes on elsewhere. What it passes over is not lost; what a sequence asks for and is
  /// gone, is: once, however often it is asked for, and a strict reader's next call says it.
  ///
  /// - Returns: the sequence of the message that comes next.
  @discardableResult
  package func seek(
    _ place: ReadingPlace, _ operation: String
  ) throws(SharedMemoryError) -> UInt64 {
    let wanted: UInt64 =
      switch place {
      case .next, .newest: 0
      case .oldest: 1
      case .sequence(let sequence): max(sequence, 1)
      }
    var call = cops_seek_call(wanted)
    let isThere = try run(&call, operation) == COPS_RING_DONE
    if place == .newest && isThere {
      cops_broadcast_go_before(plain, &call)
    } else {
      cops_broadcast_go_to(plain, &call)
    }
    let next = plain.pointee.sequence
    if case .sequence = place, isThere { cops_broadcast_miss(plain, wanted, next) }
    return next
  }

  /// To the end: how many messages were passed over.
  package func skip(_ operation: String) throws(SharedMemoryError) -> UInt64 {
    let before = plain.pointee.sequence
    let after = try seek(.next, operation)
    return after > before ? after - before : 0
  }

  /// Lost since the last call, and since the handle began.
  package func lost() -> (new: UInt64, total: UInt64) {
    defer { plain.pointee.untold = 0 }
    return (plain.pointee.untold, plain.pointee.lost)
  }

  /// Nanoseconds since the last message that was read was published; nil: none was.
  package var age: Int64? {
    let time = plain.pointee.time
    return time == 0 ? nil : max(0, System.now &- Int64(truncatingIfNeeded: time))
  }

  // MARK: Waiting

  /// How many others a reader wakes that was woken.
  static let passedOn = Int32(COPS_NEWS_PASSED_ON)

  /// The state as it was when the last message that this handle has read, or passed over, was the
  /// newest one.
  var seen: NamedState { NamedState(.none, (plain.pointee.sequence &- 1) & NamedState.count) }

  /// Would `next` not say "timeout"?
  var isReady: Bool { isOver || cops_broadcast_has_next(plain) }

  /// Nobody will publish any more, and all is read. In this order: those who have gone may have
  /// published just before.
  var isOver: Bool { isDeserted && !cops_broadcast_has_next(plain) }

  /// Has there been a publisher, and is none left? This owner counts, too.
  private var isDeserted: Bool {
    if cshm_load64(UnsafeRawPointer(plain.pointee.publishers) + 8) == 0 { return false }
    let object = handle.object.handle
    return (try? object.system.conflicts(object.memory, .read, LifetimeLock.every(.pushes)))
      == false
  }

  // MARK: Running

  /// - Throws: 13 what lies there is no ring, 170 a publisher has stopped in the midst of
  ///   publishing, 999 its memory is gone.
  private func run(
    _ call: inout cops_broadcast_call, _ operation: String
  ) throws(SharedMemoryError) -> cops_ring_result {
    var wait = RingLockWait()
    let lock = RingLock(
      word: UnsafeMutableRawPointer(plain.pointee.publishers),
      position: UnsafeMutableRawPointer(plain.pointee.bounds) + 8, spinner: spinner,
      work: "publishing")
    while true {
      let result = cops_broadcast_run(plain, &call)
      try handle.checkLoss(operation)
      switch result {
      case COPS_RING_BUSY:
        switch try wait.wait(for: lock, seen: call.locking.seen, handle, operation) {
        case .changed: break
        case .dead: call.locking.dead = call.locking.asked
        case .slept: call.locking.has_slept = true
        }
      case COPS_RING_BROKEN:
        throw handle.refused(
          .invalidData, operation, "what lies in its memory is no ring; \(NamedHandle.damage)")
      default: return result
      }
    }
  }

  /// The bytes of the largest message.
  package var limit: Int { Int(cshm_broadcast_limit(plain.pointee.units)) }
  package var capacity: Int { Int(handle.rules.limit) }
}

/// The same at one look, without a handle.
package struct BroadcastLook: Sendable {
  /// Sequences of the newest and the oldest message that is there; 0: there is none.
  package let newest, oldest: UInt64
  package let hasPublishers: Bool

  init(
    _ base: UnsafeMutableRawPointer, _ bytes: UInt32, _ file: borrowing Descriptor,
    _ system: System
  ) {
    var ring = cshm_broadcast_at(base, bytes)
    var (newest, oldest) = (cops_seek_call(0), cops_seek_call(1))
    self.newest = cops_broadcast_run(&ring, &newest) == COPS_RING_DONE ? newest.sequence : 0
    self.oldest = cops_broadcast_run(&ring, &oldest) == COPS_RING_DONE ? oldest.sequence : 0
    hasPublishers = (try? system.conflicts(file, .read, LifetimeLock.every(.pushes))) == true
  }
}
