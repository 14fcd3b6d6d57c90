internal import SharedMemory

/// A wineserver that runs: the process that keeps the names of one prefix.
///
/// Nothing is guessed from paths: the server's working directory is its server directory, in
/// which its socket stands, and that directory's name holds device and inode of the prefix. Both
/// are reached through `/proc`, also into another mount namespace, such as a container of Steam's.
package struct WineServer: Sendable {
  /// A file by its identity.
  package struct Identity: Hashable, Sendable {
    let device, inode: UInt64

    init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
  }

  package let process: Int32
  let user: UInt32
  /// The prefix as the server sees it, in its mount namespace; the server directory if it does
  /// not say.
  package let prefix: [UInt8]
  /// Nil: the prefix cannot be looked at.
  let identity: Identity?

  package var prefixText: String { shown(prefix) }

  var socket: [CChar] { System.path("/proc/\(process)/cwd/socket") }

  /// What was found: servers, and processes that look like one but may not be looked at.
  struct Found {
    var servers: [WineServer] = []
    /// Their `/proc/PID/cwd` is closed to us.
    var closed: [Int32] = []
  }

  /// The servers of a user; nil: of all users.
  static func running(of user: UInt32?, _ system: System) -> Found {
    var found = Found()
    guard let stream = try? system.stream(System.path("/proc")),
      let entries = try? system.entries(stream)
    else { return found }
    for case let process? in entries.map({ Int32(String(decoding: $0, as: UTF8.self)) }).sorted(
      by: { ($0 ?? 0) < ($1 ?? 0) })
    {
      guard isServer(process, system),
        let owner = (try? system.status(System.path("/proc/\(process)")))?.owner,
        user == nil || owner == user
      else { continue }
      do throws(Errno) {
        found.servers.append(try WineServer(process, owner, system))
      } catch {
        // ENOENT: it is ending just now.
        if error != .notFound { found.closed.append(process) }
      }
    }
    return found
  }

  private static func isServer(_ process: Int32, _ system: System) -> Bool {
    guard let name = try? system.contents(System.path("/proc/\(process)/comm")) else {
      return false
    }
    return name.starts(with: "wineserver".utf8)
  }

  private init(_ process: Int32, _ user: UInt32, _ system: System) throws(Errno) {
    self.process = process
    self.user = user
    let folder = try system.linkTarget(System.path("/proc/\(process)/cwd"))
    let known = Self.prefix(of: process, serverFolder: folder, system)
    prefix = known?.path ?? folder
    identity = known?.identity
  }

  /// For tests: a server that is nobody's process.
  package init(process: Int32, user: UInt32, prefix: [UInt8], identity: Identity?) {
    self.process = process
    self.user = user
    self.prefix = prefix
    self.identity = identity
  }

  /// The prefix is the directory that the server has open and that its own directory's name,
  /// `server-DEVICE-INODE`, means; failing that the one with a `system.reg`, which it has not
  /// always at its first start.
  private static func prefix(
    of process: Int32, serverFolder: [UInt8], _ system: System
  ) -> (path: [UInt8], identity: Identity)? {
    let descriptors = "/proc/\(process)/fd"
    guard let stream = try? system.stream(System.path(descriptors)),
      let numbers = try? system.entries(stream)
    else { return nil }
    var second: (path: [UInt8], identity: Identity)?
    for number in numbers {
      let entry = Array("\(descriptors)/".utf8) + number
      guard let target = try? system.linkTarget(System.path(entry)),
        target.first == UInt8(ascii: "/"),
        let opened = try? system.open(System.path(entry), [.pathOnly, .directory]),
        let status = try? system.status(opened)
      else { continue }
      let identity = Identity(status)
      if serverFolder.elementsEqual(suffix: "/server-\(hex(status.device))-\(hex(status.inode))") {
        return (target, identity)
      }
      let registry = System.path(entry + Array("/system.reg".utf8))
      if (try? system.open(registry, .pathOnly)) != nil { second = (target, identity) }
    }
    return second
  }

  private static func hex(_ number: UInt64) -> String { String(number, radix: 16) }
}

extension [UInt8] {
  fileprivate func elementsEqual(suffix: String) -> Bool {
    self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
