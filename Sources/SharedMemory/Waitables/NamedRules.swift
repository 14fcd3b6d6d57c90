internal import CShm

/// Identifies who changed a named object's state: a slot of the object, and the slot's epoch.
///
/// `CShmNamed.h` describes the bits. A mark is dead once nobody locks its slot's alive byte or the
/// slot has another epoch; it stays dead, as epochs only grow.
package struct NamedMark: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(slot: Int, epoch: UInt32) {
    rawValue = epoch << Self.slotBits | UInt32(slot + 1)
  }

  package static let none = NamedMark(rawValue: 0)
  private static let slotBits: UInt32 = 10
  package static let epochs: UInt32 = .max >> slotBits

  /// Not checked: a peer may have written any number. -1: no slot.
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
  /// ABANDONED: the last owner died while it held the object, and nobody has been told yet.
  package static let left = UInt64(CSHM_LEFT)
  /// One of the sleepers looks for all of them; see `NamedRules+Looker.swift`.
  package static let looked = UInt64(CSHM_LOOKED)
  package static let set = UInt64(CSHM_SET)
  package static let generation = UInt64(CSHM_GENERATION)
  package static let count = UInt64(CSHM_COUNT)
  package static let sleepers = UInt64(CSHM_SLEEPERS_BIT)

  package var mark: NamedMark { NamedMark(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
  /// The half that sleepers compare.
  package var low: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
  package func has(_ bits: UInt64) -> Bool { rawValue & bits != 0 }
  package var hasSleepers: Bool { has(Self.sleepers) }
  package var sleepersBit: UInt64 { rawValue & Self.sleepers }
  package func with(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue | bits) }
  package func without(_ bits: UInt64) -> NamedState { NamedState(rawValue: rawValue & ~bits) }

  /// The state after a reservation ends. All sleepers are woken: several may wait for this, and
  /// they do not wake each other.
  package var withoutMark: NamedRules.Change {
    (NamedState(.none, rawValue & 0xFFFF_FFFF & ~Self.sleepers), hasSleepers ? .max : 0)
  }
}

