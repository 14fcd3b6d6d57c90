@preconcurrency import Glibc
import LuaHost

/// The exit codes of the command; nothing else ends the process.
enum ExitStatus: Int32 {
  case success = 0
  /// Also of lua's own options when they are misused: who calls this program instead of `lua5.4`
  /// sees no difference.
  case failure = 1
  /// Of the commands; the parser ends the process with it, too.
  case usage = 64

  init(ran well: Bool) { self = well ? .success : .failure }

  /// Ends the process with the worst status of what it played; 130: by Ctrl-C.
  static func exit(with status: Int32) -> Never {
    flushOutput()
    Glibc.exit(status)
  }

  /// Ends the process as its program did.
  static func exit(after end: Program.End) -> Never {
    switch end {
    case .ran: success.exit()
    case .failed: failure.exit()
    case .interrupted: exitByInterrupt()
    }
  }

  /// By the signal itself, so that a shell's loop around it stops, too. The interpreter is closed.
  private static func exitByInterrupt() -> Never {
    fflush(nil)
    signal(SIGINT, SIG_DFL)
    raise(SIGINT)
    Glibc.exit(128 + SIGINT)  // who started us blocks it
  }

  /// Ends a command; what it could not print is a failure.
  static func exitAfterCommand(ran well: Bool = true) -> Never {
    flushOutput()
    ExitStatus(ran: well).exit()
  }

  /// What was printed is out, or the process ends.
  static func flushOutput() {
    if fflush(stdout) != 0 || ferror(stdout) != 0 { failOutput() }
  }

  /// Ends a command that cannot write its output, for the reason in `errno`.
  static func failOutput() -> Never {
    failure.exit("standard output: \(String(cString: strerror(errno)))")
  }

  /// Ends the process through `exit(3)`, which closes what scripts left open.
  func exit(_ message: String? = nil) -> Never {
    if let message { exit(saying: Array("moonpool: \(message)\n".utf8)) }
    Glibc.exit(rawValue)
  }

  /// Says on standard error what is to be known beside a result.
  static func note(_ message: String) {
    let text = Array("moonpool: \(message)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
  }

  /// Says these bytes as they are on standard error, and ends the process.
  func exit(saying text: [UInt8]) -> Never {
    _ = write(STDERR_FILENO, text, text.count)
    Glibc.exit(rawValue)
  }
}
