/// Waits for several named objects.
public enum Waiting {
  /// Waits until one of them is ours: the first in the list that can be had, which a mutex whose
  /// owner died can. An event without
  /// `manual` is unset by it, a mutex locked, a semaphore's count lowered.
  ///
  /// `futex_waitv(2)`; Win32's `WaitForMultipleObjects`; Lua: `shm.wait{a, b}`.
  ///
  /// - Parameters:
  ///   - objects: 1 to 64; one may be given twice.
  ///   - timeout: nil waits without an end, zero only looks.
  /// - Returns: its place in the list, and whether it is a mutex whose owner died with it, or whose
  ///   file was removed (`LockOutcome`); nil when the time is over.
  /// - Throws: 87 none or more than 64 objects, 5 a handle without the right to wait, 170 a mutex
  ///   with more users than places, 999 an object whose memory is gone.
  public static func any(
    _ objects: [any Waitable], timeout: Duration? = nil
  ) throws(SharedMemoryError) -> (index: Int, abandoned: Bool, removed: Bool)? {
    let (outcome, index) = try untilDecided(objects, all: false, timeout)
    return outcome == .timedOut
      ? nil : (index, outcome == .abandoned, outcome == .removed)
  }

  /// Waits until all of them can be had at the same time, and takes them at once; nothing is
  /// taken before, and nothing when the time is over.
  ///
  /// A process that is killed while it waits takes nothing with it. Only in the few instructions
  /// in which all are being taken, some may be taken by the dead: a signal or a permit is gone as
  /// if it had died a moment later, a mutex is abandoned, and the others are free.
  ///
  /// Win32's `WaitForMultipleObjects` with `bWaitAll`; Lua: `shm.wait({a, b}, {all = true})`.
  ///
  /// - Parameters: as for `any`, but each object only once.
  /// - Returns: `.abandoned` if the owner of one of the mutexes had died with it; `.removed` if the
  ///   file of one is gone.
  /// - Throws: as `any`, and 87 an object that is given twice.
  public static func all(
    _ objects: [any Waitable], timeout: Duration? = nil
  ) throws(SharedMemoryError) -> LockOutcome {
    switch try untilDecided(objects, all: true, timeout).outcome {
    case .acquired: .locked
    case .abandoned: .abandoned
    case .removed: .removed
    default: .timedOut
    }
  }

  /// One wait that a signal ends (`.interrupted`), for callers who handle it and continue.
  ///
  /// - Parameters:
  ///   - places: of the objects, where the list has conditions, too; nil: it has none.
  ///   - conditions: what ends a wait for any as well; 87 with `all`.
  /// - Returns: how it ended, and where: in the list of `any`; for `all` the first mutex whose
  ///   owner died.
  package static func wait(
    _ objects: [any Waitable], all: Bool, places: [Int]? = nil,
    beside conditions: WaitConditions? = nil, nanoseconds: Int64?,
    until isStopped: NamedSleep.Stop? = nil
  ) throws(SharedMemoryError) -> (outcome: WaitOutcome, index: Int) {
    var wait = try SeveralWait(
      objects.map(\.handle), all: all, places: places ?? Array(objects.indices),
      beside: conditions ?? .none, nanoseconds: nanoseconds, until: isStopped)
    let end = all ? try wait.all() : try wait.any()
    return (end.outcome, wait.place(end))
  }

  private static func untilDecided(
    _ objects: [any Waitable], all: Bool, _ timeout: Duration?
  ) throws(SharedMemoryError) -> (outcome: WaitOutcome, index: Int) {
    let deadline = Deadline(after: timeout?.nanoseconds)
    while true {
      let end = try wait(
        objects, all: all, nanoseconds: deadline.left, until: NamedSleep.never)
      if end.outcome != .interrupted { return end }
    }
  }
}

extension Waitable {
  /// One wait for this object, which a signal ends.
  package func wait(
    _ operation: String, nanoseconds: Int64?, until isStopped: NamedSleep.Stop? = nil
  ) throws(SharedMemoryError) -> WaitOutcome {
    try handle.wait(operation, nanoseconds: nanoseconds, until: isStopped)
  }

  package func untilDecided(
    _ operation: String, _ timeout: Duration?
  ) throws(SharedMemoryError) -> WaitOutcome {
    // An object that is free needs no clock.
    if handle.words.fastWait && !handle.words.isLost { return .acquired }
    let deadline = Deadline(after: timeout?.nanoseconds)
    while true {
      let outcome = try handle.wait(
        operation, nanoseconds: deadline.left, until: NamedSleep.never)
      if outcome != .interrupted { return outcome }
    }
  }
}

extension Duration {
  /// Clamped to what 64 bits hold; a negative duration is 0.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || over ? .max : sum
  }
}
