/// How waits for named objects sleep: they spin for a while, mark the word to say that somebody
/// sleeps, and sleep until they are woken or it is time to look again (`NamedWatch`), because
/// whoever should have woken them may be dead.
package enum NamedSleep {
  /// In nanoseconds: how much longer a wait that would time out waits while another one is
  /// deciding. A reservation is no answer yet, and normally ends within microseconds.
  static let grace: Int64 = 2_000_000
  /// The most looks without a sleep, if the word changes under each; then the caller checks the
  /// clock and signals.
  static let looks = 10_000
  /// The most attempts to take the looker's place, if its word changes each time.
  static let turns = 100

  /// Called after each sleep: shall the wait end? No sleep is longer than a second, so this also
  /// sees a signal that came just before a sleep. Without it every signal ends the wait.
  package typealias Stop = () -> Bool

  /// No signal ends the wait. If it were ended and begun again, it would not notice that a manual
  /// event was set and reset in between.
  static let never: @Sendable () -> Bool = { false }

  static func ends(_ waking: NamedWords.Waking, _ isStopped: Stop?) -> Bool {
    isStopped?() ?? (waking == .interrupted)
  }
}

/// How a wait ends.
package enum WaitOutcome: Sendable {
  case acquired
  /// Acquired, but its last owner died while it held the object.
  case abandoned
  /// Acquired, but somebody else has removed the mutex's file: whoever creates the name now gets
  /// another mutex.
  case removed
  case timedOut
  /// A signal's handler ran, and nothing was acquired. A wait may end like this without any signal.
  case interrupted

  var isTaken: Bool { self == .acquired || self == .abandoned || self == .removed }
}

// MARK: - One object

extension NamedHandle {
  /// Waits until the object is ours, a signal comes, or the time is over.
  ///
  /// - Parameters:
  ///   - nanoseconds: nil waits for ever, 0 only looks.
  ///   - isStopped: see `NamedSleep.Stop`.
  func wait(
    _ operation: String, nanoseconds: Int64?, until isStopped: NamedSleep.Stop? = nil
  ) throws(SharedMemoryError) -> WaitOutcome {
    let (outcome, waiter) = try wait(
      operation, nanoseconds: nanoseconds, until: isStopped, goesOn: false)
    if let waiter, outcome.isTaken { wakeNext(waiter) }
    return outcome
  }

  /// The same for whoever looks into a ring next, and may wake further sleepers itself (`goesOn`).
  ///
  /// - Returns: also what the waiter knew at the end; nil: it had not to wait.
  func wait(
    _ operation: String, nanoseconds: Int64?, until isStopped: NamedSleep.Stop?, goesOn: Bool
  ) throws(SharedMemoryError) -> (WaitOutcome, NamedRules.Waiter?) {
    if words.fastWait {
      try checkLoss(operation)
      return (.acquired, nil)
    }
    try require(.wait, operation)
    var waiter = try waiter(operation)
    if rules.hasOwner && words.depth > 0 { return (try lockAgain(operation), nil) }
    var watch = NamedWatch()
    let outcome = acquire(&waiter, &watch, nanoseconds, isStopped, goesOn: goesOn)
    leave(waiter, &watch, takes: outcome.isTaken)
    try checkLoss(operation)
    return (outcome, waiter)
  }

  /// Whoever puts something into a ring wakes one sleeper. One that slept and takes nothing out
  /// passes that on.
  func wakeNext(_ waiter: NamedRules.Waiter) {
    if ring != nil && waiter.hasSlept { words.wake(1) }
  }

