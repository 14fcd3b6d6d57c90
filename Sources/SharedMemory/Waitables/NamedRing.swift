package import COperations
package import CShm
internal import Synchronization

/// What an owner does with a ring. A handle becomes it with its first push or pop, or at its
/// opening, if its access says so.
package enum RingRole: Int, Hashable, Sendable, CaseIterable {
  case pushes, pops

  package var bit: UInt32 { UInt32(self == .pushes ? CSHM_PUSHES : CSHM_POPS) }
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
  /// Held while `plain.roles` is written.
  private let showing = Mutex(())

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

  /// Gives back what was taken and not done. What a stopped consumer keeps from being given back the
  /// owner's other handles owe, if there are any; otherwise the mark dies.
  func close() {
    let tokens = taken.withLock { tokens in
      defer { tokens = [] }
      return tokens
    }
    participant.owe(tokens)
    try? giveOwed("close")
  }

  private var participant: Participant { handle.participant }

  // MARK: Roles

  /// This owner's mark, after this handle has become a producer or a consumer.
  func become(_ role: RingRole, _ operation: String) throws(SharedMemoryError) -> UInt32 {
    try handle.require(role == .pushes ? .modify : .wait, operation)
    let mark = try handle.assume(role, operation)
    showRoles()
    // Only now, so that whoever sees it also finds the lock, as long as we live.
    cshm_store64(end(role).used, 1)
    return mark.rawValue
  }

  /// Says which roles the C module may use without asking: what this handle has become, but not
  /// popping, as long as this owner owes a job.
  private func showRoles() {
    showing.withLock { _ in
      plain.pointee.roles = RingRole.allCases.reduce(0) { roles, role in
        let isShown = handle.has(role) && !(role == .pops && participant.owesJobs)
        return isShown ? roles | role.bit : roles
      }
    }
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
    case peek(UnsafeMutableRawBufferPointer)
    case drain
  }

  /// - Throws: what keeps it from all; what keeps it from a part is in the outcome.
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
    case .peek(let room): try peek(into: room, operation)
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
    /// Perhaps there were more messages than the room has room for.
    package var isCut = false
    package var token: UInt64 = 0
    package var tries: UInt16 = 0
    /// Why not all messages were pushed; nil: all were, or the time was over.
    package var failure: SharedMemoryError?
  }

  /// Pushes the messages one after the other, all of them or as many as there is room for until the
  /// time is over.
  ///
  /// - Throws: if none was pushed; otherwise the outcome has the failure. 999 in any case.
  func push(
    _ messages: UnsafeBufferPointer<cops_message>, nanoseconds: Int64?,
    until isStopped: NamedSleep.Stop?, _ operation: String
  ) throws(SharedMemoryError) -> Outcome {
    let mark = try become(.pushes, operation)
    if messages.isEmpty { return Outcome(wait: .acquired) }
    try checkLengths(messages, operation)
    var room = RingRoom(self, nanoseconds, isStopped)
    var pushed: UInt32 = 0
    var isDesertion = Doubt()
    while true {
      let rest = UnsafeBufferPointer(rebasing: messages.dropFirst(Int(pushed)))
      var call = cops_push_call(mark, rest.baseAddress, UInt32(rest.count))
      do throws(SharedMemoryError) {
        let result = try run(&call, operation)
        pushed += call.count
        if pushed == messages.count { return Outcome(wait: .acquired, count: pushed) }
        if result == COPS_RING_FINISHED { throw finished(operation) }
        if room.wasFull && isDeserted(.pops) {
          if !isDesertion.isSure { continue }
          room.tellOthers()
          throw full(operation)
        }
      } catch {
        if pushed == 0 || error.code == .swap { throw error }
        return Outcome(wait: .acquired, count: pushed, failure: error)
      }
      isDesertion = Doubt()
      if let end = room.wait(hasMoved: call.count > 0) {
        return Outcome(wait: end, count: pushed)
      }
    }
  }

  /// The last one may have popped or made room before it left: that is so if nothing has changed at
  /// a second look.
  private struct Doubt {
    private var wasSeen = false

    /// Is it the second look?
    var isSure: Bool {
      mutating get {
        defer { wasSeen = true }
        return wasSeen
      }
    }
  }

  private func full(_ operation: String) -> SharedMemoryError {
    handle.refused(.noData, operation, RingRefusals.full)
  }

  private func finished(_ operation: String) -> SharedMemoryError {
    handle.refused(.noData, operation, RingRefusals.finished)
  }

  private func checkLengths(
    _ messages: UnsafeBufferPointer<cops_message>, _ operation: String
  ) throws(SharedMemoryError) {
    if let text = RingRefusals.tooLong(messages.lazy.map { Int($0.length) }, limit: Int(limit)) {
      throw handle.refused(.badLength, operation, text)
    }
  }

  /// How messages are copied out of the ring, under the names of the operations.
  enum Copying: String { case pop, take, peek }

  func copy(
    _ copying: Copying, into room: UnsafeMutableRawBufferPointer, wanted: UInt32,
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) -> Outcome {
    copying == .peek
      ? try peek(into: room, copying.rawValue)
      : try pop(
        copying, into: room, wanted: wanted, nanoseconds: nanoseconds, until: isStopped,
        copying.rawValue)
  }

  /// Pops up to `wanted` messages into the room, each behind its `cops_popped`; at least one, or it
  /// waits. Whoever wants none only becomes a consumer.
  ///
  /// - Throws: 109 at the end.
  func pop(
    _ popping: Copying, into room: UnsafeMutableRawBufferPointer, wanted: UInt32,
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?, _ operation: String
  ) throws(SharedMemoryError) -> Outcome {
    try giveOwed(operation)
    let mark = try become(.pops, operation)
    if wanted == 0 { return Outcome(wait: .acquired) }
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
        return tooSmall(call)
      case COPS_RING_EMPTY: break
      default:
        if popping == .take { taken.withLock { _ = $0.insert(call.token) } }
        // A single wake-up may have stood for several messages.
        if hasSlept && handle.words.state.has(NamedState.set) { handle.words.wake(1) }
        let isCut = call.count < wanted && Self.isCut(call.length, call.filled, UInt64(room.count))
        return Outcome(
          wait: .acquired, count: call.count, filled: Int(call.filled), isCut: isCut,
          token: call.token, tries: call.tries)
      }
      if isOver { throw atEnd(operation) }
      if deadline.isOver { return Outcome(wait: .timedOut) }
      let (outcome, waiter) = try handle.wait(
        operation, nanoseconds: deadline.left, until: isStopped, goesOn: true)
      if let waiter, waiter.hasSlept { hasSlept = true }
      if outcome == .interrupted { return Outcome(wait: .interrupted) }
    }
  }

  /// Whether a room is too full for another message: one of so many bytes did not fit, or none does.
  static func isCut(_ length: UInt32, _ filled: UInt64, _ capacity: UInt64) -> Bool {
    length > 0 || (filled + 7) & ~7 + UInt64(MemoryLayout<cops_popped>.size) > capacity
  }

  /// The look that found it has reset the state.
  private func atEnd(_ operation: String) -> SharedMemoryError {
    tellAll()
    return handle.refused(
      .brokenPipe, operation, RingRefusals.end(isFinished: isFinished))
  }

  private func tooSmall(_ call: cops_ring_call) -> Outcome {
    Outcome(
      wait: .acquired, filled: Int(call.length) + MemoryLayout<cops_popped>.size, isTooSmall: true)
  }

  /// Copies the message that the next pop would return, and leaves it there. Whoever only looks is
  /// no consumer.
  ///
  /// - Returns: `.timedOut`: there is none.
  /// - Throws: 109 at the end.
  func peek(
    into room: UnsafeMutableRawBufferPointer, _ operation: String
  ) throws(SharedMemoryError) -> Outcome {
    try handle.require(.wait, operation)
    try giveOwed(operation)
    var call = cops_peek_call(
      try handle.claimedMark(operation).rawValue,
      room.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(room.count))
    switch try run(&call, operation) {
    case COPS_RING_TOO_SMALL: return tooSmall(call)
    case COPS_RING_EMPTY:
      if isOver { throw atEnd(operation) }
      return Outcome(wait: .timedOut)
    default: return Outcome(wait: .acquired, count: 1, filled: Int(call.filled))
    }
  }

  /// Pops all that is there when it begins, but for what living workers have, and drops it.
  ///
  /// - Returns: how many messages.
  func clear(most: Int = .max) throws(SharedMemoryError) -> Int {
    try handle.require(.wait, "clear")
    try giveOwed("clear")
    let mark = try handle.claimedMark("clear").rawValue
    var (there, cleared) = (min(count, most), 0)
    while there > 0 {
      // Others get the lock in between.
      var call = cops_clear_call(mark, UInt32(min(there, Self.clearedAtOnce)))
      _ = try run(&call, "clear")
      if call.count == 0 { break }
      cleared += Int(call.count)
      there -= Int(call.count)
    }
    return cleared
  }

  private static let clearedAtOnce = 1024

  /// Nothing can be pushed from now on; what is there can be popped.
  func finish() throws(SharedMemoryError) {
    try handle.require(.modify, "finish")
    var call = cops_finish_call(try handle.claimedMark("finish").rawValue)
    _ = try run(&call, "finish")
  }

  /// Waits until everything was popped, or taken and done.
  ///
  /// - Throws: 232 something is left, and all consumers that there were have gone; 13 the ring is
  ///   broken, 170 as `giveOwed`, 999 its memory is gone.
  func drain(
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) -> WaitOutcome {
    var room = RingRoom(self, nanoseconds, isStopped)
    var isDesertion = Doubt()
    while true {
      try giveOwed("drain")
      let (isEmpty, isSound) = (self.isEmpty, cops_ring_is_sound(plain))
      // Only now: memory that is gone reads as 0, and the look itself may find it gone.
      try handle.checkLoss("drain")
      if !isSound { throw broken("drain") }
      if isEmpty { return .acquired }
      if room.wasFull && isDeserted(.pops) {
        if !isDesertion.isSure { continue }
        // Others may just have given their last one up.
        let left = self.left
        if left == 0 { return .acquired }
        room.tellOthers()
        throw abandoned(left)
      }
      isDesertion = Doubt()
      if let end = room.wait(hasMoved: false) { return end }
    }
  }

  private func abandoned(_ left: Int) -> SharedMemoryError {
    handle.refused(.noData, "drain", RingRefusals.abandoned(left))
  }

  // MARK: Jobs

  /// The message is done: it never comes back.
  func done(_ token: UInt64) throws(SharedMemoryError) {
    try settle(token, "done") { mark in cops_done_call(mark, token) }
  }

  /// The message goes to the next one who takes or pops.
  ///
  /// - Throws: 170 a consumer is stopped: then the job is owed, and goes back later.
  func giveBack(_ token: UInt64) throws(SharedMemoryError) {
    do throws(SharedMemoryError) {
      try settle(token, "give back") { mark in cops_back_call(mark, token) }
    } catch {
      guard error.code == .busy, taken.withLock({ $0.remove(token) }) != nil else { throw error }
      participant.owe([token])
      showRoles()
      throw handle.refused(.busy, error.operation, "\(error.advice); \(Self.later)")
    }
  }

  /// Was it taken through this handle, and is it neither done nor given back?
  func has(_ token: UInt64) -> Bool { taken.withLock { $0.contains(token) } }

  private static let later =
    "the job goes back later: with the next pop, take or wait of this queue, or when it is closed"

  private func settle(
    _ token: UInt64, _ operation: String, _ call: (UInt32) -> cops_ring_call
  ) throws(SharedMemoryError) {
    // It is this thread's from here on: once it is given back, another one may take the same
    // message again, under the same token.
    guard let mark = participant.claim.mark?.rawValue,
      taken.withLock({ $0.remove(token) }) != nil
    else { throw notOurs(operation) }
    var call = call(mark)
    do throws(SharedMemoryError) {
      if try run(&call, operation) == COPS_RING_NOT_OURS { throw notOurs(operation) }
    } catch {
      if error.code != .notOwner { taken.withLock { _ = $0.insert(token) } }
      throw error
    }
  }

  private func notOurs(_ operation: String) -> SharedMemoryError {
    handle.refused(.notOwner, operation, "the job is not this handle's, or was settled before")
  }

  /// Gives back the jobs that could not be given back when they should, because a consumer was
  /// stopped.
  ///
  /// - Throws: 170 it is stopped still.
  private func giveOwed(_ operation: String) throws(SharedMemoryError) {
    guard let mark = participant.claim.mark?.rawValue else { return }
    if !participant.owesJobs { return }
    defer { showRoles() }
    while let token = participant.takeOwed() {
      var call = cops_back_call(mark, token)
      do throws(SharedMemoryError) { _ = try run(&call, operation) } catch {
        participant.owe([token])
        throw error
      }
    }
  }

  // MARK: Looking

  /// Would pop find something: a message, the end, or an error? If not, the state is reset. That
  /// another one is popping just now is no answer: it waits for the lock as pop does.
  func isReady() -> Bool {
    // Whoever waits has claimed a slot.
    guard let mark = participant.claim.mark?.rawValue else { return true }
    var call = cops_look_call(mark)
    do throws(SharedMemoryError) {
      try giveOwed("wait")
      if try run(&call, "wait") != COPS_RING_EMPTY { return true }
      if !isOver { return false }
      tellAll()
      return true
    } catch {
      // pop says the same. That its memory is gone is for whoever waits to say.
      return error.code != .swap
    }
  }

  /// Called by the one sleeper that looks for all: is there something that nobody signals, such as
  /// the end, or what a dead one had taken? Then it signals it.
  func looksForAll() -> Bool {
    if !isReady() { return false }
    tellAll()
    return true
  }

  /// Says that there is something, and wakes all. Of the end each of them has to learn, and if the
  /// state stayed as a look that found nothing leaves it, those who come a moment later would sleep
  /// on. Whoever slept may also have been the only one that was woken.
  private func tellAll() {
    let before = handle.words.change { state in
      handle.rules.kind.signalled(state).map { ($0, .max) }
    }
    if before == nil { handle.words.wake(.max) }
  }

  /// Nobody will push any more, and nothing is left, not even with one who took it. In this order:
  /// those who have gone may have pushed just before.
  var isOver: Bool { (isFinished || isDeserted(.pushes)) && isEmpty }

  var isFinished: Bool { cshm_load64(plain.pointee.finished) != 0 }

  /// No record lies there that is neither popped nor done, as far as one look tells.
  var isEmpty: Bool { cops_ring_is_empty(plain) }

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
