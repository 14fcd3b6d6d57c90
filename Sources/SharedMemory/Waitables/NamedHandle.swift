internal import CShm
internal import Synchronization

/// What a handle may do with a named object that can be waited for.
public struct NamedAccess: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Wait, lock, acquire; Win32's `SYNCHRONIZE`.
  public static let wait = NamedAccess(rawValue: UInt32(CSHM_MAY_WAIT))
  /// Set, reset, release; Win32's `EVENT_MODIFY_STATE` and `SEMAPHORE_MODIFY_STATE`.
  public static let modify = NamedAccess(rawValue: UInt32(CSHM_MAY_MODIFY))
  public static let all: NamedAccess = [.wait, .modify]
}

/// A named object that can be waited for: `NamedEvent`, `NamedMutex` and so on.
public protocol Waitable: AnyObject, Sendable {
  /// Closed when nothing refers to it any more.
  var handle: NamedHandle { get }
}

extension Waitable {
  /// The name as it was written; empty for an object without one.
  public var name: String { handle.name }
  /// Did `create` find the object rather than make it?
  public var existed: Bool { handle.existed }
  /// What this handle may do.
  public var access: NamedAccess { handle.access }
  /// The object's file; nil for an object without a name.
  public var path: String? { handle.path }
  /// Did somebody else remove the object's file while it was held? See `MemoryObject.isRemoved`.
  public var isRemoved: Bool { handle.isRemoved }
  /// Is its memory gone because somebody truncated its file? Then every operation is error 999.
  public var isLost: Bool { handle.words.isLost }
}

/// A handle to a named object that can be waited for: the claim on its name, and its words.
public final class NamedHandle: @unchecked Sendable {
  package let rules: NamedRules
  let access: NamedAccess
  package let words: NamedWords
  package let file: FileIdentity
  let object: MemoryObject
  private let view: View
  private let owner: Owner
  let participant: Participant
  /// Of kinds whose file holds one.
  package private(set) var ring: NamedRing?
  package private(set) var broadcast: NamedBroadcast?
  /// What this handle has become, of kinds with a ring: bits of `RingRole`. Threads that use it may
  /// become the same at once.
  private let assumed = Atomic<UInt32>(0)

  var name: String { object.name }
  var existed: Bool { object.existed }
  var path: String? { object.path }
  var isRemoved: Bool { object.isRemoved }

  private init(
    _ object: consuming MemoryObject, _ view: consuming View, _ rules: NamedRules,
    _ access: NamedAccess, _ file: FileIdentity, _ owner: Owner
  ) {
    self.rules = rules
    self.access = access
    self.file = file
    self.owner = owner
    participant = owner.join(file)
    words = NamedWords(
      view.base, loss: view.lossFlag, rules, access, participant.claim)
    let base = view.base
    self.object = object
    self.view = view
    switch rules.kind.ring {
    case .popped: ring = NamedRing(base, self)
    case .followed: broadcast = NamedBroadcast(base, self)
    case nil: break
    }
  }

  /// If this is the last handle of an owner that holds the object, the next one to get it is told.
  deinit {
    ring?.close()
    for role in RingRole.allCases where has(role) {
      participant.drop(role, ObjectIdentifier(self), object.handle.system)
    }
    owner.leave(participant) { participant in
      guard let mark = participant.claim.mark, participant.claim.depth > 0 else { return }
      _ = words.change { rules.kind.abandoned($0, by: mark) }
    }
    ring?.deallocate()
    broadcast?.deallocate()
    words.deallocate()
  }

  // MARK: Making and opening

  /// - Parameter values: numbers by the names in the kind's `options`.
  package static func create(
    _ kind: some WaitableKind, _ name: String?, _ values: [String: Int64], mode: UInt32,
    exclusive: Bool = false, access: NamedAccess = .all, _ owner: Owner, _ session: Session
  ) throws(SharedMemoryError) -> NamedHandle {
    try create(
      kind, name.map { Array($0.utf8) }, values, mode: mode, exclusive: exclusive, access: access,
      owner, session)
  }

