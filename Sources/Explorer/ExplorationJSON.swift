internal import CLuaShm
internal import PrintableText
internal import Scenarios

/// `--json`: a list, an item for each file.
enum ExplorationJSON {
  static func misuse(_ file: String, _ text: String) -> String {
    JSON.object([
      ("file", JSON.string(file)), ("verdict", JSON.string("misuse")),
      ("message", JSON.string(text)),
    ])
  }

  static func text(
    _ exploration: Exploration, _ story: Story?, _ confirmed: Int?
  ) -> String {
    var fields: [JSON.Field] = [
      ("file", JSON.string(exploration.file)),
      ("title", JSON.string(exploration.model.outline.title)),
      ("place", JSON.string(exploration.model.outline.place)),
      ("verdict", JSON.string(word(exploration.verdict))),
      ("schedules", "\(exploration.schedules)"), ("states", "\(exploration.states)"),
      ("seconds", "\(exploration.duration)"), ("kills", "\(exploration.kills)"),
    ]
    if let switches = exploration.switchesDone { fields.append(("switches", "\(switches)")) }
    fields.append(("not_exercised", list(exploration.notExercised)))
    if let story { fields += failure(exploration, story) }
    if let confirmed { fields.append(("confirmed", "\(confirmed)")) }
    return JSON.object(fields)
  }

  static func word(_ verdict: Exploration.Verdict) -> String {
    switch verdict {
    case .proved: "proved"
    case .partial: "partial"
    case .failed: "failed"
    case .notExercised: "not exercised"
    case .interrupted: "interrupted"
    }
  }

  private static func list(_ failures: [Ending.Failure]) -> String {
    JSON.array(
      failures.map {
        JSON.object([("text", JSON.string($0.text)), ("place", JSON.string($0.place))])
      })
  }

  private static func failure(_ exploration: Exploration, _ story: Story) -> [JSON.Field] {
    var fields: [JSON.Field] = [
      ("schedule", JSON.string(ScheduleText.text(exploration.failing))),
      ("found_by_schedule", "\(exploration.foundBySchedule)"),
      ("found_after", "\(exploration.foundAfter)"),
      ("failures", list(story.ending?.failures ?? [])),
      (
        "stuck",
        JSON.array(
          story.ending?.stuck == nil
            ? []
            : story.stuck.map {
              JSON.object([
                ("actor", JSON.string(story.names[$0.actor])), ("place", JSON.string($0.place)),
                ("why", JSON.string($0.why)),
              ])
            })
      ),
      ("steps", JSON.array(story.steps.map { step($0, story) })),
    ]
    if let smallest = exploration.smallest {
      fields.append(
        (
          "smallest",
          JSON.object([
            ("kills", "\(smallest.kills)"), ("early_time_outs", "\(smallest.earlyTimeouts)"),
            ("switches", "\(smallest.switches)"),
          ])
        ))
    }
    return fields
  }

  private static func step(_ step: Story.Step, _ story: Story) -> String {
    JSON.object([
      ("actor", JSON.string(story.names[step.move.actor])),
      ("move", JSON.string(ScheduleText.text([step.move]))), ("line", "\(step.line)"),
      ("call", JSON.string(step.call)),
      ("effect", JSON.string(story.effect(step, arrow: "→"))),
    ])
  }
}

/// `--save`: what `moonpool replay` follows.
enum ExplorationTrace {
  static func text(_ exploration: Exploration) -> String {
    let elements = ScheduleText.elements(exploration.failing)
    var file = ScheduleFile(Schedule(elements))
    let text = exploration.model.shared.pointee.script.text
    file.checksum = ScheduleFile.checksum(
      of: Array(UnsafeRawBufferPointer(start: text.data, count: text.length)))
    return file.text(of: exploration.file)
  }
}
