/// How waits for named objects sleep: spin for a while, say in the word that somebody sleeps, and
/// sleep until it is woken or has to look again by itself (`NamedWatch`), as whoever should have
/// woken it may be dead.
package enum NamedSleep {
  /// How long a wait that would time out still waits for one that is deciding right now: a
  /// reservation is no answer yet, and normally over in microseconds.
  static let grace: Int64 = 2_000_000
  /// Looks without a sleep, as the word changed under each: then we let others see the clock and
  /// signals.
  static let looks = 10_000
  /// Turns for the looker's place, if it changes each time.
  static let turns = 100

  /// Asked after each sleep, none of which is longer than a second: shall the wait end? A signal
  /// that comes just before a sleep is seen so, too. Without it every signal ends the wait.
  package typealias Stop = () -> Bool

  /// Signals do not end the wait: one that began anew would not know that a manual event was set
  /// and reset before.
  static let never: @Sendable () -> Bool = { false }

  static func ends(_ waking: NamedWords.Waking, _ isStopped: Stop?) -> Bool {
    isStopped?() ?? (waking == .interrupted)
  }
}

/// How a wait ends.
package enum WaitOutcome: Sendable {
  case acquired
  /// Acquired, and its last owner died with it.
  case abandoned
  /// Acquired, but somebody else has removed the mutex's file: whoever creates the name now has
  /// another mutex.
  case removed
  case timedOut
  /// A signal's handler ran; nothing was acquired. Waits may end so for no reason.
  case interrupted

  var isTaken: Bool { self == .acquired || self == .abandoned || self == .removed }
}

// MARK: - One object

extension NamedHandle {
  /// Waits until the object is ours, a signal comes, or the time is over.
  ///
  /// - Parameters:
  ///   - nanoseconds: nil: without an end; 0: only looks.
  ///   - isStopped: see `NamedSleep.Stop`.
  func wait(
    _ operation: String, nanoseconds: Int64?, until isStopped: NamedSleep.Stop? = nil
  ) throws(SharedMemoryError) -> WaitOutcome {
    if words.fastWait {
      try checkLoss(operation)
      return .acquired
    }
    try require(.wait, operation)
    var waiter = try waiter(operation)
    if rules.hasOwner && words.depth > 0 { return try lockAgain(operation) }
    var watch = NamedWatch()
    let outcome = acquire(&waiter, &watch, nanoseconds, isStopped)
    leave(waiter, &watch, takes: outcome.isTaken)
    try checkLoss(operation)
    return outcome
  }

  /// Who waits here; what has an owner needs to know who.
  func waiter(_ operation: String) throws(SharedMemoryError) -> NamedRules.Waiter {
    let mark = rules.hasOwner ? try claimedMark(operation) : .none
    return NamedRules.Waiter(mark: mark, start: words.state)
  }

  func lockAgain(_ operation: String) throws(SharedMemoryError) -> WaitOutcome {
    if words.depth == .max {
      throw refused(
        .tooManyPosts, operation, "it is locked \(UInt32.max) times already; unlock it first")
    }
    words.depth += 1
    return .acquired
  }

  private func acquire(
    _ waiter: inout NamedRules.Waiter, _ watch: inout NamedWatch, _ nanoseconds: Int64?,
    _ isStopped: NamedSleep.Stop?
  ) -> WaitOutcome {
    let deadline = Deadline(after: nanoseconds)
    var grace: Deadline?
    var looks = 0
    /// Nothing happened while it slept.
    var isIdle = false
    while looks < NamedSleep.looks {
      looks += 1
      let state = words.state
      let asleep: NamedState
      switch rules.next(state, waiter) {
      case .pass: return .acquired
      case .take(let taken, let abandoned, let wakesNext):
        if words.swap(state, taken) {
          return take(abandoned: abandoned, wakesNext: wakesNext)
        }
        continue
      case .sleep(let state): asleep = watch.saying(state)
      }
      if words.isLost { return .interrupted }
      if (grace ?? deadline).isOver {
        if doubt(asleep, &waiter) { continue }
        if grace == nil && rules.isReserved(asleep) {
          grace = Deadline(after: NamedSleep.grace)
          continue
        }
        return .timedOut
      }
      if !isIdle && words.spin(state) { continue }
      if asleep != state && !words.swap(state, asleep) { continue }
      let now = System.now
      watch.begin(asleep, rules, at: now)
      let waking = words.sleep(
        asleep, nanoseconds: (grace ?? deadline).sleep(until: watch.due, from: now))
      looks = 0
      isIdle = waking == .ranOut
      awake(waking, &waiter, &watch)
      if NamedSleep.ends(waking, isStopped) { return .interrupted }
    }
    return deadline.isOver ? .timedOut : .interrupted
  }

