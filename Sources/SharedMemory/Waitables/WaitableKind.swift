package import CShm
internal import Synchronization

/// What one kind of named object is that can be waited for: how its word is read and changed, how
/// one is made, what people are shown of it.
///
/// A kind is one Swift file with its public type and its `WaitableKind`, one C file with its methods
/// (`CLuaShm/Waitables`), one help table (`CBundle/Api`), and one line in `CSHM_KINDS`
/// (`CShmNamed.h`), which makes the compiler ask for the first two; the README's "Working on it" says
/// how to add one. Everything else in this folder is the same for all kinds.
package protocol WaitableKind: Sendable {
  /// In the header of its files: never another one's, as files meet other versions of the program.
  var number: UInt32 { get }
  /// `event`: in scripts, lists and messages; the function that makes one is `shm.event`.
  var name: String { get }
  /// With its article.
  var one: String { get }
  /// What a wait for one is called in messages: `wait`, `lock`.
  var wait: String { get }

  // MARK: The rules of its word; `NamedRules` says what each is for

  /// Can an object of this kind have the limit?
  func isSound(_ limit: UInt32) -> Bool
  /// Do its sleepers wait for an owner, who may die? Then it is held as often as its owner likes.
  var hasOwner: Bool { get }
  /// Is it passed rather than taken: does a wait leave it as it is?
  func isPassed(_ limit: UInt32) -> Bool
  func next(_ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32) -> NamedRules.Next
  /// Of what is taken: does a wait for all of several objects still decide about it?
  func isReserved(_ state: NamedState) -> Bool
  /// What to swap in to reserve what `next` would take; nil: the one place for a reservation is
  /// taken. `isLeft`: its last owner died with it.
  func reserved(_ state: NamedState, _ waiter: NamedRules.Waiter, isLeft: Bool) -> NamedState?
  /// What is left of a reservation once it was taken, and whether its last owner had died with it.
  func committed(_ state: NamedState, by mark: NamedMark) -> (NamedRules.Change, abandoned: Bool)
  /// What is left of a reservation that is put back, as if it had never been.
  func returned(_ state: NamedState) -> NamedRules.Change
  /// Of what has an owner: what it leaves that goes with it; nil: it does not hold it.
  func abandoned(_ state: NamedState, by mark: NamedMark) -> NamedRules.Change?
  /// The shortcut of `CShmNamed.h`: `CSHM_ACQUIRED`, or anything else: not decided.
  func fastWait(_ plain: UnsafePointer<cshm_named>) -> Int32

  // MARK: Making one

  /// The names of the numbers that one is made of, as in its C file.
  var options: [String] { get }
  /// What a new one begins with.
  ///
  /// - Throws: 87 numbers that make none.
  func beginning(_ request: WaitableRequest) throws(SharedMemoryError) -> WaitableBeginning
  /// The public type's own, of a handle to one.
  func object(_ handle: NamedHandle) -> any Waitable

  // MARK: What is done with it, and how it is shown

  /// Its operations beside the waits' own loop, by the names of its C file.
  var acts: [WaitableAct] { get }
  /// What it is at, as one look has it.
  func state(_ look: WaitableLook) -> any ObjectState
  /// What making one is on Windows, for `--explain`.
  func created(_ call: WaitableCall) -> String
  /// The word in Windows' names for it: `Event` of `OpenEvent` and `EVENT_MODIFY_STATE`.
  var windows: String { get }
}

// MARK: - What is passed by everybody, and belongs to nobody

extension WaitableKind {
  package var one: String { "a \(name)" }
  package var wait: String { "wait" }
  package var hasOwner: Bool { false }
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

  package var options: [String] { [] }
}

/// What a script asks for that makes an object.
package struct WaitableRequest: Sendable {
  /// As it is shown in messages.
  package let name: String
  private let values: [String: Int64]

  package init(name: String, values: [String: Int64]) {
    self.name = name
    self.values = values
  }

  /// One of the kind's `options`; of a flag 0 or 1.
  package func value(_ option: String) throws(SharedMemoryError) -> Int64 {
    if let value = values[option] { return value }
    throw SharedMemoryError(
      .notSupported, "create", name, "the kind's C file has no '\(option)'; add it to its values")
  }

  package func refused(_ advice: String) -> SharedMemoryError {
    SharedMemoryError(.invalidParameter, "create", name, advice)
  }
}

/// What the file of a new object says.
package struct WaitableBeginning: Sendable {
  package let limit: UInt32
  package let state: NamedState

  package init(limit: UInt32 = 0, _ state: NamedState) {
    self.limit = limit
    self.state = state
  }
}

/// One operation of a kind: what it does, and what it is on Windows.
package struct WaitableAct: Sendable {
  /// `event:set`, as in the kind's C file.
  package let verb: String
  package let result: Result
  package let windows: @Sendable (WaitableCall) -> String
  /// Of a wait nothing, as all kinds wait alike.
  package let perform: (@Sendable (any Waitable, Int64) throws(SharedMemoryError) -> Int64)?

  /// What a script gets when it is done.
  package enum Result: Sendable {
    case yes
    /// What `perform` returns, from 0; less is nil.
    case number
    case object(String)
  }

  /// A wait.
  package static func wait(
    _ verb: String, gives result: Result = .yes,
    _ windows: @escaping @Sendable (WaitableCall) -> String
  ) -> WaitableAct {
    WaitableAct(verb: verb, result: result, windows: windows, perform: nil)
  }

  /// What is done at once.
  package static func act<Object: Waitable>(
    _ verb: String, gives result: Result = .yes,
    windows: @escaping @Sendable (WaitableCall) -> String,
    does perform: @escaping @Sendable (Object, Int64) throws(SharedMemoryError) -> Int64
  ) -> WaitableAct {
    WaitableAct(
      verb: verb, result: result, windows: windows,
      perform: { object, number throws(SharedMemoryError) in
        guard let object = object as? Object else { return 0 }
        return try perform(object, number)
      })
  }
}

/// A call of a script's, for who says what it is on Windows.
package struct WaitableCall: Sendable {
  /// The name as a C program writes it, or NULL.
  package let name: String
  /// Of a wait: a number, or INFINITE.
  package let milliseconds: String
  private let arguments: [Int64]
  private let options: [String]

  /// - Parameter options: of making one, the names of its arguments.
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
  /// The compiler asks for what a line of `CSHM_KINDS` has no kind for.
  private static func builtIn(_ kind: cshm_named_kind) -> any WaitableKind {
    switch kind {
    case .CSHM_EVENT: EventKind()
    case .CSHM_MUTEX: MutexKind()
    case .CSHM_SEMAPHORE: SemaphoreKind()
    }
  }

  private static let added = Mutex<[UInt32: any WaitableKind]>([:])

  /// The kind that a header names; nil: this build does not know it.
  package static func numbered(_ number: UInt32) -> (any WaitableKind)? {
    if cshm_is_kind(number), let kind = cshm_named_kind(rawValue: number) { return builtIn(kind) }
    return added.withLock { $0[number] }
  }

  /// In the order of their numbers.
  package static var all: [any WaitableKind] {
    (1..<UInt32(CSHM_MOST_KINDS)).compactMap(numbered)
  }

  /// Adds one, before its first use; for tests.
  package static func add(_ kind: any WaitableKind) {
    added.withLock { $0[kind.number] = kind }
  }
}
