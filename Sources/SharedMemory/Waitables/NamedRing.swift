package import COperations
package import CShm
internal import Synchronization

/// What an owner does with a ring. A handle becomes it with its first push or pop, or at its
/// opening, if its access says so.
package enum RingRole: Int, Hashable, Sendable, CaseIterable {
  case pushes, pops

  var bit: UInt32 { UInt32(self == .pushes ? CSHM_PUSHES : CSHM_POPS) }
}

/// One handle's use of a ring of records: it runs the steps of `COperationsRings.h`, and asks the
/// kernel and sleeps where they cannot.
///
/// How the parts play together. `CShmRings.h` says what lies in the file, `COperationsRings.h` what
/// changes it, as one table of steps that the tests' model explores, too. Here an operation waits
/// for a lock (`RingLockWait`, as who holds it does so for nanoseconds or is stopped), for room
/// (`RingRoom`), or for something to pop, which is the object's state: that wait is `NamedHandle`'s,
/// with one sleeper that looks for all (`looksForAll`).
package final class NamedRing: @unchecked Sendable {
  /// Used directly by the C module; it never moves.
  package let plain: UnsafeMutablePointer<cshm_ring>
  /// It owns this, and uses it in its deinitialiser, too.
  unowned(unsafe) let handle: NamedHandle
  private let seen: UnsafeMutablePointer<cshm_ring_seen>
  private let lockSpinner: UnsafeMutablePointer<cshm_spinner>
  let roomSpinner: UnsafeMutablePointer<cshm_spinner>
  /// The messages that were taken through this handle and are neither done nor given back. Threads
  /// may use one handle at once.
  private let taken = Mutex<Set<UInt64>>([])

  init(_ base: UnsafeMutableRawPointer, _ handle: NamedHandle) {
    self.handle = handle
    plain = .allocate(capacity: 1)
    plain.initialize(to: cshm_ring_at(base, handle.rules.limit))
    seen = .allocate(capacity: Int(CSHM_SEEN))
    seen.initialize(
      repeating: cshm_ring_seen(tail: CSHM_NEVER_SEEN, head: CSHM_NEVER_SEEN),
      count: Int(CSHM_SEEN))
    plain.pointee.seen = seen
    lockSpinner = .allocate(capacity: 1)
    lockSpinner.initialize(to: cshm_spinner())
    roomSpinner = .allocate(capacity: 1)
    roomSpinner.initialize(to: cshm_spinner())
    handle.words.plain.pointee.ring = plain
  }

  func deallocate() {
    plain.deallocate()
    seen.deallocate()
    lockSpinner.deallocate()
    roomSpinner.deallocate()
  }

  /// Gives back what was taken and not done, then leaves its roles.
  func close() {
    if let mark = handle.participant.claim.mark?.rawValue {
      for token in taken.withLock({ $0 }) {
        var call = cops_back_call(mark, token)
        _ = try? run(&call, "close")
      }
    }
    for role in RingRole.allCases where plain.pointee.roles & role.bit != 0 {
      handle.participant.drop(role, handle.object.handle.system)
    }
  }

  // MARK: Roles

  /// This owner's mark, after this handle has become a producer or a consumer.
  func become(_ role: RingRole, _ operation: String) throws(SharedMemoryError) -> UInt32 {
    try handle.require(role == .pushes ? .modify : .wait, operation)
    let isNew = plain.pointee.roles & role.bit == 0
    let mark = try handle.assume(role, isNew: isNew, operation)
    plain.pointee.roles |= role.bit
    // Only now, so that whoever sees it also finds the lock, as long as we live.
    cshm_store64(end(role).used, 1)
    return mark.rawValue
  }

  /// Has there been anybody with this role, and is nobody left? This owner counts, too.
  func isDeserted(_ role: RingRole) -> Bool {
    if cshm_load64(end(role).used) == 0 { return false }
    let object = handle.object.handle
    let isThere = try? object.system.conflicts(
      object.memory, .read, LifetimeLock.every(role))
    return isThere == false
  }

  private struct End {
    let lock, position, used: UnsafeMutableRawPointer
  }

  /// The half of head that changes with each record that is freed.
  var headPosition: UnsafeRawPointer { cshm_low_half(end(.pops).position) }

  private func end(_ role: RingRole) -> End {
    let base = UnsafeMutableRawPointer(
      role == .pushes ? plain.pointee.push! : plain.pointee.pop!)
    return End(lock: base, position: base + 8, used: base + 16)
  }

  // MARK: Running

  /// Runs a call to its end.
  ///
  /// - Throws: 13 the ring is broken, 170 who holds the lock does not go on, 999 its memory is gone.
  func run(
    _ call: inout cops_ring_call, _ operation: String
  ) throws(SharedMemoryError) -> cops_ring_result {
    var wait = RingLockWait()
    while true {
      let result = cops_ring_run(plain, &call)
      switch result {
      case COPS_RING_ASK:
        cops_ring_answer(&call, handle.isDead(NamedMark(rawValue: call.locking.asked)))
      case COPS_RING_BUSY: try waitForLock(&call, &wait, operation)
      case COPS_RING_BROKEN:
        try handle.checkLoss(operation)
        throw broken(operation)
      default:
        try handle.checkLoss(operation)
        return result
      }
    }
  }

  private func broken(_ operation: String) -> SharedMemoryError {
    handle.refused(
      .invalidData, operation, "what lies in its memory is no ring; \(NamedHandle.damage)")
  }

  private func waitForLock(
    _ call: inout cops_ring_call, _ wait: inout RingLockWait, _ operation: String
  ) throws(SharedMemoryError) {
    let pushes = cops_ring_locks_push(&call)
    let end = end(pushes ? .pushes : .pops)
    let lock = RingLock(
      word: end.lock, position: end.position, spinner: lockSpinner,
      work: pushes ? "pushing" : "popping")
    switch try wait.wait(for: lock, seen: call.locking.seen, handle, operation) {
    case .changed: break
    case .dead: cops_ring_answer(&call, true)
    case .slept: call.locking.has_slept = true
    }
  }

  // MARK: Pushing and popping

  package enum Action {
    case push(UnsafeBufferPointer<cops_message>)
    case pop(UnsafeMutableRawBufferPointer, most: UInt32)
    case take(UnsafeMutableRawBufferPointer)
    case drain
  }

  package func perform(
    _ operation: String, _ action: Action, nanoseconds: Int64?,
    until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) -> Outcome {
    switch action {
    case .push(let messages):
      try push(messages, nanoseconds: nanoseconds, until: isStopped, operation)
    case .pop(let room, let most):
      try pop(
        .pop, into: room, wanted: most, nanoseconds: nanoseconds, until: isStopped, operation)
    case .take(let room):
      try pop(
        .take, into: room, wanted: 1, nanoseconds: nanoseconds, until: isStopped, operation)
    case .drain: Outcome(wait: try drain(nanoseconds: nanoseconds, until: isStopped))
    }
  }

  /// How an operation ends that may wait.
  package struct Outcome {
    /// `.acquired`, `.timedOut` or `.interrupted`.
    package var wait: WaitOutcome
    /// Messages pushed or popped.
    package var count: UInt32 = 0
    /// Bytes of the caller's room that are filled; or, if `isTooSmall`, what it needs at least.
    package var filled = 0
    package var isTooSmall = false
    package var token: UInt64 = 0
    package var tries: UInt16 = 0
  }

  /// Pushes the messages one after the other, all of them or as many as there is room for until the
  /// time is over.
  func push(
    _ messages: UnsafeBufferPointer<cops_message>, nanoseconds: Int64?,
    until isStopped: NamedSleep.Stop?, _ operation: String
  ) throws(SharedMemoryError) -> Outcome {
    let mark = try become(.pushes, operation)
    if messages.isEmpty { return Outcome(wait: .acquired) }
    try checkLengths(messages, operation)
    var room = RingRoom(self, nanoseconds, isStopped)
    var pushed: UInt32 = 0
    var wasDeserted = false
    while true {
      let rest = UnsafeBufferPointer(rebasing: messages.dropFirst(Int(pushed)))
      var call = cops_push_call(mark, rest.baseAddress, UInt32(rest.count))
      let result: cops_ring_result
      do throws(SharedMemoryError) {
        result = try run(&call, operation)
      } catch {
        if pushed > 0 && error.code != .swap { return Outcome(wait: .acquired, count: pushed) }
        throw error
      }
      pushed += call.count
      if pushed == messages.count { return Outcome(wait: .acquired, count: pushed) }
      if result == COPS_RING_FINISHED {
        if pushed > 0 { return Outcome(wait: .acquired, count: pushed) }
        throw finished(operation)
      }
      if room.wasFull && isDeserted(.pops) {
        // The last one may have made room before it left: that is so if it is still full now.
        if !wasDeserted {
          wasDeserted = true
          continue
        }
        if pushed > 0 { return Outcome(wait: .acquired, count: pushed) }
        throw handle.refused(
          .noData, operation,
          "it is full, and nobody who took messages is left; start one who does")
      }
      wasDeserted = false
      if let end = room.wait(hasMoved: call.count > 0) {
        return Outcome(wait: end, count: pushed)
      }
    }
  }

  private func finished(_ operation: String) -> SharedMemoryError {
    handle.refused(.noData, operation, "it is finished: nothing can be pushed any more")
  }

  private func checkLengths(
    _ messages: UnsafeBufferPointer<cops_message>, _ operation: String
  ) throws(SharedMemoryError) {
    let limit = self.limit
    for message in messages where message.length > limit {
      throw handle.refused(
        .badLength, operation,
        "the message has \(message.length) bytes, and the largest that fits has \(limit); create "
          + "it with more bytes")
    }
  }

  /// What is copied out of the ring.
  enum Popping { case pop, take }

  /// Pops up to `wanted` messages into the room, each behind its `cops_popped`; at least one, or it
  /// waits.
  ///
  /// - Throws: 109 at the end.
  func pop(
    _ popping: Popping, into room: UnsafeMutableRawBufferPointer, wanted: UInt32,
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?, _ operation: String
  ) throws(SharedMemoryError) -> Outcome {
    let mark = try become(.pops, operation)
    let deadline = Deadline(after: nanoseconds)
    let bytes = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var hasSlept = false
    while true {
      var call =
        popping == .take
        ? cops_take_call(mark, bytes, UInt64(room.count))
        : cops_pop_call(mark, bytes, UInt64(room.count), wanted)
      call.has_slept = hasSlept
      let result = try run(&call, operation)
      switch result {
      case COPS_RING_TOO_SMALL:
        if hasSlept { handle.words.wake(1) }
        return Outcome(
          wait: .acquired,
          filled: Int(call.length) + MemoryLayout<cops_popped>.size, isTooSmall: true)
      case COPS_RING_EMPTY: break
      default:
        if popping == .take { taken.withLock { _ = $0.insert(call.token) } }
        // A single wake-up may have stood for several messages.
        if hasSlept && handle.words.state.has(NamedState.set) { handle.words.wake(1) }
        return Outcome(
          wait: .acquired, count: call.count, filled: Int(call.filled), token: call.token,
          tries: call.tries)
      }
      if isOver { throw atEnd(operation) }
      if deadline.isOver { return Outcome(wait: .timedOut) }
      let (outcome, waiter) = try handle.wait(
        operation, nanoseconds: deadline.left, until: isStopped, goesOn: true)
      if let waiter, waiter.hasSlept { hasSlept = true }
      if outcome == .interrupted { return Outcome(wait: .interrupted) }
    }
  }

  private func atEnd(_ operation: String) -> SharedMemoryError {
    handle.refused(
      .brokenPipe, operation,
      isFinished
        ? "the end: it is finished, and everything was taken"
        : "the end: all who pushed have gone, and everything was taken")
  }

  /// The message is done: it never comes back.
  func done(_ token: UInt64) throws(SharedMemoryError) {
    try settle(token, "done") { mark in cops_done_call(mark, token) }
  }

  /// The message goes to the next one who takes or pops.
  func giveBack(_ token: UInt64) throws(SharedMemoryError) {
    try settle(token, "back") { mark in cops_back_call(mark, token) }
  }

  private func settle(
    _ token: UInt64, _ operation: String, _ call: (UInt32) -> cops_ring_call
  ) throws(SharedMemoryError) {
    guard let mark = handle.participant.claim.mark?.rawValue,
      taken.withLock({ $0.contains(token) })
    else {
      throw notOurs(operation)
    }
    var call = call(mark)
    let result = try run(&call, operation)
    taken.withLock { _ = $0.remove(token) }
    if result == COPS_RING_NOT_OURS { throw notOurs(operation) }
  }

  private func notOurs(_ operation: String) -> SharedMemoryError {
    handle.refused(.notOwner, operation, "the job is not this handle's, or was settled before")
  }

  /// Nothing can be pushed from now on; what is there can be popped.
  func finish() throws(SharedMemoryError) {
    try handle.require(.modify, "finish")
    var call = cops_finish_call(try handle.claimedMark("finish").rawValue)
    _ = try run(&call, "finish")
  }

  /// Waits until everything was popped, or taken and done.
  ///
  /// - Throws: 13 the ring is broken, 999 its memory is gone.
  func drain(
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) -> WaitOutcome {
    var room = RingRoom(self, nanoseconds, isStopped)
    while true {
      let (isEmpty, isSound) = (self.isEmpty, cops_ring_is_sound(plain))
      // Only now: memory that is gone reads as 0, and the look itself may find it gone.
      try handle.checkLoss("drain")
      if !isSound { throw broken("drain") }
      if isEmpty { return .acquired }
      if let end = room.wait(hasMoved: false) { return end }
    }
  }

  // MARK: Looking

  /// Would pop find something: a message, the end, or an error? If not, the state is reset. That
  /// another one is popping just now is no answer: it waits for the lock as pop does.
  func isReady() -> Bool {
    var call = cops_look_call(handle.participant.claim.mark?.rawValue ?? 0)
    // Without a mark there is no lock to take: then what is seen must do.
    if call.locking.mark == 0 { return !isEmpty || isOver }
    do throws(SharedMemoryError) {
      return try run(&call, "wait") != COPS_RING_EMPTY || isOver
    } catch {
      // pop says the same. That its memory is gone is for whoever waits to say.
      return error.code != .swap
    }
  }

  /// Called by the one sleeper that looks for all: is there something that nobody signals, such as
  /// the end, or what a dead one had taken? Then it signals it.
  func looksForAll() -> Bool {
    if !isReady() { return false }
    let change = handle.words.change { state in
      handle.rules.kind.signalled(state).map { ($0, .max) }
    }
    _ = change
    return true
  }

  /// Nobody will push any more, and nothing is left, not even with one who took it. In this order:
  /// those who have gone may have pushed just before.
  var isOver: Bool { (isFinished || isDeserted(.pushes)) && isEmpty }

  var isFinished: Bool { cshm_load64(plain.pointee.finished) != 0 }

  /// No record lies there.
  var isEmpty: Bool { free == Int(handle.rules.limit) }

  /// Messages that are in the ring, also those behind a job that were popped meanwhile.
  var count: Int { Int(cops_ring_count(plain)) }
  /// Those of them that were neither popped nor done. It looks at each.
  var left: Int { Int(cops_ring_left(plain)) }
  /// Bytes of the ring that hold no record.
  var free: Int { Int(cops_ring_free(plain)) }
  /// The bytes of the largest message.
  var limit: Int { Int(cshm_ring_limit(plain.pointee.units)) }
  var capacity: Int { Int(handle.rules.limit) }
}

