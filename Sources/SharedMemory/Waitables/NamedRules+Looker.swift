// Which sleeper looks for the others, and which object comes first in a wait for any.
//
// Whoever frees the object wakes a sleeper. Two things wake nobody: a waker that is killed before
// it wakes, and an owner that is killed. The first is rare; it costs one slice, and the longest
// slice is a second. The second must be noticed soon, but not by everybody: of all the sleepers on
// a mutex one is the looker. Its mark stands in the object beside the time of its last look.
//
//   killed       noticed
//   owner        by the looker, within 25 ms; by a new waiter, within its first slice
//   looker       by the sleeper that looks again next, within a second
//   both         the same: a second, and 40 ms, as long as a look is trusted; by a new waiter,
//                within its first slice
//   none, but the looker is stopped: once its last look is older than 100 ms, as if it were killed
//
// LOOKED in the state says that somebody looks. Only the looker sets it, each time before it
// sleeps, and it clears LOOKED before it gives up its place. So a sleeper on a state with LOOKED
// may sleep for long without comparing a second word: a looker that goes has changed the half which
// the kernel compares when the sleep begins, and wakes one of those that sleep already.
//
// The looker's word and LOOKED decide nothing but how long others sleep: whatever stands there,
// everybody looks again within a second. A sleeper that rests does nothing more than that, because
// to learn who lives the kernel has to walk through the locks of all.

/// The sleeper that looks for all others on an object, and when it last did: one word, loaded once.
package struct NamedLooker: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameter time: in milliseconds of the monotonic clock; it wraps around.
  package init(_ mark: NamedMark, at time: UInt32) {
    rawValue = UInt64(mark.rawValue) << 32 | UInt64(time)
  }

  package static let none = NamedLooker(rawValue: 0)
  /// In milliseconds: a looker whose last look is older than this is stopped, or gone.
  package static let patience: UInt32 = 100
  /// In milliseconds: a looker whose last look is younger than this is taken to be alive.
  package static let trust: UInt32 = 40

  package var mark: NamedMark { NamedMark(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }

  /// How long ago it looked, in milliseconds. A time in the future appears as long ago: a peer may
  /// have written anything.
  private func age(at time: UInt32) -> UInt32 { time &- UInt32(truncatingIfNeeded: rawValue) }

  package func isOld(at time: UInt32) -> Bool { age(at: time) > Self.patience }
  package func isFresh(at time: UInt32) -> Bool { age(at: time) <= Self.trust }
}

extension NamedRules {
  /// What a sleeper whose sleep ran out has to do for all sleepers.
  package enum Duty: Hashable, Sendable {
    /// Swap this in: it becomes the looker, or remains it.
    case look(NamedLooker)
    /// Ask whether the owner of this mark lives, and decide again.
    case ask(NamedMark)
    /// Somebody else looks.
    case rest
  }

  /// - Parameters:
  ///   - dead: a looker's mark that was found dead since the sleep.
  ///   - alive: one that was found alive since the sleep.
  ///   - time: now, as in `NamedLooker`.
  package func duty(
    _ looker: NamedLooker, of mark: NamedMark, dead: NamedMark, alive: NamedMark, at time: UInt32
  ) -> Duty {
    let isNobody = looker.mark == .none || looker.mark == dead
    if isNobody || looker.mark == mark || looker.isOld(at: time) {
      return .look(NamedLooker(mark, at: time))
    }
    let isTrusted = looker.mark == alive || looker.isFresh(at: time)
    return isTrusted ? .rest : .ask(looker.mark)
  }

  /// What a waiter that slept swaps in when it leaves, with or without the object; nil: nothing, as
  /// another one looks.
  ///
  /// - Parameter takes: it leaves with the object. Then whoever was woken to take the looker's place
  ///   is somebody else, as the kernel wakes in the order of arrival.
  package func dismissed(
    _ looker: NamedLooker, of mark: NamedMark, takes: Bool
  ) -> (looker: NamedLooker, wakes: Int32)? {
    if looker.mark == mark { return (.none, 1) }
    return looker.mark == .none && !takes ? (looker, 1) : nil
  }

  /// What a waiter that slept swaps in, if it differs, when it leaves without the object: the state
  /// as if it still slept; otherwise it wakes another waiter. A looker clears LOOKED before it
  /// gives up its place.
  package func passedOn(_ state: NamedState, _ waiter: Waiter, looks: Bool) -> Change {
    let left = looks ? state.without(NamedState.looked) : state
    guard case .sleep(let asleep) = next(left, waiter) else { return (left, 1) }
    return (asleep, 0)
  }

  // MARK: Any of several

  /// The mark in the state, if it keeps the object from this waiter and the waiter does not know
  /// yet whether its owner lives.
  package func doubtful(_ state: NamedState, _ waiter: Waiter) -> NamedMark? {
    let names = hasOwner ? state.has(NamedState.held) : isReserved(state)
    let mark = state.mark
    let isKnown =
      mark == .none || mark == waiter.mark || mark == waiter.dead || mark == waiter.alive
    return names && !isKnown ? mark : nil
  }

  package enum Choice: Hashable, Sendable {
    /// The object at this index is the first that can be had.
    case have(Int)
    /// The object at this index would be, but the owners of earlier ones may be dead: ask about
    /// them, and decide again.
    case ask(before: Int)
    /// None can be had.
    case sleep
  }

  /// Decides a wait for any: the first object in the list that can be had. What a dead owner holds
  /// can be had, too.
  ///
  /// - Parameter objects: in the list's order; nil: it can be had; otherwise whether it is
  ///   doubtful.
  package static func first(_ objects: some Sequence<Bool?>) -> Choice {
    var isDoubtful = false
    for (index, object) in objects.enumerated() {
      guard let object else { return isDoubtful ? .ask(before: index) : .have(index) }
      isDoubtful = isDoubtful || object
    }
    return .sleep
  }
}
