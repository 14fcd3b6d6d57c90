internal import Glibc

/// A process started by this one, with pipes as its three standard descriptors.
///
/// `~Copyable`: the owner reads its output and waits for its end.
struct ChildProcess: ~Copyable {
  private var number: pid_t = 0
  private var input: Int32 = -1
  private var output: Int32 = -1
  private var errors: Int32 = -1

  struct NotStarted: Error {
    let reason: String
  }

  /// `posix_spawn(3)`. Other children do not inherit this process's ends of the pipes.
  init(_ path: String, _ arguments: [String]) throws(NotStarted) {
    var childEnds: [Int32] = []
    defer { for end in childEnds { close(end) } }
    (childEnds, input, output, errors) = try Self.pipes()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, end) in childEnds.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
    }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    let failure = posix_spawn(&number, path, &actions, nil, &argv, environ)
    if failure != 0 { throw NotStarted(reason: "\(path): \(String(cString: strerror(failure)))") }
  }

  private static func pipes() throws(NotStarted) -> ([Int32], Int32, Int32, Int32) {
    var ends: [Int32] = [-1, -1, -1, -1, -1, -1]
    for index in 0..<3 {
      guard (ends.withUnsafeMutableBufferPointer { pipe($0.baseAddress! + 2 * index) }) == 0 else {
        throw NotStarted(reason: "pipe: \(String(cString: strerror(errno)))")
      }
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ([ends[0], ends[3], ends[5]], ends[1], ends[2], ends[4])
  }

  deinit {
    for end in [input, output, errors] where end >= 0 { close(end) }
  }

  /// Reads standard error until `text` has come, or until its end.
  func errors(until text: String) -> String {
    Self.text(errors) { $0.contains(text) }
  }

  func remainingErrors() -> String { Self.text(errors) { _ in false } }

  func allOutput() -> String { Self.text(output) { _ in false } }

  mutating func closeInput() {
    close(input)
    input = -1
  }

  /// Waits for the process's end; returns its exit status in a shell's form (`bash(1)`): 128 and
  /// more for a signal.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(number, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  private static func text(_ descriptor: Int32, _ isEnough: (String) -> Bool) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count > 0 { bytes += chunk[..<count] }
      let text = String(decoding: bytes, as: UTF8.self)
      if count <= 0 || isEnough(text) { return text }
    }
  }
}