  /// The waiter's knowledge at the start. Who may have to look for all needs this owner's mark.
  func waiter(_ operation: String) throws(SharedMemoryError) -> NamedRules.Waiter {
    let mark = rules.isLookedAfter ? try claimedMark(operation) : .none
    var waiter = NamedRules.Waiter(mark: mark, start: broadcast?.seen ?? words.state)
    waiter.hasNews = broadcast?.isReady ?? false
    return waiter
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
    _ isStopped: NamedSleep.Stop?, goesOn: Bool
  ) -> WaitOutcome {
    let deadline = Deadline(after: nanoseconds)
    var grace: Deadline?
    var looks = 0
    /// The last sleep ran out without any event.
    var isIdle = false
    /// Between two looks of a spin.
    var gap: Int32 = 0
    while looks < NamedSleep.looks {
      looks += 1
      let state = words.state
      let asleep: NamedState
      switch rules.next(state, waiter) {
      case .pass:
        if !goesOn, let ring, !ring.isReady() { continue }
        return .acquired
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
      if !isIdle && spin(state, &gap) { continue }
      if asleep != state && !words.swap(state, asleep) { continue }
      let now = System.now
      watch.begin(asleep, rules, at: now)
      let waking = words.sleep(
        asleep, nanoseconds: (grace ?? deadline).sleep(until: watch.due, from: now))
      looks = 0
      isIdle = waking == .ranOut
      passOn(waking, sleptOn: asleep, &waiter)
      awake(waking, &waiter, &watch)
      if NamedSleep.ends(waking, isStopped) { return .interrupted }
    }
    return deadline.isOver ? .timedOut : .interrupted
  }

  private func spin(_ state: NamedState, _ gap: inout Int32) -> Bool {
    rules.hasOwner ? words.spin(state, gap: &gap) : words.spin(state)
  }

  /// The swap succeeded, so the object is ours.
  private func take(abandoned: Bool, wakesNext: Bool) -> WaitOutcome {
    if rules.hasOwner { words.depth = 1 }
    if wakesNext { words.wake(1) }
    if abandoned { return .abandoned }
    return rules.hasOwner && isRemoved ? .removed : .acquired
  }

  /// Asks the kernel about the owner of the state's mark; true: it is dead, which was not known. Of
  /// a ring: is there something that nobody has signalled?
  func doubt(_ state: NamedState, _ waiter: inout NamedRules.Waiter) -> Bool {
    if let ring { return ring.looksForAll() }
    if let broadcast {
      waiter.hasNews = broadcast.isReady
      return waiter.hasNews
    }
    guard let mark = rules.doubtful(state, waiter) else { return false }
    let isDead = isDead(mark)
    if isDead { waiter.dead = mark } else { waiter.alive = mark }
    return isDead
  }

  /// Called after each sleep: looks at the owner if it is time to.
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
    guard rules.isLookedAfter, case .sleep = rules.next(state, waiter) else {
      _ = doubt(state, &waiter)
      return watch.goOn(rules, at: now)
    }
    // A new waiter looks once itself: the looker may have died together with the owner.
    let isNew = !watch.hasRested
    watch.goOn(looking: looks(waiter.mark), at: now)
    if watch.isLooker || isNew { _ = doubt(state, &waiter) }
  }

  /// Is this waiter the looker, or has it just become it?
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

  /// Called when the wait for this object ends, with the object or without it.
  func leave(_ waiter: NamedRules.Waiter, _ watch: inout NamedWatch, takes: Bool) {
    if !waiter.hasSlept { return }
    if !takes { passOn(waiter, watch) }
    if rules.isLookedAfter && (watch.isLooker || !takes) { dismiss(waiter.mark, takes: takes) }
    watch.end()
  }

  private func dismiss(_ mark: NamedMark, takes: Bool) {
    let looker = words.looker
    guard let (after, wakes) = rules.dismissed(looker, of: mark, takes: takes) else { return }
    if after == looker || words.swap(looker, after) { words.wake(wakes) }
  }

  /// A waiter that slept and leaves without taking anything may have received the wake-up meant for
  /// others. It leaves the word as if it still slept, or wakes another waiter. If it was the
  /// looker, it clears LOOKED.
  private func passOn(_ waiter: NamedRules.Waiter, _ watch: NamedWatch) {
    for _ in 0..<NamedSleep.looks {
      let state = words.state
      let (after, wakes) = rules.passedOn(state, waiter, looks: watch.isLooker)
      if state != after && !words.swap(state, after) { continue }
      if wakes > 0 { words.wake(wakes) }
      return
    }
  }

  /// Of a reader that slept: it wakes others, as who publishes wakes one only.
  func passOn(
    _ waking: NamedWords.Waking, sleptOn asleep: NamedState, _ waiter: inout NamedRules.Waiter
  ) {
    if broadcast == nil || waking != .woken { return }
    let isNews = (words.state.rawValue ^ asleep.rawValue) & NamedState.count != 0
    if isNews || !waiter.hasPassedInVain { words.wake(NamedBroadcast.passedOn) }
    waiter.hasPassedInVain = !isNews
  }

  /// What can be done with this object now; for waits for several.
  func look(_ waiter: NamedRules.Waiter) -> Look {
    if rules.hasOwner && words.depth > 0 { return .ours }
    if let ring, words.state.has(NamedState.set), ring.isReady() { return .signalled }
    // If it was set again meanwhile, the swap before the sleep fails.
    let state = ring == nil ? words.state : words.state.without(NamedState.set)
    switch rules.next(state, waiter) {
    case .pass: return .signalled
    case .sleep(let asleep): return .asleep(state, asleep)
    case .take(let taken, let abandoned, let wakesNext):
      return .free(state, taken, abandoned: abandoned, wakesNext: wakesNext)
    }
  }

  /// Takes what a look found available; nil: the word has changed since.
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
    /// This owner holds it already.
    case ours
    /// The wait succeeds and leaves the object as it is.
    case signalled
    /// The state that was seen, and the one to swap in: then the object is ours.
    case free(NamedState, NamedState, abandoned: Bool, wakesNext: Bool)
    /// The state that was seen, and the one to swap in before the sleep.
    case asleep(NamedState, NamedState)
  }
}
