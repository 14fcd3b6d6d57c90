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
    /// The name to open it with, prefix included.
    public let name: [UInt8]
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
    /// The file that holds it.
    public let path: String
    package let status: FileStatus

    /// The owner's name, `getpwuid_r(3)`.
    public var ownerName: String { System.userName(owner) }
  }

  /// The living objects of a namespace, sorted by name; removes the dead ones on the way, as far
  /// as they are this user's. `getdents64(2)`, and the protocol's REAP for each entry.
  ///
  /// - Throws: 5 a directory that is not to be trusted.
  public func list(_ place: Place) throws(SharedMemoryError) -> [Entry] {
    let namespace = place == .local ? local : global
    let prefix = Array((place == .local ? "Local\\" : "Global\\").utf8)
    let acquisition = Acquisition("list", shown(prefix), .read, self)
    do throws(Namespace.Refusal) {
      guard let directory = try present(namespace) else { return [] }
      let files = files(directory)
      let entries = files.compactMap { entry($0, prefix, namespace, directory) }
      if entries.isEmpty { namespace.removeIfTemporary(system) }
      return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    } catch {
      throw acquisition.refusal(error, namespace)
    }
  }

  /// The directory that has the path now: an empty listing would not say that ours is gone.
  private func present(_ namespace: Namespace) throws(Namespace.Refusal) -> Namespace.Directory? {
    let known = try namespace.directory(making: false)
    guard let known, namespace.renew(known) else { return known }
    return try namespace.directory(making: false)
  }

  /// The processes that hold the object; `Holders` says what is not seen.
  public func holders(of entry: Entry) -> [Holders.Holder] {
    Holders.processes(of: entry.status, system)
  }

  /// The claims on the object, those of processes that we may not look at included.
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

  private func files(_ directory: Namespace.Directory) -> [[UInt8]] {
    guard let stream = try? system.stream(in: directory.number) else { return [] }
    return (try? system.entries(stream)) ?? []
  }

  private func entry(
    _ file: [UInt8], _ prefix: [UInt8], _ namespace: Namespace, _ directory: Namespace.Directory
  ) -> Entry? {
    let path = System.path(file)
    if (try? Lifetime.reap(path, in: directory, system)) == true { return nil }
    guard let status = try? system.status(in: directory.number, path), status.isRegular,
      isHeld(path, status, directory)
    else { return nil }
    let (name, text) = names(file, path, prefix, directory)
    return Entry(
      name: name, text: text, type: type(path, status, directory), size: status.size,
      owner: status.owner, mode: status.permissions & 0o777,
      path: shown(namespace.path + [UInt8(ascii: "/")] + file), status: status)
  }

  /// Held, and not only being decided about.
  private func isHeld(
    _ path: [CChar], _ status: FileStatus, _ directory: Namespace.Directory
  ) -> Bool {
    do throws(Errno) {
      let file = try system.open(in: directory.number, path, [.noFollow, .nonBlocking])
      return try system.conflicts(file, .write, LifetimeLock.life)
    } catch {
      return claimCount(status) > 0
    }
  }

  private func claimCount(_ status: FileStatus) -> Int {
    (try? Holders.count(of: status, system)) ?? 0
  }

  private func names(
    _ file: [UInt8], _ path: [CChar], _ prefix: [UInt8], _ directory: Namespace.Directory
  ) -> (name: [UInt8], text: String) {
    if let name = NameEncoding.decode(file) { return (prefix + name, shown(prefix + name)) }
    if let opened = try? system.open(in: directory.number, path, [.noFollow, .nonBlocking]),
      let whole = try? system.attribute(opened, NameEncoding.attribute),
      NameEncoding.encode(whole) == file
    {
      return (prefix + whole, shown(prefix + whole))
    }
    return (prefix + file, shown(prefix + file) + "…")
  }

  private func type(
    _ path: [CChar], _ status: FileStatus, _ directory: Namespace.Directory
  ) -> String {
    if status.permissions & 0o1000 == 0 { return ObjectKind.mapping.name }
    guard let opened = try? system.open(in: directory.number, path, [.noFollow, .nonBlocking]),
      let header = try? system.read(opened, count: ObjectKind.headerLength)
    else { return "another type" }
    return ObjectKind(header: header)?.name ?? "another type"
  }
}
