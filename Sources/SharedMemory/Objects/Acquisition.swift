/// Turns a name into a handle, for each kind of place, or into the error that says why not.
package struct Acquisition {
  let operation: String
  let text: String
  let access: Access
  let kind: ObjectKind
  let session: Session

  package init(
    _ operation: String, _ text: String, _ access: Access, _ session: Session,
    kind: ObjectKind = .mapping
  ) {
    self.operation = operation
    self.text = text
    self.access = access
    self.kind = kind
    self.session = session
  }

  private var system: System { session.system }

  func refused(_ code: ErrorCode, _ errno: Errno, _ advice: String) -> SharedMemoryError {
    SharedMemoryError(code, errno: errno, operation, text, advice)
  }

  func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
    SharedMemoryError(code, operation, text, advice)
  }
}

// MARK: - Names with a lifetime

extension Acquisition {
  /// - Parameter contents: what a new object's file begins with; nil: the header of its kind.
  package func create(
    _ name: ObjectName, _ size: Int, _ options: MemoryObject.CreateOptions,
    contents: [UInt8]? = nil
  ) throws(SharedMemoryError) -> MemoryObject {
    if name.place == .raw { return try createRaw(name, size, options) }
    if name.place == .global && session.strictGlobal && session.user != 0 {
      return try openWhereCreatingIsRefused(name, options)
    }
    let file = NameEncoding.encode(name.bytes)
    let preparation = Lifetime.Preparation(
      size: size, reserve: options.reserve, mode: mode(options), header: contents ?? kind.header,
      attribute: name.bytes, isShortened: NameEncoding.isShortened(file))
    var swept = false
    let path = System.path(file)
    return try inDirectory(name, path, making: true, size: size) {
      _, directory throws(Lifetime.Failure) in
      do throws(Lifetime.Failure) {
        return try Lifetime.create(
          path, in: directory, system, preparation, exclusively: options.exclusive)
      } catch {
        guard case .system(.noSpace, let step) = error, step.makesTheFile, !swept else {
          throw error
        }
        swept = true
        reclaim()
        return try Lifetime.create(
          path, in: directory, system, preparation, exclusively: options.exclusive)
      }
    }
  }

  /// Behaves as Windows does without SeCreateGlobalPrivilege: an existing object is opened, and
  /// none is made.
  private func openWhereCreatingIsRefused(
    _ name: ObjectName, _ options: MemoryObject.CreateOptions
  ) throws(SharedMemoryError) -> MemoryObject {
    do throws(SharedMemoryError) {
      let found = try open(name)
      if options.exclusive { throw existsAlready() }
      return found
    } catch {
      if error.code != .fileNotFound { throw error }
      throw refused(
        .accessDenied, "MOONPOOL_GLOBAL=strict lets only root create in Global\\; use Local\\")
    }
  }

  /// Frees the memory of dead objects at once, those of the user's other sessions included.
  private func reclaim() {
    for namespace in [session.local, session.global] {
      guard let directory = try? namespace.directory(making: false) else { continue }
      namespace.sweep.withLock { $0.complete(namespace, directory) }
    }
    session.sweepOtherSessions()
  }

  package func open(_ name: ObjectName) throws(SharedMemoryError) -> MemoryObject {
    if name.place == .raw { return try openRaw(name) }
    let file = System.path(NameEncoding.encode(name.bytes))
    return try inDirectory(name, file, making: false, size: 0) {
      _, directory throws(Lifetime.Failure) in
      try Lifetime.open(file, in: directory, system)
    }
  }

  /// The new file's mode. It also marks a read-only object, as the file has no other place for
  /// that.
  private func mode(_ options: MemoryObject.CreateOptions) -> UInt32 {
    (options.access.needsWriting ? options.mode : options.mode & ~0o222) | kind.modeBits
  }

