internal import Glibc

/// Whether a schedule that fails in the model fails on real processes, too: `moonpool replay`.
enum Confirmation {
  static let times = 3

  /// How often it did; nil: it was not tried, as the schedule is too long for a replay.
  static func count(_ exploration: Exploration, seed: Int64) -> Int? {
    if exploration.failing.count > 2_000 { return nil }
    let words = [
      "moonpool", "replay", "--seed", "\(seed)", exploration.file,
      ScheduleText.text(exploration.failing),
    ]
    return (0..<times).count { _ in status(of: words) == 1 }
  }

  /// Runs this program with these words, and nothing to see of it. `posix_spawn(3)`.
  private static func status(of words: [String]) -> Int32? {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    guard
      posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &arguments, environ) == 0
    else { return nil }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
  }
}
