/// One or two sentences on what went wrong, from what the steps did.
struct Why {
  let text: String

  init(_ story: Story, _ model: Model) {
    var sentences: [String] = []
    sentences += Self.losses(story)
    sentences += Self.deaths(story)
    sentences += Self.waits(story, model)
    if sentences.isEmpty { sentences += Self.early(story) }
    if sentences.isEmpty { sentences += Self.switches(story) }
    if let index = story.steps.firstIndex(where: { $0.fails }), sentences.count < 3 {
      let step = story.steps[index]
      let what =
        step.failsItself
        ? "what \(story.names[step.move.actor]) expects" : "the invariant of always"
      sentences.append("\(what) did not hold after step \(index + 1).")
    }
    if sentences.isEmpty { sentences = ["it fails in the order of declaration, without a switch."] }
    text = sentences.prefix(3).joined(separator: "\n")
  }

  private static func losses(_ story: Story) -> [String] {
    story.losses.prefix(1).map { loss in
      let store = story.steps[loss.store - 1]
      let lost = story.steps[loss.lost - 1]
      return
        "\(story.names[store.move.actor]) stored in step \(loss.store) what it had made of the "
        + "value that it read in step \(loss.read); so \(story.names[lost.move.actor])'s write of "
        + "step \(loss.lost) is lost."
    }
  }

  private static func deaths(_ story: Story) -> [String] {
    var sentences: [String] = []
    for death in story.cut {
      let name = story.names[death.actor]
      let before = story.steps[..<(death.step - 1)].last {
        $0.move.actor == death.actor && $0.move.kind == .step
      }
      let next =
        death.subject.isEmpty ? "line \(death.line)" : "\(death.subject) (line \(death.line)"
      let tail = death.subject.isEmpty ? ", which it never reached." : ", never reached)."
      if let before {
        let what =
          before.subject.isEmpty ? "line \(before.line)" : "\(before.subject) (line \(before.line))"
        sentences.append("\(name) died between \(what) and \(next)\(tail)")
      } else {
        sentences.append("\(name) died before \(next)\(tail)")
      }
    }
    for (index, step) in story.steps.enumerated() where step.isAbandoned {
      sentences.append(
        "\(story.names[step.move.actor]) was told \"abandoned\" in step \(index + 1).")
    }
    return sentences
  }

  private static func waits(_ story: Story, _ model: Model) -> [String] {
    guard story.ending?.stuck != nil else { return [] }
    return story.stuck.prefix(3).compactMap { stuck in
      guard let since = story.steps.lastIndex(where: { $0.move.actor == stuck.actor }) else {
        return nil
      }
      let name = story.names[stuck.actor]
      let lastWake = story.steps.lastIndex { $0.effect.hasPrefix("wakes") }
      if stuck.why.hasPrefix("sleeps") {
        let wake = lastWake.map {
          "; the last wake, in step \($0 + 1), \(story.steps[$0].effect.replacing("wakes", with: "woke"))"
        }
        return "\(name) sleeps since step \(since + 1)\(wake ?? ", and no wake came")."
      }
      return "\(name) \(stuck.why)."
    }
  }

  private static func early(_ story: Story) -> [String] {
    story.steps.enumerated().filter { $0.element.move.kind == .early }.prefix(1).map {
      "\(story.names[$0.element.move.actor])'s wait in line \($0.element.line) timed out in step "
        + "\($0.offset + 1), before anything had happened that it waits for."
    }
  }

  /// Where others came in between two steps of an actor.
  private static func switches(_ story: Story) -> [String] {
    for (index, step) in story.steps.enumerated().dropFirst() {
      let before = story.steps[index - 1]
      if before.move.actor == step.move.actor { continue }
      guard
        let back = story.steps[index...].firstIndex(where: { $0.move.actor == before.move.actor })
      else { continue }
      let (one, other) = (story.names[before.move.actor], story.names[step.move.actor])
      return [
        "\(other) came between \(one)'s step \(index) (line \(before.line)) and its step "
          + "\(back + 1) (line \(story.steps[back].line))."
      ]
    }
    return []
  }
}
