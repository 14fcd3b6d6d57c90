/// Who holds an object's name, or has a POSIX object open.
public enum Holders {
  /// A process with a handle to an object.
  public struct Holder: Sendable {
    /// The process's number in our PID namespace.
    public let process: Int
    /// The user it belongs to.
    public let user: UInt32
    /// Its command's name: at most 15 bytes, any but 0. `/proc/PID/comm`.
    public let command: [UInt8]
    /// Its command line, the first 4 KiB; any bytes but 0. Empty: it has none. `/proc/PID/cmdline`.
    public let arguments: [[UInt8]]
    /// The number of descriptors that carry the claim; handles that were inherited or duplicated
    /// share one. A POSIX object has no claims: there it is the descriptors and mappings of its
    /// file.
    public let handles: Int
    /// What its handles may do with the bytes; `.readWrite` if one of them may write.
    public let access: Access

    /// The user's name, `getpwuid_r(3)`.
    public var userName: String { System.userName(user) }
  }

  /// Are there holders that this process may not see?
  public enum Unseen: Sendable {
    /// No: such holders would be ours, or we are root.
    case no
    /// Another user may hold it, too.
    case perhaps
    /// The object lives, yet no holder was seen.
    case certainly
  }

  /// The processes that hold the object of the file.
  static func processes(of file: FileStatus, _ system: System) -> [Holder] {
    let open = OpenFiles(system: system)
    return open.processes().compactMap { process in
      let found = open.descriptors(of: process) { $0.isSameFile(as: file) }
      return found.isEmpty ? nil : holder(process, found, file, open)
    }
  }

  /// The processes that have the file open or mapped; for files without claims (POSIX objects).
  static func users(of file: FileStatus, _ system: System) -> [Holder] {
    let open = OpenFiles(system: system)
    return open.processes().compactMap { process in
      let found = open.descriptors(of: process) { $0.isSameFile(as: file) }
      let mapped = open.mappings(of: file, in: process)
      if found.isEmpty && mapped.count == 0 { return nil }
      let writes = found.contains { open.information($0).map(OpenFiles.mayWrite) ?? false }
      return described(process, found.count + mapped.count, writes || mapped.write, system)
    }
  }

  /// Nil: the process has the file open without a claim on it, or has just ended.
  private static func holder(
    _ process: Int, _ descriptors: [OpenFiles.Descriptor], _ file: FileStatus, _ open: OpenFiles
  ) -> Holder? {
    var handles = 0
    // The description that carries the lock is open for writing wherever the user may write. What
    // the handle itself may do is shown by its other description.
    var lockWrites = false
    var memory: [Bool] = []
    for descriptor in descriptors {
      guard let information = open.information(descriptor) else { continue }
      let writes = OpenFiles.mayWrite(information)
      if LockTable.claims(information, file) {
        handles += 1
        lockWrites = lockWrites || writes
      } else {
        memory.append(writes)
      }
    }
    if handles == 0 { return nil }
    let writes = memory.isEmpty ? lockWrites : memory.contains(true)
    // The creator of a read-only object has a description that may write all the same.
    return described(process, handles, writes && file.permissions & 0o222 != 0, open.system)
  }

  private static func described(
    _ process: Int, _ handles: Int, _ writes: Bool, _ system: System
  ) -> Holder {
    func text(_ file: String) -> [UInt8] {
      (try? system.contents(System.path("/proc/\(process)/\(file)"), limit: 4096)) ?? []
    }
    var words = text("cmdline").split(separator: 0, omittingEmptySubsequences: false)
    if words.last?.isEmpty == true { words.removeLast() }
    let owner = (try? system.status(System.path("/proc/\(process)")))?.owner ?? .max
    return Holder(
      process: process, user: owner, command: name(text("comm")),
      arguments: words.map(Array.init), handles: handles, access: writes ? .readWrite : .read)
  }

  /// The command's name without the line feed that the kernel adds; the name may contain another.
  private static func name(_ comm: [UInt8]) -> [UInt8] {
    comm.last == 0x0A ? Array(comm.dropLast()) : comm
  }
}
