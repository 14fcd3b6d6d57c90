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
  let folder: String

  var socket: [CChar] { System.path(folder + "/socket") }

  /// For tests: a server without a process.
  package init(process: Int32, user: UInt32, prefix: [UInt8], identity: Identity?) {
    self.process = process
    self.user = user
    self.prefix = prefix
    self.identity = identity
    folder = "/proc/\(process)/cwd"
  }
}
