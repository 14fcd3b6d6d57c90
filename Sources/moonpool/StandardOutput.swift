@preconcurrency import Glibc

/// Writes bytes to standard output directly, not through the buffer of `print`.
enum StandardOutput {
  /// Writes all of the bytes, or ends the process with the kernel's reason.
  static func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0) }
  }

  static func write(_ bytes: UnsafeRawBufferPointer) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress! + done, bytes.count - done)
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        ExitStatus.failOutput()
      }
    }
  }

  static func writeZeroes(_ count: Int) {
    let zeroes = [UInt8](repeating: 0, count: min(count, 65_536))
    var left = count
    while left > 0 {
      zeroes.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[..<min(left, $0.count)])) }
      left -= min(left, zeroes.count)
    }
  }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Writes zeroes as a hole, if standard output is a file that ends here.
  ///
  /// - Returns: whether it could be a hole; otherwise nothing was done.
  static func skip(_ count: Int) -> Bool {
    var status = stat()
    let position = lseek(STDOUT_FILENO, 0, SEEK_CUR)
    let flags = fcntl(STDOUT_FILENO, F_GETFL)
    guard position >= 0, flags >= 0, flags & O_APPEND == 0, fstat(STDOUT_FILENO, &status) == 0,
      status.st_mode & S_IFMT == S_IFREG, position >= status.st_size, count <= Int.max - position
    else { return false }
    if ftruncate(STDOUT_FILENO, position + count) != 0
      || lseek(STDOUT_FILENO, position + count, SEEK_SET) < 0
    {
      ExitStatus.failOutput()
    }
    return true
  }
}
