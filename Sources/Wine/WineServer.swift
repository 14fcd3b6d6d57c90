internal import SharedMemory

/// A running wineserver: the process that keeps the names of one prefix.
///
/// Nothing is guessed from paths. The server has its server directory open, which contains its
/// socket and whose name gives device and inode of the prefix (wine's server/request.c). That
/// directory is its working directory, too, except while the registry is saved, every half minute:
/// then that is the prefix. All of them are reached through `/proc`, which also leads into another
/// mount namespace, such as a container of Steam's.
package struct WineServer: Sendable {
  /// Identifies a file.
  package struct Identity: Hashable, Sendable {
    let device, inode: UInt64

    init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
  }

  package let process: Int32
  let user: UInt32
  /// The prefix as the server sees it in its mount namespace; the server directory if that is not
  /// known.
  package let prefix: [UInt8]
  /// Nil: we cannot look at the prefix.
  let identity: Identity?

  package var prefixText: String { shown(prefix) }

  /// The path to the server directory.
  private let folder: String

  var socket: [CChar] { System.path(folder + "/socket") }

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

  /// For tests: a server without a process.
  package init(process: Int32, user: UInt32, prefix: [UInt8], identity: Identity?) {
    self.process = process
    self.user = user
    self.prefix = prefix
    self.identity = identity
    folder = "/proc/\(process)/cwd"
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
