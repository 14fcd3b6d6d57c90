import Glibc
import SharedMemory
import TestSupport

/// A directory of a test's own in the place of `/dev/shm`, on the same tmpfs; goes with its owner.
final class ShmRoot {
  let path = "/dev/shm/\(Places.unique("root"))"

  struct Failure: Error { let errno: Int32 }

  init() throws {
    if mkdir(path, 0o755) != 0 { throw Failure(errno: errno) }
  }

  deinit { remove(path) }

  func session(
    named name: String? = nil, strictGlobal: Bool = false, system: System = System()
  ) -> Session {
    Session(
      session: name.map { Array($0.utf8) }, strictGlobal: strictGlobal, root: path, system: system)
  }

  /// `Local\` without a session's word, and `Global\`.
  var local: String { "\(path)/moonpool-\(geteuid())" }
  var global: String { "\(path)/moonpool-global" }

  /// What a directory holds, by name; of the root itself without an argument.
  func entries(_ directory: String? = nil) -> [String] {
    guard let stream = opendir(directory ?? path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a directory with all in it.
  func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for entry in entries(path) { remove("\(path)/\(entry)") }
    rmdir(path)
  }

  /// Makes a plain file of a stranger's, who knows nothing of locks.
  func makeFile(_ path: String, _ text: String = "stale", mode: mode_t = 0o600) {
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode)
    _ = write(file, text, text.utf8.count)
    fchmod(file, mode)
    close(file)
  }

  /// Permission bits, with the type's in front as `stat(2)` has them; 0: nothing there.
  func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : 0
  }

  /// Does tmpfs keep `user.` attributes (Linux 6.6)?
  static let keepsAttributes: Bool = {
    let system = System()
    do {
      let file = try system.open(System.path("/dev/shm"), [.readWrite, .unnamed], mode: 0o600)
      try system.setAttribute(file, System.path("user.moonpool.test"), [0])
      return true
    } catch { return false }
  }()
}

extension Session {
  /// The handles that processes of this user have.
  func handles(of entry: Entry) -> Int { holders(of: entry).reduce(0) { $0 + $1.handles } }
}

/// What the library says when it refuses; nil: it did not.
func refusal(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return "\(error)" }
  return nil
}
