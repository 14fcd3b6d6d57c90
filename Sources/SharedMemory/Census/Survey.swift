/// A look at a namespace's files.
struct Survey {
  let namespace: Namespace
  private let prefix: [UInt8]
  private let place: Session.Place
  private let directory: Namespace.Directory
  private let system: System
  /// The claims of all files; nil: nobody counts them.
  private let locks: LockTable?

  init(
    _ place: Session.Place, _ namespace: Namespace, _ directory: Namespace.Directory,
    _ locks: LockTable?, _ system: System
  ) {
    self.place = place
    prefix = Array(place.prefix.utf8)
    self.namespace = namespace
    self.directory = directory
    self.locks = locks
    self.system = system
  }

  var files: [[UInt8]] {
    guard let stream = try? system.stream(in: directory.number) else { return [] }
    return (try? system.entries(stream)) ?? []
  }

  /// What a file means to somebody who looks for objects.
  enum Finding {
    case living(Session.Entry)
    /// An object that nobody holds and about which nobody is deciding.
    case dead(FileStatus)
    /// An object whose mode keeps us from asking whether it lives.
    case closed(Session.Entry)
    /// No file, no object, or an object about which somebody is deciding.
    case none
  }

  /// Removes dead objects on the way, as far as they are ours to remove.
  func finding(_ file: [UInt8]) -> Finding {
    let path = System.path(file)
    if (try? Lifetime.reap(path, in: directory, system)) == true { return .none }
    return look(file)
  }

  /// The same, but removes nothing.
  func look(_ file: [UInt8]) -> Finding {
    let path = System.path(file)
    guard let status = try? system.status(in: directory.number, path), status.isRegular else {
      return .none
    }
    do throws(Errno) {
      let opened = try opened(path)
      if try system.conflicts(opened, .write, LifetimeLock.life) {
        return .living(entry(file, path, status))
      }
      return try system.conflicts(opened, .write, LifetimeLock.both) ? .none : .dead(status)
    } catch {
      if error == .notFound { return .none }
      guard let locks else { return .closed(entry(file, path, status, isClosed: true)) }
      return locks.claims(on: status) > 0 ? .living(entry(file, path, status)) : .dead(status)
    }
  }

  private func entry(
    _ file: [UInt8], _ path: [CChar], _ status: FileStatus, isClosed: Bool = false
  ) -> Session.Entry {
    let (name, text, isWhole) = names(file, path)
    let whole = namespace.path + [UInt8(ascii: "/")] + file
    return Session.Entry(
      place: place, name: name, isWhole: isWhole, text: text, type: type(path, status),
      size: status.size,
      owner: status.owner, mode: status.permissions & 0o777,
      claims: locks.map { max($0.claims(on: status), 1) }, isClosed: isClosed,
      path: shown(whole), status: status, file: System.path(whole))
  }

  private func opened(_ path: [CChar]) throws(Errno) -> Descriptor {
    try system.open(in: directory.number, path, [.noFollow, .nonBlocking])
  }

  private func names(
    _ file: [UInt8], _ path: [CChar]
  ) -> (name: [UInt8], text: String, isWhole: Bool) {
    if let name = NameEncoding.decode(file) { return (prefix + name, shown(prefix + name), true) }
    if let opened = try? opened(path),
      let whole = try? system.attribute(opened, NameEncoding.attribute),
      NameEncoding.encode(whole) == file
    {
      return (prefix + whole, shown(prefix + whole), true)
    }
    return (prefix + file, shown(prefix + file) + "…", false)
  }

  private func type(_ path: [CChar], _ status: FileStatus) -> String {
    if status.permissions & 0o1000 == 0 { return ObjectKind.mapping.name }
    guard let opened = try? opened(path),
      let header = try? system.read(opened, count: ObjectKind.headerLength)
    else { return "another type" }
    return ObjectKind(header: header)?.name ?? "another type"
  }
}

extension Session.Place {
  var prefix: String { self == .local ? "Local\\" : "Global\\" }
}
