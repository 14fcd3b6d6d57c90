import CShm
import Glibc

/// A process of a test: started with the given environment, ended at the latest with its owner.
///
/// A program that cannot be started is a child that has ended at once with the status 127 and a
/// complaint, as in a shell: what a machine lacks is an outcome, never the end of all tests.
public final class Child {
  /// No process has the number of a child that was never started.
  public var pid: pid_t { ending?.pid ?? pid_t.max }
  private let ending: Ending?
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  private var inputIsOpen: Bool

  public enum Input: Sendable {
    /// `/dev/null`.
    case none
    /// A pipe that stays open until `closeInput`.
    case open
    /// A pipe with this text and then its end.
    case text(String)
  }

  /// - Parameters:
  ///   - environment: added to this process's own.
  ///   - input: what standard input is.
  public init(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
    input: Input = .none
  ) {
    // Files rather than pipes: a child never waits for us to read.
    output = cshm_memfd("output")
    errors = cshm_memfd("errors")
    var ends: [Int32] = [-1, -1]
    switch input {
    case .none: ends[0] = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    case .open, .text: Self.makePair(&ends)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    for (number, end) in [ends[0], output, errors].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
    }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = Self.environment(adding: environment).map { strdup($0) } + [nil]
    var child: pid_t = 0
    var attributes = Self.unblocked()
    defer { posix_spawnattr_destroy(&attributes) }
    let failure = posix_spawnp(&child, path, &actions, &attributes, &argv, &variables)
    posix_spawn_file_actions_destroy(&actions)
    for text in argv + variables { free(text) }
    close(ends[0])
    ending = failure == 0 ? Ending(of: child) : nil
    self.input = ends[1]
    inputIsOpen = ends[1] >= 0
    if failure != 0 {
      let complaint = "\(path): \(String(cString: strerror(failure)))\n"
      _ = complaint.withCString { pwrite(errors, $0, strlen($0), 0) }
    }
    if case .text(let text) = input {
      write(text)
      closeInput()
    }
  }

  deinit {
    ending?.kill(SIGKILL)
    wait()
    closeInput()
    close(output)
    close(errors)
  }

  public func write(_ text: String) {
    // Nobody may read it any more: that is no signal for the test's own process.
    _ = text.withCString { send(input, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
  }

  public func closeInput() {
    if inputIsOpen { close(input) }
    inputIsOpen = false
  }

  public func kill(_ signal: Int32 = SIGKILL) { ending?.kill(signal) }

  /// Waits for its end: the exit status, 128 + the signal's number, or 127 if it never began.
  @discardableResult
  public func wait() -> Int32 { ending?.wait() ?? 127 }

  /// What it has printed so far.
  public var printed: String { Self.contents(output) }
  public var complained: String { Self.contents(errors) }

  /// Waits until standard output contains `text`; false after `seconds`.
  public func prints(_ text: String, within seconds: Double = 60) -> Bool {
    poll(within: seconds) { printed.contains(text) }
  }

  /// A socket pair where a pipe would do: it is closed in other children from its birth.
  private static func makePair(_ ends: inout [Int32]) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    precondition(socketpair(AF_UNIX, type, 0, &ends) == 0)
  }

  /// A child must not inherit the signals that a test's thread blocks.
  private static func unblocked() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    return attributes
  }

  static func environment(adding: [String: String]) -> [String] {
    var all: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      let name = String(line.prefix { $0 != "=" })
      if adding[name] == nil && name != "MOONPOOL_WINE" { all.append(line) }
      entry += 1
    }
    // A wineserver that runs beside the tests is none of theirs.
    if adding["MOONPOOL_WINE"] == nil { all.append("MOONPOOL_WINE=/no/prefix") }
    return all + adding.map { "\($0.key)=\($0.value)" }
  }

  private static func contents(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = pread(descriptor, &chunk, chunk.count, bytes.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}

/// Asks again every millisecond until the answer is yes; false after `seconds`.
public func poll(within seconds: Double = 60, _ isTrue: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<Int(seconds * 1000) {
    if try isTrue() { return true }
    usleep(1000)
  }
  return try isTrue()
}

/// Is the file or directory gone that a finished operation removes? Whoever lists this user's
/// names, in any test that runs beside, sweeps the other sessions, too: then it may be that one
/// which removes it, an instant later than the operation that met it there.
public func isRemoved(_ path: String) -> Bool {
  poll(within: 1) { access(path, F_OK) != 0 }
}
