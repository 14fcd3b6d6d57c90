internal import Synchronization

/// Who locks mutexes: all handles of one owner share what it holds.
///
/// A script's interpreter is an owner; a Swift program has `Owner.process`. As a thread is in
/// Win32, an owner is one activity at a time: threads that shall exclude each other need an owner
/// each, and one owner's mutexes are not touched by two threads at once.
///
/// When an owner's process ends, however it does, what it held is abandoned: the next one that
/// locks it is told so, once.
public final class Owner: Sendable {
  /// The one that calls take by default.
  public static let process = Owner()

  private let participants = Mutex<[FileIdentity: Participant]>([:])

  public init() {}

  /// This owner's part in an object, one for all its handles; each `join` is one of them. What a
  /// child of `fork` opens is its own, not its parent's.
  func join(_ file: FileIdentity) -> Participant {
    participants.withLock { participants in
      let known = participants[file].flatMap { $0.isOurs ? $0 : nil }
      let participant = known ?? Participant(file)
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

/// One owner in one object: how often it holds it, and its slot once it needed one.
final class Participant: @unchecked Sendable {
  let file: FileIdentity
  /// How often the owner holds the mutex; only its own thread touches it.
  let depth: UnsafeMutablePointer<UInt32>
  /// Guarded by the owner.
  fileprivate var handles = 0
  /// A child of `fork` has a copy of all this, and is not the owner.
  private let process = System.process
  private let slot = Mutex(Slot())

  private struct Slot: ~Copyable, Sendable {
    /// Carries the write lock on the slot's byte; never mapped.
    var descriptor = Descriptor.none
    var mark = NamedMark.none
  }

  fileprivate init(_ file: FileIdentity) {
    self.file = file
    depth = .allocate(capacity: 1)
    depth.initialize(to: 0)
  }

  deinit { depth.deallocate() }

  var isOurs: Bool { process == System.process }

  /// The owner's mark; nil before it claimed a slot.
  var mark: NamedMark? {
    slot.withLock { $0.mark == .none ? nil : $0.mark }
  }

  enum ClaimFailure: Error {
    /// Every slot belongs to somebody who lives.
    case full
    case system(Errno)
  }

  /// The owner's mark; at first it takes a free slot. The kernel arbitrates: a slot is free if its
  /// byte can be locked, and only then is its epoch raised, which makes older marks dead.
  func claim(
    _ words: NamedWords, _ memory: borrowing Descriptor, _ system: System
  ) throws(ClaimFailure) -> NamedMark {
    if let mark { return mark }
    do throws(Errno) {
      let descriptor = try system.reopen(memory, .readWrite)
      for slot in 0..<NamedWords.slots
      where try system.lock(descriptor, .write, LifetimeLock.slot(slot)) {
        return keep(descriptor, words.raise(slot, process: process))
      }
    } catch {
      throw .system(error)
    }
    throw .full
  }

  /// Another thread may have claimed one meanwhile; then its slot is ours, and the new one is free.
  private func keep(_ descriptor: consuming Descriptor, _ mark: NamedMark) -> NamedMark {
    var new = Slot(descriptor: descriptor, mark: mark)
    return slot.withLock { slot in
      if slot.mark == .none { Swift.swap(&slot, &new) }
      return slot.mark
    }
  }
}
