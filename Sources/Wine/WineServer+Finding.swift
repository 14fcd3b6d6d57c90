internal import SharedMemory

/// Finding the wineservers that run, and the prefix of each.
extension WineServer {
  /// What was found: servers, and processes that look like one but that we may not look at.
  struct Found {
    var servers: [WineServer] = []
    /// Processes whose `/proc/PID/cwd` is closed to us.
    var closed: [Int32] = []
  }

  /// The servers of a user; nil: of all users.
  static func running(of user: UInt32?, _ system: System) throws(Errno) -> Found {
    var found = Found()
    let entries = try system.entries(system.stream(System.path("/proc")))
    for process in entries.compactMap({ Int32(String(decoding: $0, as: UTF8.self)) }).sorted() {
      let folder = System.path("/proc/\(process)")
      let owner = try seen { () throws(Errno) in try system.status(folder).owner }
      guard let owner, user == nil || owner == user, try isServer(process, system) else { continue }
      do throws(Errno) {
        found.servers.append(try WineServer(process, owner, system))
      } catch {
        switch error {
        case .notFound, .noProcess: continue  // it is ending just now
        case .accessDenied, .notPermitted: found.closed.append(process)
        default: throw error
        }
      }
    }
    return found
  }

  private static func isServer(_ process: Int32, _ system: System) throws(Errno) -> Bool {
    let path = System.path("/proc/\(process)/comm")
    let name = try seen { () throws(Errno) in try system.contents(path, limit: 16) }
    return name?.starts(with: "wineserver".utf8) ?? false
  }

  private init(_ process: Int32, _ user: UInt32, _ system: System) throws(Errno) {
    self.process = process
    self.user = user
    let current = "/proc/\(process)/cwd"
    let target = try system.linkTarget(System.path(current))
    let folders = try Self.folders(of: process, user, system)
    let server = folders.first { $0.isServers }
    folder = server?.entry ?? current
    let known = try Self.prefix(folders, serverFolder: server?.target ?? target, system)
    prefix = known?.target ?? server?.target ?? target
    identity = known?.identity
  }

  /// A directory that a process has open.
  private struct Folder {
    /// The path to it.
    let entry: String
    let target: [UInt8]
    let identity: Identity

    /// Does its name have the form that wine gives to server directories?
    var isServers: Bool {
      target.split(separator: UInt8(ascii: "/")).last?.starts(with: "server-".utf8) ?? false
    }
  }

  /// Only directories that belong to the server's user, as wine demands of a prefix: so no server
  /// can pass for that of somebody else's prefix.
  private static func folders(
    of process: Int32, _ user: UInt32, _ system: System
  ) throws(Errno) -> [Folder] {
    let descriptors = "/proc/\(process)/fd"
    let numbers = try seen { () throws(Errno) in
      try system.entries(system.stream(System.path(descriptors)))
    }
    var folders: [Folder] = []
    for number in numbers ?? [] {
      let entry = "\(descriptors)/\(String(decoding: number, as: UTF8.self))"
      let path = System.path(entry)
      guard let target = try seen({ () throws(Errno) in try system.linkTarget(path) }),
        target.first == UInt8(ascii: "/")
      else { continue }
      let status = try seen { () throws(Errno) in
        try system.status(system.open(path, [.pathOnly, .directory]))
      }
      guard let status, status.owner == user else { continue }
      folders.append(Folder(entry: entry, target: target, identity: Identity(status)))
    }
    return folders
  }

  /// Finds the prefix: an open directory of the server that its server directory's name,
  /// `server-DEVICE-INODE`, refers to; otherwise one that contains `system.reg`, which is not
  /// always there at its first start.
  private static func prefix(
    _ folders: [Folder], serverFolder: [UInt8], _ system: System
  ) throws(Errno) -> Folder? {
    let meant = folders.first { folder in
      let (device, inode) = (hex(folder.identity.device), hex(folder.identity.inode))
      return serverFolder.elementsEqual(suffix: "/server-\(device)-\(inode)")
    }
    if let meant { return meant }
    var last: Folder?
    for folder in folders {
      let registry = System.path(folder.entry + "/system.reg")
      let isThere = try seen { () throws(Errno) in try system.open(registry, .pathOnly).isOpen }
      if isThere == true { last = folder }
    }
    return last
  }

  private static func hex(_ number: UInt64) -> String { String(number, radix: 16) }
}

/// Nil: it cannot be looked at, because it is gone or closed to us, as others' files in `/proc` may
/// be at any time. If we ourselves lack resources for looking, that is an error.
func seen<R: ~Copyable>(_ body: () throws(Errno) -> R) throws(Errno) -> R? {
  do throws(Errno) { return try body() } catch {
    switch error {
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .outOfMemory: throw error
    default: return nil
    }
  }
}

extension [UInt8] {
  fileprivate func elementsEqual(suffix: String) -> Bool {
    self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
