import Glibc
import TestSupport

/// The worker processes of a run: this program again, with other arguments.
final class Crew {
  let ledger = Ledger()
  let session = Places.unique("torture")
  private var children: [pid_t]
  private let kind: String
  private let extra: [String]

  /// The session's directory.
  var directory: String { "/dev/shm/moonpool-\(geteuid())@\(session)" }

  init(_ kind: String, of count: Int, _ extra: [String] = []) {
    precondition(count <= Ledger.workers)
    self.kind = kind
    self.extra = extra
    children = Array(repeating: 0, count: count)
  }

  var count: Int { children.count }

  func spawn(_ worker: Int, seed: UInt64 = 0) {
    let words =
      [Places.executable, kind, "\(getpid())", "\(ledger.descriptor)", "\(worker)", session]
      + ["\(seed)"] + extra
    var argv = words.map { strdup($0) } + [nil]
    let failure = posix_spawn(&children[worker], Places.executable, nil, nil, &argv, environ)
    precondition(failure == 0, String(cString: strerror(failure)))
    for text in argv { free(text) }
  }

  func signal(_ worker: Int, _ signal: Int32) { kill(children[worker], signal) }

  /// Waits for a worker's end: its exit status, or 128 + the signal's number.
  func wait(_ worker: Int) -> Int32 {
    var status: Int32 = 0
    while waitpid(children[worker], &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// Has it ended by itself?
  func hasEnded(_ worker: Int) -> Bool {
    var information = siginfo_t()
    let asked = waitid(P_PID, id_t(children[worker]), &information, WEXITED | WNOHANG | WNOWAIT)
    return asked == 0 && information.si_signo != 0
  }
}

extension Places {
  static let executable = "\(binaries)/torture"
}
