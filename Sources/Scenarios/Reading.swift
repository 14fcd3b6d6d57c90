internal import CLuaShm
internal import CShm
internal import Glibc

/// What a file's top level declares: run once, in a process of its own, in which nobody acts.
struct Reading {
  enum Result {
    case scenario(Scenario)
    /// No word of scenarios was called.
    case none
    case misuse(String)
    case interrupted
  }

  let result: Result

  init(_ stage: Stage, _ theatre: Theatre, _ signals: Int32, _ cast: Cast) {
    stage.reset(seed: 0, run: 0, wanted: 0, sweeps: false, reads: true)
    let name = "\(theatre.stem)-reading"
    guard let process = try? Process(0, stage, theatre, name, cast) else {
      result = .misuse("fork: \(String(cString: strerror(errno)))")
      return
    }
    let ending = Self.wait(for: process, signals)
    _ = theatre.clear(theatre.session(name), false)
    result = Self.result(ending, stage, isSilent: process.hasPrintedNothing)
  }

  private enum Ending: Equatable {
    case ended(Outcome.End)
    case late, interrupted
  }

  private static func wait(for process: Process, _ signals: Int32) -> Ending {
    let deadline = cshm_now() + Int64(Scenario.defaultTimeout * 1e9)
    var ending: Ending?
    while !process.hasEnded {
      var polled = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
      let left = max(0, (deadline - cshm_now()) / 1_000_000 + 1)
      poll(&polled, 1, Int32(clamping: min(left, 1_000)))
      process.drain { _ in }
      while true {
        let signal = cshm_next_signal(signals)
        if signal == 0 { break }
        if signal != SIGCHLD { ending = .interrupted }
      }
      if cshm_now() > deadline { ending = .late }
      if ending != nil { process.kill() }
      if let end = reap(until: process) { ending = ending ?? .ended(end) }
    }
    process.closePipes { _ in }
    return ending ?? .late
  }

  /// Takes the ends of children: an orphan of the process's may be an older one.
  private static func reap(until process: Process) -> Outcome.End? {
    while true {
      let number = cshm_ended_child()
      if number <= 0 { return nil }
      if number == process.number {
        process.kill()
        let end = process.wait()
        process.waitForGroup()
        return end
      }
      waitpid(number, nil, 0)
    }
  }

  private static func result(_ ending: Ending, _ stage: Stage, isSilent: Bool) -> Result {
    let records = stage.records(upTo: 1)
    if let misuse = records.first(where: { $0.kind == "misuse" || $0.kind == "refused" }) {
      let place = misuse.text(1)
      return .misuse((place.isEmpty ? "" : place + ": ") + misuse.text(2))
    }
    if stage.hasLost(upTo: 1) { return .misuse("the top level declares more than 2 MiB of words") }
    switch ending {
    case .interrupted: return .interrupted
    case .late:
      let seconds = Performance.number(Scenario.defaultTimeout)
      return .misuse("the top level has not ended after \(seconds) s; it only declares")
    case .ended(.status(0)) where stage.phase(0) == LUASHM_IS_OVER:
      guard var scenario = Scenario(records) else { return .none }
      if !isSilent || stage.operations(0) > 0 { scenario.isDirected = true }
      return .scenario(scenario)
    case .ended(.status):
      return .misuse("the top level ended the process (os.exit); it only declares")
    case .ended(let end): return .misuse("the top level was \(end.text)")
    }
  }
}
