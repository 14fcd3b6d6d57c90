internal import Glibc
public import LuaHost

/// The terminal of standard input and output, or the files and pipes in its place.
public struct StandardTerminal: Terminal {
  public init() {}

  /// One key without Enter where standard input is a terminal, as `_getch` of the document;
  /// otherwise one byte, through the buffer that `io.read` uses, too.
  public func key() -> UInt8? {
    if isatty(STDIN_FILENO) == 1 { return RawMode.during(readByte) }
    let byte = getchar()
    return byte < 0 ? nil : UInt8(truncatingIfNeeded: byte)
  }

  /// On a terminal a box that waits for Enter; otherwise the text as a line of standard output.
  public func show(_ text: [UInt8], title: [UInt8]) {
    fflush(nil)
    if isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 {
      emit(
        MessageBox(text: text, title: title, columns: Self.size().columns, ascii: !showsUnicode())
          .bytes)
      waitForEnter()
    } else {
      emit(text + [UInt8(ascii: "\n")])
    }
  }

  /// Nothing is lost: what standard output does not take goes to standard error.
  private func emit(_ bytes: [UInt8]) {
    if !write(bytes, to: STDOUT_FILENO) { _ = write(bytes, to: STDERR_FILENO) }
  }

  /// A pipe that nobody reads is a failure like others, not the end of the process.
  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var ignoring = sigaction()
    var before = sigaction()
    ignoring.__sigaction_handler.sa_handler = SIG_IGN
    sigaction(SIGPIPE, &ignoring, &before)
    defer { sigaction(SIGPIPE, &before, nil) }
    return Self.write(bytes, to: descriptor)
  }

  /// All bytes, or false with errno's reason.
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

  /// Of the terminal that standard output is; nil: it is none.
  public static var columns: Int? { isatty(STDOUT_FILENO) == 1 ? size().columns : nil }

  public func columns(of text: [UInt8]) -> Int {
    TextWidth.columnsShown(of: String(decoding: text, as: UTF8.self))
  }

  /// As the terminal says; 80 by 24 where there is none.
  static func size() -> (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// The first of these that is set decides, as in `setlocale(3)`.
  private func showsUnicode() -> Bool {
    if let terminal = getenv("TERM"), strcmp(terminal, "dumb") == 0 { return false }
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = getenv(name), value.pointee != 0 {
        let locale = String(cString: value).lowercased()
        return locale.contains("utf-8") || locale.contains("utf8")
      }
    }
    return false
  }
}

/// Standard input that gives single keys and does not echo, for the length of a call.
private enum RawMode {
  private nonisolated(unsafe) static var saved = termios()

  /// A signal that ends the process meanwhile finds the terminal's modes restored.
  static func during(_ body: () -> UInt8?) -> UInt8? {
    tcgetattr(STDIN_FILENO, &saved)
    let endings = [SIGINT, SIGQUIT, SIGTERM, SIGHUP]
    // What others do with a signal they do without us: a prompt's Ctrl-C ends no process.
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
