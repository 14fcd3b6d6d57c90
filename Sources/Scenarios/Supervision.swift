internal import CShm
internal import Glibc

/// Two processes of the command: the outer one that a person has started, and the conductor, its
/// child. Whichever of them is killed, nobody else goes on.
///
/// In numbers of their own (`Theatre`) the kernel kills the conductor with the outer process, and all
/// others with the conductor. Otherwise the conductor is told, and ends what is left: orphans below
/// it become its children, and those of a conductor that was killed the outer process's.
enum Supervision {
  /// Runs `conduct` in the conductor; returns its exit status.
  static func perform(isPrivate: Bool, _ conduct: () -> Int32) -> Int32 {
    cshm_adopt_orphans()
    let signals = cshm_signals()
    let outer = getpid()
    fflush(nil)
    let conductor = cshm_fork()
    if conductor == 0 {
      // Within numbers of its own the parent has none.
      let isHere = cshm_end_with(outer, isPrivate ? SIGKILL : SIGTERM) || getppid() == 0
      cshm_adopt_orphans()
      let status = isHere ? conduct() : 1
      if !isPrivate { endOrphans() }
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

  /// Whoever is left is an orphan of the conductor's. By numbers that `/proc` has, too: in numbers
  /// of their own it is the kernel that ends them.
  private static func endOrphans() {
    while true {
      let ended = Children.ofThisProcess().count { orphan in
        kill(orphan, SIGKILL)
        return waitpid(orphan, nil, 0) == orphan
      }
      if ended == 0 { return }
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