  /// Acquires in the name's directory. Tries again if that belonged to a session and was just
  /// removed.
  private func inDirectory(
    _ name: ObjectName, _ file: [CChar], making: Bool, size: Int,
    _ acquire: (Namespace, Namespace.Directory) throws(Lifetime.Failure) -> Lifetime.Grant
  ) throws(SharedMemoryError) -> MemoryObject {
    let namespace = session.namespace(name.place)
    for _ in 0..<64 {
      let directory: Namespace.Directory
      do throws(Namespace.Refusal) {
        guard let found = try namespace.directory(making: making) else {
          // Somebody's last close removed the directory that we had just made.
          if making { continue }
          break
        }
        directory = found
      } catch {
        if making { namespace.removeIfTemporary(system) }
        throw refusal(error, namespace)
      }
      namespace.sweep.withLock { $0.advance(namespace, directory) }
      let grant: Lifetime.Grant
      do throws(Lifetime.Failure) {
        grant = try acquire(namespace, directory)
      } catch {
        if case .system(.notFound, _) = error, namespace.renew(directory) { continue }
        let refusal = refusal(error, name, namespace, size: size)
        namespace.removeIfTemporary(system)
        throw refusal
      }
      if grant.end == .notFound {
        if namespace.renew(directory) { continue }
        // A sweep or a reap may have removed the directory's last object.
        namespace.removeIfTemporary(system)
      }
      return try object(
        grant, name, Handle.Place(namespace: namespace, file: file), directory, size)
    }
    if making { throw refused(.busy, "\(shown(namespace.path)) is removed again and again") }
    throw notFound()
  }

  /// Makes a handle from what the protocol granted, after checking the object's type, size and
  /// access.
  ///
  /// - Parameter size: in bytes, of a new object.
  private func object(
    _ grant: consuming Lifetime.Grant, _ name: ObjectName, _ place: Handle.Place,
    _ directory: Namespace.Directory, _ size: Int
  ) throws(SharedMemoryError) -> MemoryObject {
    let end = grant.end
    if end == .notFound { throw notFound() }
    let met = grant.met
    let writer = grant.writer
    let lock = grant.lock
    var memory = grant.memory
    if let met, end == .exists {
      place.namespace.removeIfTemporary(system)
      try checkName(lock, name.bytes)
      try checkKind(lock, met)
      throw existsAlready()
    }
    let claim = Handle.Claim(place: place, directory: directory, writer: writer)
    guard let met else {
      return made(Handle(memory: memory, isWritable: true, lock: lock, claim, system), size, place)
    }
    // From here on a failure gives the claim up again, by the protocol.
    var failure: SharedMemoryError?
    do throws(SharedMemoryError) {
      try checkName(lock, name.bytes)
      try checkKind(lock, met)
      try checkReadOnly(met)
      memory = try reopened(lock, met)
    } catch {
      failure = error
    }
    let handle = Handle(
      memory: memory, isWritable: access.needsWriting, lock: lock, claim, system)
    if let failure { throw failure }
    return try existing(handle, place)
  }

  /// The handle to a new object: it has the size that was asked for, and nothing can fail any more.
  private func made(_ handle: Handle, _ size: Int, _ place: Handle.Place?) -> MemoryObject {
    MemoryObject(name: text, size: size, access: access, existed: false, place: place, handle)
  }

  private func existing(
    _ handle: Handle, _ place: Handle.Place
  ) throws(SharedMemoryError) -> MemoryObject {
    do throws(Errno) {
      // The size is read once. It bounds our accesses, whatever a peer does to the file later.
      let size = try system.status(handle.memory).size
      return MemoryObject(
        name: text, size: size, access: access, existed: true, place: place, handle)
    } catch {
      throw refused(ErrorCode(error), error, "the kernel does not say the object's size")
    }
  }

