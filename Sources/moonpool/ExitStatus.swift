@preconcurrency import Glibc
import LuaHost

/// The exit codes of the command (those from 64 on as in `sysexits.h`); only this ends the process.
enum ExitStatus: Int32 {
  case success = 0
  /// Also for misuse of lua's own options, so that programs which call this instead of `lua5.4` see
  /// no difference.
  case failure = 1
  /// For commands; the parser ends the process with it, too.
  case usage = 64
  /// The time was over that a command may take.
  case timeout = 124

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

  /// Ends by the signal itself, so that a shell's loop stops, too. The interpreter is closed
  /// already.
  private static func exitByInterrupt() -> Never {
    fflush(nil)
    signal(SIGINT, SIG_DFL)
    raise(SIGINT)
    Glibc.exit(128 + SIGINT)  // whoever started us blocks the signal
  }

  /// Ends a command; output that could not be printed is a failure.
  static func exitAfterCommand(ran well: Bool = true) -> Never {
    flushOutput()
    ExitStatus(ran: well).exit()
  }

  /// Makes sure that everything was printed; otherwise ends the process.
  static func flushOutput() {
    if fflush(stdout) != 0 || ferror(stdout) != 0 { failOutput() }
  }

  /// Ends a command that cannot write its output; the reason is in `errno`.
  static func failOutput() -> Never {
    failure.exit("standard output: \(String(cString: strerror(errno)))")
  }

  /// Ends the process through `exit(3)`, which closes what scripts left open.
  func exit(_ message: String? = nil) -> Never {
    if let message { exit(saying: Array("moonpool: \(message)\n".utf8)) }
    Glibc.exit(rawValue)
  }

  /// Says on standard error what should be known in addition to a result.
  static func note(_ message: String) {
    let text = Array("moonpool: \(message)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
  }

  /// Writes these bytes to standard error as they are, and ends the process.
  func exit(saying text: [UInt8]) -> Never {
    _ = write(STDERR_FILENO, text, text.count)
    Glibc.exit(rawValue)
  }
}
