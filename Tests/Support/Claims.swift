import CShm
import Glibc

/// What the kernel says of an object's lock bytes: the bytes `P` and `L` of `LifetimeLock`, written down here
/// a second time so that no test asks the code under test.
public struct Claims: Equatable, Sendable {
  /// Somebody holds a handle: read locks on `L`.
  public let isHeld: Bool
  /// Somebody is deciding whether the object lives: read locks on `P`.
  public let isPinned: Bool
  /// Somebody has proved it dead: a write lock on both.
  public let isCondemned: Bool

  /// Nil: there is no such file.
  public init?(_ path: String) {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    if file < 0 { return nil }
    defer { close(file) }
    let pin: Int64 = 0x7000_0000_0000_0000
    var found: [Bool] = []
    var isSteady = false
    while !isSteady {
      // A sweep of somebody else's may begin or end between two of these questions.
      let before = found
      found = [
        cshm_lock_conflict(file, CSHM_READ, pin, 2) == 1,
        cshm_lock_conflict(file, CSHM_WRITE, pin, 1) == 1,
        cshm_lock_conflict(file, CSHM_WRITE, pin + 1, 1) == 1,
      ]
      isSteady = found == before
    }
    isCondemned = found[0]
    isPinned = !isCondemned && found[1]
    isHeld = !isCondemned && found[2]
  }
}

/// The entries of a directory but `.` and `..`; nil if it does not exist.
public func entries(of path: String) -> [String]? {
  guard let stream = opendir(path) else { return nil }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}
