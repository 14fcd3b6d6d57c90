@preconcurrency import Glibc

/// Reads standard input: bytes without any buffer, or lines.
enum StandardInput {
  /// The bytes of the next line, without the newline; nil: the input has ended. `getline(3)`.
  static func line() -> [UInt8]? {
    var text: UnsafeMutablePointer<CChar>?
    var capacity = 0
    let length = getline(&text, &capacity, stdin)
    defer { free(text) }
    guard length > 0, let text else { return nil }
    let bytes = UnsafeRawBufferPointer(start: text, count: length)
    return Array(bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...])
  }

  /// Reads exactly `count` bytes, or fewer if the input ends. Ends the process if it cannot be
  /// read.
  static func read(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let length = Glibc.read(STDIN_FILENO, buffer.baseAddress! + filled, count - filled)
        if length == 0 { break }
        if length > 0 {
          filled += length
        } else if errno != EINTR {
          ExitStatus.failure.exit("standard input: \(String(cString: strerror(errno)))")
        }
      }
    }
  }

  /// How many bytes are left in the file; nil: it is no regular file, so nobody knows.
  static var size: Int? {
    var status = stat()
    let position = lseek(STDIN_FILENO, 0, SEEK_CUR)
    guard position >= 0, fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return max(Int(status.st_size) - position, 0)
  }
}
