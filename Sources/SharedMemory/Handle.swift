/// What keeps an object alive: its name's lock, and a description of its file to map.
///
/// A class, because Win32's duplicated handles share one claim on the object: every
/// `MemoryObject` made by `duplicate` refers to the same `Handle`, and the protocol's CLOSE runs
/// once, when the last of them is gone.
final class Handle: Sendable {
  /// The claim on a name that has Moonpool's lifetime.
  struct Claim: Sendable {
    let namespace: Namespace
    let directory: Namespace.Directory
    let file: [CChar]
    let writer: Bool
  }

  let system: System
  /// Mapped, and never locked.
  let memory: Descriptor
  /// Nil: an object without a name, or a POSIX name, which nobody's last close removes.
  private let claim: Claim?
  /// Locked, and never mapped. Mutable only for `deinit` to give it away.
  private nonisolated(unsafe) var lock: Descriptor

  init(
    memory: consuming Descriptor, lock: consuming Descriptor, _ claim: Claim?, _ system: System
  ) {
    self.memory = memory
    self.lock = lock
    self.claim = claim
    self.system = system
  }

  /// Did somebody remove the file although it is held: `rm`, logind, another program's tracker?
  /// A name that was moved away, or that now means another file, is removed, too.
  var isRemoved: Bool {
    guard let held = try? system.status(memory) else { return false }
    guard held.links > 0, let claim else { return held.links == 0 }
    do throws(Errno) {
      let named = try system.status(in: claim.directory.number, claim.file)
      return !named.isSameFile(as: held)
    } catch {
      return error == .notFound
    }
  }

  deinit {
    guard let claim else { return }
    var given = Descriptor.none
    swap(&given, &lock)
    Lifetime.close(claim.file, in: claim.directory, system, given, writer: claim.writer)
    claim.namespace.removeIfTemporary()
  }
}
