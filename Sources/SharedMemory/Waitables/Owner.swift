internal import Synchronization

/// Who locks mutexes: all handles of one owner share what it holds.
///
/// A script's interpreter is an owner; a Swift program has `Owner.process`. As a thread is in
/// Win32, an owner is one activity at a time: threads that shall exclude each other need an owner
/// each, and one owner's mutexes are not touched by two threads at once.
///
/// When an owner's process ends, however it does, what it held is abandoned: the next one that
/// locks it is told so, once. In a child of `fork(2)` it is another owner, which holds nothing; a
/// child of a process with several threads calls nothing here, as another one may have been inside.
public final class Owner: Sendable {
  /// The one that calls take by default.
  public static let process = Owner()

  private let participants = Mutex<[FileIdentity: Participant]>([:])

  public init() {}

  /// This owner's part in an object, one for all its handles; each `join` is one of them.
  func join(_ file: FileIdentity) -> Participant {
    participants.withLock { participants in
      let participant = participants[file] ?? Participant(file)
      participants[file] = participant
      participant.handles += 1
      return participant
    }
  }

  /// - Parameter last: done if no handle is left, before anybody can join again.
  func leave(_ participant: Participant, _ last: (Participant) -> Void) {
    participants.withLock { participants in
      participant.handles -= 1
      if participant.handles > 0 { return }
      last(participant)
      if participants[participant.file] === participant { participants[participant.file] = nil }
    }
  }
}

/// Which file, on which file system; the order in which a wait for all takes its objects.
struct FileIdentity: Hashable, Comparable, Sendable {
  let device, inode: UInt64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }

  static func < (one: FileIdentity, other: FileIdentity) -> Bool {
    (one.device, one.inode) < (other.device, other.inode)
  }
}

/// One owner in one object: what all its handles share.
///
/// The copy that a child of `fork` has begins anew, as its claim is empty there.
final class Participant: @unchecked Sendable {
  let file: FileIdentity
  let claim = NamedClaim()
  /// Guarded by the owner.
  fileprivate var handles = 0
  /// Whoever watched the claim watches its end.
  private var system = System()

  fileprivate init(_ file: FileIdentity) { self.file = file }

  deinit {
    if claim.mark != nil, (try? System.holdForks()) != nil {
      system.close(claim.end())
      System.releaseForks()
    }
    claim.deallocate()
  }

  /// What asking for a slot came to.
  enum Claiming {
    case mark(NamedMark)
    /// All belong to somebody who lives.
    case allTaken
    /// A lock that no user of the object takes keeps at least one from being claimed.
    case lockedByAStranger
  }

  /// The owner's mark; the first call takes a free slot.
  ///
  /// The claims of a process come one after the other, and forks between them.
  func mark(
    _ words: NamedWords, _ memory: borrowing Descriptor, _ system: System
  ) throws(Errno) -> Claiming {
    if let mark = claim.mark { return .mark(mark) }
    try System.holdForks()
    defer { System.releaseForks() }
    // Another thread may have been here meanwhile.
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

  /// A user's lock is for writing, and on one byte; and the alive byte is nobody's before the other.
  private static func isLockedByAStranger(
    _ slot: Int, _ descriptor: borrowing Descriptor, _ system: System
  ) throws(Errno) -> Bool {
    let (claim, alive) = (LifetimeLock.claim(slot), LifetimeLock.alive(slot))
    guard let met = try system.conflict(descriptor, .write, claim) else {
      return try system.conflicts(descriptor, .write, alive)
    }
    return !met.isWrite || met.range.start != claim.start || met.range.length != claim.length
  }

  /// `CShmNamed.h` says why in this order. Nil: it belongs to somebody.
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
