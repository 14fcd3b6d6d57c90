internal import CLuaShm
internal import Glibc

/// Processes that stay from run to run, and play their parts again (`luashm_stay`): a search makes
/// thousands of runs, and a fork, with the pages that it copies, takes longer than most of them.
///
/// Whoever is killed, or ends the process himself, does not stay: the next run forks another one.
final class Residents {
  private let stage: Stage
  private var processes: [Int: Process] = [:]

  init(_ stage: Stage) {
    self.stage = stage
    stage.stays = true
  }

  func keep(_ process: Process) { processes[process.part] = process }

  /// The part's, which plays once more; nil: nobody has stayed.
  func call(_ part: Int) -> Process? {
    guard let process = processes.removeValue(forKey: part) else { return nil }
    process.playAgain(stage)
    return process
  }

  /// All of them end.
  func end() {
    stage.stays = false
    for process in processes.values {
      kill(-process.number, SIGKILL)
      _ = process.wait()
      process.closePipes { _ in }
    }
    processes = [:]
  }
}
