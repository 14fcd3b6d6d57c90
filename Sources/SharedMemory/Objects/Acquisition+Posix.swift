/// POSIX names (`shm_open(3)`), which have no lifetime of ours, and objects without a name.
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
  func createRaw(
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

  func openRaw(_ name: ObjectName) throws(SharedMemoryError) -> MemoryObject {
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
