/// What lives in the namespaces.
extension Session {
  /// Where an object's name stands.
  public enum Place: Sendable, CaseIterable {
    /// `Local\`: the user's objects, of this session.
    case local
    /// `Global\`: every user's on this machine.
    case global
  }

  /// A living object, without a handle to it.
  public struct Entry: Sendable {
    /// The name to open it with, prefix included; where it is not known whole, its beginning and
    /// the rest of the file's name.
    public let name: [UInt8]
    /// The name is known whole: only one too long for a file name, which the kernel does not keep,
    /// is not.
    public let isWhole: Bool
    /// The name as one line of text. A name too long for a file name that the kernel does not
    /// keep whole is cut, and ends with `…`.
    public let text: String
    /// `mapping`, or the type of another named object.
    public let type: String
    /// Bytes.
    public let size: Int
    /// The user who made it.
    public let owner: UInt32
    /// Permission bits.
    public let mode: UInt32
    /// The claims on it, those of processes that we may not look at included, as `/proc/locks`
    /// has them.
    public let claims: Int
    /// The file that holds it, as text.
    public let path: String
    /// The same, byte for byte.
    public var pathBytes: [UInt8] { file.dropLast().map(UInt8.init(bitPattern:)) }
    package let status: FileStatus
    /// `path` for the kernel.
    let file: [CChar]

    /// The owner's name, `getpwuid_r(3)`.
    public var ownerName: String { System.userName(owner) }
  }

  /// The living objects of a namespace, sorted by name; removes the dead ones on the way, as far
  /// as they are this user's, also those of the user's other sessions. `getdents64(2)`, and the protocol's REAP for each entry.
  ///
  /// - Throws: 5 a directory that is not to be trusted.
  public func list(_ place: Place) throws(SharedMemoryError) -> [Entry] {
    if place == .local { sweepOtherSessions() }
    guard let survey = try survey(place, for: "list", place.prefix) else { return [] }
    let entries = survey.files.compactMap(survey.entry)
    if entries.isEmpty { survey.namespace.removeIfTemporary(system) }
    return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// The living object of a name.
  ///
  /// - Throws: 2 nobody holds one, 87 a POSIX name, which has no holders, 206 its file is another
  ///   long name's, 5, and the errors of names.
  public func find(_ name: [UInt8]) throws(SharedMemoryError) -> Entry {
    let name = try ObjectName(name, for: "find")
    let place: Place? =
      switch name.place {
      case .local: .local
      case .global: .global
      case .raw: nil
      }
    let acquisition = Acquisition("find", name.text, .read, self)
    if let place, let survey = try survey(place, for: "find", name.text),
      let entry = survey.entry(NameEncoding.encode(name.bytes))
    {
      let whole = Array(place.prefix.utf8) + name.bytes
      if entry.isWhole && entry.name == whole { return entry }
      // Who may not read the file is told all the same what its status says.
      if let file = try? system.open(entry.file, [.noFollow, .nonBlocking]) {
        try acquisition.checkName(file, name.bytes)
      }
      return entry.named(whole)
    }
    if place == nil {
      throw acquisition.refused(
        .invalidParameter,
        "a POSIX name has no holders that anybody counts; its file is \(shown(raw.path + [0x2F] + name.bytes))"
      )
    }
    throw acquisition.notFound()
  }

  /// The processes that hold the object; `Holders` says what is not seen.
  public func holders(of entry: Entry) -> [Holders.Holder] {
    Holders.processes(of: entry.status, system)
  }

  /// The claims on the object now.
  public func claims(on entry: Entry) -> Int {
    (try? Holders.count(of: entry.status, system)) ?? 0
  }

  /// The file that a name means, whether its object lives or not.
  ///
  /// - Throws: the errors of names (3, 6, 123, 161, 206).
  public func path(of name: [UInt8]) throws(SharedMemoryError) -> [UInt8] {
    let name = try ObjectName(name, for: "path")
    let file = name.place == .raw ? name.bytes : NameEncoding.encode(name.bytes)
    return namespace(name.place).path + [UInt8(ascii: "/")] + file
  }

  private func survey(
    _ place: Place, for operation: String, _ text: String
  ) throws(SharedMemoryError) -> Survey? {
    let namespace = place == .local ? local : global
    do throws(Namespace.Refusal) {
      var directory = try namespace.directory(making: false)
      // An empty listing would not say that the directory which we know has gone.
      if let known = directory, namespace.renew(known) {
        directory = try namespace.directory(making: false)
      }
      return directory.map { Survey(Array(place.prefix.utf8), namespace, $0, system) }
    } catch {
      throw Acquisition(operation, text, .read, self).refusal(error, namespace)
    }
  }
}

extension Session.Entry {
  /// By its whole name, which who asked for it knew.
  fileprivate func named(_ whole: [UInt8]) -> Session.Entry {
    Session.Entry(
      name: whole, isWhole: true, text: shown(whole), type: type, size: size, owner: owner,
      mode: mode, claims: claims, path: path, status: status, file: file)
  }
}

extension Session.Place {
  fileprivate var prefix: String { self == .local ? "Local\\" : "Global\\" }
}

/// A look at a namespace's files, with the claims as they were when it began.
private struct Survey {
  let namespace: Namespace
  private let prefix: [UInt8]
  private let directory: Namespace.Directory
  private let system: System
  private let claims: [Holders.File: Int]

  init(
    _ prefix: [UInt8], _ namespace: Namespace, _ directory: Namespace.Directory, _ system: System
  ) {
    self.prefix = prefix
    self.namespace = namespace
    self.directory = directory
    self.system = system
    claims = (try? Holders.counts(system)) ?? [:]
  }

  var files: [[UInt8]] {
    guard let stream = try? system.stream(in: directory.number) else { return [] }
    return (try? system.entries(stream)) ?? []
  }

  /// Nil: dead, and removed if it may be, or no object.
  func entry(_ file: [UInt8]) -> Session.Entry? {
    let path = System.path(file)
    if (try? Lifetime.reap(path, in: directory, system)) == true { return nil }
    guard let status = try? system.status(in: directory.number, path), status.isRegular,
      isHeld(path, status)
    else { return nil }
    let (name, text, isWhole) = names(file, path)
    let whole = namespace.path + [UInt8(ascii: "/")] + file
    return Session.Entry(
      name: name, isWhole: isWhole, text: text, type: type(path, status), size: status.size,
      owner: status.owner,
      mode: status.permissions & 0o777, claims: claims[Holders.File(status)] ?? 0,
      path: shown(whole), status: status, file: System.path(whole))
  }

  /// Held, and not only being decided about.
  private func isHeld(_ path: [CChar], _ status: FileStatus) -> Bool {
    do throws(Errno) {
      let file = try opened(path)
      return try system.conflicts(file, .write, LifetimeLock.life)
    } catch {
      return claims[Holders.File(status)] != nil
    }
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
