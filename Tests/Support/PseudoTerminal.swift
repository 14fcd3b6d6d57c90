import CShm
import Glibc

/// A program on a terminal of its own: a test types, and looks at the screen.
///
///     let term = PseudoTerminal(columns: 80, rows: 24)
///     term.start(Places.moonpool, [], environment: ["HOME": folder])
///     #expect(term.waits(for: "> "))
///     term.type("1 + 1\r")
public final class PseudoTerminal {
  public internal(set) var screen: Screen
  /// As a terminal that answers no questions.
  public var isSilent = false
  /// All that the program wrote, as it came.
  public private(set) var raw: [UInt8] = []
  private var controller: Int32
  /// Kept open: the modes can be asked for when the program has ended.
  private let device: Int32
  /// The device, for programs such as `stty -F`.
  public let path: String
  public var pid: pid_t { ending?.pid ?? 0 }
  private var ending: Ending?

  // ioctl(2) numbers whose macros do not reach Swift.
  private static let getNumber: UInt = 0x8004_5430  // TIOCGPTN
  private static let setLock: UInt = 0x4004_5431  // TIOCSPTLCK

  public init(columns: Int = 80, rows: Int = 24) {
    screen = Screen(columns: columns, rows: rows)
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    precondition(controller >= 0, "/dev/ptmx: \(String(cString: strerror(errno)))")
    var locked: Int32 = 0
    var number: Int32 = 0
    _ = ioctl(controller, Self.setLock, &locked)
    _ = ioctl(controller, Self.getNumber, &number)
    path = "/dev/pts/\(number)"
    device = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    precondition(device >= 0, "\(path): \(String(cString: strerror(errno)))")
    setSize(columns, rows)
  }

  deinit {
    ending?.kill(SIGKILL)
    wait()
    close(device)
    if controller >= 0 { close(controller) }
  }

  /// Starts a program in a session of its own, with this as its controlling terminal.
  ///
  /// - Parameter environment: added to this process's own, which has a colour terminal here.
  public func start(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) {
    wait()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    for number in 0..<Int32(3) {
      posix_spawn_file_actions_addopen(&actions, number, path, O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // The threads of a test run block signals, which a child would inherit.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSIGMASK, and POSIX_SPAWN_SETSID, which is behind _GNU_SOURCE.
    posix_spawnattr_setflags(&attributes, 0x08 | 0x80)
    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    let base = [
      "TERM": "xterm-256color", "NO_COLOR": "", "LC_ALL": "C.UTF-8",
      // A crash asks no questions on the terminal.
      "SWIFT_BACKTRACE": "enable=no",
    ]
    let merged = base.merging(environment) { $1 }
    var variables = Child.environment(adding: merged).map { strdup($0) } + [nil]
    var child: pid_t = 0
    let failure = posix_spawnp(&child, program, &actions, &attributes, &argv, &variables)
    precondition(failure == 0, "\(program): \(String(cString: strerror(failure)))")
    ending = Ending(of: child)
    posix_spawnattr_destroy(&attributes)
    posix_spawn_file_actions_destroy(&actions)
    for text in argv + variables { free(text) }
  }

  /// Stops the terminal's output, as Ctrl-S does, or lets it go on: the program waits in its write.
  public func holdOutput(_ held: Bool) { tcflow(device, held ? TCOOFF : TCOON) }

  /// Sends what a keyboard would: `\r` for Enter, `\u{1B}[A` for the up arrow.
  public func type(_ text: String) { type(Array(text.utf8)) }

  public func type(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // A terminal takes some thousand bytes at once; the program's answers are read meanwhile.
      let part = rest.prefix(512)
      let count = part.withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
      _ = readSome(milliseconds: 0)
    }
  }

  /// As a terminal sends a paste to a program that asked for brackets.
  public func paste(_ text: String) {
    let ends = text.split(separator: "\n", omittingEmptySubsequences: false)
    type("\u{1B}[200~" + ends.joined(separator: "\r") + "\u{1B}[201~")
  }

  /// Waits until `text` is on the screen.
  public func waits(for text: String, within seconds: Double = 60) -> Bool {
    waits(within: seconds) { $0.text.contains(text) }
  }

  /// Waits until the screen is as it should be; false after `seconds`.
  public func waits(within seconds: Double = 60, until isRight: (Screen) -> Bool) -> Bool {
    for _ in 0..<Int(seconds * 100) {
      if isRight(screen) { return true }
      _ = readSome(milliseconds: 10)
    }
    return isRight(screen)
  }

  /// Reads until the program has been quiet for a while: what it does not do cannot be waited for.
  public func settle(milliseconds: Int32 = 150) {
    while readSome(milliseconds: milliseconds) {}
  }

  public func setWrapping(_ wrapping: Screen.Wrapping) { screen.wrapping = wrapping }

  public func resize(columns: Int, rows: Int) {
    settle()
    screen.resize(columns: columns, rows: rows)
    setSize(columns, rows)
  }

  /// Closes the terminal under the program, as a closed window does.
  public func hangUp() {
    settle()
    close(controller)
    controller = -1
  }

  public func kill(_ signal: Int32) { ending?.kill(signal) }

  /// Reads on and waits for the program's end: its status, or 128 + the signal's number. One
  /// that does not end by itself in 20 seconds is killed.
  @discardableResult
  public func wait() -> Int32 {
    guard let ending else { return 0 }
    var turns = 0
    while ending.status == nil {
      _ = readSome(milliseconds: 10)
      turns += 1
      if turns == 2000 { ending.kill(SIGKILL) }
    }
    while readSome(milliseconds: 0) {}
    return ending.wait()
  }

  /// The modes that the program left or set, for a comparison: all flags and control characters.
  public var modes: [UInt32] {
    var modes = termios()
    tcgetattr(device, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
      + withUnsafeBytes(of: modes.c_cc) { $0.map(UInt32.init) }
  }

  private func setSize(_ columns: Int, _ rows: Int) {
    var size = winsize()
    size.ws_col = UInt16(columns)
    size.ws_row = UInt16(rows)
    _ = ioctl(controller, UInt(TIOCSWINSZ), &size)
  }

  private func readSome(milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
    // A closed one is only a wait.
    guard Glibc.poll(&descriptor, 1, milliseconds) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(controller, &bytes, bytes.count)
    guard count > 0 else { return false }
    raw += bytes[..<count]
    screen.feed(Array(bytes[..<count]))
    for answer in screen.takeAnswers() where !isSilent { type(answer) }
    return true
  }
}
