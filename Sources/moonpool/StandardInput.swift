@preconcurrency import Glibc

/// Reads standard input by `read(2)`, without the C library's buffer: the end of the input and an
/// error are never the same.
enum StandardInput {
  /// It cannot be read, or no further.
  struct Unreadable: Error {
    let code: Int32
    var what: String { "standard input: \(String(cString: strerror(code)))" }
  }

  /// Reads exactly `count` bytes, or fewer if the input ends.
  static func bytes(_ count: Int) throws(Unreadable) -> [UInt8] {
    try array(count) { buffer, filled throws(Unreadable) in
      while filled < count {
        let length = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        if length == 0 { break }
        filled += length
      }
    }
  }

  /// Reads what is there, and waits for some; none: the input has ended.
  private static func piece() throws(Unreadable) -> [UInt8] {
    try array(1 << 16) { buffer, filled throws(Unreadable) in filled = try read(into: buffer) }
  }

  private static func array(
    _ capacity: Int,
    _ fill: (UnsafeMutableRawBufferPointer, inout Int) throws(Unreadable) -> Void
  ) throws(Unreadable) -> [UInt8] {
    var failure: Unreadable?
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
      do throws(Unreadable) {
        try fill(UnsafeMutableRawBufferPointer(buffer), &filled)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The same; ends the process if it cannot be read.
  static func read(_ count: Int) -> [UInt8] {
    do throws(Unreadable) {
      return try bytes(count)
    } catch {
      ExitStatus.failure.exit(error.what)
    }
  }

  /// 0: the input has ended.
  private static func read(
    into room: UnsafeMutableRawBufferPointer
  ) throws(Unreadable) -> Int {
    while true {
      let length = Glibc.read(STDIN_FILENO, room.baseAddress, room.count)
      if length >= 0 { return length }
      if errno != EINTR { throw Unreadable(code: errno) }
    }
  }

  /// Its lines. They are read ahead, so nobody else reads it beside them.
  struct Lines {
    private var ahead: [UInt8] = []
    /// Where the next line begins in what was read ahead.
    private var start = 0

    /// The bytes of the next line, without the newline; nil: the input has ended. What stands behind
    /// the last newline is a line, unless the input cannot be read any further.
    mutating func next() throws(Unreadable) -> [UInt8]? {
      var searched = start
      while true {
        if let end = newline(from: searched) {
          defer { start = end + 1 }
          return Array(ahead[start..<end])
        }
        searched = ahead.count - start
        guard try readOn() else { break }
      }
      defer { ahead = [] }
      return ahead.isEmpty ? nil : ahead
    }

    private func newline(from place: Int) -> Int? {
      ahead.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress, place < buffer.count,
          let found = memchr(base + place, 0x0A, buffer.count - place)
        else { return nil }
        return UnsafeRawPointer(found) - base
      }
    }

    /// - Returns: false: the input has ended.
    private mutating func readOn() throws(Unreadable) -> Bool {
      ahead.removeSubrange(..<start)
      start = 0
      let piece = try StandardInput.piece()
      ahead += piece
      return !piece.isEmpty
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
