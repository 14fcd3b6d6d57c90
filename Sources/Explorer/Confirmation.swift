internal import Glibc

/// Whether a schedule comes out on real processes as it does in the model: `moonpool replay`.
enum Confirmation {
  static let times = 3

  /// Files that a replay writes.
  struct Files {
    var svg: String?
    var save: String?

    var words: [String] {
      (svg.map { ["--svg", $0] } ?? []) + (save.map { ["--save", $0] } ?? [])
    }
  }

  /// Longer schedules are not replayed.
  static func isPossible(_ exploration: Exploration) -> Bool { exploration.failing.count <= 2_000 }

  /// How often it failed; nil: it was not tried, as the schedule is too long for a replay.
  static func count(_ exploration: Exploration, seed: Int64, _ files: Files) -> Int? {
    if !isPossible(exploration) { return nil }
    let words = [
      "replay", "--seed", "\(seed)", exploration.file, ScheduleText.text(exploration.failing),
    ]
    return (0..<times).count { number in
      Program.run(words + (number == 0 ? files.words : [])).status == 1
    }
  }

  /// What came of many schedules on real processes.
  struct Followed {
    let runs: Int
    let status: Int32
    /// The last one.
    let schedule: String
  }

  /// - Parameter schedules: one in each line.
  static func follow(
    _ schedules: String, of file: String, seed: Int64, seconds: Double
  ) -> Followed? {
    let words = ["replay", "--seed", "\(seed)", "--each", "\(seconds)", file, "/dev/stdin"]
    let (status, output) = Program.run(words, input: schedules)
    let parts = output.split(separator: "\n").last?.split(separator: " ") ?? []
    guard let status, let runs = parts.first.flatMap({ Int($0) }) else { return nil }
    return Followed(runs: runs, status: status, schedule: parts.count > 1 ? String(parts[1]) : "")
  }
}

/// This program once more, with other words.
enum Program {
  /// Runs it; nothing of it is seen. `posix_spawn(3)`, `tmpfile(3)`. Status nil: it could not be
  /// started, or a signal ended it.
  static func run(_ words: [String], input: String = "") -> (status: Int32?, output: String) {
    let files = [tmpfile(), tmpfile()]
    defer { for case let file? in files { fclose(file) } }
    guard let first = files[0], let second = files[1] else { return (nil, "") }
    let texts = [fileno(first), fileno(second)]
    guard write(input, to: texts[0]) else { return (nil, "") }
    lseek(texts[0], 0, SEEK_SET)
    guard let process = spawn(words, texts) else { return (nil, "") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return (status & 0x7F == 0 ? (status >> 8) & 0xFF : nil, text(texts[1]))
  }

  private static func spawn(_ words: [String], _ texts: [Int32]) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, texts[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, texts[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_RDWR, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments = (["moonpool"] + words).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let result = posix_spawn(
      &process, "/proc/self/exe", &actions, &attributes, &arguments, environ)
    return result == 0 ? process : nil
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func text(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
