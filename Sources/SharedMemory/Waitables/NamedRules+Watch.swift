// How long a sleep is, who looks for the others meanwhile, and what comes first in a wait for any.
//
// A sleeper is woken by whoever frees the object. Two things wake nobody: a waker that is killed
// before it wakes, and an owner that is killed. The first is rare and costs a slice, of which the
// longest is a second. The second must be noticed soon, but not by everybody: of all that sleep on
// a mutex one is the looker. Its mark stands in the object beside the time of its last look.
//
//   killed       noticed
//   owner        by the looker, within 25 ms; by who has just come, within its first slice
//   looker       by whoever looks again next, within a second
//   both         the same: a second, and 40 ms, as long as a look is not doubted; by who has just
//                come, within its first slice
//   none, but the looker is stopped: its last look is older than 100 ms, as if it were killed
//
// LOOKED in the state says that somebody looks. The looker alone sets it, each time before it sleeps,
// and takes it away before it gives up its place. So who sleeps for long on a state with LOOKED needs
// no second word: a looker that goes has changed the half that the kernel compares when the sleep
// begins, and wakes one of those that sleep already.
//
// The looker's word and LOOKED decide about nothing but how long others sleep: whatever stands there,
// everybody looks again within a second. Who rests does no more than that, as the kernel's answer who
// lives is a walk through the locks of all.

/// Who looks for all that sleep on a mutex, and when it last did: one word, loaded once.
package struct NamedLooker: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameter time: in milliseconds of the monotonic clock, which wrap.
  package init(_ mark: NamedMark, at time: UInt32) {
    rawValue = UInt64(mark.rawValue) << 32 | UInt64(time)
  }

  package static let none = NamedLooker(rawValue: 0)
  /// In milliseconds: who has not looked for so long is stopped, or gone.
  package static let patience: UInt32 = 100
  /// In milliseconds: who has looked since is not asked about.
  package static let trust: UInt32 = 40

  package var mark: NamedMark { NamedMark(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }

  /// How long ago it looked. What lies in the future is as good as old: a peer may have written
  /// anything.
  private func age(at time: UInt32) -> UInt32 { time &- UInt32(truncatingIfNeeded: rawValue) }

  package func isOld(at time: UInt32) -> Bool { age(at: time) > Self.patience }
  package func isFresh(at time: UInt32) -> Bool { age(at: time) <= Self.trust }
}

extension NamedRules {
  /// What somebody does for all sleepers whose own sleep ran out.
  package enum Duty: Hashable, Sendable {
    /// Swap this in; then it is the looker, or still is.
    case look(NamedLooker)
    /// Ask whether this one lives, and decide again.
    case ask(NamedMark)
    /// Somebody else looks.
    case rest
  }

  /// - Parameters:
  ///   - dead, alive: a looker's mark that was found so since the sleep.
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

  /// What one swaps in that slept and goes, with the object or without it; nil: nothing, as
  /// somebody else looks.
  ///
  /// - Parameter takes: it goes with the object. Then who was woken in its place is not this one:
  ///   the kernel wakes in the order of arrival.
  package func dismissed(
    _ looker: NamedLooker, of mark: NamedMark, takes: Bool
  ) -> (looker: NamedLooker, wakes: Int32)? {
    if looker.mark == mark { return (.none, 1) }
    return looker.mark == .none && !takes ? (looker, 1) : nil
  }

  /// What one swaps in, if it differs, that slept and goes without the object: as if it still slept;
  /// or it wakes another one. A looker says that it looks no more, before it gives up its place.
  package func passedOn(_ state: NamedState, _ waiter: Waiter, looks: Bool) -> Change {
    let left = looks ? state.without(NamedState.looked) : state
    guard case .sleep(let asleep) = next(left, waiter) else { return (left, 1) }
    return (asleep, 0)
  }

  // MARK: Any of several

  /// Whom the state names, where that keeps the object from this waiter and it does not know yet
  /// whether they live.
  package func doubtful(_ state: NamedState, _ waiter: Waiter) -> NamedMark? {
    let names = hasOwner ? state.has(NamedState.held) : isReserved(state)
    let mark = state.mark
    let isKnown =
      mark == .none || mark == waiter.mark || mark == waiter.dead || mark == waiter.alive
    return names && !isKnown ? mark : nil
  }

