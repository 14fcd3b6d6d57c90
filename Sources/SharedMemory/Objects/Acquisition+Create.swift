/// Makes an object under a name, or opens the one that exists.
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
  func openWhereCreatingIsRefused(
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
  func reclaim() {
    for namespace in [session.local, session.global] {
      guard let directory = try? namespace.directory(making: false) else { continue }
      namespace.sweep.withLock { $0.complete(namespace, directory) }
    }
    session.sweepOtherSessions()
  }

  /// The new file's mode. It also marks a read-only object, as the file has no other place for
  /// that.
  func mode(_ options: MemoryObject.CreateOptions) -> UInt32 {
    (options.access.needsWriting ? options.mode : options.mode & ~0o222) | kind.modeBits
  }
}
