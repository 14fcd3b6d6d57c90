internal import CShm

/// A lock of a ring: its word is an owner's mark | SLEEPERS, HELD.
struct RingLock {
  let word: UnsafeMutableRawPointer
  /// What its owner changes again and again, as long as it goes on.
  let position: UnsafeMutableRawPointer
  let spinner: UnsafeMutablePointer<cshm_spinner>
  /// What its owner does: `pushing`.
  let work: String
}

/// One operation's wait for a lock, whose owner has it for nanoseconds, or is stopped, or dead.
struct RingLockWait {
  private var owner: UInt32 = 0
  private var position: UInt64 = 0
  private var deadline: Deadline?
  private var last: Deadline?

  /// In nanoseconds: how long whoever holds a lock may make no progress before it is looked at: who
  /// is stopped has to be told, who only gets no processor on a busy machine will go on.
  private static let patience: Int64 = 300_000_000
  /// In nanoseconds: how long a wait for a lock is at most, whatever progress others make: they may
  /// be hostile.
  private static let mostPatience: Int64 = 3_000_000_000

  enum End {
    /// The word is another one, as far as is known.
    case changed
    /// Its owner has died.
    case dead
    /// It has slept on the word, and others may do so still.
    case slept
  }

  /// One turn; then the caller tries again.
  ///
  /// - Throws: 170 who holds the lock does not go on, 999 its memory is gone.
  mutating func wait(
    for lock: RingLock, seen word: UInt64, _ handle: NamedHandle, _ operation: String
  ) throws(SharedMemoryError) -> End {
    let seen = NamedState(rawValue: word)
    if cshm_spin(lock.word, seen.low, lock.spinner) { return .changed }
    if handle.isDead(seen.mark) { return .dead }
    let position = cshm_load64(lock.position)
    if deadline == nil || owner != seen.mark.rawValue || self.position != position {
      (owner, self.position) = (seen.mark.rawValue, position)
      deadline = Deadline(after: Self.patience)
      last = last ?? Deadline(after: Self.mostPatience)
    }
    if deadline!.isOver || last!.isOver {
      let owner = handle.process(seen.mark)
      let runs = owner.runs(handle.object.handle.system)
      if !runs || last!.isOver {
        throw held(by: owner, runs, seen.mark, lock.work, handle, operation)
      }
      deadline = Deadline(after: Self.patience)
    }
    try handle.checkLoss(operation)
    var expected = seen.rawValue
    let asleep = seen.with(NamedState.sleepers)
    if asleep != seen && !cshm_cas64(lock.word, &expected, asleep.rawValue) { return .changed }
    _ = NamedWords.waking(
      cshm_futex_wait(lock.word, asleep.low, min(CSHM_FIRST_SLICE, deadline!.left ?? 0)))
    return .slept
  }

  private func held(
    by owner: SlotProcess, _ runs: Bool, _ mark: NamedMark, _ work: String, _ handle: NamedHandle,
    _ operation: String
  ) -> SharedMemoryError {
    let who =
      switch owner {
      case .known(let process): "process \(process)"
      case .elsewhere: "a process in another pid namespace"
      case .unknown: "an unknown process"
      }
    return handle.refused(
      .busy, operation,
      runs
        ? "\(who) (slot \(mark.slot)) runs, and has been in the midst of \(work) for 3 s; try again, or "
          + "end it"
        : "\(who) (slot \(mark.slot)) has stopped in the midst of \(work); continue it (kill -CONT), "
          + "or end it")
  }
}