/// What is to be said when the last handle of a ring is closed with messages inside. It is made
/// before, and asked afterwards.
package struct RingRemains {
  private let name: String
  private let path: String?
  private let count: Int
  private let system: System

  package init(_ object: any Waitable) {
    (name, path, count) = (object.name, object.path, object.handle.ring?.left ?? 0)
    system = object.handle.object.handle.system
  }

  /// Nil: nothing was left, or somebody else has the object.
  package var warning: SharedMemoryError? {
    if count == 0 || path.map({ system.hasFile(System.path($0)) }) ?? false { return nil }
    return SharedMemoryError(
      .brokenPipe, "close", name,
      "\(count) message\(count == 1 ? " was" : "s were") never taken, and this was the last handle")
  }
}

/// A ring at one look, without a handle.
package struct RingLook: Sendable {
  package let count, free: Int
  /// Messages since it was made, modulo 2^32.
  package let pushed, popped: UInt32
  package let isFinished: Bool
  private let roles: Set<RingRole>

  init(
    _ base: UnsafeMutableRawPointer, _ bytes: UInt32, _ file: borrowing Descriptor,
    _ system: System
  ) {
    var ring = cshm_ring_at(base, bytes)
    count = Int(cops_ring_count(&ring))
    free = Int(cops_ring_free(&ring))
    pushed = UInt32(truncatingIfNeeded: cshm_load64(UnsafeRawPointer(ring.push) + 8) >> 32)
    popped = UInt32(truncatingIfNeeded: cshm_load64(UnsafeRawPointer(ring.pop) + 8) >> 32)
    isFinished = cshm_load64(ring.finished) != 0
    var roles: Set<RingRole> = []
    for role in RingRole.allCases {
      if (try? system.conflicts(file, .read, LifetimeLock.every(role))) == true {
        roles.insert(role)
      }
    }
    self.roles = roles
  }

  /// Is anybody there who has this role?
  package func has(_ role: RingRole) -> Bool { roles.contains(role) }
}

