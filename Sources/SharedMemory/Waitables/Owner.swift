internal import Synchronization

/// Whoever locks mutexes: all handles of one owner share what it holds.
///
/// A script's interpreter is an owner; a Swift program has `Owner.process`. Like a thread in Win32,
/// an owner does one thing at a time: threads that must exclude each other need an owner each, and
/// two threads must not use one owner's mutexes at once.
///
/// When an owner's process ends, in whatever way, its mutexes are abandoned: the next one to lock
/// each is told so, once. In a child of `fork(2)` the same value is another owner, which holds
/// nothing. The child of a process with several threads must call nothing here, as another thread
/// may have been inside a call.
public final class Owner: Sendable {
  /// The owner that calls use by default.
  public static let process = Owner()

  private let participants = Mutex<[FileIdentity: Participant]>([:])

  public init() {}

  /// This owner's share of an object, the same for all its handles. Each handle joins once.
  func join(_ file: FileIdentity) -> Participant {
    participants.withLock { participants in
      let participant = participants[file] ?? Participant(file)
      participants[file] = participant
      participant.handles += 1
      return participant
    }
  }

  /// - Parameter last: called if no handle is left, before anybody can join again.
  func leave(_ participant: Participant, _ last: (Participant) -> Void) {
    participants.withLock { participants in
      participant.handles -= 1
      if participant.handles > 0 { return }
      last(participant)
      if participants[participant.file] === participant { participants[participant.file] = nil }
    }
  }
}

/// Identifies a file by its file system and inode. A wait for all takes its objects in this order.
package struct FileIdentity: Hashable, Comparable, Sendable {
  package let device, inode: UInt64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }

  package static func < (one: FileIdentity, other: FileIdentity) -> Bool {
    (one.device, one.inode) < (other.device, other.inode)
  }
}

/// One owner's share of one object, used by all its handles.
///
/// In a child of `fork` it starts afresh, as its claim is empty there.
final class Participant: @unchecked Sendable {
  let file: FileIdentity
  let claim = NamedClaim()
  /// Guarded by the owner's lock.
  fileprivate var handles = 0
  /// The system that made the claim, so that an observer of the claim also sees its end.
  private var system = System()

  fileprivate init(_ file: FileIdentity) { self.file = file }

  deinit {
    if claim.mark != nil, (try? System.holdForks()) != nil {
      system.close(claim.end())
      System.releaseForks()
    }
    claim.deallocate()
  }

  // MARK: Roles, of rings

  /// Which of the owner's handles have become this; guarded by the lock on forks. A handle counts
  /// once, however many of its threads begin at the same moment.
  private var players: [RingRole: Set<ObjectIdentifier>] = [:]

  /// Locks the role's byte of the slot, unless another handle of the owner has; true: the role is
  /// visible to everybody, false: a program that is no user of the object has locked the byte.
  func assume(
    _ role: RingRole, _ handle: ObjectIdentifier, _ system: System
  ) throws(Errno) -> Bool {
    try System.holdForks()
    defer { System.releaseForks() }
    guard let mark = claim.mark else { return false }
    if !claim.has(role) {
      if try !system.lock(claim.descriptor, .write, LifetimeLock.role(role, mark.slot)) {
        return false
      }
      claim.add(role)
    }
    players[role, default: []].insert(handle)
    return true
  }

  /// One handle that has become this is closed.
  func drop(_ role: RingRole, _ handle: ObjectIdentifier, _ system: System) {
    guard (try? System.holdForks()) != nil else { return }
    defer { System.releaseForks() }
    players[role]?.remove(handle)
    guard players[role]?.isEmpty ?? true, claim.has(role), let mark = claim.mark else { return }
    claim.remove(role)
    _ = try? system.lock(claim.descriptor, .unlock, LifetimeLock.role(role, mark.slot))
  }

  // MARK: Jobs, of rings

  /// The messages that the owner has taken and means to give back, which a stopped consumer has
  /// prevented. Its threads may use several handles at once.
  private let owedJobs = Mutex<Set<UInt64>>([])

  var owesJobs: Bool { owedJobs.withLock { !$0.isEmpty } }
  func owe(_ tokens: Set<UInt64>) { owedJobs.withLock { $0.formUnion(tokens) } }

  /// One of them, which is the caller's from now on: once it is given back, another thread may take
  /// the same message again, under the same token. Nil: nothing is owed.
  func takeOwed() -> UInt64? { owedJobs.withLock { $0.popFirst() } }

  /// The result of asking for a slot.
  enum Claiming {
    case mark(NamedMark)
    /// Each slot belongs to somebody who lives.
    case allTaken
    /// At least one slot cannot be claimed because of a lock that no user of the object takes.
    case lockedByAStranger
  }

  /// The owner's mark; the first call takes a free slot.
  ///
  /// A process's claims are made one after the other, and no fork happens during one.
  func mark(
    _ words: NamedWords, _ memory: borrowing Descriptor, _ system: System
  ) throws(Errno) -> Claiming {
    if let mark = claim.mark { return .mark(mark) }
    try System.holdForks()
    defer { System.releaseForks() }
    // Another thread may have taken the slot meanwhile.
    if let mark = claim.mark { return .mark(mark) }
    let descriptor = try system.reopen(memory, .readWrite)
    for slot in 0..<NamedWords.slots {
      if let mark = try Self.take(slot, words, descriptor, system) {
        self.system = system
        claim.begin(mark, descriptor)
        return .mark(mark)
      }
    }
    for slot in 0..<NamedWords.slots where try Self.isLockedByAStranger(slot, descriptor, system) {
      return .lockedByAStranger
    }
    return .allTaken
  }

  /// A user's lock is a write lock on exactly one byte, and users lock the claim byte first.
  private static func isLockedByAStranger(
    _ slot: Int, _ descriptor: borrowing Descriptor, _ system: System
  ) throws(Errno) -> Bool {
    let (claim, alive) = (LifetimeLock.claim(slot), LifetimeLock.alive(slot))
    guard let met = try system.conflict(descriptor, .write, claim) else {
      return try system.conflicts(descriptor, .write, alive)
    }
    return !met.isWrite || met.range.start != claim.start || met.range.length != claim.length
  }

  /// Takes the slot by the steps that `CShmNamed.h` lists and explains; nil: it belongs to
  /// somebody.
  private static func take(
    _ slot: Int, _ words: NamedWords, _ descriptor: borrowing Descriptor, _ system: System
  ) throws(Errno) -> NamedMark? {
    if try !system.lock(descriptor, .write, LifetimeLock.claim(slot)) { return nil }
    let mark = words.raise(
      slot, process: System.process, namespace: System.processNamespace())
    if try system.lock(descriptor, .write, LifetimeLock.alive(slot)) { return mark }
    _ = try system.lock(descriptor, .unlock, LifetimeLock.claim(slot))
    return nil
  }
}
