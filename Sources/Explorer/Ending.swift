internal import CLuaShm
internal import Scenarios

/// What came of a schedule.
struct Ending {
  struct Failure: Hashable {
    let text: String
    let place: String
  }

  enum Stuck {
    case deadlock, livelock
  }

  var failures: [Failure] = []
  var stuck: Stuck?
  var isFailing = false
}

extension Model {
  /// Nobody can move: judges the schedule. `finally` runs if all are over.
  ///
  /// - Parameter inDetail: what failed is told; otherwise only whether something did.
  func finish(inDetail: Bool) -> Ending {
    var ending = Ending()
    let unfinished = (0..<actorCount).filter { !world.processes[$0].phase.isOver }
    if !unfinished.isEmpty {
      let isSpinning = unfinished.contains { world.processes[$0].phase == .parked }
      ending.stuck = isSpinning ? .livelock : .deadlock
    } else if actors[director].pointee.finishes {
      actors[director].pointee.answer = 0
      isFinishing = true
      run(director)
      isFinishing = false
      if actors[director].pointee.request == LUASHM_ASKS_FOR_NOTHING_MORE {
        letGo(director)
      }
    } else {
      letGo(director)
    }
    let hasFailed = shared.pointee.failures > 0 || ending.stuck != nil
    let endsBadly = (0..<actorCount).contains {
      world.processes[$0].phase == .ended && world.processes[$0].status != 0
    }
    ending.isFailing = hasFailed
    if !inDetail && (hasFailed || !(endsBadly || outline.expectsAnything)) { return ending }
    tell(&ending, hasFailed)
    return ending
  }

  private func letGo(_ process: Int) {
    for index in world.objects.indices where world.objects[index].handles[process] > 0 {
      world.objects[index].handles[process] = 0
      released(index, process)
    }
  }

  private func tell(_ ending: inout Ending, _ hasFailed: Bool) {
    let records = ledger.records(upTo: actors.count)
    for record in records where record.kind == "failure" || record.kind == "undecided" {
      ending.failures.append(.init(text: record.text(2), place: record.text(1)))
    }
    for record in records where record.kind == "misuse" {
      ending.failures.append(.init(text: record.text(2), place: record.text(1)))
    }
    let outputs = (1...actorCount).map { part in
      records.filter { $0.part == part && $0.kind == "print" }.flatMap { $0.fields[1] }
    }
    var marks: [String: UInt64] = [:]
    for record in records where record.kind == "mark" && record.part > 0 {
      let name = "\(outline.actors[record.part - 1].name):\(record.text(2))"
      if marks[name] == nil { marks[name] = record.order }
    }
    let ends = (0..<actorCount).map { actor -> Outline.End in
      world.processes[actor].phase == .ended ? .status(world.processes[actor].status) : .none
    }
    let isStuck = ending.stuck != nil
    let more = outline.failures(
      ends: ends, outputs: outputs, marks: marks, hasFailed: hasFailed,
      isGone: { isStuck || isGone($0) })
    ending.failures += more.map { Ending.Failure(text: $0.text, place: $0.place) }
    ending.isFailing = hasFailed || !ending.failures.isEmpty
  }

  /// What can be told apart of a finished schedule: memory, ends, output, and what failed; not how
  /// often what always holds did not, as a state that two schedules come to is gone on from once.
  func outcome(_ ending: Ending) -> String {
    var text = ""
    for object in world.objects where object.kind == 0 {
      text += "\(object.name):\(luashm_digest(heap + object.offset, object.size, 0));"
    }
    for process in world.processes.dropLast() {
      text += "\(process.phase)\(process.status),"
    }
    let failures = Set(ending.failures.map(\.text)).sorted().joined(separator: "|")
    return text + "\(ending.stuck.map { "\($0)" } ?? "") \(failures)"
  }
}
