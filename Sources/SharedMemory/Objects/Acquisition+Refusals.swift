/// Why a name did not become a handle: all reasons and the ways out of them.
extension Acquisition {
  func notFound() -> SharedMemoryError {
    refused(
      .fileNotFound,
      "no process holds an object of this name; start the one that creates it first")
  }

  func existsAlready() -> SharedMemoryError {
    refused(.alreadyExists, "an object of this name exists; open it, or choose another")
  }

  func notAnObject() -> SharedMemoryError {
    refused(
      .invalidHandle,
      "the name belongs to a directory, a link or a pipe, which is no shared memory")
  }

  func denied(_ met: FileStatus?) -> SharedMemoryError {
    guard let met else {
      return refused(.accessDenied, .accessDenied, "its mode does not let you in")
    }
    let mode = String(met.permissions & 0o777, radix: 8)
    return refused(
      .accessDenied, .accessDenied,
      "it belongs to \(System.userText(met.owner)) with mode 0\(mode), which does not "
        + (kind == .mapping
          ? "give you access \"\(access.rawValue)\""
          : "let you read and write it, as every use of this \(kind.name) does"))
  }

  /// The error for a directory that cannot be used.
  func refusal(_ refusal: Namespace.Refusal, _ namespace: Namespace) -> SharedMemoryError {
    switch refusal {
    case .untrusted(let reason):
      return refused(.accessDenied, reason)
    case .system(let errno):
      let advice =
        ShmFileSystem(session).obstacle(errno)
        ?? "the directory \(shown(namespace.path)) cannot be used"
      return refused(errno == .notFound ? .pathNotFound : ErrorCode(errno), errno, advice)
    }
  }

  /// The error for a protocol run that found no answer.
  func refusal(
    _ failure: Lifetime.Failure, _ name: ObjectName, _ namespace: Namespace, size: Int
  ) -> SharedMemoryError {
    switch failure {
    case .notAnObject, .system(.link, _), .system(.isDirectory, _), .system(.noDevice, _):
      return notAnObject()
    case .undead(let owner):
      return refused(
        .accessDenied, .notPermitted,
        "a dead object of \(System.userText(owner)) has this name; \(Self.cure)")
    case .busy:
      return refused(
        .busy, "another process holds this name's fate open, and may be stopped; try again")
    case .system(.accessDenied, .o1):
      return shutOut(name, namespace)
    case .system(let errno, .c1), .system(let errno, .c2), .system(let errno, .c3),
      .system(let errno, .c5):
      return unmade(errno, size)
    case .system(let errno, let step):
      return refused(ErrorCode(errno), errno, "the kernel refused step \(step.rawValue)")
    }
  }

  /// The error for a file that we may not even open. We cannot know then whether its object lives:
  /// the kernel's table of all locks would say, but reading it stops everybody who locks.
  private func shutOut(_ name: ObjectName, _ namespace: Namespace) -> SharedMemoryError {
    let file = System.path(NameEncoding.encode(name.bytes))
    guard let directory = try? namespace.directory(making: false),
      let met = try? session.system.status(in: directory.number, file)
    else { return notFound() }
    // On a file system mounted without devices (nodev), opening one is refused before its type is
    // read.
    if !met.isRegular { return notAnObject() }
    let refusal = denied(met)
    if met.owner == session.user { return refusal }
    return refused(.accessDenied, .accessDenied, "\(refusal.advice); if it is dead, \(Self.cure)")
  }

  /// What to do about another user's dead object.
  static let cure = "only they or root can remove it, with 'moonpool ls'"

  /// `/proc` is missing: descriptors are opened again and linked through `/proc/self/fd`.
  func noPath() -> SharedMemoryError {
    refused(.pathNotFound, .notFound, "a directory it needs is missing; is /proc mounted?")
  }

  /// The error for a file that could not be completed.
  func unmade(_ errno: Errno, _ size: Int) -> SharedMemoryError {
    switch errno {
    case .noSpace:
      let system = ShmFileSystem(session)
      if let reason = system.obstacle(errno) { return refused(.commitmentLimit, errno, reason) }
      let free = system.space.map { "\($0.free) of \($0.total) bytes" } ?? "fewer"
      return refused(
        .commitmentLimit, errno,
        "\(size) bytes are needed, \(free) are free on \(system.path); close other "
          + "objects, ask for less, or enlarge it (mount -o remount,size=)")
    case .fileTooBig, .invalid:
      return refused(
        .invalidParameter, errno,
        "\(size) bytes are more than a file may have (ulimit -f, or the kernel)")
    case .notFound:
      return noPath()
    case .outOfMemory:
      return refused(.notEnoughMemory, errno, "the kernel has no memory left")
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
      return refused(
        .tooManyOpenFiles, errno,
        "an object takes two or three descriptors; raise the limit (ulimit -n)")
    default:
      let reason = ShmFileSystem(session).obstacle(errno)
      return refused(ErrorCode(errno), errno, reason ?? "the kernel refused to make its file")
    }
  }

  // MARK: Checks of what was found

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
  func checkReadOnly(_ met: FileStatus) throws(SharedMemoryError) {
    if access.needsWriting && met.permissions & 0o222 == 0 {
      throw refused(.accessDenied, "the object is read-only; open it with access \"r\" or \"copy\"")
    }
  }
}
