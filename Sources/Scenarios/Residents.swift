internal import CLuaShm
internal import Glibc

/// Processes that stay from run to run, and play their parts again (`luashm_stay`): a search makes
/// thousands of runs, and a fork, with the pages that it copies, takes longer than most of them.
///
/// Whoever is killed, or ends the process himself, does not stay: the next run forks another one.
final class Residents {
  /// One for all runs: who stays has it already.
  let sessionName: String
  private let stage: Stage
  private let theatre: Theatre
  private var processes: [Int: Process] = [:]

  init(_ stage: Stage, _ theatre: Theatre) {
    sessionName = "\(theatre.stem)-staying"
    self.stage = stage
    self.theatre = theatre
    stage.stays = true
  }

  func keep(_ process: Process) { processes[process.part] = process }

  /// The part's, which plays once more; nil: nobody has stayed.
  func call(_ part: Int) -> Process? {
    guard let process = processes.removeValue(forKey: part) else { return nil }
    process.playAgain(stage)
    return process
  }

  /// All of them end, and their session with them.
  func end() {
    stage.stays = false
    for process in processes.values {
      kill(-process.number, SIGKILL)
      _ = process.wait()
      process.closePipes { _ in }
    }
    processes = [:]
    _ = theatre.clear(theatre.session(sessionName), false)
  }
}
