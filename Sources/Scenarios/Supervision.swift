internal import CShm
internal import Glibc

/// Two processes of the command: the outer one that a person has started, and the conductor, its
/// child. Whichever of them is killed, nobody else goes on.
///
/// The kernel kills the conductor with the outer process, and every part with the conductor; in
/// numbers of their own (`Theatre`) also whatever these have started. Otherwise orphans become
/// children of the outer process, which ends them.
enum Supervision {
  /// Runs `conduct` in the conductor; returns its exit status.
  static func perform(_ conduct: () -> Int32) -> Int32 {
    cshm_adopt_orphans()
    let signals = cshm_signals()
    let outer = getpid()
    fflush(nil)
    let conductor = cshm_fork()
    if conductor == 0 {
      // Within numbers of its own the parent has none.
      let isHere = cshm_end_with(outer) || getppid() == 0
      let status = isHere ? conduct() : 1
      fflush(nil)
      _exit(status)
    }
    if conductor < 0 { return 1 }
    let status = wait(for: conductor, signals)
    endOrphans()
    return status
  }

  private static func wait(for conductor: pid_t, _ signals: Int32) -> Int32 {
    while true {
      var polled = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, -1)
      while true {
        let signal = cshm_next_signal(signals)
        if signal == 0 { break }
        if signal != SIGCHLD && signal != SIGPIPE { kill(conductor, signal) }
      }
      var status: Int32 = 0
      if waitpid(conductor, &status, WNOHANG) == conductor {
        switch Outcome.End(status) {
        case .status(let status): return status
        case .signal(let signal): return 128 + signal
        }
      }
    }
  }

  /// Whoever is left is an orphan of the conductor's.
  private static func endOrphans() {
    while true {
      let orphans = Children.ofThisProcess()
      if orphans.isEmpty { return }
      for orphan in orphans {
        kill(orphan, SIGKILL)
        waitpid(orphan, nil, 0)
      }
    }
  }
}

/// The children of a process, as `/proc` has them.
enum Children {
  static func ofThisProcess() -> [pid_t] {
    let path = "/proc/thread-self/children"
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 { return [] }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &text, text.count)
    return String(decoding: text.prefix(max(count, 0)), as: UTF8.self)
      .split(separator: " ").compactMap { pid_t($0) }
  }
}
