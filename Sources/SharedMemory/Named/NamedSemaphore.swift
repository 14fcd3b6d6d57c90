/// A count with a name: who acquires lowers it or waits while it is 0, who releases raises it.
///
/// The permits of a process that dies are gone, as in Win32. Win32's `CreateSemaphore`; Lua:
/// `shm.semaphore`.
public final class NamedSemaphore: Waitable {
  public let handle: NamedHandle
  private init(_ handle: NamedHandle) { self.handle = handle }

  /// The count never exceeds it.
  public var maximum: Int { Int(handle.rules.limit) }

  /// Makes the semaphore, or opens the one that exists (`existed`; its own counts win).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - initial: the count at first, 0 to `maximum`.
  ///   - maximum: 1 to 2^31 - 1.
  ///   - mode: permission bits with the owner's 0o600.
  ///   - exclusive: as of `NamedEvent.create`.
  /// - Throws: 87 counts that are none, and what `NamedEvent.create` throws.
  public static func create(
    _ name: String?, initial: Int, maximum: Int, mode: UInt32 = 0o600,
    exclusive: Bool = false, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    try create(
      bytes: name.map { Array($0.utf8) }, initial: initial, maximum: maximum, mode: mode,
      exclusive: exclusive, in: session)
  }

  /// The same with a name of any bytes.
  package static func create(
    bytes name: [UInt8]?, initial: Int, maximum: Int, mode: UInt32 = 0o600,
    exclusive: Bool = false, owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    let text = shown(name ?? [])
    if maximum < 1 || maximum > Int(Int32.max) {
      throw SharedMemoryError(
        .invalidParameter, "create", text, "the maximum must be 1 to \(Int32.max)")
    }
    if initial < 0 || initial > maximum {
      throw SharedMemoryError(
        .invalidParameter, "create", text, "the initial count must be 0 to the maximum, \(maximum)")
    }
    return NamedSemaphore(
      try .create(
        name, NamedRules(kind: .semaphore, limit: UInt32(maximum)),
        NamedState(rawValue: UInt64(initial)), mode: mode, exclusive: exclusive, owner,
        session))
  }

  /// Opens a semaphore that exists. Win32's `OpenSemaphore`; Lua: `shm.open_semaphore`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    try open(bytes: Array(name.utf8), access: access, in: session)
  }

  /// The same with a name of any bytes.
  package static func open(
    bytes name: [UInt8], access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedSemaphore {
    NamedSemaphore(try .open(name, .semaphore, access, owner, session))
  }

  /// Waits for a count above 0 and lowers it by one. `futex(2)`; Win32's `WaitForSingleObject`;
  /// Lua: `semaphore:acquire`.
  ///
  /// - Parameter timeout: nil waits without an end, zero only looks.
  /// - Returns: false when the time is over.
  /// - Throws: 5 a handle without the right to wait, 999 the object's memory is gone.
  public func acquire(timeout: Duration? = nil) throws(SharedMemoryError) -> Bool {
    try untilDecided("acquire", timeout) != .timedOut
  }

  /// Raises the count. Win32's `ReleaseSemaphore`; Lua: `semaphore:release`.
  ///
  /// - Returns: the count before.
  /// - Throws: 87 less than one, 298 more than the maximum allows (the count stays), 5 a handle
  ///   without the right to modify, 999 the object's memory is gone.
  @discardableResult
  public func release(_ permits: Int = 1) throws(SharedMemoryError) -> Int {
    if permits < 1 {
      throw handle.refused(.invalidParameter, "release", "release at least 1, not \(permits)")
    }
    let previous = permits > maximum ? nil : try handle.release(UInt32(permits))
    guard let previous else {
      throw handle.refused(
        .tooManyPosts, "release", "\(permits) more would exceed the maximum, \(maximum)")
    }
    return Int(previous)
  }
}

extension NamedHandle {
  /// Nil: more than the maximum.
  fileprivate func release(_ permits: UInt32) throws(SharedMemoryError) -> UInt32? {
    // A permit that is reserved right now is gone, or there again, in a moment.
    let patience = Deadline(after: NamedSleep.grace)
    return try modify("release") { words in
      words.fastRelease(permits, isFinal: patience.isOver)
    }
  }
}
