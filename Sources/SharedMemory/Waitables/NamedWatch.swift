/// When a wait looks again at one of its objects without being woken; plain data, one per object.
package struct NamedWatch: Hashable, Sendable {
  /// The state on which it last slept.
  private var word: NamedState?
  private var slice: Int64 = 0
  /// In nanoseconds of the monotonic clock.
  package private(set) var due = Int64.max
  /// After its last look its mark stood in the looker's word.
  package private(set) var isLooker = false
  /// It has found another looker at least once, and rested.
  package private(set) var hasRested = false

  package init() {}

  /// In nanoseconds: the time between two looks of the looker, and anybody's first sleep on a
  /// mutex.
  package static let look: Int64 = 25_000_000
  /// In nanoseconds: the distance between the moments at which the longest sleeps end.
  private static let moments: Int64 = 62_500_000

  /// Called before each sleep. If the word has changed since the last one, the slices start over.
  /// The sleep never has length 0, however long it took to come here, and is only long if somebody
  /// looks.
  package mutating func begin(_ asleep: NamedState, _ rules: NamedRules, at now: Int64) {
    let plain = rules.isLookedAfter ? asleep.without(NamedState.looked) : asleep
    if word != plain { restart(rules, at: now) }
    word = plain
    if due <= now { due = now + slice }
    if rules.isLookedAfter && !asleep.has(NamedState.looked) { due = min(due, now + Self.look) }
  }

  /// The state to swap in before the sleep: the looker adds that it looks.
  package func saying(_ asleep: NamedState) -> NamedState {
    isLooker ? asleep.with(NamedState.looked) : asleep
  }

  /// Starts the slices over. That does not put off a look: an object whose word changes all the
  /// time, or whose sleepers are woken all the time, is looked at, too.
  package mutating func restart(_ rules: NamedRules, at now: Int64) {
    slice = rules.isLookedAfter ? Self.look : Self.firstSlice
    due = min(due, now + slice)
  }

  /// Is the next look near? A wait for several that has to look at one object also looks at those
  /// whose look is near, so that it sleeps once for all.
  package func isNearlyDue(at now: Int64) -> Bool { due - now <= slice / 2 }

  /// Plans the next look after one at an object that has no owner or that can be had now.
  package mutating func goOn(_ rules: NamedRules, at now: Int64) {
    slice = min(2 * slice, rules.isLookedAfter ? Self.look : Self.longestSlice)
    due = Self.end(of: slice, from: now)
  }

  /// Plans the next look as the looker, or, if another one looks, as one that rests.
  package mutating func goOn(looking isLooker: Bool, at now: Int64) {
    self.isLooker = isLooker
    hasRested = hasRested || !isLooker
    slice = isLooker ? Self.look : Self.longestSlice
    due = Self.end(of: slice, from: now)
  }

  /// The longest sleeps end at common moments: processes that wake one after the other find what
  /// they need in the processor's caches, which halves the cost of a sleep.
  private static func end(of slice: Int64, from now: Int64) -> Int64 {
    slice < longestSlice ? now + slice : (now + slice) / moments * moments
  }

  /// The wait ends: it no longer looks for others.
  package mutating func end() { isLooker = false }
}
