internal import CShm

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
  package init(_ mark: NamedMark, _ low: UInt64) { rawValue = UInt64(mark.rawValue) << 32 | low }

  package static let held = UInt64(CSHM_HELD)
  package static let reserved = UInt64(CSHM_RESERVED)
  /// Free, and its last owner died with it: nobody has been told yet.
  package static let left = UInt64(CSHM_LEFT)
  /// One of the sleepers looks for all (`NamedRules+Watch.swift`).
  package static let looked = UInt64(CSHM_LOOKED)
  package static let set = UInt64(CSHM_SET)
  package static let generation = UInt64(CSHM_GENERATION)
  package static let count = UInt64(CSHM_COUNT)
  package static let sleepers = UInt64(CSHM_SLEEPERS_BIT)

  package var mark: NamedMark { NamedMark(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
  /// What sleepers compare.
  package var low: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
  package func has(_ bits: UInt64) -> Bool { rawValue & bits != 0 }
  package var hasSleepers: Bool { has(Self.sleepers) }
  package var sleepersBit: UInt64 { rawValue & Self.sleepers }
  package func with(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue | bits) }
  package func without(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue & ~bits) }

  /// What is left of a reservation that ends. Who waits for the end is not only one, and they do
  /// not wake each other.
  package var withoutMark: NamedRules.Change {
    (NamedState(.none, rawValue & 0xFFFF_FFFF & ~Self.sleepers), hasSleepers ? .max : 0)
  }
}

/// What follows from a state: the protocol of named objects as one table.
///
/// Pure functions from a loaded word to the word to swap in, so that the model in the tests
/// explores the same table with all interleavings and all kills. What is different from kind to kind
/// is its `WaitableKind`'s; what all have in common is here. `CShmNamed.h` has the shortcuts of the
/// common cases; a test compares the two.
package struct NamedRules: Sendable {
  package let kind: any WaitableKind
  /// What the kind makes of it: a semaphore's maximum; 1: a manual event.
  package let limit: UInt32

  package init(_ kind: any WaitableKind, limit: UInt32 = 0) {
    self.kind = kind
    self.limit = limit
  }

  package init(kind: ObjectKind, limit: UInt32 = 0) {
    self.init(kind.waitable!, limit: limit)
  }

  /// Has an object of this kind such a limit?
  var isSound: Bool { kind.isSound(limit) }
  /// Do sleepers of such an object wait for an owner, who may die?
  package var hasOwner: Bool { kind.hasOwner }
  /// Does a wait leave it as it is?
  package var isPassed: Bool { kind.isPassed(limit) }

  package enum Next: Hashable, Sendable {
    /// Swap this in: then it is ours. `wakesNext`: more is left, wake another one.
    case take(NamedState, abandoned: Bool, wakesNext: Bool)
    /// It can be passed, and stays so.
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

    package func sleepers(_ state: NamedState) -> UInt64 {
      hasSlept ? NamedState.sleepers : state.sleepersBit
    }

    /// A live reservation, or a live owner. One's own mark is none: who holds does not ask.
    package func respects(_ state: NamedState) -> Bool {
      state.mark != .none && state.mark != dead
    }
  }

  /// What a waiter does that met this state.
  package func next(_ state: NamedState, _ waiter: Waiter) -> Next {
    kind.next(state, waiter, limit)
  }

  /// Does a wait for all of several objects still decide about it?
  package func isReserved(_ state: NamedState) -> Bool { !isPassed && kind.isReserved(state) }

  /// What is swapped in, and how many sleepers are woken then.
  package typealias Change = (state: NamedState, wakes: Int32)

  // MARK: All of several
  //
  // Reserve each, in one order for everybody; look whether all reservations stand; commit each.
  // At the moment of the second look all were available and ours: the wait takes effect there.
  // What breaks a reservation before makes it start again; what breaks one later came later.

  package enum Reservation: Hashable, Sendable {
    /// Swap this in; then it is reserved.
    case reserve(NamedState)
    /// What is passed is not consumed: it must only be the same at the second look.
    case note
    case unavailable
  }

  package func reservation(_ state: NamedState, _ waiter: Waiter) -> Reservation {
    var waiter = waiter
    waiter.start = state  // what could be passed meanwhile, and cannot now, does not count
    switch next(state, waiter) {
    case .sleep: return .unavailable
    case .pass: return .note
    case .take(_, let isLeft, _):
      return kind.reserved(state, waiter, isLeft: isLeft).map(Reservation.reserve) ?? .unavailable
    }
  }

  /// The second look.
  package func stands(_ state: NamedState, noted: NamedState, by mark: NamedMark) -> Bool {
    if isPassed { return state.without(NamedState.sleepers) == noted.without(NamedState.sleepers) }
    return isReserved(state) && state.mark == mark
  }

  /// Takes what was reserved; nil: nothing is to be swapped in.
  package func committed(_ state: NamedState, by mark: NamedMark) -> (Change, abandoned: Bool)? {
    isReserved(state) && state.mark == mark ? kind.committed(state, by: mark) : nil
  }

  /// Puts back what was reserved, as if it had never been.
  package func returned(_ state: NamedState, by mark: NamedMark) -> Change? {
    isReserved(state) && state.mark == mark ? kind.returned(state) : nil
  }
}
