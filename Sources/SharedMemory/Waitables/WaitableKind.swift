package import CShm
internal import Synchronization

/// One kind of named object that can be waited for: how its word is read and changed, how one is
/// made, and what people are shown of it.
///
/// A kind consists of one Swift file with its public type and its `WaitableKind`, one C file with
/// its methods (`CLuaShm/Waitables`), one help table (`CBundle/Api`), and one line in `CSHM_KINDS`
/// (`CShmNamed.h`), which makes the compiler ask for the first two; the README's "Working on it"
/// says how to add one. Everything else in this folder is the same for all kinds.
package protocol WaitableKind: Sendable {
  /// Stands in the header of its files. Never reused, as files meet other versions of the program.
  var number: UInt32 { get }
  /// Such as `event`: used in scripts, lists and messages; the function that makes one is
  /// `shm.event`.
  var name: String { get }
  /// The name with its article.
  var one: String { get }
  /// The word for a wait in messages: `wait`, `lock`.
  var wait: String { get }

  // MARK: The rules of its word; `NamedRules` says what each is for

  /// Can an object of this kind have this limit?
  func isSound(_ limit: UInt32) -> Bool
  /// Do its sleepers wait for an owner, who may die? An owner may hold it several times.
  var hasOwner: Bool { get }
  /// May sleepers have to notice what nobody signals, such as a death, so that one looks for all?
  var isLookedAfter: Bool { get }
  /// Does a wait leave the object as it is, instead of taking it?
  func isPassed(_ limit: UInt32) -> Bool
  func next(_ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32) -> NamedRules.Next
  /// For kinds that are taken: is a wait for all of several objects still deciding about it?
  func isReserved(_ state: NamedState) -> Bool
  /// The state to swap in to reserve what `next` would take; nil: the only place for a reservation
  /// is taken. `isLeft`: its last owner died while it held the object.
  func reserved(_ state: NamedState, _ waiter: NamedRules.Waiter, isLeft: Bool) -> NamedState?
  /// The state after a reservation was taken, and whether its last owner had died.
  func committed(_ state: NamedState, by mark: NamedMark) -> (NamedRules.Change, abandoned: Bool)
  /// The state after a reservation was given back.
  func returned(_ state: NamedState) -> NamedRules.Change
  /// For kinds with an owner: the state that an owner leaves behind when it goes; nil: it does not
  /// hold the object.
  func abandoned(_ state: NamedState, by mark: NamedMark) -> NamedRules.Change?
  /// For kinds with a ring: the state that says that there is something; nil: it says so already.
  func signalled(_ state: NamedState) -> NamedState?
  /// The fast path of `CShmNamed.h`. Any result but `CSHM_ACQUIRED` means: not decided.
  func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32

  // MARK: Making one

  /// The bytes of its file, which may hold a ring behind the page that all kinds have.
  func size(_ limit: UInt32) -> Int
  /// Does its file hold a ring of records behind the page that all kinds have, and which?
  var ring: RingForm? { get }
  /// What people call a process with this role, for kinds with a ring.
  func word(_ role: RingRole) -> String
  /// What the rights to wait and to modify are called as the option `access`.
  var accessWords: (wait: String, modify: String) { get }
  /// The names of the numbers that an object is made of, the same as in its C file.
  var options: [String] { get }
  /// What a new object begins with.
  ///
  /// - Throws: 87 numbers from which no object can be made.
  func beginning(_ request: WaitableRequest) throws(SharedMemoryError) -> WaitableBeginning
  /// Wraps a handle in the kind's public type.
  func object(_ handle: NamedHandle) -> any Waitable

  // MARK: What is done with it, and how it is shown

  /// Its operations, by the names in its C file; the waits' own loop is common to all kinds.
  var acts: [WaitableAct] { get }
  /// Its state, made from one look.
  func state(_ look: WaitableLook) -> any ObjectState
  /// The Win32 call that makes one, for `--explain`.
  func created(_ call: WaitableCall) -> String
  /// The word in Win32's names: `Event` of `OpenEvent` and `EVENT_MODIFY_STATE`; nil: Windows has
  /// nothing like it.
  var windows: String? { get }
  /// What an operation does in memory, for `--explain`; nil: what all kinds do.
  func steps(_ verb: String) -> String?
}

// MARK: - Defaults: for kinds that are taken and have no owner

extension WaitableKind {
  package var one: String { "a \(name)" }
  package var wait: String { "wait" }
  package var hasOwner: Bool { false }
  package var isLookedAfter: Bool { hasOwner }
  package func size(_ limit: UInt32) -> Int { NamedWords.size }
  package var ring: RingForm? { nil }
  package func word(_ role: RingRole) -> String { role == .pushes ? "producer" : "consumer" }
  package func steps(_ verb: String) -> String? { nil }
  package var accessWords: (wait: String, modify: String) { ("wait", "modify") }
  package func isPassed(_ limit: UInt32) -> Bool { false }
  package func isReserved(_ state: NamedState) -> Bool { false }

  package func reserved(
    _ state: NamedState, _ waiter: NamedRules.Waiter, isLeft: Bool
  ) -> NamedState? {
    NamedState(waiter.mark, state.rawValue & 0xFFFF_FFFF | waiter.sleepers(state))
  }

  package func committed(
    _ state: NamedState, by mark: NamedMark
  ) -> (NamedRules.Change, abandoned: Bool) {
    (state.withoutMark, false)
  }

  package func returned(_ state: NamedState) -> NamedRules.Change { state.withoutMark }
  package func abandoned(_ state: NamedState, by mark: NamedMark) -> NamedRules.Change? { nil }

  package func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32 {
    Int32(bitPattern: CSHM_SLOW.rawValue)
  }

  package func signalled(_ state: NamedState) -> NamedState? { nil }

