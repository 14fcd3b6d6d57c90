package import CShm

/// A named flag that processes set and wait for.
///
/// An automatic event (the default) releases one waiter per set, which unsets it; a manual event
/// stays set, for everybody, until `reset`. Setting it twice has the effect of setting it once. It
/// lives like a mapping, as long as anybody has a handle. Win32's `CreateEvent`; Lua: `shm.event`.
public final class NamedEvent: Waitable {
  public let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }

  /// Does it stay set when a wait has succeeded?
  public var isManual: Bool { handle.rules.isPassed }

  /// Creates the event, or opens the one that exists (`existed`; then its own options apply).
  ///
  /// - Parameters:
  ///   - name: as for `MemoryObject.create`, but no POSIX name; nil or empty: without a name.
  ///   - manual: it stays set until `reset`.
  ///   - set: it is set from the start.
  ///   - mode: permission bits that include the owner's 0o600.
  ///   - exclusive: an existing name is error 183, and no handle to it is taken.
  /// - Throws: 87 an invalid mode, 6 an object of another type, 123 a POSIX name, 1006 an object
  ///   that a program damaged, and what `MemoryObject.create` throws.
  public static func create(
    _ name: String? = nil, manual: Bool = false, set: Bool = false, mode: UInt32 = 0o600,
    exclusive: Bool = false, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    NamedEvent(
      try .create(
        EventKind(), name, ["manual": manual ? 1 : 0, "set": set ? 1 : 0], mode: mode,
        exclusive: exclusive, .process, session))
  }

  /// Opens an existing event. Win32's `OpenEvent`; Lua: `shm.open_event`.
  ///
  /// - Throws: 2 nobody holds an object of this name, 5 its mode keeps this user out; 6, 123 and
  ///   1006 as `create`.
  public static func open(
    _ name: String, access: NamedAccess = .all, in session: Session = .current
  ) throws(SharedMemoryError) -> NamedEvent {
    NamedEvent(try .open(EventKind(), name, access, .process, session))
  }

  /// Sets it. An automatic event releases one waiter, a manual one all of them, even if a `reset`
  /// follows at once. Win32's `SetEvent`; Lua: `event:set`.
  ///
  /// - Throws: 5 the handle lacks the right to modify, 999 the object's memory is gone.
  public func set() throws(SharedMemoryError) {
    try handle.modify("set") { Self.isDone(cshm_event_set($0.plain)) }
  }

  /// Unsets it. Win32's `ResetEvent`; Lua: `event:reset`.
  ///
  /// - Throws: as `set`.
  public func reset() throws(SharedMemoryError) {
    try handle.modify("reset") { Self.isDone(cshm_event_reset($0.plain)) }
  }

  /// Nil: undecided, as the word changed again and again.
  private static func isDone(_ outcome: Int32) -> Void? {
    outcome == CSHM_ACQUIRED.rawValue ? () : nil
  }

  /// Waits until it is set. `futex(2)`; Win32's `WaitForSingleObject`; Lua: `event:wait`.
  ///
  /// - Parameter timeout: nil waits for ever, zero only looks.
  /// - Returns: false after the timeout.
  /// - Throws: 5 the handle lacks the right to wait, 999 the object's memory is gone.
  public func wait(timeout: Duration? = nil) throws(SharedMemoryError) -> Bool {
    try untilDecided("wait", timeout) != .timedOut
  }
}

// MARK: - The kind

extension NamedEvent {
  /// An event's state at one look.
  public struct State: ObjectState, Equatable {
    public let isManual, isSet: Bool

    public var text: String {
      "\(isManual ? "manual" : "automatic"), \(isSet ? "set" : "not set")"
    }
    public var fields: [StateField] {
      [StateField("manual", .flag(isManual)), StateField("set", .flag(isSet))]
    }
  }
}

extension ObjectKind {
  package static var event: ObjectKind { EventKind().objectKind }
}

