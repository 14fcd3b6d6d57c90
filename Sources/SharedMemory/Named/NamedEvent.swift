/// A flag with a name that processes set and wait for.
///
/// An automatic event (the default) releases one waiter for each set and is unset by it; a manual
/// one stays set, for everybody, until `reset`. Setting twice is setting once. Lives as mappings
/// do, as long as anybody has a handle; Win32's `CreateEvent`; Lua: `shm.event`.
public final class NamedEvent: Waitable {
  public let handle: NamedHandle
  private init(_ handle: NamedHandle) { self.handle = handle }

  /// Does it stay set when a wait ends?
  public var isManual: Bool { handle.rules.isManual }

  /// Makes the event, or opens the one that exists (`existed`; its own options win).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - manual: it stays set until `reset`.
  ///   - set: it is set from the start.
  ///   - mode: permission bits with the owner's 0o600.
  ///   - exclusive: an existing name is error 183, and no handle to it is taken.
  /// - Throws: 87 a mode that is none, 6 an object of another type, 123 a POSIX name, 1006 an
  ///   object that a program damaged, and what `MemoryObject.create` throws.
  public static func create(
    _ name: String? = nil, manual: Bool = false, set: Bool = false, mode: UInt32 = 0o600,
    exclusive: Bool = false, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    try create(
      bytes: name.map { Array($0.utf8) }, manual: manual, set: set, mode: mode,
      exclusive: exclusive, in: session)
  }

  /// The same with a name of any bytes.
  package static func create(
    bytes name: [UInt8]?, manual: Bool = false, set: Bool = false, mode: UInt32 = 0o600,
    exclusive: Bool = false, owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    NamedEvent(
      try .create(
        name, NamedRules(kind: .event, limit: manual ? 1 : 0),
        NamedState(rawValue: set ? NamedState.set : 0), mode: mode, exclusive: exclusive,
        owner, session))
  }

  /// Opens an event that exists. Win32's `OpenEvent`; Lua: `shm.open_event`.
  ///
  /// - Throws: 2 nobody holds an object of this name, 5, 6, 123, 1006 as `create`.
  public static func open(
    _ name: String, access: NamedAccess = .all, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    try open(bytes: Array(name.utf8), access: access, in: session)
  }

  /// The same with a name of any bytes.
  package static func open(
    bytes name: [UInt8], access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    NamedEvent(try .open(name, .event, access, owner, session))
  }

  /// Sets it: one waiter of an automatic event goes on, or all of a manual one, also when a `reset`
  /// follows at once. Win32's `SetEvent`; Lua: `event:set`.
  ///
  /// - Throws: 5 a handle without the right to modify, 999 the object's memory is gone.
  public func set() throws(SharedMemoryError) {
    try handle.modify("set", { $0.fastSet })
  }

  /// Unsets it. Win32's `ResetEvent`; Lua: `event:reset`.
  ///
  /// - Throws: as `set`.
  public func reset() throws(SharedMemoryError) {
    try handle.modify("reset", { $0.fastReset })
  }

  /// Waits until it is set. `futex(2)`; Win32's `WaitForSingleObject`; Lua: `event:wait`.
  ///
  /// - Parameter timeout: nil waits without an end, zero only looks.
  /// - Returns: false when the time is over.
  /// - Throws: 5 a handle without the right to wait, 999 the object's memory is gone.
  public func wait(timeout: Duration? = nil) throws(SharedMemoryError) -> Bool {
    try untilDecided("wait", timeout) != .timedOut
  }
}

extension NamedHandle {
  /// Does what needs the right to modify; nil from `fast` says that the word never stands still.
  func modify<Result>(
    _ operation: String, _ fast: (NamedWords) -> Result?
  ) throws(SharedMemoryError) -> Result {
    try require(.modify, operation)
    for _ in 0..<Self.rounds {
      if let result = fast(words) {
        try checkLoss(operation)
        return result
      }
      try checkLoss(operation)
      object.handle.system.sleep(microseconds: 1000)
    }
    throw refused(
      .busy, operation, "its state never stands still; find the program that overwrites it")
  }

  private static let rounds = 50
}
