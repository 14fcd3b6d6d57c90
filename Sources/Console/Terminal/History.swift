internal import Glibc

/// The lines of earlier prompts, oldest first, kept in a file that several prompts share.
///
/// Each line of the file is one entry, in which `\n` stands for a newline. An entry is added by one
/// `write(2)` with `O_APPEND` under `flock(2)`. To shorten the file, a prompt replaces it under the
/// same lock; so whoever has waited for the lock checks that the path still means the file that it
/// locked. If the file cannot be read or written, earlier lines are forgotten, but the prompt
/// works.
package struct History: Sendable {
  package private(set) var entries: [String] = []
  private let path: String?

  /// How many entries the file keeps. It is shortened when it has twice the bytes these may have.
  package static let entryLimit = 5000
  package static let byteLimit = 1 << 20
  /// In bytes. A longer entry is remembered by this prompt only.
  package static let entryByteLimit = 1 << 16

  /// - Parameter path: nil: nothing is remembered beyond this prompt.
  package init(path: String?) {
    self.path = path
    guard let path, let file = HistoryFile(path, O_RDONLY) else { return }
    entries = Array(Self.decode(file.contents(last: 2 * Self.byteLimit)).suffix(Self.entryLimit))
  }

  /// `$XDG_STATE_HOME/moonpool/history`, or below `~/.local/state` (XDG Base Directory
  /// Specification).
  package static func standardPath() -> String? {
    if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") {
      return "\(state)/moonpool/history"
    }
    guard let home = value("HOME"), home.hasPrefix("/") else { return nil }
    return "\(home)/.local/state/moonpool/history"
  }

  private static func value(_ variable: String) -> String? {
    getenv(variable).map { String(cString: $0) }
  }

  /// Remembers a submitted text, unless it is blank or repeats the last one.
  package mutating func append(_ entry: String) {
    guard entry.contains(where: { !$0.isWhitespace }), entry != entries.last else { return }
    entries.append(entry)
    let line = Self.encode(entry)
    guard let path, line.count <= Self.entryByteLimit else { return }
    Self.makeFolder(of: path)
    for _ in 0..<100 {
      guard let file = HistoryFile(path, O_RDWR | O_CREAT | O_APPEND) else { return }
      let isLocked = file.lock()
      if isLocked && !file.isStill(at: path) { continue }
      file.append(line)
      if isLocked && file.size > 2 * Self.byteLimit { Self.shorten(file, path) }
      return
    }
  }

  /// Other prompts find either the whole old file or the whole new one.
  private static func shorten(_ file: borrowing HistoryFile, _ path: String) {
    let kept = decode(file.contents(last: byteLimit)).suffix(entryLimit)
    let next = path + ".new"
    guard let replacement = HistoryFile(next, O_RDWR | O_CREAT | O_TRUNC | O_APPEND) else { return }
    guard replacement.append(kept.flatMap(encode)) else {
      unlink(next)
      return
    }
    rename(next, path)
  }

  private static func makeFolder(of path: String) {
    let parts = path.split(separator: "/").dropLast()
    var folder = ""
    for part in parts {
      folder += "/\(part)"
      mkdir(folder, 0o700)
    }
  }

  // MARK: One line of the file

  static func encode(_ entry: String) -> [UInt8] {
    var line: [UInt8] = []
    for byte in entry.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): line += [byte, byte]
      case UInt8(ascii: "\n"): line += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      default: line.append(byte)
      }
    }
    return line + [UInt8(ascii: "\n")]
  }

  static func decode(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { line in
      var entry: [UInt8] = []
      var isEscaped = false
      for byte in line {
        if !isEscaped && byte == UInt8(ascii: "\\") {
          isEscaped = true
          continue
        }
        entry.append(isEscaped && byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
        isEscaped = false
      }
      return String(decoding: entry, as: UTF8.self)
    }
  }
}

/// An open history file. Only a regular file, so that no pipe or device makes the prompt wait.
private struct HistoryFile: ~Copyable {
  private let descriptor: Int32

  init?(_ path: String, _ flags: Int32) {
    descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
    guard descriptor >= 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    // The lines may contain secrets, whatever program made the file.
    if status.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private var status: stat {
    var status = stat()
    fstat(descriptor, &status)
    return status
  }

  var size: Int { Int(status.st_size) }

  /// Waits half a second at most: a prompt that was stopped while it held the lock stops no other.
  func lock() -> Bool {
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(5000)
    }
    return false
  }

  func isStill(at path: String) -> Bool {
    var named = stat()
    let mine = status
    return stat(path, &named) == 0 && named.st_ino == mine.st_ino && named.st_dev == mine.st_dev
  }

  /// At most the last `limit` bytes, starting at the beginning of a line.
  func contents(last limit: Int) -> [UInt8] {
    let start = max(size - limit, 0)
    var bytes = [UInt8](repeating: 0, count: size - start)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + filled, $0.count - filled, off_t(start + filled))
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    if start > 0 { return Array(bytes.drop { $0 != UInt8(ascii: "\n") }) }
    return bytes
  }

  /// Writes an entry by one call. First ends a line that another process left unfinished.
  @discardableResult
  func append(_ line: [UInt8]) -> Bool {
    var last: UInt8 = UInt8(ascii: "\n")
    if size > 0 { pread(descriptor, &last, 1, off_t(size - 1)) }
    let bytes = last == UInt8(ascii: "\n") ? line : [UInt8(ascii: "\n")] + line
    return write(descriptor, bytes, bytes.count) == bytes.count
  }
}
