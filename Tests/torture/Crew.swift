import Glibc
import TestSupport

/// The worker processes of a run.
///
/// They are forked without exec, which takes a tenth of the time of a new program: this process
/// has one thread, and no object that they could inherit.
final class Crew {
  let ledger = Ledger()
  let session = Places.unique("torture")
  private var children: [pid_t]
  private let work: (Crew, Int, UInt64) -> Void

  /// The session's directory.
  var directory: String { "/dev/shm/moonpool-\(geteuid())@\(session)" }

  init(of count: Int, work: @escaping (Crew, _ worker: Int, _ seed: UInt64) -> Void) {
    precondition(count <= Ledger.workers)
    self.work = work
    children = Array(repeating: 0, count: count)
  }

  var count: Int { children.count }

  func spawn(_ worker: Int, seed: UInt64 = 0) {
    let child = Self.fork()
    precondition(child >= 0, String(cString: strerror(errno)))
    if child == 0 {
      work(self, worker, seed)
      _exit(0)
    }
    children[worker] = child
  }

  func signal(_ worker: Int, _ signal: Int32) { kill(children[worker], signal) }

  /// Waits for a worker's end: its exit status, or 128 + the signal's number.
  func wait(_ worker: Int) -> Int32 {
    var status: Int32 = 0
    while waitpid(children[worker], &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// fork(2), which Swift hides, as most programs have threads.
  private static let fork: @convention(c) () -> pid_t = {
    guard let address = dlsym(dlopen(nil, RTLD_NOW), "fork") else { fatalError("no fork") }
    return unsafeBitCast(address, to: (@convention(c) () -> pid_t).self)
  }()
}