/// The protocol of named objects as one table: what follows from a state.
///
/// These are pure functions from a loaded word to the word to swap in, so that the model in the
/// tests explores the same table with all interleavings and all kills. What differs from kind to
/// kind is in its `WaitableKind`; what all kinds share is here.
///
/// How the parts play together. `CShmNamed.h` describes the object's words and contains the common
/// cases as fast paths (a test compares the two). `NamedWait.swift` and `NamedWait+Several.swift`
/// load a word, ask this table, swap, and sleep. `NamedWatch.swift` says how long a sleep is,
/// `NamedRules+Looker.swift` which sleeper checks that the owner lives. `Owner.swift` takes the slots that marks name.
package struct NamedRules: Sendable {
  package let kind: any WaitableKind
  /// The kind says what it means: a semaphore's maximum; 1 for a manual event.
  package let limit: UInt32

  package init(_ kind: any WaitableKind, limit: UInt32 = 0) {
    self.kind = kind
    self.limit = limit
  }

  package init(kind: ObjectKind, limit: UInt32 = 0) {
    self.init(kind.waitable!, limit: limit)
  }

  /// Can an object of this kind have this limit?
  var isSound: Bool { kind.isSound(limit) }
  /// Do its sleepers wait for an owner, who may die?
  package var hasOwner: Bool { kind.hasOwner }
  /// Does one of its sleepers look for all?
  package var isLookedAfter: Bool { kind.isLookedAfter }
  /// Does a wait leave the object unchanged?
  package var isPassed: Bool { kind.isPassed(limit) }

  package enum Next: Hashable, Sendable {
    /// Swap this in: then the object is ours. `wakesNext`: there is more to take, so wake another
    /// waiter.
    case take(NamedState, abandoned: Bool, wakesNext: Bool)
    /// The wait succeeds and leaves the object as it is.
    case pass
    /// Swap this in, then sleep while its low half stays the same.
    case sleep(NamedState)
  }

  /// What a waiter knows when it looks at the word.
  package struct Waiter: Sendable {
    package var mark: NamedMark
    /// It has slept. Whoever woke it may have woken nobody else, so there may be more sleepers.
    package var hasSlept = false
    /// A mark that was found dead.
    package var dead = NamedMark.none
    /// A mark that was found alive since the last sleep.
    package var alive = NamedMark.none
    /// The state when the wait began; of what is followed, as it was at this handle's position.
    package var start: NamedState
    /// Of what is followed: something is there behind this handle's position, or nothing will ever
    /// be, whatever the state says.
    package var hasNews = false
    /// Of what is followed: it was woken for somebody else, and has passed that on.
    package var hasPassedInVain = false

    package init(mark: NamedMark, start: NamedState) {
      self.mark = mark
      self.start = start
    }

    package func sleepers(_ state: NamedState) -> UInt64 {
      hasSlept ? NamedState.sleepers : state.sleepersBit
    }

    /// Does the state name a living owner or reserver? Never this waiter's own mark, as an owner
    /// that holds the object does not come here.
    package func respects(_ state: NamedState) -> Bool {
      state.mark != .none && state.mark != dead
    }
  }

  /// What a waiter does about this state.
  package func next(_ state: NamedState, _ waiter: Waiter) -> Next {
    kind.next(state, waiter, limit)
  }

  /// Is a wait for all of several objects still deciding about it?
  package func isReserved(_ state: NamedState) -> Bool { !isPassed && kind.isReserved(state) }

  /// The state to swap in, and how many sleepers to wake then.
  package typealias Change = (state: NamedState, wakes: Int32)

  // MARK: All of several
  //
  // A wait for all reserves each object, in an order that is the same for everybody; looks whether
  // all reservations stand; and commits each. At the moment of the second look all were available
  // and reserved by us: that is when the wait takes effect. If a reservation is broken before that,
  // the wait starts again; if it is broken afterwards, whoever broke it came later.

  package enum Reservation: Hashable, Sendable {
    /// Swap this in: then the object is reserved.
    case reserve(NamedState)
    /// A wait does not consume it. It only has to be the same at the second look.
    case note
    case unavailable
  }

  package func reservation(_ state: NamedState, _ waiter: Waiter) -> Reservation {
    var waiter = waiter
    // An event set and reset meanwhile does not count.
    if kind.ring != .followed { waiter.start = state }
    switch next(state, waiter) {
    case .sleep: return .unavailable
    case .pass: return .note
    case .take(_, let isLeft, _):
      return kind.reserved(state, waiter, isLeft: isLeft).map(Reservation.reserve) ?? .unavailable
    }
  }

  /// The second look: does the reservation, or what was noted, still stand?
  package func stands(_ state: NamedState, noted: NamedState, by mark: NamedMark) -> Bool {
    if isPassed { return state.without(NamedState.sleepers) == noted.without(NamedState.sleepers) }
    return isReserved(state) && state.mark == mark
  }

  /// Takes what was reserved; nil: there is nothing to swap in.
  package func committed(_ state: NamedState, by mark: NamedMark) -> (Change, abandoned: Bool)? {
    isReserved(state) && state.mark == mark ? kind.committed(state, by: mark) : nil
  }

  /// Undoes the reservation; nil: there is nothing to swap in.
  package func returned(_ state: NamedState, by mark: NamedMark) -> Change? {
    isReserved(state) && state.mark == mark ? kind.returned(state) : nil
  }
}

extension NamedWatch {
  /// In nanoseconds: the first sleep on objects without an owner, and the longest on any. Those of
  /// cells are the same (`CShmFutex.h`).
  package static let firstSlice = Int64(CSHM_FIRST_SLICE)
  package static let longestSlice = Int64(CSHM_LONGEST_SLICE)
}
