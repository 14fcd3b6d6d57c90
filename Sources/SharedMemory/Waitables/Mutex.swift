package import CShm

/// How a lock succeeded, or that it did not.
public enum LockOutcome: Sendable {
  case locked
  /// Locked, but its last owner ended without unlocking: what it guards may be half changed. Only
  /// one locker is told.
  case abandoned
  /// Locked, but somebody else has removed the mutex's file (`rm`, logind's RemoveIPC): whoever
  /// creates the name now gets another mutex, with another owner. Reported by a lock that has to
  /// wait or that is this owner's first; `isRemoved` tells at any time.
  case removed
  case timedOut
}

/// A named lock that one owner holds at a time.
///
/// It is recursive: its owner may lock it again, and unlocks as often. An owner that ends while it
/// holds it (even by `kill -9`), or closes its last handle, leaves it abandoned: the next one to
/// lock it gets it and is told so, once. Win32's `CreateMutex`; Lua: `shm.mutex`.
public final class NamedMutex: Waitable {
  public let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }

  /// Creates the mutex, held by nobody, or opens the one that exists (`existed`).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - mode: permission bits that include the owner's 0o600.
  ///   - exclusive: as for `NamedEvent.create`.
  ///   - owner: who locks through this handle; see `Owner`.
  /// - Throws: as `NamedEvent.create`.
  public static func create(
    _ name: String? = nil, mode: UInt32 = 0o600, exclusive: Bool = false,
    owner: Owner = .process, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    NamedMutex(
      try .create(MutexKind(), name, [:], mode: mode, exclusive: exclusive, owner, session))
  }

  /// Opens an existing mutex. Win32's `OpenMutex`; Lua: `shm.open_mutex`.
  ///
  /// - Throws: as `NamedEvent.open`.
  public static func open(
    _ name: String, access: NamedAccess = .all, owner: Owner = .process,
    in session: Session = .current
  ) throws(SharedMemoryError) -> NamedMutex {
    NamedMutex(try .open(MutexKind(), name, access, owner, session))
  }

  /// Waits until the owner has it. `futex(2)`; Win32's `WaitForSingleObject`; Lua: `mutex:lock`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only looks.
  /// - Throws: 5 the handle lacks the right to wait, 170 the object has more users than slots, 298
  ///   the owner has locked it 2^32 - 1 times already, 999 the object's memory is gone.
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

  /// Undoes one of the owner's locks. Win32's `ReleaseMutex`; Lua: `mutex:unlock`.
  ///
  /// - Throws: 288 the owner does not hold it, 999 the object's memory is gone.
  public func unlock() throws(SharedMemoryError) {
    let isOurs = cshm_mutex_unlock(handle.words.plain) == CSHM_ACQUIRED.rawValue
    try handle.checkLoss("unlock")
    if !isOurs {
      throw handle.refused(.notOwner, "unlock", MutexKind.notHeld)
    }
  }

  /// Who holds a mutex.
  public enum Holder: Equatable, Sendable {
    /// This handle's owner.
    case ourselves
    /// Somebody who lives. `process` is its number as seen from here, or this process's own, for
    /// another of its owners; nil: unknown.
    case other(process: Int32?)
    /// Somebody who lives in another pid namespace, such as another container's, and whose process
    /// has no number here.
    case elsewhere
  }

  /// Who holds it right now; nil: nobody, or somebody who is dead. Lua: `mutex:owner`.
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

// MARK: - The kind

extension NamedMutex {
  /// A mutex's state at one look.
  public enum State: ObjectState, Equatable {
    case free
    /// Held by somebody who lives. `process` is its number as seen from here; nil: unknown. A wait
    /// for all of several objects that is about to take it counts, as nobody else can meanwhile.
    case locked(process: Int32?)
    /// Held by somebody who lives in another pid namespace, and whose process has no number here.
    case lockedElsewhere
    /// Its last owner ended without unlocking; the next one that locks it is told.
    case abandoned

    public var text: String {
      switch self {
      case .free: "free"
      case .locked(let process):
        "locked by \(process.map { "process \($0)" } ?? "an unknown process")"
      case .lockedElsewhere: "locked by a process in another pid namespace"
      case .abandoned: "abandoned: its owner ended without unlocking it"
      }
    }

    public var fields: [StateField] {
      let (isLocked, more): (Bool, [StateField]) =
        switch self {
        case .free, .abandoned: (false, [])
        case .locked(let process):
          (true, [StateField("process", process.map { .number(Int($0)) } ?? .unknown)])
        case .lockedElsewhere:
          (true, [StateField("process", .unknown), StateField("elsewhere", .flag(true))])
        }
      return [
        StateField("locked", .flag(isLocked)), StateField("abandoned", .flag(self == .abandoned)),
      ] + more
    }
  }

  /// The owner's process for scripts; negative: nobody, or one that has no number here.
  fileprivate var ownerNumber: Int64 {
    guard let holder = handle.holder else { return Int64(CSHM_NOBODY.rawValue) }
    return switch holder {
    case .ourselves: Int64(System.process)
    case .other(let process): process.map(Int64.init) ?? 0
    case .elsewhere: Int64(CSHM_ELSEWHERE.rawValue)
    }
  }
}

extension ObjectKind {
  package static var mutex: ObjectKind { MutexKind().objectKind }
}

