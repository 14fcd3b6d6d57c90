import Glibc

/// The exit codes of the command; nothing else ends the process.
enum ExitStatus: Int32 {
  case success = 0
  case failure = 1
  case usage = 64

  init(ran well: Bool) { self = well ? .success : .failure }

  /// Ends the process through `exit(3)`, which closes what scripts left open.
  func exit(_ message: String? = nil) -> Never {
    if let message {
      let line = "moonpool: \(message)\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
    Glibc.exit(rawValue)
  }
}
