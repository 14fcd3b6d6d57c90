internal import Glibc

/// A terminal in raw mode, which gets its own modes back however the line ends.
///
/// The handlers of signals that end the process restore the terminal, calling only what
/// `signal-safety(7)` allows; then the signals take their former effect. Other signals write their
/// number into a pipe that the editor polls together with the keys, so that none is lost between a
/// look and a sleep. A process has one terminal, and so only one of these at a time.
struct RawTerminal: ~Copyable {
  let input: Int32
  let output: Int32

  private nonisolated(unsafe) static var input: Int32 = -1
  private nonisolated(unsafe) static var output: Int32 = -1
  private nonisolated(unsafe) static var isRaw = false
  private nonisolated(unsafe) static var wakeRead: Int32 = -1
  private nonisolated(unsafe) static var wakeWrite: Int32 = -1
  /// The terminal's own modes, and each signal's action before. Handlers use them, so this is not
  /// Swift's memory.
  private nonisolated(unsafe) static let saved = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private nonisolated(unsafe) static let previous = actions()

  private static let deadly = [
    SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGALRM, SIGUSR1, SIGUSR2,
  ]
  private static let notices = [SIGWINCH, SIGCONT, SIGTSTP, SIGINT]

  /// Nil: these descriptors are no terminal.
  init?(input: Int32, output: Int32) {
    self.input = input
    self.output = output
    guard Self.wakeRead >= 0 || Self.openPipe() else { return nil }
    Self.input = input
    Self.output = output
    guard tcgetattr(input, Self.saved) == 0 else { return nil }
    Self.install()
    guard Self.enter() else {
      Self.uninstall()
      return nil
    }
  }

  deinit {
    Self.leave()
    Self.uninstall()
    // Drops signals noted for the line before.
    var byte: UInt8 = 0
    while Glibc.read(Self.wakeRead, &byte, 1) == 1 {}
  }

  private static func openPipe() -> Bool {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return false }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (wakeRead, wakeWrite) = (ends[0], ends[1])
    return true
  }

  // MARK: Modes

  private static func enter() -> Bool {
    var raw = saved.pointee
    // ICRNL is left on, so Enter remains a line feed: what is typed ahead is a line for whoever
    // reads it.
    raw.c_iflag &= ~tcflag_t(BRKINT | INLCR | IGNCR | INPCK | ISTRIP | IXON)
    raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
    raw.c_oflag |= tcflag_t(OPOST | ONLCR)
    withUnsafeMutableBytes(of: &raw.c_cc) {
      $0[Int(VMIN)] = 1
      $0[Int(VTIME)] = 0
    }
    while tcsetattr(input, TCSADRAIN, &raw) != 0 {
      if errno != EINTR { return false }
    }
    isRaw = true
    write("\u{1B}[?2004h")
    return true
  }

  /// Called in signal handlers, too: allocates nothing and takes no locks.
  private static func leave() {
    guard isRaw else { return }
    isRaw = false
    write("\u{1B}[?2004l\u{1B}[?25h")
    tcsetattr(input, TCSANOW, saved)
  }

  private static func write(_ text: StaticString) {
    _ = Glibc.write(output, text.utf8Start, text.utf8CodeUnitCount)
  }

  // MARK: Signals

  private static func actions() -> UnsafeMutablePointer<sigaction> {
    .allocate(capacity: Int(deadly.max() ?? 0) + 64)
  }

  private static func install() {
    for number in deadly + notices {
      sigaction(number, nil, previous + Int(number))
      // A signal that was ignored, as nohup(1) does, stays ignored.
      let handler = unsafeBitCast(
        previous[Int(number)].__sigaction_handler.sa_handler, to: Int.self)
      if handler == 1 && !notices.contains(number) { continue }
      var action = sigaction()
      let isNotice = notices.contains(number)
      action.__sigaction_handler.sa_handler = isNotice ? notice : end
      action.sa_flags = isNotice ? Int32(SA_RESTART) : 0
      sigaction(number, &action, nil)
    }
  }

  private static func uninstall() {
    for number in deadly + notices { sigaction(number, previous + Int(number), nil) }
  }

  private static let notice: @convention(c) (Int32) -> Void = { number in
    let saved = errno
    var byte = UInt8(number)
    _ = Glibc.write(RawTerminal.wakeWrite, &byte, 1)
    errno = saved
  }

  private static let end: @convention(c) (Int32) -> Void = { number in
    let saved = errno
    RawTerminal.leave()
    RawTerminal.write("\r\n")
    sigaction(number, RawTerminal.previous + Int(number), nil)
    raise(number)
    // If the program's own handler returns, the line continues.
    var byte = UInt8(SIGCONT)
    _ = Glibc.write(RawTerminal.wakeWrite, &byte, 1)
    errno = saved
  }

  // MARK: Waiting

  enum Event: Equatable {
    case byte(UInt8)
    case bytes([UInt8])
    case signal(Int32)
    case timeout
    /// The terminal is gone.
    case end
  }

  /// - Parameters:
  ///   - milliseconds: -1 waits for ever.
  ///   - many: read as many bytes as there are, which is fast. Otherwise read one: the rest stays
  ///     in the terminal, where a program started by this line finds it.
  func wait(milliseconds: Int32, many: Bool) -> Event {
    var descriptors = [
      pollfd(fd: Self.wakeRead, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&descriptors, 2, milliseconds)
    var number: UInt8 = 0
    if Glibc.read(Self.wakeRead, &number, 1) == 1 { return .signal(Int32(number)) }
    if count < 0 { return errno == EINTR ? .signal(0) : .end }
    if count == 0 { return .timeout }
    return read(atMost: many ? 4096 : 1)
  }

  /// Has more been typed already?
  var hasInput: Bool {
    var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) == 1
  }

  private func read(atMost limit: Int) -> Event {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = Glibc.read(input, &bytes, limit)
    if count == 1 { return .byte(bytes[0]) }
    if count > 1 { return .bytes(Array(bytes[..<count])) }
    if count < 0 && (errno == EINTR || errno == EAGAIN) { return .signal(0) }
    endIfHungUp()
    return .end
  }

  /// A closed terminal wakes its readers before the kernel sends `SIGHUP` to its session. Whichever
  /// is seen first, the program ends by the signal. A program that ignores it, or that handles it
  /// and returns, sees the end of the input.
  private func endIfHungUp() {
    var look = pollfd(fd: input, events: 0, revents: 0)
    if poll(&look, 1, 0) == 1 && look.revents & Int16(POLLHUP) != 0 { raise(SIGHUP) }
  }

  /// Writes all of the text, even to a terminal that somebody made non-blocking.
  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0 && errno == EAGAIN {
        var descriptor = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        poll(&descriptor, 1, 1000)
      } else if !(count < 0 && errno == EINTR) {
        return
      }
    }
  }

  /// Ctrl-Z: stops the process with the terminal in its own modes; returns when the shell continues
  /// it.
  func suspend() {
    Self.leave()
    Self.uninstall()
    kill(0, SIGTSTP)
    Self.install()
    resume()
  }

  /// Called after the shell, or a handler, had the terminal.
  func resume() {
    var now = termios()
    // The modes that it left are those to restore in the end.
    if !Self.isRaw, tcgetattr(input, &now) == 0 { Self.saved.pointee = now }
    Self.uninstall()
    Self.install()
    _ = Self.enter()
  }

  /// The terminal's size; 80 columns and 24 rows if nobody knows.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
  }
}
