package import CShm

/// A named count. Acquiring lowers it, or waits while it is 0; releasing raises it.
///
/// When a process dies, the permits that it acquired are lost, as in Win32. Win32's
/// `CreateSemaphore`; Lua: `shm.semaphore`.
public final class NamedSemaphore: Waitable {
  public let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }

  /// The largest value that the count can have.
  public var maximum: Int { Int(handle.rules.limit) }

  /// Creates the semaphore, or opens the one that exists (`existed`; then its own counts apply).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - initial: the count at first, 0 to `maximum`.
  ///   - maximum: 1 to 2^31 - 1.
  ///   - mode: permission bits that include the owner's 0o600.
  ///   - exclusive: as for `NamedEvent.create`.
  /// - Throws: 87 invalid counts, and what `NamedEvent.create` throws.
  public static func create(
    _ name: String?, initial: Int, maximum: Int, mode: UInt32 = 0o600,
    exclusive: Bool = false, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    NamedSemaphore(
      try .create(
        SemaphoreKind(), name, ["initial": Int64(initial), "maximum": Int64(maximum)],
        mode: mode, exclusive: exclusive, .process, session))
  }

  /// Opens an existing semaphore. Win32's `OpenSemaphore`; Lua: `shm.open_semaphore`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    NamedSemaphore(try .open(SemaphoreKind(), name, access, .process, session))
  }

  /// Waits until the count is above 0 and lowers it by one. `futex(2)`; Win32's
  /// `WaitForSingleObject`; Lua: `semaphore:acquire`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only looks.
  /// - Returns: false after the timeout.
  /// - Throws: 5 the handle lacks the right to wait, 999 the object's memory is gone.
  public func acquire(timeout: Duration? = nil) throws(SharedMemoryError) -> Bool {
    try untilDecided("acquire", timeout) != .timedOut
  }

  /// Raises the count. Win32's `ReleaseSemaphore`; Lua: `semaphore:release`.
  ///
  /// - Returns: the count before.
  /// - Throws: 87 less than one permit, 298 the maximum would be exceeded (the count stays), 5 the
  ///   handle lacks the right to modify, 999 the object's memory is gone.
  @discardableResult
  public func release(_ permits: Int = 1) throws(SharedMemoryError) -> Int {
    if permits < 1 {
      throw handle.refused(.invalidParameter, "release", SemaphoreKind.tooFew(permits))
    }
    let previous = permits > maximum ? nil : try handle.release(UInt32(permits))
    guard let previous else {
      throw handle.refused(.tooManyPosts, "release", SemaphoreKind.tooMany(permits, maximum))
    }
    return Int(previous)
  }
}

extension NamedHandle {
  /// Nil: the maximum would be exceeded.
  fileprivate func release(_ permits: UInt32) throws(SharedMemoryError) -> UInt32? {
    // A permit that is reserved right now will be taken, or given back, in a moment.
    let patience = Deadline(after: NamedSleep.grace)
    return try modify("release") { words in
      Self.released(words, permits, isFinal: patience.isOver)
    }
  }

  /// Returns the count before; `.some(nil)`: the maximum would be exceeded. Nil: undecided, because
  /// the word changed again and again, or because a permit is reserved and this is not the final
  /// attempt.
  private static func released(
    _ words: NamedWords, _ permits: UInt32, isFinal: Bool
  ) -> UInt32?? {
    var previous: UInt32 = 0
    switch UInt32(bitPattern: cshm_semaphore_release(words.plain, permits, &previous)) {
    case CSHM_ACQUIRED.rawValue: return .some(previous)
    case CSHM_TOO_MANY.rawValue: return .some(nil)
    default: return isFinal && words.state.mark != .none ? .some(nil) : nil
    }
  }
}

// MARK: - The kind

extension NamedSemaphore {
  /// A semaphore's state at one look.
  public struct State: ObjectState, Equatable {
    public let count, maximum: Int

    public var text: String { "\(count) of \(maximum)" }
    public var fields: [StateField] {
      [StateField("count", .number(count)), StateField("maximum", .number(maximum))]
    }
  }
}

extension ObjectKind {
  package static var semaphore: ObjectKind { SemaphoreKind().objectKind }
}