  /// The swap was done: it is ours.
  private func take(abandoned: Bool, wakesNext: Bool) -> WaitOutcome {
    if rules.hasOwner { words.depth = 1 }
    if wakesNext { words.wake(1) }
    if abandoned { return .abandoned }
    return rules.hasOwner && isRemoved ? .removed : .acquired
  }

  /// Asks the kernel about whoever the state names; true: it is dead, which is new.
  func doubt(_ state: NamedState, _ waiter: inout NamedRules.Waiter) -> Bool {
    guard let mark = rules.doubtful(state, waiter) else { return false }
    let isDead = isDead(mark)
    if isDead { waiter.dead = mark } else { waiter.alive = mark }
    return isDead
  }

  /// After each sleep: looks by itself, if it is time to.
  func awake(
    _ waking: NamedWords.Waking, _ waiter: inout NamedRules.Waiter, _ watch: inout NamedWatch
  ) {
    waiter.hasSlept = true
    waiter.alive = .none
    let now = System.now
    if waking == .ranOut ? !watch.isNearlyDue(at: now) : watch.due > now {
      if waking == .woken { watch.restart(rules, at: now) }
      return
    }
    let state = words.state
    guard rules.hasOwner, case .sleep = rules.next(state, waiter) else {
      _ = doubt(state, &waiter)
      return watch.goOn(rules, at: now)
    }
    // Who has just come looks once itself: the looker may have died with the owner.
    let isNew = !watch.hasRested
    watch.goOn(looking: looks(waiter.mark), at: now)
    if watch.isLooker || isNew { _ = doubt(state, &waiter) }
  }

  /// Is this one the looker, or has it become it?
  private func looks(_ mark: NamedMark) -> Bool {
    var (dead, alive) = (NamedMark.none, NamedMark.none)
    for _ in 0..<NamedSleep.turns {
      let looker = words.looker
      let time = UInt32(truncatingIfNeeded: System.now / 1_000_000)
      switch rules.duty(looker, of: mark, dead: dead, alive: alive, at: time) {
      case .look(let ours): if words.swap(looker, ours) { return true }
      case .ask(let other): if isDead(other) { dead = other } else { alive = other }
      case .rest: return false
      }
    }
    return true
  }

  /// The wait for this object ends, with it or without it.
  func leave(_ waiter: NamedRules.Waiter, _ watch: inout NamedWatch, takes: Bool) {
    if !waiter.hasSlept { return }
    if !takes { passOn(waiter, watch) }
    if rules.hasOwner && (watch.isLooker || !takes) { dismiss(waiter.mark, takes: takes) }
    watch.end()
  }

  private func dismiss(_ mark: NamedMark, takes: Bool) {
    let looker = words.looker
    guard let (after, wakes) = rules.dismissed(looker, of: mark, takes: takes) else { return }
    if after == looker || words.swap(looker, after) { words.wake(wakes) }
  }

  /// One that slept here and goes without taking anything may have had the wake-up that others
  /// wait for: it leaves the word as if it still slept, or wakes another one. Nobody looks any more,
  /// if this one did.
  private func passOn(_ waiter: NamedRules.Waiter, _ watch: NamedWatch) {
    for _ in 0..<NamedSleep.looks {
      let state = words.state
      let (after, wakes) = rules.passedOn(state, waiter, looks: watch.isLooker)
      if state != after && !words.swap(state, after) { continue }
      if wakes > 0 { words.wake(wakes) }
      return
    }
  }

  /// What can be done with it now, for waits for several.
  func look(_ waiter: NamedRules.Waiter) -> Look {
    if rules.hasOwner && words.depth > 0 { return .ours }
    let state = words.state
    switch rules.next(state, waiter) {
    case .pass: return .signalled
    case .sleep(let asleep): return .asleep(state, asleep)
    case .take(let taken, let abandoned, let wakesNext):
      return .free(state, taken, abandoned: abandoned, wakesNext: wakesNext)
    }
  }

  /// Takes what a look said can be had; nil: the word has changed since.
  func take(_ look: Look) throws(SharedMemoryError) -> WaitOutcome? {
    switch look {
    case .ours: return try lockAgain("wait")
    case .signalled: return .acquired
    case .asleep: return nil
    case .free(let state, let taken, let abandoned, let wakesNext):
      if !words.swap(state, taken) { return nil }
      return take(abandoned: abandoned, wakesNext: wakesNext)
    }
  }

  enum Look {
    /// What this owner holds already.
    case ours
    /// What is passed, and stays as it is.
    case signalled
    /// What was seen, and what to swap in: then it is ours.
    case free(NamedState, NamedState, abandoned: Bool, wakesNext: Bool)
    /// What was seen, and what to swap in before the sleep.
    case asleep(NamedState, NamedState)
  }
}
