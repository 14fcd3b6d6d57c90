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

  var system: System { session.system }

  func refused(_ code: ErrorCode, _ errno: Errno, _ advice: String) -> SharedMemoryError {
    SharedMemoryError(code, errno: errno, operation, text, advice)
  }

  func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
    SharedMemoryError(code, operation, text, advice)
  }
}

// MARK: - Names with a lifetime

extension Acquisition {
  package func open(_ name: ObjectName) throws(SharedMemoryError) -> MemoryObject {
    if name.place == .raw { return try openRaw(name) }
    let file = System.path(NameEncoding.encode(name.bytes))
    return try inDirectory(name, file, making: false, size: 0) {
      _, directory throws(Lifetime.Failure) in
      try Lifetime.open(file, in: directory, system)
    }
  }

  /// Acquires in the name's directory. Tries again if that belonged to a session and was just
  /// removed.
  func inDirectory(
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
  func made(_ handle: Handle, _ size: Int, _ place: Handle.Place?) -> MemoryObject {
    MemoryObject(name: text, size: size, access: access, existed: false, place: place, handle)
  }

  func existing(
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
