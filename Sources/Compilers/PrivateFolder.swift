internal import Glibc

/// A folder of this process's own below `$TMPDIR` or /tmp, which goes with its owner. `mkdtemp(3)`.
final class PrivateFolder: Sendable {
  let path: String

  init?() {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/moonpool-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path, depth: 0) }

  /// With what is in it, and in folders of headers like `sys/types.h`.
  private static func remove(_ path: String, depth: Int) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name == "." || name == ".." || unlink("\(path)/\(name)") == 0 { continue }
        if depth < 2 { remove("\(path)/\(name)", depth: depth + 1) }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