/// Its word is `owner's mark | SLEEPERS, LOOKED, ABANDONED, RESERVED, HELD`.
package struct MutexKind: WaitableKind {
  package init() {}
  package var number: UInt32 { UInt32(cshm_named_kind.CSHM_MUTEX.rawValue) }
  package var name: String { "mutex" }
  package var wait: String { "lock" }
  package var windows: String? { "Mutex" }

  // MARK: The rules

  package func isSound(_ limit: UInt32) -> Bool { limit == 0 }
  package var hasOwner: Bool { true }

  package func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    let isHeld = state.has(NamedState.held)
    if isHeld && waiter.respects(state) && state.mark != waiter.mark {
      return .sleep(state.with(NamedState.sleepers))
    }
    let isLeft = state.has(NamedState.left) || (isHeld && !state.has(NamedState.reserved))
    return .take(
      NamedState(waiter.mark, NamedState.held | waiter.sleepers(state)), abandoned: isLeft,
      wakesNext: false)
  }

  package func isReserved(_ state: NamedState) -> Bool {
    state.has(NamedState.held) && state.has(NamedState.reserved)
  }

  package func reserved(
    _ state: NamedState, _ waiter: NamedRules.Waiter, isLeft: Bool
  ) -> NamedState? {
    let bits = NamedState.held | NamedState.reserved | waiter.sleepers(state)
    return NamedState(waiter.mark, bits | (isLeft ? NamedState.left : 0))
  }

  package func committed(
    _ state: NamedState, by mark: NamedMark
  ) -> (NamedRules.Change, abandoned: Bool) {
    ((NamedState(mark, NamedState.held | state.sleepersBit), 0), state.has(NamedState.left))
  }

  package func returned(_ state: NamedState) -> NamedRules.Change {
    state.without(NamedState.held | NamedState.reserved | NamedState.looked).withoutMark
  }

  package func abandoned(_ state: NamedState, by mark: NamedMark) -> NamedRules.Change? {
    Self.unlocked(state, by: mark, abandoning: true)
  }

  /// What the owner's unlock swaps in; nil: this mark does not hold it.
  ///
  /// - Parameter abandoning: the owner goes without unlocking, so the next one is told.
  package static func unlocked(
    _ state: NamedState, by mark: NamedMark, abandoning: Bool = false
  ) -> NamedRules.Change? {
    guard state.has(NamedState.held), !state.has(NamedState.reserved), state.mark == mark
    else { return nil }
    return (NamedState(.none, abandoning ? NamedState.left : 0), state.hasSleepers ? 1 : 0)
  }

  package func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32 { cshm_mutex_lock(plain) }

  // MARK: Making and showing

  package func beginning(
    _ request: WaitableRequest
  ) throws(SharedMemoryError) -> WaitableBeginning {
    WaitableBeginning(NamedState(rawValue: 0))
  }

  package func object(_ handle: NamedHandle) -> any Waitable { NamedMutex(handle) }

  package var acts: [WaitableAct] {
    [
      .wait("mutex:lock", Self.waited),
      .wait("mutex:try") { _ in "WaitForSingleObject(hMutex, 0)" },
      .wait("mutex:guard", gives: .object("guard"), Self.waited),
      .act(
        "mutex:unlock", windows: Self.released, modelled: Self.modelledUnlock, does: Self.unlock),
      .act(
        "guard:unlock", windows: Self.released, modelled: Self.modelledUnlock, does: Self.unlock),
      .act(
        "mutex:owner", gives: .number, windows: { _ in "(none)" },
        modelled: { mutex, _, _ in
          .process(mutex.state.has(NamedState.held) ? mutex.state.mark : nil)
        },
        does: { (mutex: NamedMutex, _) throws(SharedMemoryError) in mutex.ownerNumber }),
    ]
  }

  private static let waited: @Sendable (WaitableCall) -> String = {
    "WaitForSingleObject(hMutex, \($0.milliseconds))"
  }
  private static let released: @Sendable (WaitableCall) -> String = { _ in "ReleaseMutex(hMutex)" }
  private static let unlock: @Sendable (NamedMutex, Int64) throws(SharedMemoryError) -> Int64 = {
    mutex, _ throws(SharedMemoryError) in
    try mutex.unlock()
    return 0
  }

  fileprivate static let notHeld = "this owner does not hold it; unlock once for each lock"

  private static let modelledUnlock: WaitableModel.Act = { mutex, mark, _ in
    guard let change = unlocked(mutex.state, by: mark) else { return .refused(.notOwner, notHeld) }
    mutex.depth -= 1
    if mutex.depth == 0 { mutex.apply(change) }
    return .number(0)
  }

  /// A mutex that a wait for all of several objects has only reserved returns to its earlier state
  /// once that waiter is dead.
  package func state(_ look: WaitableLook) -> any ObjectState {
    switch look.owner {
    case .known(let process): return NamedMutex.State.locked(process: process)
    case .unknown: return NamedMutex.State.locked(process: nil)
    case .elsewhere: return NamedMutex.State.lockedElsewhere
    case nil:
      let wasOwned = look.state.has(NamedState.held) && !look.state.has(NamedState.reserved)
      return wasOwned || look.state.has(NamedState.left)
        ? NamedMutex.State.abandoned : NamedMutex.State.free
    }
  }

  package func created(_ call: WaitableCall) -> String {
    "CreateMutex(NULL, FALSE, \(call.name))"
  }
}
