/// Who did something to a named object's state: a slot of the object, and the slot's epoch.
///
/// `CShmNamed.h` says what the bits mean. A mark is dead once nobody locks its slot's alive byte or
/// the slot has another epoch, and it stays dead, as epochs only grow.
package struct NamedMark: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(slot: Int, epoch: UInt32) {
    rawValue = epoch << Self.slotBits | UInt32(slot + 1)
  }

  package static let none = NamedMark(rawValue: 0)
  private static let slotBits: UInt32 = 10
  package static let epochs: UInt32 = .max >> slotBits

  /// Any number, as a peer may write what it wants; -1: none.
  package var slot: Int { Int(rawValue & (1 << Self.slotBits - 1)) - 1 }
  package var epoch: UInt32 { rawValue >> Self.slotBits }
}

/// The state of a named object: one word, loaded once.
package struct NamedState: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  init(_ mark: NamedMark, _ low: UInt64) { rawValue = UInt64(mark.rawValue) << 32 | low }

  package static let held: UInt64 = 1
  package static let reserved: UInt64 = 2
  /// Free, and its last owner died with it: nobody has been told yet.
  package static let left: UInt64 = 4
  package static let set: UInt64 = 1
  package static let generation: UInt64 = 0x7FFF_FFFE
  package static let count: UInt64 = 0x7FFF_FFFF
  package static let sleepers: UInt64 = 1 << 31

  package var mark: NamedMark { NamedMark(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
  /// What sleepers compare.
  package var low: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
  package func has(_ bits: UInt64) -> Bool { rawValue & bits != 0 }
  package var hasSleepers: Bool { has(Self.sleepers) }
  fileprivate var sleepersBit: UInt64 { rawValue & Self.sleepers }
  fileprivate func with(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue | bits) }
  fileprivate func without(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue & ~bits) }
}