  /// The same with a name of any bytes.
  package static func create(
    _ kind: any WaitableKind, _ name: [UInt8]?, _ values: [String: Int64], mode: UInt32,
    exclusive: Bool = false, access: NamedAccess = .all, _ owner: Owner, _ session: Session
  ) throws(SharedMemoryError) -> NamedHandle {
    let text = shown(name ?? [])
    let beginning = try kind.beginning(WaitableRequest(name: text, values: values))
    let rules = NamedRules(kind, limit: beginning.limit)
    let acquisition = Acquisition(
      "create", text, .readWrite, session, kind: kind.objectKind)
    if mode & ~0o777 != 0 || mode & 0o600 != 0o600 {
      throw acquisition.refused(
        .invalidParameter,
        "the mode must be permission bits that let its owner read and write (0600), as waiting "
          + "writes, too")
    }
    if mode & 0o044 & ~(mode << 1) != 0 {
      throw acquisition.refused(
        .invalidParameter,
        "who may only read \(kind.one) could block it and not use it; mode = \"0666\" or "
          + "\"0600\"")
    }
    let options = MemoryObject.CreateOptions(mode: mode, exclusive: exclusive)
    let contents = NamedWords.contents(rules, beginning.state)
    guard let name, !name.isEmpty else {
      let object = try acquisition.anonymous(kind.size(beginning.limit), options)
      return try made(object, rules, access, owner, contents)
    }
    let found = try acquisition.create(
      place(name, acquisition), kind.size(beginning.limit), options, contents: contents)
    return found.existed
      ? try existing(found, kind, access, owner, acquisition)
      : try made(found, rules, access, owner, nil)
  }

  package static func open(
    _ kind: some WaitableKind, _ name: String, _ access: NamedAccess, _ owner: Owner,
    _ session: Session
  ) throws(SharedMemoryError) -> NamedHandle {
    try open(kind, Array(name.utf8), access, owner, session)
  }

  /// The same with a name of any bytes.
  package static func open(
    _ kind: any WaitableKind, _ name: [UInt8], _ access: NamedAccess, _ owner: Owner,
    _ session: Session
  ) throws(SharedMemoryError) -> NamedHandle {
    let acquisition = Acquisition(
      "open", shown(name), .readWrite, session, kind: kind.objectKind)
    if name.isEmpty {
      throw acquisition.refused(
        .invalidHandle, "an object without a name cannot be opened; give its name")
    }
    let found = try acquisition.open(place(name, acquisition))
    return try existing(found, kind, access, owner, acquisition)
  }

  private static func place(
    _ name: [UInt8], _ acquisition: Acquisition
  ) throws(SharedMemoryError) -> ObjectName {
    let name = try ObjectName(name, for: acquisition.operation)
    if name.place == .raw {
      throw acquisition.refused(
        .invalidName,
        "POSIX names (/name) are for mappings; this needs a name in Local\\ "
          + "or Global\\")
    }
    return name
  }

  /// - Parameter contents: the first bytes of an object without a name, which nobody else can see
  ///   half made.
  private static func made(
    _ object: consuming MemoryObject, _ rules: NamedRules, _ access: NamedAccess, _ owner: Owner,
    _ contents: [UInt8]?
  ) throws(SharedMemoryError) -> NamedHandle {
    let file = try identity(object)
    let view = try object.map()
    if let contents { try view.write(contents) }
    return try opened(NamedHandle(object, view, rules, access, file, owner))
  }

  private static func existing(
    _ object: consuming MemoryObject, _ kind: any WaitableKind, _ access: NamedAccess,
    _ owner: Owner,
    _ acquisition: Acquisition
  ) throws(SharedMemoryError) -> NamedHandle {
    let size = object.size
    func check(_ expected: Int) throws(SharedMemoryError) {
      if size == expected { return }
      throw acquisition.refused(
        .fileInvalid,
        "its file has \(size) bytes where a \(kind.name) has \(expected); " + damage)
    }
    // What the header says is read after it is known to be there.
    if kind.ring == nil || size < NamedWords.size { try check(NamedWords.size) }
    let file = try identity(object)
    let view = try object.map()
    let rules = try rules(view, kind, acquisition)
    try check(kind.size(rules.limit))
    return try opened(NamedHandle(object, view, rules, access, file, owner))
  }

  /// An access that allows one thing only says from the start what the handle is for.
  private static func opened(_ handle: NamedHandle) throws(SharedMemoryError) -> NamedHandle {
    if let ring = handle.ring, handle.access != .all {
      _ = try ring.become(handle.access == .wait ? .pops : .pushes, "open")
    }
    if let broadcast = handle.broadcast {
      if handle.access == .modify { _ = try broadcast.becomePublisher("open") }
      try broadcast.seek(.next, "open")
    }
    return handle
  }

