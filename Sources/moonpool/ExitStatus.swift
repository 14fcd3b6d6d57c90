import Glibc

/// The exit codes of the command; nothing else ends the process.
enum ExitStatus: Int32 {
  case success = 0
  /// Also of lua's own options when they are misused: who calls this program instead of `lua5.4`
  /// sees no difference.
  case failure = 1
  /// Of the commands; the parser ends the process with it, too.
  case usage = 64

  init(ran well: Bool) { self = well ? .success : .failure }

  /// Ends the process through `exit(3)`, which closes what scripts left open.
  func exit(_ message: String? = nil) -> Never {
    if let message { exit(saying: Array("moonpool: \(message)\n".utf8)) }
    Glibc.exit(rawValue)
  }

  /// Says these bytes as they are on standard error, and ends the process.
  func exit(saying text: [UInt8]) -> Never {
    _ = write(STDERR_FILENO, text, text.count)
    Glibc.exit(rawValue)
  }
}