/// A wait for room in a ring. As long as others pop, it only looks again: they need not know. Then
/// it says so, and sleeps on the word that pop changes.
struct RingRoom {
  private let ring: NamedRing
  private let deadline: Deadline
  private let isStopped: NamedSleep.Stop?
  private var slice = CSHM_FIRST_SLICE
  /// The position of head before the last look.
  private var head: UInt32
  /// Between two looks of a spin.
  private var gap: Int32 = 0
  /// Spins since the last sleep: others may take all the room again and again, and only a sleep
  /// hears of an interruption.
  private var spins = 0
  private static let mostSpins = 1000
  /// The word was announced, and the ring was full after that: now it may sleep.
  private var announced: UInt64?
  /// It was full at the last look, too.
  private(set) var wasFull = false

  init(_ ring: NamedRing, _ nanoseconds: Int64?, _ isStopped: NamedSleep.Stop?) {
    self.ring = ring
    self.isStopped = isStopped
    deadline = Deadline(after: nanoseconds)
    head = cshm_load32(ring.headPosition)
  }

  /// Called each time that there was too little room; nil: look again.
  mutating func wait(hasMoved: Bool) -> WaitOutcome? {
    if hasMoved { slice = CSHM_FIRST_SLICE }
    guard let word = announced else {
      spins += 1
      if spins > Self.mostSpins || deadline.isOver || !spin() { announce() }
      return nil
    }
    announced = nil
    spins = 0
    if deadline.isOver { return .timedOut }
    let waking = NamedWords.waking(
      cshm_futex_wait(
        UnsafeMutableRawPointer(ring.plain.pointee.room!), UInt32(truncatingIfNeeded: word),
        min(slice, deadline.left ?? slice)))
    slice = waking == .ranOut ? cshm_next_slice(slice) : CSHM_FIRST_SLICE
    head = cshm_load32(ring.headPosition)
    return NamedSleep.ends(waking, isStopped) ? .interrupted : nil
  }

  /// Until head moves. The looks are apart, so that there is room for several messages at the next.
  private mutating func spin() -> Bool {
    let hasMoved = cshm_spin_apart(ring.headPosition, head, ring.roomSpinner, &gap)
    head = cshm_load32(ring.headPosition)
    return hasMoved
  }

  /// Says that somebody may sleep on the word.
  private mutating func announce() {
    let address = UnsafeMutableRawPointer(ring.plain.pointee.room!)
    var word = cshm_load64(address)
    wasFull = true
    for _ in 0..<Int(CSHM_TRIES) {
      let asleep = word | NamedState.sleepers
      announced = asleep
      if asleep == word || cshm_cas64(address, &word, asleep) { return }
    }
    announced = word
  }
}
