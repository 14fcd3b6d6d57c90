internal import PrintableText

/// `--json`: a list, an item for each file.
enum PlayJSON {
  static func text(_ reports: [Report]) -> String {
    JSON.array(reports.map { JSON.object(fields($0)) })
  }

  static func word(_ verdict: Report.Verdict) -> String {
    switch verdict {
    case .passed: "passed"
    case .partial: "partial"
    case .failed: "failed"
    case .notExercised: "not exercised"
    case .misuse: "misuse"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    }
  }

  private static func fields(_ report: Report) -> [JSON.Field] {
    var fields: [JSON.Field] = [
      ("file", JSON.string(report.file)), ("verdict", JSON.string(word(report.verdict))),
    ]
    if case .misuse(let text) = report.verdict { fields.append(("message", JSON.string(text))) }
    guard let scenario = report.scenario else { return fields }
    fields += [
      ("title", JSON.string(scenario.title)), ("place", JSON.string(scenario.place)),
      ("processes", "\(scenario.actors.count)"), ("runs", "\(report.runs)"),
      ("seconds", "\(report.duration)"),
    ]
    if let points = report.killPoints {
      fields += [("kill_points", "\(points)"), ("kill_points_tried", "\(report.killPointsTried)")]
    }
    fields += [
      ("not_exercised", list(report.notExercised)),
      ("left_behind", JSON.array(report.leftovers.map { JSON.string($0) })),
    ]
    if let outcome = report.outcome { fields += run(outcome, scenario) }
    return fields
  }

  /// Of the run that failed, or the last.
  private static func run(_ outcome: Outcome, _ scenario: Scenario) -> [JSON.Field] {
    var fields: [JSON.Field] = [
      ("seed", "\(outcome.seed)"), ("failures", list(outcome.failures)),
      ("actors", JSON.array(scenario.actors.indices.map { actor($0, outcome, scenario) })),
      ("events", JSON.array(outcome.events.map { event($0, scenario) })),
    ]
    if let divergence = outcome.divergence {
      fields.append(
        (
          "divergence",
          JSON.object([
            ("step", "\(divergence.step)"), ("actor", JSON.string(divergence.actor)),
            ("text", JSON.string(divergence.text)), ("place", JSON.string(divergence.place)),
          ])
        ))
    }
    if !outcome.steps.isEmpty {
      fields.append(("steps", JSON.array(outcome.stepsTaken.map { step($0, scenario) })))
    }
    if let point = outcome.killPoint {
      fields.append(
        (
          "kill",
          JSON.object([
            ("actor", JSON.string(scenario.actors[point.actor].name)),
            ("operation", "\(point.operation)"), ("reached", "\(outcome.wasKilled)"),
          ])
        ))
    }
    return fields
  }

  private static func actor(_ index: Int, _ outcome: Outcome, _ scenario: Scenario) -> String {
    var fields: [JSON.Field] = [
      ("name", JSON.string(scenario.actors[index].name)),
      ("operations", "\(outcome.operations[index + 1])"),
    ]
    switch outcome.ends[index + 1] {
    case .status(let status): fields.append(("status", "\(status)"))
    case .signal(let signal): fields.append(("signal", "\(signal)"))
    case nil: break
    }
    return JSON.object(fields)
  }

  private static func step(_ step: Outcome.Step, _ scenario: Scenario) -> String {
    JSON.object([
      ("step", "\(step.number)"), ("actor", JSON.string(scenario.name(ofPart: step.part))),
      ("place", JSON.string(step.place)), ("operation", JSON.string(step.verb)),
      ("object", JSON.string(step.object)), ("result", JSON.string(step.result)),
    ])
  }

  private static func event(_ event: Outcome.Event, _ scenario: Scenario) -> String {
    JSON.object(
      [
        ("seconds", "\(event.time)"), ("actor", JSON.string(scenario.name(ofPart: event.part))),
        ("printed", "\(!event.isNote)"),
      ] + JSON.text("text", event.text))
  }

  private static func list(_ failures: [Outcome.Failure]) -> String {
    JSON.array(
      failures.map {
        JSON.object([("text", JSON.string($0.text)), ("place", JSON.string($0.place))])
      })
  }
}
