import Glibc
import TestSupport

/// The worker processes of a run.
///
/// They are forked without exec: this process has one thread, and no object that they could
/// inherit.
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

  /// A crew whose workers are all such members.
  convenience init(of count: Int, _ member: (some CrewMember).Type) {
    self.init(of: count) { crew, me, seed in
      var worker = member.init(crew, me, seed: seed)
      worker.run()
    }
  }

  var count: Int { children.count }

  func spawn(_ worker: Int, seed: UInt64 = 0) {
    children[worker] = forked { work(self, worker, seed) }
  }

  func signal(_ worker: Int, _ signal: Int32) { kill(children[worker], signal) }

  /// Waits for a worker's end: its exit status, or 128 + the signal's number.
  func wait(_ worker: Int) -> Int32 { ended(children[worker]) }
}

/// What one process of a crew does.
protocol CrewMember {
  init(_ crew: Crew, _ worker: Int, seed: UInt64)
  mutating func run()
}