/// Its word is `reserver's mark | SLEEPERS, count`; its limit is the maximum.
package struct SemaphoreKind: WaitableKind {
  package init() {}
  package var number: UInt32 { UInt32(cshm_named_kind.CSHM_SEMAPHORE.rawValue) }
  package var name: String { "semaphore" }
  package var wait: String { "acquire" }
  package var windows: String? { "Semaphore" }

  // MARK: The rules

  package func isSound(_ limit: UInt32) -> Bool { (1...UInt32(Int32.max)).contains(limit) }

  package func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    let count = state.rawValue & NamedState.count
    let isReserved = waiter.respects(state)
    let reserved: UInt64 = isReserved ? 1 : 0
    if count <= reserved { return .sleep(state.with(NamedState.sleepers)) }
    let after = NamedState(
      isReserved ? state.mark : .none, count - 1 | waiter.sleepers(state))
    // A single wake-up may have stood for several permits.
    return .take(
      after, abandoned: false, wakesNext: waiter.hasSlept && count - 1 > reserved)
  }

  package func isReserved(_ state: NamedState) -> Bool { state.mark != .none }

  /// There may be free permits although the only place for a reservation is taken: then it is nil.
  package func reserved(
    _ state: NamedState, _ waiter: NamedRules.Waiter, isLeft: Bool
  ) -> NamedState? {
    waiter.respects(state)
      ? nil
      : NamedState(waiter.mark, state.rawValue & NamedState.count | waiter.sleepers(state))
  }

  package func committed(
    _ state: NamedState, by mark: NamedMark
  ) -> (NamedRules.Change, abandoned: Bool) {
    let count = state.rawValue & NamedState.count
    let left = NamedState(mark, (count > 0 ? count - 1 : 0) | state.sleepersBit)
    return (left.withoutMark, false)
  }

  package func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32 {
    cshm_semaphore_acquire(plain)
  }

  /// Nil: the maximum would be exceeded.
  package static func released(
    _ state: NamedState, _ permits: UInt32, maximum: UInt32
  ) -> NamedRules.Change? {
    let count = state.rawValue & NamedState.count
    if count + UInt64(permits) > UInt64(maximum) { return nil }
    return (
      NamedState(state.mark, count + UInt64(permits)),
      state.hasSleepers ? Int32(clamping: permits) : 0
    )
  }

  // MARK: Making and showing

  package var options: [String] { ["initial", "maximum"] }

  package func beginning(
    _ request: WaitableRequest
  ) throws(SharedMemoryError) -> WaitableBeginning {
    let initial = try request.value("initial")
    let maximum = try request.value("maximum")
    if maximum < 1 || maximum > Int(Int32.max) {
      throw request.refused("the maximum must be 1 to \(Int32.max)")
    }
    if initial < 0 || initial > maximum {
      throw request.refused("the initial count must be 0 to the maximum, \(maximum)")
    }
    return WaitableBeginning(limit: UInt32(maximum), NamedState(rawValue: UInt64(initial)))
  }

  package func object(_ handle: NamedHandle) -> any Waitable { NamedSemaphore(handle) }

  package var acts: [WaitableAct] {
    [
      .wait("semaphore:acquire") { "WaitForSingleObject(hSemaphore, \($0.milliseconds))" },
      .act(
        "semaphore:release", gives: .number,
        windows: { "ReleaseSemaphore(hSemaphore, \($0.argument(0, 1)), &previous)" },
        modelled: Self.modelledRelease,
        does: { (semaphore: NamedSemaphore, count) throws(SharedMemoryError) in
          Int64(try semaphore.release(Int(count)))
        }),
    ]
  }

  fileprivate static func tooFew(_ permits: Int) -> String {
    "release at least 1, not \(permits)"
  }
  fileprivate static func tooMany(_ permits: Int, _ maximum: Int) -> String {
    "\(permits) more would exceed the maximum, \(maximum)"
  }

  private static let modelledRelease: WaitableModel.Act = { semaphore, _, number in
    let permits = Int(number)
    if permits < 1 { return .refused(.invalidParameter, tooFew(permits)) }
    let maximum = Int(semaphore.limit)
    guard permits <= maximum,
      let change = released(semaphore.state, UInt32(permits), maximum: semaphore.limit)
    else { return .refused(.tooManyPosts, tooMany(permits, maximum)) }
    let previous = Int64(semaphore.state.rawValue & NamedState.count)
    semaphore.apply(change)
    return .number(previous)
  }

  package func state(_ look: WaitableLook) -> any ObjectState {
    let count = Int(look.state.rawValue & NamedState.count)
    return NamedSemaphore.State(
      count: count - (count > 0 && look.isReserved ? 1 : 0), maximum: Int(look.limit))
  }

  package func created(_ call: WaitableCall) -> String {
    "CreateSemaphore(NULL, \(call.value("initial")), \(call.value("maximum")), \(call.name))"
  }
}
