internal import Glibc
public import LuaHost
internal import PrintableText

/// The terminal of standard input and output, or the files and pipes that take its place.
public struct StandardTerminal: Terminal {
  public init() {}

  /// Reads one key, without Enter, if standard input is a terminal, as `_getch` does on Windows;
  /// otherwise reads one byte through the buffer that `io.read` uses, too. Nil: the input has
  /// ended.
  public func key() -> UInt8? {
    if isatty(STDIN_FILENO) == 1 { return RawMode.during(readByte) }
    let byte = getchar()
    return byte < 0 ? nil : UInt8(truncatingIfNeeded: byte)
  }

  /// On a terminal shows a box that waits for Enter; otherwise prints the text as a line.
  public func show(_ text: [UInt8], title: [UInt8]) {
    fflush(nil)
    if isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 {
      emit(
        MessageBox(
          text: text, title: title, columns: Self.size().columns,
          ascii: !TerminalCapabilities.showsUnicode
        )
        .bytes)
      waitForEnter()
    } else {
      emit(text + [UInt8(ascii: "\n")])
    }
  }

  /// Writes the bytes; those that standard output does not take go to standard error.
  private func emit(_ bytes: [UInt8]) {
    if !write(bytes, to: STDOUT_FILENO) { _ = write(bytes, to: STDERR_FILENO) }
  }

  /// Treats a pipe that nobody reads as a failure like others instead of ending the process.
  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var ignoring = sigaction()
    var before = sigaction()
    ignoring.__sigaction_handler.sa_handler = SIG_IGN
    sigaction(SIGPIPE, &ignoring, &before)
    defer { sigaction(SIGPIPE, &before, nil) }
    return Self.write(bytes, to: descriptor)
  }

  /// Writes all bytes, or returns false with the reason in errno.
  @discardableResult
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }

  private func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR || Interruption.isPending { return nil }
    }
  }

  private func waitForEnter() {
    while true {
      let byte = getchar()
      if byte < 0 || byte == Int32(UInt8(ascii: "\n")) { return }
    }
  }

  /// The width of standard output's terminal; nil: it is no terminal.
  public static var columns: Int? { isatty(STDOUT_FILENO) == 1 ? size().columns : nil }

  /// How many columns the text takes on the terminal; see `TextWidth`.
  public func columns(of text: [UInt8]) -> Int {
    TextWidth.columnsShown(of: String(decoding: text, as: UTF8.self))
  }

  /// The size that the terminal reports; 80 by 24 without one.
  static func size() -> (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}

/// Switches standard input to single keys without echo for the length of a call.
private enum RawMode {
  private nonisolated(unsafe) static var saved = termios()

  /// A signal that ends the process during the call still restores the terminal's modes.
  static func during(_ body: () -> UInt8?) -> UInt8? {
    tcgetattr(STDIN_FILENO, &saved)
    let endings = [SIGINT, SIGQUIT, SIGTERM, SIGHUP]
    // Signals that are handled elsewhere keep their handlers: Ctrl-C at a prompt ends no process.
    let signals = endings.filter { number in
      var action = sigaction()
      sigaction(number, nil, &action)
      return action.__sigaction_handler.sa_handler == nil
    }
    let handlers = signals.map { number in
      signal(number) { number in
        tcsetattr(STDIN_FILENO, TCSANOW, &RawMode.saved)
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    var raw = saved
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    defer {
      tcsetattr(STDIN_FILENO, TCSANOW, &saved)
      for (number, handler) in zip(signals, handlers) { signal(number, handler) }
    }
    return body()
  }
}
