internal import CLuaShm
internal import CShm
internal import SharedMemory

/// What was done with a ring, in words for people.
extension Model {
  private func text(_ message: RingMessage<[UInt8]>) -> String {
    MessageText.text(
      Message(message.content, isValue: UInt32(message.kind) == CSHM_VALUE.rawValue))
  }

  private func list(_ messages: [RingMessage<[UInt8]>]) -> String {
    messages.count <= 2
      ? messages.map(text).joined(separator: ", ") : "\(messages.count) messages"
  }

  private func name(_ operation: Operation) -> String {
    object(operation.pointee.object).map(shownName) ?? "it"
  }

  func pushed(
    _ messages: [RingMessage<[UInt8]>], _ left: Int, _ operation: Operation
  ) -> String {
    messages.isEmpty
      ? "becomes a producer" : "pushes \(list(messages))  (\(left) in \(name(operation)))"
  }

  func taken(
    _ popped: Ring.Popped, _ ring: Ring, _ operation: Operation, _ object: Int
  ) -> String {
    if popped.tooLong != nil { return "sees a long message" }
    if popped.records.isEmpty { return "becomes a consumer" }
    let messages = list(popped.records.map(\.message))
    let left = "  (\(ring.left) left in \(shownName(object)))"
    if operation.pointee.ring.pointee.act == .LUASHM_RING_PEEK { return "sees \(messages)" }
    if operation.pointee.ring.pointee.act != .LUASHM_RING_TAKE { return "gets \(messages)\(left)" }
    let tries = popped.records.first?.tries ?? 1
    return "takes \(messages)" + (tries > 1 ? ", tried \(tries) times" : left)
  }

  func tell(
    _ narration: inout Narration, _ act: RingAct, _ operation: Operation, _ ring: Ring,
    _ object: Int
  ) {
    if operation.pointee.answer == LUASHM_ANSWER_REFUSED { return }
    switch act {
    case .done: narration.effect = "done  (\(ring.left) left in \(shownName(object)))"
    case .back: narration.effect = "gives it back"
    case .clear:
      let count = operation.pointee.result
      narration.effect = "drops \(count) message\(count == 1 ? "" : "s")"
    case .finish: narration.effect = "nothing is pushed any more"
    default: narration.effect = "is \(operation.pointee.result)"
    }
  }

  func published(
    _ messages: [RingMessage<[UInt8]>], _ sequence: UInt64, _ object: Int
  ) -> String {
    messages.isEmpty
      ? "becomes a publisher"
      : "publishes \(list(messages))  (\(sequence) in \(shownName(object)))"
  }

  func read(_ record: Broadcast.Record, _ lost: UInt64) -> String {
    let words = "gets \(text(record.message)), number \(record.sequence)"
    return lost == 0 ? words : "\(words), lost \(lost) before it"
  }

  /// Why nothing comes any more: "it is finished", "bob died".
  func whoEnded(_ ring: Ring) -> String {
    if ring.isFinished { return "it is finished" }
    let former = ring.users.processes(had: .pushes).filter { $0 < actorCount }
    if former.isEmpty || former.count > 2 { return "all who pushed have gone" }
    return former.map { actor in
      let name = outline.actors[actor].name
      switch world.processes[actor].phase {
      case .killed: return "\(name) died"
      case .ended: return "\(name) has ended"
      default: return "\(name) has closed it"
      }
    }.joined(separator: ", ")
  }

  /// The rings of which the process has taken a message.
  func ringsWithJobs(of process: Int) -> [Int] {
    world.objects.indices.filter { object in
      guard case .popped(let ring) = world.objects[object].records else { return false }
      return ring.records.contains { $0.taker?.process == process }
    }
  }

  // MARK: What somebody waits for

  private func living(_ processes: [Int]) -> [String] {
    Set(processes).sorted().filter { $0 < actorCount && !world.processes[$0].phase.isOver }
      .map { outline.actors[$0].name }
  }

  /// Nil: it is no operation on a ring.
  func ringWait(_ operation: Operation, _ object: Int) -> String? {
    let name = shownName(object)
    switch world.objects[object].records {
    case .none: return nil
    case .followed:
      return "waits for a message of \(name), and nobody alive will publish one"
    case .popped(let ring):
      switch luashm_op(UInt32(operation.pointee.op)) {
      case LUASHM_OP_RING_PUSH:
        return "waits for room in \(name), and nobody alive will take anything"
      case LUASHM_OP_RING_DRAIN:
        return "waits until \(name) is drained; \(ring.left) left, and nobody alive takes them"
      default:
        let takers = living(ring.records.compactMap { $0.taker?.process })
        if let taker = takers.first {
          return "waits for a message of \(name), of which \(taker) has taken the last"
        }
        if let producer = living(ring.users.processes(.pushes)).first {
          return "waits for a message of \(name), and \(producer) has not finished it"
        }
        return "waits for a message of \(name), and nobody alive will push one"
      }
    }
  }
}
