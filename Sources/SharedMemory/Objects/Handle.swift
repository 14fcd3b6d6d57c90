internal import Synchronization

/// Keeps an object alive: holds the lock on its name, and a description of its file to map.
///
/// A class, because Win32's duplicated handles share one claim on the object: every `MemoryObject`
/// made by `duplicate` refers to the same `Handle`, and the protocol's CLOSE runs once, when the
/// last of them is gone.
final class Handle: Sendable {
  /// The namespace and file of an object.
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
  /// May the memory be mapped for writing?
  let isWritable: Bool
  /// Nil: an object without a name, or a POSIX name, which no last close removes.
  let claim: Claim?
  /// The process that made the handle. A child of `fork` shares its locks without a claim of its
  /// own, and must not unlock them: the parent would lose the name.
  private let owner: Int32
  /// Locked, and never mapped. Taken away once, under the lock of `OpenHandles`.
  fileprivate nonisolated(unsafe) var lock: Descriptor

  init(
    memory: consuming Descriptor, isWritable: Bool, lock: consuming Descriptor, _ claim: Claim?,
    _ system: System
  ) {
    self.memory = memory
    self.isWritable = isWritable
    self.lock = lock
    self.claim = claim
    self.system = system
    owner = System.process
    if claim != nil { OpenHandles.add(self) }
  }

  /// Did somebody remove the file while it was held, for example `rm`, logind or another program's
  /// tracker? A name that was moved away or now means another file counts as removed, too. POSIX
  /// names do not: they are unlinked in the normal course of things.
  var isRemoved: Bool {
    guard let claim, let held = try? system.status(memory) else { return false }
    if held.links == 0 { return true }
    do throws(Errno) {
      let named = try system.status(in: claim.directory.number, claim.place.file)
      return !named.isSameFile(as: held)
    } catch {
      return error == .notFound
    }
  }

  deinit {
    guard claim != nil else { return }
    giveUp(OpenHandles.remove(self))
  }

  /// Runs the protocol's CLOSE with the lock's descriptor; does nothing if that was given up
  /// already.
  fileprivate func giveUp(_ lock: consuming Descriptor) {
    guard let claim, lock.isOpen, owner == System.process else { return }
    let wasLast = Lifetime.close(
      claim.place.file, in: claim.directory, system, lock, writer: claim.writer)
    if wasLast { claim.place.namespace.removeIfTemporary(system) }
  }
}

/// The handles that this process has not closed yet. `exit(3)` gives up their names.
///
/// When a process ends the kernel drops its locks, but the files whose last holder it was would
/// stay until somebody's next operation. Deinitialisers do not help: a Swift program's globals are
/// never deinitialised, and Lua's `os.exit` leaves its state open.
private enum OpenHandles {
  private static let open = Mutex<[ObjectIdentifier: Unmanaged<Handle>]?>(nil)

  static func add(_ handle: Handle) {
    open.withLock { open in
      if open == nil {
        open = [:]
        System.atExit { OpenHandles.closeAll() }
      }
      open?[ObjectIdentifier(handle)] = Unmanaged.passUnretained(handle)
    }
  }

  /// Takes the handle's lock away; returns none if `closeAll` was faster.
  static func remove(_ handle: Handle) -> Descriptor {
    open.withLock { open in
      open?[ObjectIdentifier(handle)] = nil
      return taken(handle)
    }
  }

  /// Leaves the memory mapped, as another thread may still be using it.
  private static func closeAll() {
    open.withLock { open in
      for entry in (open ?? [:]).values {
        entry._withUnsafeGuaranteedRef { $0.giveUp(taken($0)) }
      }
      open = [:]
    }
  }

  private static func taken(_ handle: Handle) -> Descriptor {
    var given = Descriptor.none
    swap(&given, &handle.lock)
    return given
  }
}