  /// Two names that are too long for a file name share a file only if somebody arranged it. So the
  /// whole name, which stands in an attribute where the kernel has them, is compared.
  func checkName(
    _ file: borrowing Descriptor, _ name: [UInt8]
  ) throws(SharedMemoryError) {
    if !NameEncoding.isShortened(NameEncoding.encode(name)) { return }
    let found: [UInt8]
    do throws(Errno) {
      found = try system.attribute(file, NameEncoding.attribute)
    } catch {
      switch error {
      case .notSupported: return
      case .noData:
        throw misnamed("carries no name: no Moonpool made it; have it removed")
      default: throw refused(ErrorCode(error), error, "the kernel does not say its whole name")
      }
    }
    if found != name {
      let start = shown(found.prefix(40)) + (found.count > 40 ? "…" : "")
      throw misnamed(
        "belongs to another object, \(start) (\(found.count) bytes); choose another name")
    }
  }

  private func misnamed(_ what: String) -> SharedMemoryError {
    refused(.filenameTooLong, "the file that stands for this long name \(what)")
  }

  func checkKind(
    _ lock: borrowing Descriptor, _ met: FileStatus
  ) throws(SharedMemoryError) {
    var found: ObjectKind? = .mapping
    if met.permissions & 0o1000 != 0 {
      let header = try? system.read(lock, count: ObjectKind.headerLength)
      found = header.flatMap { ObjectKind(header: $0) }
    }
    if found != kind {
      let what = found?.name ?? "object of another version"
      let remedy = found.map { "open it as \($0.one)" } ?? "open it with that version"
      throw refused(
        .invalidHandle,
        "the name belongs to another type (\(what)), not \(kind.one); \(remedy), or look at it "
          + "with 'moonpool stat'")
    }
  }

  /// Root may write any file, but shall not write an object that its creator made read-only.
  private func checkReadOnly(_ met: FileStatus) throws(SharedMemoryError) {
    if access.needsWriting && met.permissions & 0o222 == 0 {
      throw refused(.accessDenied, "the object is read-only; open it with access \"r\" or \"copy\"")
    }
  }

  private func reopened(
    _ lock: borrowing Descriptor, _ met: FileStatus
  ) throws(SharedMemoryError) -> Descriptor {
    do throws(Errno) {
      return try system.reopen(lock, access.needsWriting ? .readWrite : .readOnly)
    } catch {
      if error == .accessDenied { throw denied(met) }
      if error == .notFound { throw noPath() }
      throw refused(ErrorCode(error), error, "the object's file cannot be opened for mapping")
    }
  }
}

// MARK: - POSIX names, and no name

extension Acquisition {
  func anonymous(
    _ size: Int, _ options: MemoryObject.CreateOptions
  ) throws(SharedMemoryError) -> MemoryObject {
    // Not memfd_create(2): its memory has no limit, so that a size beyond the machine's memory
    // would end with the kernel killing processes instead of error 1455.
    let directory = try rawDirectory()
    var memory = Descriptor.none
    do throws(Errno) {
      memory = try unnamed(directory, size, options)
    } catch {
      throw unmade(error, size)
    }
    return made(Handle(memory: memory, isWritable: true, lock: .none, nil, system), size, nil)
  }

  private func commit(
    _ memory: borrowing Descriptor, _ size: Int, _ options: MemoryObject.CreateOptions
  ) throws(Errno) {
    if options.reserve {
      try system.reserve(memory, size: size)
    } else {
      try system.commit(memory, size: size)
    }
  }

  /// As with other names, the object is complete before it becomes visible: a foreign program that
  /// then calls `shm_open` finds its whole size. Nothing is locked, as foreign programs hold no
  /// locks and their objects would look dead.
  private func createRaw(
    _ name: ObjectName, _ size: Int, _ options: MemoryObject.CreateOptions
  ) throws(SharedMemoryError) -> MemoryObject {
    let directory = try rawDirectory()
    var memory = Descriptor.none
    var published = false
    do throws(Errno) {
      memory = try unnamed(directory, size, options)
      try system.setMode(memory, mode(options))
    } catch {
      throw unmade(error, size)
    }
    for _ in 0..<64 where !published {
      do throws(Errno) { published = try publish(memory, directory, name) } catch {
        throw unmade(error, size)
      }
      if published { break }
      if options.exclusive {
        throw refused(.alreadyExists, .exists, "a POSIX object of this name exists")
      }
      do throws(SharedMemoryError) { return try openRaw(name) } catch {
        // It was unlinked meanwhile, so ours may take its place.
        if error.code != .fileNotFound { throw error }
      }
    }
    if !published { throw refused(.busy, "the name is made and removed again and again") }
    return made(
      Handle(memory: memory, isWritable: true, lock: .none, nil, system), size, rawPlace(name))
  }

