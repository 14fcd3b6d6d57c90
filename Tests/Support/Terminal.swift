import Glibc

/// A process on a pseudo-terminal of its own, as a person at a terminal has it.
public final class TerminalChild {
  public var pid: pid_t { ending.pid }
  private let ending: Ending
  private let person: Int32
  private var seen: [UInt8] = []

  /// - Parameters:
  ///   - environment: added to this process's own.
  public init?(_ path: String, _ arguments: [String], environment: [String: String]) {
    let settings = environment.map { "\($0.key)=\($0.value)" }
    var argv = (["env"] + settings + [path] + arguments).map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard person >= 0, let name = Self.terminal(of: person) else { return nil }
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(person, UInt(TIOCSWINSZ), &size)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for number in Int32(0)..<3 {
      posix_spawn_file_actions_addopen(&actions, number, name, O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A session of its own: the terminal's keys send signals to it alone. No signal blocked, as
    // most are in the threads that run tests.
    let ownSession: Int32 = 0x80  // POSIX_SPAWN_SETSID
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(ownSession | Int32(POSIX_SPAWN_SETSIGMASK)))
    var child: pid_t = 0
    guard posix_spawnp(&child, "env", &actions, &attributes, &argv, environ) == 0 else {
      return nil
    }
    ending = Ending(of: child)
    _ = fcntl(person, F_SETFL, O_NONBLOCK)
  }

  /// What `unlockpt(3)` and `ptsname(3)` do, which Swift does not see.
  private static func terminal(of person: Int32) -> String? {
    let setLock: UInt = 0x4004_5431  // TIOCSPTLCK
    let getNumber: UInt = 0x8004_5430  // TIOCGPTN
    var lock: Int32 = 0
    var number: Int32 = 0
    guard ioctl(person, setLock, &lock) == 0, ioctl(person, getNumber, &number) == 0 else {
      return nil
    }
    return "/dev/pts/\(number)"
  }

  deinit {
    ending.kill(SIGKILL)
    wait()
    close(person)
  }

  public func press(_ keys: String) { _ = keys.withCString { write(person, $0, strlen($0)) } }

  public func kill(_ signal: Int32) { ending.kill(signal) }

  /// The modes of its terminal's input: `ICANON`, `ECHO` and the like.
  public var modes: UInt32 {
    var settings = termios()
    tcgetattr(person, &settings)
    return settings.c_lflag
  }

  /// All that the terminal has shown so far, with its lines ended by a newline.
  public var screen: String {
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(person, &chunk, chunk.count)
      if count <= 0 { break }
      seen += chunk[..<count]
    }
    return String(decoding: seen.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
  }

  public func shows(_ text: String, within seconds: Double = 60) -> Bool {
    poll(within: seconds) { screen.contains(text) }
  }

  /// Waits for its end: the exit status, or 128 + the signal's number.
  @discardableResult
  public func wait() -> Int32 { ending.wait() }

  /// Has it ended by itself?
  public var hasEnded: Bool { ending.status != nil }
}