  package enum Choice: Hashable, Sendable {
    /// The object at this place is the first that can be had.
    case have(Int)
    /// That at this place would be, but the owners of what comes before it may be dead: ask, and
    /// decide again.
    case ask(before: Int)
    /// None can be had.
    case sleep
  }

  /// Of a wait for any, the first in the list that can be had, where what a dead owner holds can
  /// be had, too.
  ///
  /// - Parameter objects: in the list's order; nil: it can be had. Otherwise whether it is doubtful.
  package static func first(_ objects: some Sequence<Bool?>) -> Choice {
    var isDoubtful = false
    for (index, object) in objects.enumerated() {
      guard let object else { return isDoubtful ? .ask(before: index) : .have(index) }
      isDoubtful = isDoubtful || object
    }
    return .sleep
  }
}

/// When a wait looks again at one of its objects by itself; plain data, one for each object.
package struct NamedWatch: Hashable, Sendable {
  /// What it last slept on.
  private var word: NamedState?
  private var slice: Int64 = 0
  /// In nanoseconds of the monotonic clock.
  package private(set) var due = Int64.max
  /// Its mark stood as the looker's after its last look.
  package private(set) var isLooker = false
  /// It has left the looking to another one before.
  package private(set) var hasRested = false

  package init() {}

  /// In nanoseconds: how often the looker looks, and what anybody sleeps first on a mutex.
  package static let look: Int64 = 25_000_000
  /// In nanoseconds: the sleeps on other objects.
  package static let firstSlice: Int64 = 20_000_000
  package static let longestSlice: Int64 = 1_000_000_000
  /// In nanoseconds: from one common moment to the next.
  private static let moments: Int64 = 62_500_000

  /// Before each sleep: what has changed since the last one makes the slices begin anew. It does
  /// sleep, however slow it came here; for long only while somebody looks.
  package mutating func begin(_ asleep: NamedState, _ rules: NamedRules, at now: Int64) {
    let plain = asleep.without(NamedState.looked)
    if word != plain { restart(rules, at: now) }
    word = plain
    if due <= now { due = now + slice }
    if rules.hasOwner && !asleep.has(NamedState.looked) { due = min(due, now + Self.look) }
  }

  /// What is swapped in before the sleep: the looker says that it looks.
  package func saying(_ asleep: NamedState) -> NamedState {
    isLooker ? asleep.with(NamedState.looked) : asleep
  }

  /// The slices begin anew. That does not put off a look: a word that changes all the time, or whose
  /// sleepers are woken all the time, is looked at, too.
  package mutating func restart(_ rules: NamedRules, at now: Int64) {
    slice = rules.hasOwner ? Self.look : Self.firstSlice
    due = min(due, now + slice)
  }

  /// Of a wait for several, one that has to look at one of them looks at the others, too, if their
  /// time is soon: it sleeps once for all.
  package func isNearlyDue(at now: Int64) -> Bool { due - now <= slice / 2 }

  /// It has looked at an object that has no owner, or can be had now.
  package mutating func goOn(_ rules: NamedRules, at now: Int64) {
    slice = min(2 * slice, rules.hasOwner ? Self.look : Self.longestSlice)
    due = Self.end(of: slice, from: now)
  }

  /// It is the looker now; or it rests, as another one looks.
  package mutating func goOn(looking isLooker: Bool, at now: Int64) {
    self.isLooker = isLooker
    hasRested = hasRested || !isLooker
    slice = isLooker ? Self.look : Self.longestSlice
    due = Self.end(of: slice, from: now)
  }

  /// The longest sleeps end at common moments: many processes that wake one after the other find what
  /// they need in the processor's caches, which halves what a sleep costs.
  private static func end(of slice: Int64, from now: Int64) -> Int64 {
    slice < longestSlice ? now + slice : (now + slice) / moments * moments
  }

  /// It no longer looks for others.
  package mutating func end() { isLooker = false }
}
