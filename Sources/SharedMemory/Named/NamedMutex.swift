/// How a lock ends.
public enum LockOutcome: Sendable {
  case locked
  /// Locked, and its last owner ended without unlocking: what it guards may be half done. Only one
  /// locker is told.
  case abandoned
  /// Locked, but somebody else has removed the mutex's file (`rm`, logind's RemoveIPC): who creates
  /// the name now has another mutex, and another owner. Said by a lock that has to wait, or that is
  /// this owner's first; `isRemoved` asks at any time.
  case removed
  case timedOut
}

/// A lock with a name that one owner holds at a time.
///
/// Recursive: its owner may lock it again and unlocks as often. An owner that ends, also by
/// `kill -9`, or closes its last handle while it holds it, leaves it abandoned: the next one that
/// locks it has it, and is told once. Win32's `CreateMutex`; Lua: `shm.mutex`.
public final class NamedMutex: Waitable {
  public let handle: NamedHandle
  private init(_ handle: NamedHandle) { self.handle = handle }

  /// Makes the mutex, which nobody holds, or opens the one that exists (`existed`).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - mode: permission bits with the owner's 0o600.
  ///   - exclusive: as of `NamedEvent.create`.
  ///   - owner: who locks through this handle; see `Owner`.
  /// - Throws: as `NamedEvent.create`.
  public static func create(
    _ name: String? = nil, mode: UInt32 = 0o600, exclusive: Bool = false,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    try create(
      bytes: name.map { Array($0.utf8) }, mode: mode, exclusive: exclusive, owner: owner,
      in: session)
  }

  /// The same with a name of any bytes.
  package static func create(
    bytes name: [UInt8]?, mode: UInt32 = 0o600, exclusive: Bool = false,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    NamedMutex(
      try .create(
        name, NamedRules(kind: .mutex), NamedState(rawValue: 0), mode: mode,
        exclusive: exclusive, owner, session))
  }

  /// Opens a mutex that exists. Win32's `OpenMutex`; Lua: `shm.open_mutex`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    try open(bytes: Array(name.utf8), access: access, owner: owner, in: session)
  }

  /// The same with a name of any bytes.
  package static func open(
    bytes name: [UInt8], access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    NamedMutex(try .open(name, .mutex, access, owner, session))
  }

  /// Waits until it is the owner's. `futex(2)`; Win32's `WaitForSingleObject`; Lua: `mutex:lock`.
  ///
  /// - Parameter timeout: nil waits without an end, zero only looks.
  /// - Throws: 5 a handle without the right to wait, 170 more users than places, 298 it is locked
  ///   2^32 - 1 times already, 999 the object's memory is gone.
  public func lock(timeout: Duration? = nil) throws(SharedMemoryError) -> LockOutcome {
    switch try untilDecided("lock", timeout) {
    case .abandoned: .abandoned
    case .removed: .removed
    case .timedOut: .timedOut
    default: .locked
    }
  }

  /// Locks it if nobody else holds it. Lua: `mutex:try`.
  ///
  /// - Throws: as `lock`.
  public func tryLock() throws(SharedMemoryError) -> LockOutcome { try lock(timeout: .zero) }

  /// Undoes one lock of the owner's. Win32's `ReleaseMutex`; Lua: `mutex:unlock`.
  ///
  /// - Throws: 288 the owner does not hold it, 999 the object's memory is gone.
  public func unlock() throws(SharedMemoryError) {
    let isOurs = handle.words.fastUnlock
    try handle.checkLoss("unlock")
    if !isOurs {
      throw handle.refused(
        .notOwner, "unlock", "this owner does not hold it; unlock once for each lock")
    }
  }

  /// Who holds a mutex.
  public enum Holder: Equatable, Sendable {
    /// This handle's owner.
    case ourselves
    /// Somebody who lives: its process as it is seen here, or another owner of this process; nil:
    /// unknown.
    case other(process: Int32?)
    /// Somebody who lives in another pid namespace, such as another container, whose processes
    /// have no numbers here.
    case elsewhere
  }

  /// Who holds it right now; nil: nobody, or somebody dead. Lua: `mutex:owner`.
  ///
  /// - Throws: 999 the object's memory is gone.
  public var owner: Holder? {
    get throws(SharedMemoryError) {
      let holder = handle.holder
      try handle.checkLoss("owner")
      return holder
    }
  }
}

extension NamedHandle {
  fileprivate var holder: NamedMutex.Holder? {
    if words.depth > 0 { return .ourselves }
    let state = words.state
    guard state.has(NamedState.held), !state.has(NamedState.reserved), !isDead(state.mark)
    else { return nil }
    switch SlotProcess(words.slot(state.mark.slot), object.handle.system) {
    case .known(let process): return .other(process: process)
    case .unknown: return .other(process: nil)
    case .elsewhere: return .elsewhere
    }
  }
}