  private func unnamed(
    _ directory: Namespace.Directory, _ size: Int, _ options: MemoryObject.CreateOptions
  ) throws(Errno) -> Descriptor {
    let memory = try system.open(
      in: directory.number, System.dot, [.readWrite, .unnamed], mode: 0o600)
    do throws(Errno) {
      try commit(memory, size, options)
    } catch {
      if error != .noSpace { throw error }
      reclaim()
      try commit(memory, size, options)
    }
    return memory
  }

  private func publish(
    _ memory: borrowing Descriptor, _ directory: Namespace.Directory, _ name: ObjectName
  ) throws(Errno) -> Bool {
    do throws(Errno) {
      try system.link(memory, in: directory.number, System.path(name.bytes))
      return true
    } catch {
      if error == .exists { return false }
      throw error
    }
  }

  private func openRaw(_ name: ObjectName) throws(SharedMemoryError) -> MemoryObject {
    let directory = try rawDirectory()
    let flags: System.OpenFlags = [.noFollow, .nonBlocking]
    var memory = Descriptor.none
    do throws(Errno) {
      memory = try system.open(
        in: directory.number, System.path(name.bytes),
        access.needsWriting ? flags.union(.readWrite) : flags)
      if try !system.status(memory).isRegular { throw Errno.link }
    } catch {
      throw unopenedRaw(error, try? status(of: name, directory))
    }
    return try existing(
      Handle(
        memory: memory, isWritable: access.needsWriting, lock: .none, nil, system),
      rawPlace(name))
  }

  /// - Parameter met: the file's status, as far as the kernel tells; evaluated for some errors
  ///   only.
  func unopenedRaw(_ error: Errno, _ met: @autoclosure () -> FileStatus?) -> SharedMemoryError {
    switch error {
    case .notFound:
      refused(
        .fileNotFound, error, "there is no POSIX object of this name; start its creator first")
    case .link, .isDirectory, .noDevice: notAnObject()
    case .accessDenied: denied(met())
    default: refused(ErrorCode(error), error, "the kernel refused to open it")
    }
  }

  func unlink(_ name: ObjectName) throws(SharedMemoryError) {
    let directory = try rawDirectory()
    do throws(Errno) {
      try system.unlink(in: directory.number, System.path(name.bytes))
    } catch {
      switch error {
      case .notFound: throw refused(.fileNotFound, error, "there is no POSIX object of this name")
      case .isDirectory: throw notAnObject()
      case .notPermitted, .accessDenied:
        let owner = (try? status(of: name, directory)).map { System.userText($0.owner) }
        throw refused(
          .accessDenied, error, "it belongs to \(owner ?? "another user"), who can remove it")
      default: throw refused(ErrorCode(error), error, "the kernel refused to remove it")
      }
    }
  }

  private func status(
    of name: ObjectName, _ directory: Namespace.Directory
  ) throws(Errno) -> FileStatus {
    try system.status(in: directory.number, System.path(name.bytes))
  }

  private func rawPlace(_ name: ObjectName) -> Handle.Place {
    Handle.Place(namespace: session.raw, file: System.path(name.bytes))
  }

  func rawDirectory() throws(SharedMemoryError) -> Namespace.Directory {
    do throws(Namespace.Refusal) {
      if let directory = try session.raw.directory(making: false) { return directory }
    } catch {
      throw refusal(error, session.raw)
    }
    throw refused(
      .pathNotFound, .notFound, "\(shown(session.raw.path)) does not exist; mount a tmpfs there")
  }
}
