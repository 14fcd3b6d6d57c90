/// How waits for named objects sleep: spin for a while, say in the word that somebody sleeps, and
/// sleep for at most a slice; then look again, whoever should have woken us may be dead.
package enum NamedSleep {
  /// In nanoseconds.
  static let slice: Int64 = 20_000_000
  /// How long a wait that would time out still waits for one that is deciding right now: a
  /// reservation is no answer yet, and normally over in microseconds.
  static let grace: Int64 = 2_000_000
  /// Looks without a sleep, as the word changed under each: then we let others see the clock and
  /// signals.
  static let looks = 10_000

  /// Asked after each sleep, none of which is longer than a slice: shall the wait end? A signal
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
  case timedOut
  /// A signal's handler ran; nothing was acquired. Waits may end so for no reason.
  case interrupted
}

/// When a wait ends at the latest, on the monotonic clock.
struct Deadline {
  private let nanoseconds: Int64?

  /// - Parameter nanoseconds: from now on; nil: never.
  init(after nanoseconds: Int64?) {
    self.nanoseconds = nanoseconds.map { Self.sum(System.now, max(0, $0)) }
  }

  private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
    let (sum, overflow) = one.addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// Nil: there is no end.
  var left: Int64? { nanoseconds.map { max(0, $0 - System.now) } }
  var isOver: Bool { left == 0 }
  /// The next sleep, from what is left.
  var slice: Int64 { min(NamedSleep.slice, left ?? .max) }
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
    if rules.kind == .mutex && words.depth > 0 { return try lockAgain(operation) }
    let outcome = acquire(&waiter, nanoseconds, isStopped)
    if waiter.hasSlept && (outcome == .timedOut || outcome == .interrupted) { passOn(waiter) }
    try checkLoss(operation)
    return outcome
  }

  /// Who waits here; a mutex needs to know who.
  func waiter(_ operation: String) throws(SharedMemoryError) -> NamedRules.Waiter {
    let mark = rules.kind == .mutex ? try claimedMark(operation) : .none
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
    _ waiter: inout NamedRules.Waiter, _ nanoseconds: Int64?, _ isStopped: NamedSleep.Stop?
  ) -> WaitOutcome {
    let deadline = Deadline(after: nanoseconds)
    var grace: Deadline?
    var looks = 0
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
      case .sleep(let state): asleep = state
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
      if words.spin(state) { continue }
      if asleep != state && !words.swap(state, asleep) { continue }
      let waking = words.sleep(asleep, nanoseconds: (grace ?? deadline).slice)
      waiter.hasSlept = true
      looks = 0
      if NamedSleep.ends(waking, isStopped) { return .interrupted }
      if waking == .ranOut { _ = doubt(asleep, &waiter) }
    }
    return deadline.isOver ? .timedOut : .interrupted
  }

  /// The swap was done: it is ours.
  private func take(abandoned: Bool, wakesNext: Bool) -> WaitOutcome {
    if rules.kind == .mutex { words.depth = 1 }
    if wakesNext { words.wake(1) }
    return abandoned ? .abandoned : .acquired
  }

  /// Asks the kernel about whoever the state names; true: it is dead, which is new.
  func doubt(_ state: NamedState, _ waiter: inout NamedRules.Waiter) -> Bool {
    let names = rules.kind == .mutex ? state.has(NamedState.held) : rules.isReserved(state)
    guard names, state.mark != waiter.dead, isDead(state.mark) else { return false }
    waiter.dead = state.mark
    return true
  }

  /// One that slept here and goes without taking anything may have had the wake-up that others
  /// wait for: it leaves the word as if it still slept, or wakes another one.
  func passOn(_ waiter: NamedRules.Waiter) {
    for _ in 0..<NamedSleep.looks {
      let state = words.state
      guard case .sleep(let asleep) = rules.next(state, waiter) else {
        words.wake(1)
        return
      }
      if state == asleep || words.swap(state, asleep) { return }
    }
  }

  /// One look, for waits for several: takes it if it can be had now, else what to sleep on.
  func look(_ waiter: NamedRules.Waiter) -> Look {
    for _ in 0..<NamedSleep.looks {
      let state = words.state
      switch rules.next(state, waiter) {
      case .pass: return .taken(.acquired)
      case .sleep(let asleep): return .asleep(state, asleep)
      case .take(let taken, let abandoned, let wakesNext):
        if words.swap(state, taken) {
          return .taken(take(abandoned: abandoned, wakesNext: wakesNext))
        }
      }
    }
    return .restless
  }

  enum Look {
    case taken(WaitOutcome)
    /// What was seen, and what to swap in before the sleep.
    case asleep(NamedState, NamedState)
    /// It changed each time.
    case restless
  }
}
