internal import CLuaShm
internal import CShm
internal import Glibc
internal import LuaHost

/// One file: reads what it declares, and plays it as often as is asked for.
package struct Campaign {
  package struct Options: Sendable {
    package var times: Int?
    package var seed: Int64 = 0
    package var isSweep = false
    /// One kill point: an actor's name, and the operation before which it is killed.
    package var kill: (actor: String, operation: Int)?
    /// Each operation is told, for pictures.
    package var isTraced = false
    /// Each part is a new program, not a fork of the one that has compiled the file.
    package var isFresh = false
    /// Of a replay: who takes which step.
    package var replays: ScheduleFile?
    /// Of a search on real processes: each of these is followed once, until one fails.
    package var schedules: [Schedule] = []
    /// Seconds for them.
    package var budget = 10.0
    /// Behind the schedule anybody goes who can move, by the seed; else the first.
    package var isStirred = false
    /// The machine's /dev/shm was asked for.
    package var isShared = false

    package init() {}
  }

  /// More kill points than these are sampled.
  static let mostKillPoints = 500
  /// As many runs as an `any` has alternatives, but no more than that.
  private static let mostForAny = 100

  static let howToBeKilled = "actor(\"name\", { kill = true }, function() … end) may"

  let file: String
  let options: Options
  let stage: Stage
  let theatre: Theatre
  let signals: Int32
  let progress: Progress

  /// What is shown of a run while it happens; nil: nothing.
  let show: ((Scenario, Outcome.Event?) -> Void)?

  /// Nil: the file declares no scenario.
  func perform(_ text: Interpreter.PlayText) -> Report? {
    if let first = options.schedules.first { stage.reset(first) }
    if let replays = options.replays {
      let sum = ScheduleFile.checksum(of: text.bytes)
      if let saved = replays.checksum, saved != sum {
        return Report(
          file: file, misuse: "\(file) is not the text of which the schedule was saved", options)
      }
      stage.reset(replays.schedule)
    }
    do {
      return perform(
        try Cast(
          text, stage, exec: options.isFresh ? file : nil, staying: !options.schedules.isEmpty))
    } catch {
      return Report(file: file, misuse: "\(error)", options)
    }
  }

  private func perform(_ cast: Cast) -> Report? {
    luashm_prepare_forks()
    switch Reading(stage, theatre, signals, cast).result {
    case .misuse(let text): return Report(file: file, misuse: text, options)
    case .none: return nil
    case .interrupted: return Report(file: file, misuse: nil)
    case .scenario(let scenario):
      return perform(
        Performance.Setting(
          stage: stage, theatre: theatre, scenario: scenario, signals: signals, cast: cast))
    }
  }

  // MARK: Runs

  private func perform(_ setting: Performance.Setting) -> Report {
    var report = Report(file: file, setting.scenario, options)
    let begin = cshm_now()
    if !options.schedules.isEmpty {
      follow(setting, &report)
    } else if let replays = options.replays {
      replay(setting, replays, &report)
    } else if let kill = options.kill {
      guard let point = Self.killPoint(kill, setting.scenario) else {
        return Report(file: file, misuse: "--kill: there is no actor '\(kill.actor)'")
      }
      play(setting, [Try(point: point, seed: options.seed)], &report)
    } else if options.isSweep {
      sweep(setting, &report)
    } else {
      repeatRuns(setting, &report)
    }
    report.duration = Double(cshm_now() - begin) / 1e9
    progress.clear()
    return report
  }

  private static func killPoint(
    _ kill: (actor: String, operation: Int), _ scenario: Scenario
  ) -> Outcome.KillPoint? {
    scenario.actors.firstIndex { $0.name == kill.actor }
      .map { Outcome.KillPoint(actor: $0, operation: kill.operation) }
  }

  /// The same each time; one that comes out otherwise is told.
  private func replay(
    _ setting: Performance.Setting, _ replays: ScheduleFile, _ report: inout Report
  ) {
    if let problem = replays.schedule.problem(setting.scenario) {
      report.misuse = problem
      return
    }
    let wanted = options.times ?? 1
    for number in 0..<wanted where report.outcome?.divergence == nil && !report.isInterrupted {
      let first = report.outcome
      let outcome = run(
        setting,
        .init(
          seed: options.seed &+ (options.isStirred ? Int64(number) : 0), number: number,
          isSweep: false, schedule: replays.schedule, isStirred: options.isStirred),
        of: wanted, &report, isShown: false)
      report.compare(with: replays.steps)
      if options.isStirred {
        if report.isDecided { return }
      } else if let first {
        report.compare(outcome, with: first)
      }
    }
  }

  /// Each of a list of schedules once: until one fails, or the time is over.
  private func follow(_ setting: Performance.Setting, _ report: inout Report) {
    let deadline = cshm_now() + Int64(options.budget * 1e9)
    var setting = setting
    let residents = Residents(setting.stage, theatre)
    setting.residents = residents
    defer { residents.end() }
    for (number, schedule) in options.schedules.enumerated() {
      if cshm_now() > deadline || report.isDecided { return }
      stage.reset(schedule)
      report.followed = schedule
      let plan = Performance.Plan(
        seed: options.seed, number: number, isSweep: false, schedule: schedule, isStirred: false)
      let outcome = run(setting, plan, of: options.schedules.count, &report, isShown: false)
      if outcome.divergence != nil { return }
    }
  }

  private func repeatRuns(_ setting: Performance.Setting, _ report: inout Report) {
    var wanted = options.times ?? 1
    var number = 0
    while number < wanted && !report.isDecided {
      let isShown = options.times ?? 1 == 1 && number == 0
      run(
        setting, .init(seed: options.seed &+ Int64(number), number: number, isSweep: false),
        of: wanted, &report, isShown: isShown)
      number += 1
      if options.times == nil { wanted = min(report.alternatives, Self.mostForAny) }
    }
  }

  private func sweep(_ setting: Performance.Setting, _ report: inout Report) {
    let killable = setting.scenario.actors.indices.filter {
      setting.scenario.actors[$0].mayBeKilled
    }
    if killable.isEmpty {
      report.misuse =
        "\(setting.scenario.place): --sweep: no actor may be killed; "
        + Self.howToBeKilled
      report.hasNobodyToKill = true
      return
    }
    var all: [Try] = []
    repeat {
      let seed = options.seed &+ Int64(report.runs)
      let first = run(
        setting, .init(seed: seed, number: report.runs, isSweep: true), of: 1, &report,
        isShown: false)
      if report.isDecided { return }
      all += killable.flatMap { actor in
        (1...(first.operations[actor + 1] + 1)).map {
          Try(point: Outcome.KillPoint(actor: actor, operation: $0), seed: seed)
        }
      }
    } while report.runs < min(report.alternatives, Self.mostForAny)
    report.killPoints = all.count
    play(setting, Self.sampled(all), &report)
  }

  /// A kill point in runs of one seed, so that an `any` chooses as it did when the actor's operations
  /// were counted.
  private struct Try {
    let point: Outcome.KillPoint
    let seed: Int64
  }

  /// Evenly, the first and the last among them.
  private static func sampled(_ points: [Try]) -> [Try] {
    if points.count <= mostKillPoints { return points }
    let last = points.count - 1
    return (0..<mostKillPoints).map { points[$0 * last / (mostKillPoints - 1)] }
  }

  /// Only a kill that came about is one that was tried: an actor may have fewer operations this time.
  private func play(_ setting: Performance.Setting, _ tries: [Try], _ report: inout Report) {
    let counted = report.runs
    for (index, each) in tries.enumerated() where !report.isDecided {
      let plan = Performance.Plan(
        seed: each.seed, number: counted + index, killPoint: each.point, isSweep: true)
      let outcome = run(
        setting, plan, of: counted + tries.count, &report, isShown: options.kill != nil)
      if outcome.wasKilled { report.killPointsTried += 1 }
    }
  }

  @discardableResult
  private func run(
    _ setting: Performance.Setting, _ plan: Performance.Plan, of count: Int,
    _ report: inout Report, isShown: Bool
  ) -> Outcome {
    let performance = Performance(setting, plan)
    if isShown, let show {
      show(setting.scenario, nil)
      performance.show = { show(setting.scenario, $0) }
    }
    let outcome = performance.run()
    report.add(outcome, isShown: isShown && show != nil)
    progress.step(plan.number, of: count, report)
    return outcome
  }
}
