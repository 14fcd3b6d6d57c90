import Dispatch
import Glibc
import Synchronization

/// A child's end, taken from the kernel the moment it comes.
///
/// A child that has ended and that nobody has waited for keeps Swift Testing's look-out for the
/// children of its exit tests busy on a whole core, which all other tests would miss.
final class Ending: @unchecked Sendable {
  let pid: pid_t
  private let result = Mutex<Int32?>(nil)
  private let hasCome = DispatchSemaphore(value: 0)

  /// - Parameter pid: a child of this process that nobody else waits for.
  init(of pid: pid_t) {
    self.pid = pid
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Ending>.fromOpaque(argument!).takeRetainedValue().await()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(failure == 0, String(cString: strerror(failure)))
    pthread_detach(thread)
  }

  private func await() {
    var seen = siginfo_t()
    repeated { waitid(P_PID, id_t(pid), &seen, WEXITED | WNOWAIT) }
    result.withLock { result in
      // From here on the number may be another process's.
      var raw: Int32 = 0
      repeated { waitpid(pid, &raw, 0) }
      result = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    }
    hasCome.signal()
  }

  /// An end that somebody else took (SIGCHLD ignored does, too) would pass for status 0.
  private func repeated(_ call: () -> Int32) {
    while call() < 0 {
      precondition(errno == EINTR, "the end of \(pid): \(String(cString: strerror(errno)))")
    }
  }

  /// The exit status, or 128 + the signal's number; nil: it still runs.
  var status: Int32? { result.withLock { $0 } }

  /// Sends a signal, unless it has ended.
  func kill(_ signal: Int32) {
    result.withLock { if $0 == nil { Glibc.kill(pid, signal) } }
  }

  /// Waits for the end. A child that never ends would hold all tests up: it is killed after a
  /// quarter of an hour, which no test needs.
  func wait() -> Int32 {
    if hasCome.wait(timeout: .now() + .seconds(900)) == .timedOut {
      kill(SIGKILL)
      hasCome.wait()
    }
    hasCome.signal()
    return status ?? -1
  }
}
