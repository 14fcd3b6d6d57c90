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

    package init() {}
  }

  /// More kill points than these are sampled.
  static let mostKillPoints = 500
  /// As many runs as an `any` has alternatives, but no more than that.
  private static let mostForAny = 100

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
    do {
      return perform(try Cast(text, stage, exec: options.isFresh ? file : nil))
    } catch {
      return Report(file: file, misuse: "\(error)")
    }
  }

  private func perform(_ cast: Cast) -> Report? {
    switch Reading(stage, theatre, signals, cast).result {
    case .misuse(let text): return Report(file: file, misuse: text)
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
    if let kill = options.kill {
      guard let point = Self.killPoint(kill, setting.scenario) else {
        return Report(file: file, misuse: "--kill: there is no actor '\(kill.actor)'")
      }
      play(setting, [point], &report, isSweep: true)
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

  private func repeatRuns(_ setting: Performance.Setting, _ report: inout Report) {
    var wanted = options.times ?? 1
    var number = 0
    while number < wanted && !report.isDecided {
      let isShown = options.times ?? 1 == 1 && number == 0
      run(setting, nil, number, of: wanted, &report, isSweep: false, isShown: isShown)
      number += 1
      if options.times == nil { wanted = min(report.alternatives, Self.mostForAny) }
    }
  }

  private func sweep(_ setting: Performance.Setting, _ report: inout Report) {
    let killable = setting.scenario.actors.indices.filter {
      setting.scenario.actors[$0].mayBeKilled
    }
    if killable.isEmpty {
      report.misuse = "\(setting.scenario.place): --sweep: no actor has kill = true"
      return
    }
    let first = run(setting, nil, 0, of: 1, &report, isSweep: true, isShown: false)
    if report.isDecided { return }
    let all = killable.flatMap { actor in
      (1...(first.operations[actor + 1] + 1)).map {
        Outcome.KillPoint(actor: actor, operation: $0)
      }
    }
    report.killPoints = all.count
    play(setting, Self.sampled(all), &report, isSweep: true)
  }

  /// Evenly, the first and the last among them.
  private static func sampled(_ points: [Outcome.KillPoint]) -> [Outcome.KillPoint] {
    if points.count <= mostKillPoints { return points }
    let last = points.count - 1
    return (0..<mostKillPoints).map { points[$0 * last / (mostKillPoints - 1)] }
  }

  private func play(
    _ setting: Performance.Setting, _ points: [Outcome.KillPoint], _ report: inout Report,
    isSweep: Bool
  ) {
    for (index, point) in points.enumerated() where !report.isDecided {
      run(
        setting, point, index + 1, of: points.count, &report, isSweep: isSweep,
        isShown: options.kill != nil)
      report.killPointsTried += 1
    }
  }

  @discardableResult
  private func run(
    _ setting: Performance.Setting, _ point: Outcome.KillPoint?, _ number: Int, of count: Int,
    _ report: inout Report, isSweep: Bool, isShown: Bool
  ) -> Outcome {
    let seed = options.seed &+ Int64(isSweep ? 0 : number)
    let performance = Performance(
      setting, .init(seed: seed, number: number, killPoint: point, isSweep: isSweep))
    if isShown, let show {
      show(setting.scenario, nil)
      performance.show = { show(setting.scenario, $0) }
    }
    let outcome = performance.run()
    report.add(outcome, isShown: isShown && show != nil)
    progress.step(number, of: count, report)
    return outcome
  }
}
