/// What keeps an object alive: its name's lock, and a description of its file to map.
///
/// A class, because Win32's duplicated handles share one claim on the object: every
/// `MemoryObject` made by `duplicate` refers to the same `Handle`, and the protocol's CLOSE runs
/// once, when the last of them is gone.
final class Handle: Sendable {
  /// Where an object's file stands.
  struct Place: Sendable {
    let namespace: Namespace
    let file: [CChar]

    var path: String {
      shown(
        namespace.path + [UInt8(ascii: "/")] + file.dropLast().map(UInt8.init(bitPattern:)))
    }
  }

  /// The claim on a name that has Moonpool's lifetime.
  struct Claim: Sendable {
    let place: Place
    let directory: Namespace.Directory
    let writer: Bool
  }

  let system: System
  /// Mapped, and never locked.
  let memory: Descriptor
  /// Nil: an object without a name, or a POSIX name, which nobody's last close removes.
  private let claim: Claim?
  /// A child of `fork` shares the locks without a claim of its own: if it unlocked, its parent
  /// would lose the name.
  private let owner: Int32
  /// Locked, and never mapped. Mutable only for `deinit` to give it away.
  private nonisolated(unsafe) var lock: Descriptor

  init(
    memory: consuming Descriptor, lock: consuming Descriptor, _ claim: Claim?, _ system: System
  ) {
    self.memory = memory
    self.lock = lock
    self.claim = claim
    self.system = system
    owner = System.process
  }

  /// Did somebody remove the file although it is held: `rm`, logind, another program's tracker?
  var isRemoved: Bool {
    guard let status = try? system.status(memory) else { return false }
    return status.links == 0
  }

  deinit {
    guard let claim, owner == System.process else { return }
    var given = Descriptor.none
    swap(&given, &lock)
    let wasLast = Lifetime.close(
      claim.place.file, in: claim.directory, system, given, writer: claim.writer)
    if wasLast { claim.place.namespace.removeIfTemporary(system) }
  }
}