  package var options: [String] { [] }
}

/// What lies behind the first page of an object's file.
package enum RingForm: Sendable {
  /// `CShmRings.h`: each record is taken out once.
  case popped
  /// `CShmBroadcasts.h`: records are written over, and each handle has a position of its own: it
  /// waits for what comes behind that.
  case followed
}

/// A script's request to make an object.
package struct WaitableRequest: Sendable {
  /// The name as messages show it.
  package let name: String
  private let values: [String: Int64]

  package init(name: String, values: [String: Int64]) {
    self.name = name
    self.values = values
  }

  /// The value of one of the kind's `options`; a flag is 0 or 1.
  package func value(_ option: String) throws(SharedMemoryError) -> Int64 {
    if let value = values[option] { return value }
    throw SharedMemoryError(
      .notSupported, "create", name, "the kind's C file has no '\(option)'; add it to its values")
  }

  package func refused(_ advice: String) -> SharedMemoryError {
    SharedMemoryError(.invalidParameter, "create", name, advice)
  }
}

/// What is written into a new object's file.
package struct WaitableBeginning: Sendable {
  package let limit: UInt32
  package let state: NamedState

  package init(limit: UInt32 = 0, _ state: NamedState) {
    self.limit = limit
    self.state = state
  }
}

/// One operation of a kind: what it does, and which Win32 call it stands for.
package struct WaitableAct: Sendable {
  /// `event:set`, as in the kind's C file.
  package let verb: String
  package let result: Result
  package let windows: @Sendable (WaitableCall) -> String
  /// Nil: a wait, as all kinds wait in the same way.
  package let perform: (@Sendable (any Waitable, Int64) throws(SharedMemoryError) -> Int64)?
  /// The same on a model; nil: there is none.
  package let modelled: WaitableModel.Act?
  /// Of kinds with a ring: the same on its model.
  package let onRing: RingAct?
  /// How a script writes the number; nil: as a number.
  package var shows: (@Sendable (Int64) -> String)?
  /// What the script gets from one without `perform` if there was nothing.
  package var nothing = "false, \"timeout\""

  /// What the script gets as a result.
  package enum Result: Sendable {
    case yes
    /// The number that `perform` returns; a negative one is nil.
    case number
    case object(String)
  }

  /// An operation that waits, or looks as those do.
  ///
  /// - Parameter nothing: what the script gets if there was nothing; nil: a wait's answer.
  package static func wait(
    _ verb: String, gives result: Result = .yes, otherwise nothing: String? = nil,
    _ windows: @escaping @Sendable (WaitableCall) -> String
  ) -> WaitableAct {
    var act = WaitableAct(
      verb: verb, result: result, windows: windows, perform: nil, modelled: nil, onRing: nil)
    if let nothing { act.nothing = nothing }
    return act
  }

  /// An operation that does not wait.
  package static func act<Object: Waitable>(
    _ verb: String, gives result: Result = .yes,
    windows: @escaping @Sendable (WaitableCall) -> String,
    modelled: WaitableModel.Act? = nil, onRing: RingAct? = nil,
    shows: (@Sendable (Int64) -> String)? = nil,
    does perform: @escaping @Sendable (Object, Int64) throws(SharedMemoryError) -> Int64
  ) -> WaitableAct {
    WaitableAct(
      verb: verb, result: result, windows: windows,
      perform: { object, number throws(SharedMemoryError) in
        guard let object = object as? Object else { return 0 }
        return try perform(object, number)
      }, modelled: modelled, onRing: onRing, shows: shows)
  }
}

/// A script's call, for whoever explains what it is on Windows.
package struct WaitableCall: Sendable {
  /// The name as C source text, or NULL.
  package let name: String
  /// The timeout of a wait: a number, or INFINITE.
  package let milliseconds: String
  private let arguments: [Int64]
  private let options: [String]

  /// - Parameter options: the names of the arguments, for a call that makes an object.
  package init(name: String, milliseconds: String, arguments: [Int64], options: [String]) {
    self.name = name
    self.milliseconds = milliseconds
    self.arguments = arguments
    self.options = options
  }

  package func argument(_ at: Int, _ otherwise: Int64 = 0) -> Int64 {
    at < arguments.count ? arguments[at] : otherwise
  }
  package func value(_ option: String) -> Int64 {
    options.firstIndex(of: option).map { argument($0) } ?? 0
  }
  package func boolean(_ option: String) -> String { value(option) != 0 ? "TRUE" : "FALSE" }
}

// MARK: - The list

/// All kinds.
package enum WaitableKinds {
  /// The compiler reports a line of `CSHM_KINDS` that has no kind here.
  private static func builtIn(_ kind: cshm_named_kind) -> any WaitableKind {
    switch kind {
    case .CSHM_EVENT: EventKind()
    case .CSHM_MUTEX: MutexKind()
    case .CSHM_SEMAPHORE: SemaphoreKind()
    case .CSHM_QUEUE: QueueKind()
    case .CSHM_TOPIC: TopicKind()
    }
  }

  private static let added = Mutex<[UInt32: any WaitableKind]>([:])

  /// The kind that a header names; nil: this build does not know it.
  package static func numbered(_ number: UInt32) -> (any WaitableKind)? {
    if cshm_is_kind(number), let kind = cshm_named_kind(rawValue: number) { return builtIn(kind) }
    return added.withLock { $0[number] }
  }

  /// All kinds, in the order of their numbers.
  package static var all: [any WaitableKind] {
    (1..<UInt32(CSHM_MOST_KINDS)).compactMap(numbered)
  }

  /// Adds a kind before its first use; for tests.
  package static func add(_ kind: any WaitableKind) {
    added.withLock { $0[kind.number] = kind }
  }
}
