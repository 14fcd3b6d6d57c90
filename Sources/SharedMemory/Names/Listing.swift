/// What lives in the namespaces.
extension Session {
  /// The namespace of an object's name.
  public enum Place: Sendable, CaseIterable {
    /// `Local\`: the user's objects, of this session.
    case local
    /// `Global\`: the objects of all users on this machine.
    case global
  }

  /// An object, without a handle to it.
  public struct Entry: Sendable {
    /// Nil: a POSIX object, `/x`, which no last close removes.
    public let place: Place?
    /// The name to open it with, prefix included. If it is not known completely, its beginning and
    /// the rest of the file's name.
    public let name: [UInt8]
    /// Is the name known completely? It is not if it is too long for a file name and the kernel
    /// does not keep it.
    public let isWhole: Bool
    /// The name as one line of text. A name that is too long for a file name and that the kernel
    /// does not keep is cut and ends with `…`.
    public let text: String
    /// `mapping`, the type of another named object, or `posix`.
    public let type: String
    /// In bytes.
    public let size: Int
    /// The number of the user who made it.
    public let owner: UInt32
    /// Permission bits.
    public let mode: UInt32
    /// The number of claims on it according to `/proc/locks`, which includes processes that we may
    /// not look at; nil: only listings count them.
    public let claims: Int?
    /// Its mode keeps us from asking whether anybody holds it. If false, it lived when it was met.
    public let isClosed: Bool
    /// The path of the file that holds it, as text.
    public let path: String
    /// The same, byte for byte.
    public var pathBytes: [UInt8] { file.dropLast().map(UInt8.init(bitPattern:)) }
    package let status: FileStatus
    /// `path` for the kernel.
    let file: [CChar]

    /// The owner's name, `getpwuid_r(3)`.
    public var ownerName: String { System.userName(owner) }
  }

  /// The object of a name: one that lives, one whose mode keeps us from asking (`isClosed`), or a
  /// POSIX object. Takes no handle; `F_OFD_GETLK` tells whether it lives.
  ///
  /// - Throws: 2 nobody holds one, 206 its file belongs to another long name, 5 its directory is
  ///   not to be trusted, and the errors of names.
  public func find(_ name: [UInt8]) throws(SharedMemoryError) -> Entry {
    try found(ObjectName(name, for: "find"), for: "find")
  }

  /// - Parameter operation: the call that the error names.
  func found(
    _ name: ObjectName, for operation: String
  ) throws(SharedMemoryError) -> Entry {
    let place: Place
    switch name.place {
    case .raw: return try foundPosix(name, for: operation)
    case .local: place = .local
    case .global: place = .global
    }
    if let survey = try survey(place, nil, for: operation, name.text) {
      switch survey.finding(NameEncoding.encode(name.bytes)) {
      case .living(let entry), .closed(let entry):
        return try checked(entry, name, Array(place.prefix.utf8) + name.bytes, for: operation)
      case .dead, .none: break
      }
    }
    throw Acquisition(operation, name.text, .read, self).notFound()
  }

  /// The entry under its complete name, which the caller knows because it asked for it.
  private func checked(
    _ entry: Entry, _ name: ObjectName, _ whole: [UInt8], for operation: String
  ) throws(SharedMemoryError) -> Entry {
    if entry.isWhole && entry.name == whole { return entry }
    // Who may not read the file is told what its status says all the same.
    if let file = try? system.open(entry.file, [.noFollow, .nonBlocking]) {
      try Acquisition(operation, name.text, .read, self).checkName(file, name.bytes)
    }
    return entry.named(whole)
  }

  /// The file that a name means, whether its object lives or not.
  ///
  /// - Throws: the errors of names (3, 6, 123, 161, 206).
  public func path(of name: [UInt8]) throws(SharedMemoryError) -> [UInt8] {
    let name = try ObjectName(name, for: "path")
    let file = name.place == .raw ? name.bytes : NameEncoding.encode(name.bytes)
    return namespace(name.place).path + [UInt8(ascii: "/")] + file
  }

  /// - Parameter locks: where to count claims; nil: they are not counted.
  /// - Returns: nil if there is no such namespace yet.
  func survey(
    _ place: Place, _ locks: LockTable?, for operation: String, _ text: String
  ) throws(SharedMemoryError) -> Survey? {
    let namespace = place == .local ? local : global
    do throws(Namespace.Refusal) {
      var directory = try namespace.directory(making: false)
      // The directory that we have open may have been removed, and would then seem to be empty.
      if let known = directory, namespace.renew(known) {
        directory = try namespace.directory(making: false)
      }
      return directory.map { Survey(place, namespace, $0, locks, system) }
    } catch {
      throw Acquisition(operation, text, .read, self).refusal(error, namespace)
    }
  }
}

extension Session.Entry {
  fileprivate func named(_ whole: [UInt8]) -> Session.Entry {
    Session.Entry(
      place: place, name: whole, isWhole: true, text: shown(whole), type: type, size: size,
      owner: owner, mode: mode, claims: claims, isClosed: isClosed, path: path, status: status,
      file: file)
  }
}

// MARK: - POSIX names

extension Session {
  /// The POSIX objects, sorted by name: the files directly in `/dev/shm`, which includes those of
  /// `sem_open(3)`. `getdents64(2)`.
  ///
  /// - Throws: 3 there is no `/dev/shm`, 5 it is closed to this user.
  public func posixObjects() throws(SharedMemoryError) -> [Entry] {
    let directory = try Acquisition("list", "/", .read, self).rawDirectory()
    guard let stream = try? system.stream(in: directory.number),
      let files = try? system.entries(stream)
    else { return [] }
    return files.compactMap { file in
      guard let status = try? system.status(in: directory.number, System.path(file)),
        status.isRegular
      else { return nil }
      return posixEntry(file, status)
    }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private func foundPosix(
    _ name: ObjectName, for operation: String
  ) throws(SharedMemoryError) -> Entry {
    let acquisition = Acquisition(operation, name.text, .read, self)
    let directory = try acquisition.rawDirectory()
    let status: FileStatus
    do throws(Errno) {
      status = try system.status(in: directory.number, System.path(name.bytes))
    } catch {
      throw acquisition.unopenedRaw(error, nil)
    }
    if !status.isRegular { throw acquisition.notAnObject() }
    return posixEntry(name.bytes, status)
  }

  private func posixEntry(_ name: [UInt8], _ status: FileStatus) -> Entry {
    let slash = UInt8(ascii: "/")
    let whole = raw.path + [slash] + name
    return Entry(
      place: nil, name: [slash] + name, isWhole: true, text: shown([slash] + name), type: "posix",
      size: status.size, owner: status.owner, mode: status.permissions, claims: nil,
      isClosed: false, path: shown(whole), status: status, file: System.path(whole))
  }
}
