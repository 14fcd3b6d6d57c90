internal import Scenarios

/// A schedule as people and `moonpool replay` read it: `A2.xA.B4`.
enum ScheduleText {
  static func elements(_ moves: [Move]) -> [Schedule.Element] {
    var elements: [Schedule.Element] = []
    for move in moves {
      switch move.kind {
      case .kill: elements.append(.kill(actor: move.actor))
      case .early: elements.append(.timeOut(actor: move.actor))
      case .choose: elements.append(.choice(actor: move.actor, alternative: move.alternative))
      case .step, .copy:
        if move.kind == .copy {
          elements.append(.choice(actor: move.actor, alternative: move.alternative))
        }
        if case .steps(move.actor, let count)? = elements.last {
          elements[elements.count - 1] = .steps(actor: move.actor, count: count + 1)
        } else {
          elements.append(.steps(actor: move.actor, count: 1))
        }
      }
    }
    return elements
  }

  static func text(_ moves: [Move]) -> String { Schedule(elements(moves)).text }

  /// What it means as moves; whether a choice is an `any`'s or a copy's way says the model.
  static func moves(_ schedule: Schedule) -> [Move] {
    schedule.elements.flatMap { element -> [Move] in
      switch element {
      case .kill(let actor): [Move(kind: .kill, actor: actor)]
      case .timeOut(let actor): [Move(kind: .early, actor: actor)]
      case .choice(let actor, let alternative):
        [Move(kind: .choose, actor: actor, alternative: alternative)]
      case .steps(let actor, let count):
        Array(repeating: Move(kind: .step, actor: actor), count: count)
      }
    }
  }
}
