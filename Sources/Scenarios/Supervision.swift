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
    // Children that exec(3) has left us, as of `server & exec moonpool play`, are nobody of ours.
    let inherited = Set(Children.ofThisProcess())
    fflush(nil)
    // The outer process has the other end for as long as it lives.
    var lifeline: [Int32] = [-1, -1]
    if cshm_pipe(&lifeline) != 0 { return 1 }
    let conductor = cshm_fork()
    if conductor == 0 {
      close(lifeline[1])
      _ = cshm_end_with(outer, isPrivate ? SIGKILL : SIGTERM)
      // It may have ended before it could be said what then happens. (Within numbers of its own the
      // parent has none.)
      let isHere = !isCut(lifeline[0])
      cshm_adopt_orphans()
      let status = isHere ? conduct() : 1
      if !isPrivate { Children.end(except: []) }
      fflush(nil)
      _exit(status)
    }
    if conductor < 0 { return 1 }
    let status = wait(for: conductor, signals)
    // By numbers that `/proc` has, too: in numbers of their own it is the kernel that ends orphans.
    Children.end(except: inherited)
    return status
  }

  private static func isCut(_ lifeline: Int32) -> Bool {
    var polled = pollfd(fd: lifeline, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 0) != 0
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
}

/// The children of a process, as `/proc` has them.
enum Children {
  static func ofThisProcess() -> [pid_t] {
    let path = "/proc/thread-self/children"
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 { return [] }
    defer { close(file) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count <= 0 { break }
      text += chunk.prefix(count)
    }
    return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
  }

  /// Kills and waits for all of them, and for those of theirs that become ours by that.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  static func end(except spared: Set<pid_t>) -> Bool {
    var isAny = false
    while true {
      let ended = ofThisProcess().count { child in
        if spared.contains(child) { return false }
        kill(child, SIGKILL)
        return waitpid(child, nil, 0) == child
      }
      if ended == 0 { return isAny }
      isAny = true
    }
  }

  /// In the conductor, of whom all processes of a play are children or become so: ends whoever lives.
  ///
  /// - Returns: whether somebody did.
  static func endAll(isPrivate: Bool) -> Bool {
    while waitpid(-1, nil, WNOHANG) > 0 {}  // whoever has ended by himself
    if !isPrivate { return end(except: []) }
    // `/proc` has other numbers there; the first process means by -1 all others of its namespace.
    guard getpid() == 1, kill(-1, SIGKILL) == 0 else { return false }
    while waitpid(-1, nil, 0) > 0 || errno == EINTR {}
    return true
  }
}