/// Its word is `reserver's mark | SLEEPERS, generation, SET`; its limit is 1 for a manual event.
package struct EventKind: WaitableKind {
  package init() {}
  package var number: UInt32 { UInt32(cshm_named_kind.CSHM_EVENT.rawValue) }
  package var name: String { "event" }
  package var one: String { "an event" }
  package var windows: String? { "Event" }

  // MARK: The rules

  package func isSound(_ limit: UInt32) -> Bool { limit <= 1 }
  /// A wait leaves a manual event set.
  package func isPassed(_ limit: UInt32) -> Bool { limit != 0 }

  package func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    let isSet = state.has(NamedState.set)
    if isPassed(limit) {
      let wasSet = (state.rawValue ^ waiter.start.rawValue) & NamedState.generation != 0
      return isSet || wasSet ? .pass : .sleep(state.with(NamedState.sleepers))
    }
    if !isSet || waiter.respects(state) { return .sleep(state.with(NamedState.sleepers)) }
    let after = NamedState(
      .none, state.rawValue & NamedState.generation | waiter.sleepers(state))
    return .take(after, abandoned: false, wakesNext: false)
  }

  package func isReserved(_ state: NamedState) -> Bool {
    state.has(NamedState.set) && state.mark != .none
  }

  package func committed(
    _ state: NamedState, by mark: NamedMark
  ) -> (NamedRules.Change, abandoned: Bool) {
    (state.without(NamedState.set).withoutMark, false)
  }

  package func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32 { cshm_event_wait(plain) }

  /// Breaks a reservation: the wait that made it looks again, or has decided already.
  package static func set(_ state: NamedState, isManual: Bool = false) -> NamedRules.Change {
    var generation = state.rawValue & NamedState.generation
    if !state.has(NamedState.set) { generation = (generation + 2) & NamedState.generation }
    return (
      NamedState(.none, generation | NamedState.set),
      state.hasSleepers ? (isManual ? .max : 1) : 0
    )
  }

  /// Breaks a reservation, too.
  package static func reset(_ state: NamedState) -> NamedRules.Change {
    (NamedState(.none, state.rawValue & (NamedState.generation | NamedState.sleepers)), 0)
  }

  // MARK: Making and showing

  package var options: [String] { ["manual", "set"] }

  package func beginning(
    _ request: WaitableRequest
  ) throws(SharedMemoryError) -> WaitableBeginning {
    WaitableBeginning(
      limit: try request.value("manual") != 0 ? 1 : 0,
      NamedState(rawValue: try request.value("set") != 0 ? NamedState.set : 0))
  }

  package func object(_ handle: NamedHandle) -> any Waitable { NamedEvent(handle) }

  package var acts: [WaitableAct] {
    [
      .wait("event:wait") { "WaitForSingleObject(hEvent, \($0.milliseconds))" },
      .act(
        "event:set", windows: { _ in "SetEvent(hEvent)" },
        modelled: { event, _, _ in
          event.apply(Self.set(event.state, isManual: event.limit != 0))
          return .number(0)
        },
        does: { (event: NamedEvent, _) throws(SharedMemoryError) in
          try event.set()
          return 0
        }),
      .act(
        "event:reset", windows: { _ in "ResetEvent(hEvent)" },
        modelled: { event, _, _ in
          event.apply(Self.reset(event.state))
          return .number(0)
        },
        does: { (event: NamedEvent, _) throws(SharedMemoryError) in
          try event.reset()
          return 0
        }),
    ]
  }

  package func state(_ look: WaitableLook) -> any ObjectState {
    NamedEvent.State(
      isManual: isPassed(look.limit), isSet: look.state.has(NamedState.set) && !look.isReserved)
  }

  package func created(_ call: WaitableCall) -> String {
    "CreateEvent(NULL, \(call.boolean("manual")), \(call.boolean("set")), \(call.name))"
  }
}