/// What follows from a state: the protocol of named objects as one table.
///
/// Pure functions from a loaded word to the word to swap in, so that the model in the tests
/// explores the same table with all interleavings and all kills. `CShmNamed.h` has the shortcuts
/// of the common cases; a test compares the two.
package struct NamedRules: Sendable {
  package let kind: ObjectKind
  /// A semaphore's maximum; 1: a manual event.
  package let limit: UInt32

  package init(kind: ObjectKind, limit: UInt32 = 0) {
    self.kind = kind
    self.limit = limit
  }

  package var isManual: Bool { kind == .event && limit != 0 }

  /// Has an object of this kind such a limit?
  var isSound: Bool {
    switch kind {
    case .semaphore: (1...UInt32(Int32.max)).contains(limit)
    case .event: limit <= 1
    default: limit == 0
    }
  }

  package enum Next: Hashable, Sendable {
    /// Swap this in: then it is ours. `wakesNext`: more is left, wake another one.
    case take(NamedState, abandoned: Bool, wakesNext: Bool)
    /// The event is set and stays so.
    case pass
    /// Swap this in, then sleep while its low half stands.
    case sleep(NamedState)
  }

  /// How a waiter comes to its word.
  package struct Waiter: Sendable {
    package var mark: NamedMark
    /// It has slept: what woke it may have told nobody else, so there may be sleepers.
    package var hasSlept = false
    /// A mark that was found dead.
    package var dead = NamedMark.none
    /// A mark that was found alive since the last sleep.
    package var alive = NamedMark.none
    /// The state when the wait began.
    package var start: NamedState

    package init(mark: NamedMark, start: NamedState) {
      self.mark = mark
      self.start = start
    }

    fileprivate func sleepers(_ state: NamedState) -> UInt64 {
      hasSlept ? NamedState.sleepers : state.sleepersBit
    }

    /// A live reservation, or a live owner. One's own mark is none: who holds does not ask.
    fileprivate func respects(_ state: NamedState) -> Bool {
      state.mark != .none && state.mark != dead
    }
  }

  /// What a waiter does that met this state.
  package func next(_ state: NamedState, _ waiter: Waiter) -> Next {
    switch kind {
    case .mutex: mutex(state, waiter)
    case .semaphore: semaphore(state, waiter)
    default: event(state, waiter)
    }
  }

  private func mutex(_ state: NamedState, _ waiter: Waiter) -> Next {
    let isHeld = state.has(NamedState.held)
    if isHeld && waiter.respects(state) && state.mark != waiter.mark {
      return .sleep(state.with(NamedState.sleepers))
    }
    let isLeft = state.has(NamedState.left) || (isHeld && !state.has(NamedState.reserved))
    return .take(
      NamedState(waiter.mark, NamedState.held | waiter.sleepers(state)), abandoned: isLeft,
      wakesNext: false)
  }

  private func semaphore(_ state: NamedState, _ waiter: Waiter) -> Next {
    let count = state.rawValue & NamedState.count
    let isReserved = waiter.respects(state)
    let reserved: UInt64 = isReserved ? 1 : 0
    if count <= reserved { return .sleep(state.with(NamedState.sleepers)) }
    let after = NamedState(
      isReserved ? state.mark : .none, count - 1 | waiter.sleepers(state))
    // One wake-up may have stood for several permits.
    return .take(
      after, abandoned: false, wakesNext: waiter.hasSlept && count - 1 > reserved)
  }

  private func event(_ state: NamedState, _ waiter: Waiter) -> Next {
    let isSet = state.has(NamedState.set)
    if isManual {
      let wasSet = (state.rawValue ^ waiter.start.rawValue) & NamedState.generation != 0
      return isSet || wasSet ? .pass : .sleep(state.with(NamedState.sleepers))
    }
    if !isSet || waiter.respects(state) { return .sleep(state.with(NamedState.sleepers)) }
    let after = NamedState(
      .none, state.rawValue & NamedState.generation | waiter.sleepers(state))
    return .take(after, abandoned: false, wakesNext: false)
  }

  /// Does a wait for all of several objects still decide about it?
  package func isReserved(_ state: NamedState) -> Bool {
    switch kind {
    case .mutex: state.has(NamedState.held) && state.has(NamedState.reserved)
    case .semaphore: state.mark != .none
    default: !isManual && state.has(NamedState.set) && state.mark != .none
    }
  }

  // MARK: Giving back

  /// What is swapped in, and how many sleepers are woken then.
  package typealias Change = (state: NamedState, wakes: Int32)

  /// The owner's unlock; nil: it is not held by this mark. `abandoning`: the owner goes and leaves
  /// it, so that the next one is told.
  package func unlocked(
    _ state: NamedState, by mark: NamedMark, abandoning: Bool = false
  ) -> Change? {
    guard state.has(NamedState.held), !state.has(NamedState.reserved), state.mark == mark
    else { return nil }
    return (
      NamedState(.none, abandoning ? NamedState.left : 0), state.hasSleepers ? 1 : 0
    )
  }

  /// Nil: more than the maximum.
  package func released(_ state: NamedState, _ permits: UInt32) -> Change? {
    let count = state.rawValue & NamedState.count
    if count + UInt64(permits) > UInt64(limit) { return nil }
    return (
      NamedState(state.mark, count + UInt64(permits)),
      state.hasSleepers ? Int32(clamping: permits) : 0
    )
  }

  /// Breaks a reservation: whoever decides looks again, or has decided already.
  package func set(_ state: NamedState) -> Change {
    var generation = state.rawValue & NamedState.generation
    if !state.has(NamedState.set) { generation = (generation + 2) & NamedState.generation }
    return (
      NamedState(.none, generation | NamedState.set),
      state.hasSleepers ? (isManual ? .max : 1) : 0
    )
  }

  /// Breaks a reservation, too.
  package func reset(_ state: NamedState) -> Change {
    (NamedState(.none, state.rawValue & (NamedState.generation | NamedState.sleepers)), 0)
  }

  // MARK: All of several
  //
  // Reserve each, in one order for everybody; look whether all reservations stand; commit each.
  // At the moment of the second look all were available and ours: the wait takes effect there.
  // What breaks a reservation before makes it start again; what breaks one later came later.

  package enum Reservation: Hashable, Sendable {
    /// Swap this in; then it is reserved.
    case reserve(NamedState)
    /// A manual event is not consumed: it must only be the same at the second look.
    case note
    case unavailable
  }

  package func reservation(_ state: NamedState, _ waiter: Waiter) -> Reservation {
    if isManual { return state.has(NamedState.set) ? .note : .unavailable }
    guard case .take(_, let isLeft, _) = next(state, waiter) else { return .unavailable }
    switch kind {
    case .mutex:
      let bits = NamedState.held | NamedState.reserved | waiter.sleepers(state)
      return .reserve(NamedState(waiter.mark, bits | (isLeft ? NamedState.left : 0)))
    case .semaphore where waiter.respects(state):
      // A permit is left, but the one place for a reservation is taken.
      return .unavailable
    default:
      return .reserve(
        NamedState(waiter.mark, state.rawValue & 0xFFFF_FFFF | waiter.sleepers(state)))
    }
  }

  /// The second look.
  package func stands(_ state: NamedState, noted: NamedState, by mark: NamedMark) -> Bool {
    if isManual {
      let bits = NamedState.set | NamedState.generation
      return state.rawValue & bits == noted.rawValue & bits
    }
    return isReserved(state) && state.mark == mark
  }

  /// Takes what was reserved; nil: nothing is to be swapped in.
  package func committed(_ state: NamedState, by mark: NamedMark) -> (Change, abandoned: Bool)? {
    guard !isManual, isReserved(state), state.mark == mark else { return nil }
    switch kind {
    case .mutex:
      let bits = NamedState.held | state.sleepersBit
      return ((NamedState(mark, bits), 0), state.has(NamedState.left))
    case .semaphore:
      let count = state.rawValue & NamedState.count
      return (withoutMark(NamedState(mark, count > 0 ? count - 1 : 0), state), false)
    default:
      return (withoutMark(state.without(NamedState.set), state), false)
    }
  }

  /// Puts back what was reserved, as if it had never been.
  package func returned(_ state: NamedState, by mark: NamedMark) -> Change? {
    guard !isManual, isReserved(state), state.mark == mark else { return nil }
    if kind == .mutex {
      return withoutMark(NamedState(mark, state.rawValue & NamedState.left), state)
    }
    return withoutMark(state, state)
  }

  /// Who waits for a reservation's end is not only one, and they do not wake each other.
  private func withoutMark(_ state: NamedState, _ before: NamedState) -> Change {
    let low = state.rawValue & 0xFFFF_FFFF & ~NamedState.sleepers
    return (NamedState(.none, low), before.hasSleepers ? .max : 0)
  }
}
