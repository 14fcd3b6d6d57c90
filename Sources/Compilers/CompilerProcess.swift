internal import Glibc

/// Runs a compiler for 10 seconds and 1 GiB at most, with its output in files.
enum CompilerProcess {
  enum Outcome: Equatable {
    case ended(Int32)
    case notStarted
    case tooSlow
  }

  private static let most = 10.0  // seconds

  /// `posix_spawn(3)` of a shell that sets the limit of memory and becomes the command; a group of
  /// its own, so that what the compiler starts ends with it.
  static func run(
    _ command: [String], output: String, errors: String
  ) -> Outcome {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let limited = ["sh", "-c", "ulimit -v 1048576; exec \"$0\" \"$@\""] + command
    var argv = limited.map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var number: pid_t = 0
    guard posix_spawn(&number, "/bin/sh", &actions, &attributes, &argv, environ) == 0 else {
      return .notStarted
    }
    return wait(number)
  }

  private static func wait(_ number: pid_t) -> Outcome {
    let start = now()
    var status: Int32 = 0
    while true {
      let ended = waitpid(number, &status, WNOHANG)
      if ended == number {
        return .ended(status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f))
      }
      if ended < 0 && errno != EINTR { return .notStarted }
      if now() - start > most {
        kill(-number, SIGKILL)
        while waitpid(number, &status, 0) < 0 && errno == EINTR {}
        return .tooSlow
      }
      usleep(2000)
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