  static let damage =
    "another program damaged it; close all its handles and create it again"

  /// What the header says about the object. It is read once, so that later writes of a peer have no
  /// effect.
  private static func rules(
    _ view: borrowing View, _ kind: any WaitableKind, _ acquisition: Acquisition
  ) throws(SharedMemoryError) -> NamedRules {
    let (limit, slots) = NamedWords.geometry(view.base)
    if view.isLost { throw acquisition.refused(.swap, View.lossAdvice) }
    let rules = NamedRules(kind, limit: limit)
    if !rules.isSound || slots != UInt32(NamedWords.slots) {
      throw acquisition.refused(
        .fileInvalid,
        "its header says limit \(limit) and \(slots) slots, which no \(kind.name) "
          + "has; \(damage)")
    }
    return rules
  }

  private static func identity(
    _ object: borrowing MemoryObject
  ) throws(SharedMemoryError) -> FileIdentity {
    do throws(Errno) {
      return FileIdentity(try object.handle.system.status(object.handle.memory))
    } catch {
      throw SharedMemoryError(
        ErrorCode(error), errno: error, "open", object.name, "the kernel does not say which file")
    }
  }

  // MARK: For the operations

  func refused(
    _ code: ErrorCode, _ operation: String, _ advice: String, errno: Errno? = nil
  ) -> SharedMemoryError {
    SharedMemoryError(code, errno: errno, operation, name, advice)
  }

  func checkLoss(_ operation: String) throws(SharedMemoryError) {
    if words.isLost { throw refused(.swap, operation, View.lossAdvice) }
  }

  func require(_ right: NamedAccess, _ operation: String) throws(SharedMemoryError) {
    if access.contains(right) { return }
    let words = rules.kind.accessWords
    let word = right == .wait ? words.wait : words.modify
    throw refused(
      .accessDenied, operation,
      "the handle was opened without the right to \(word); open it with access \"\(word)\" or "
        + "\"all\"")
  }

  /// This owner's mark in the object; the first call takes a slot.
  func claimedMark(_ operation: String) throws(SharedMemoryError) -> NamedMark {
    var isStranger = false
    do throws(Errno) {
      switch try participant.mark(words, object.handle.memory, object.handle.system) {
      case .mark(let mark): return mark
      case .allTaken: break
      case .lockedByAStranger: isStranger = true
      }
    } catch {
      throw refused(
        ErrorCode(error), operation, "a user's place takes one more descriptor of its file",
        errno: error)
    }
    if isStranger { throw strangerLocks(operation) }
    throw refused(
      .busy, operation,
      "all \(NamedWords.slots) places of its users are taken; close it in other processes")
  }

  /// Has this handle become this?
  func has(_ role: RingRole) -> Bool {
    assumed.load(ordering: .acquiring) & role.bit != 0
  }

  /// This owner's mark, once everybody can see that it has the role. The handle has it from then on.
  func assume(
    _ role: RingRole, _ operation: String
  ) throws(SharedMemoryError) -> NamedMark {
    let mark = try claimedMark(operation)
    if has(role) && participant.claim.has(role) { return mark }
    let isSeen: Bool
    do throws(Errno) {
      isSeen = try participant.assume(role, ObjectIdentifier(self), object.handle.system)
    } catch {
      throw refused(
        ErrorCode(error), operation, "the kernel does not lock its user's place", errno: error)
    }
    if !isSeen { throw strangerLocks(operation) }
    assumed.bitwiseOr(role.bit, ordering: .releasing)
    return mark
  }

  func strangerLocks(_ operation: String) -> SharedMemoryError {
    refused(
      .busy, operation,
      "a program that is none of its users has locked their places; it has "
        + "\(path ?? "the file") open: end it, or create the object anew with mode \"0600\"")
  }

  /// The process of a mark's slot.
  func process(_ mark: NamedMark) -> SlotProcess {
    guard (0..<NamedWords.slots).contains(mark.slot) else { return .unknown }
    return SlotProcess(words.slot(mark.slot), object.handle.system)
  }

  /// Does the mark belong to nobody who lives?
  func isDead(_ mark: NamedMark) -> Bool {
    words.isDead(mark, object.handle.memory, object.handle.system)
  }
}

extension NamedHandle {
  /// Runs an operation that needs the right to modify. `fast` returns nil if the word changed under
  /// each of its attempts; then it is repeated for a while.
  package func modify<Result>(
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
