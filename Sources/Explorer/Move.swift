internal import CLuaShm
internal import Scenarios

/// What may happen next.
struct Move: Hashable {
  enum Kind: UInt8 {
    /// A step of the actor; or, if nobody can make one, the end of the wait that times out first.
    case step
    /// The actor chooses an alternative of its `any`.
    case choose
    case kill
    /// The actor's wait times out before it must.
    case early
  }
  let kind: Kind
  let actor: Int
  /// Of a choice, from 1.
  var alternative = 0
}

/// A schedule as people and `moonpool replay` read it: `A2.xA.B4`.
enum ScheduleText {
  static func elements(_ moves: [Move]) -> [Schedule.Element] {
    var elements: [Schedule.Element] = []
    for move in moves {
      switch move.kind {
      case .kill: elements.append(.kill(actor: move.actor))
      case .early: elements.append(.timeOut(actor: move.actor))
      case .choose: elements.append(.choice(actor: move.actor, alternative: move.alternative))
      case .step:
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
}

extension Model {
  /// The moves from here, in the order of declaration; none: the schedule ends.
  func moves() -> [Move] {
    var moves: [Move] = []
    for actor in 0..<actorCount {
      let process = world.processes[actor]
      if process.phase == .stands, case .choice(let count) = process.pending.kind {
        return (1...count).map { Move(kind: .choose, actor: actor, alternative: $0) }
      }
    }
    var isUnfinished = false
    for actor in 0..<actorCount {
      if isAble(actor) { moves.append(Move(kind: .step, actor: actor)) }
      if !world.processes[actor].phase.isOver { isUnfinished = true }
    }
    if !isUnfinished { return [] }
    let isQuiet = moves.isEmpty
    if isQuiet { moves = expiring() }
    if moves.isEmpty { return [] }
    if world.kills < limits.kills {
      for actor in 0..<actorCount where outline.actors[actor].mayBeKilled {
        let phase = world.processes[actor].phase
        if !phase.isOver && phase != .absent { moves.append(Move(kind: .kill, actor: actor)) }
      }
    }
    if world.earlyTimeouts < limits.earlyTimeouts {
      for actor in 0..<actorCount {
        let process = world.processes[actor]
        let isMoving = moves.contains(Move(kind: .step, actor: actor))
        if process.deadline != .max && !isMoving && process.phase != .parked {
          moves.append(Move(kind: .early, actor: actor))
        }
      }
    }
    return moves
  }

  /// Those whose waits time out first.
  private func expiring() -> [Move] {
    let waiting = (0..<actorCount).filter {
      world.processes[$0].deadline != .max && world.processes[$0].phase != .parked
    }
    let first = waiting.map { world.processes[$0].deadline }.min()
    return waiting.filter { world.processes[$0].deadline == first }
      .map { Move(kind: .step, actor: $0) }
  }

  /// Makes the move; `touched` says then what it did.
  func make(_ move: Move) {
    touched.removeAll(keepingCapacity: true)
    leaveVersion(move.actor)
    let before = Before(
      objects: world.objects, sleepers: world.sleepers, order: shared.pointee.order)
    switch move.kind {
    case .choose: choose(move.actor, move.alternative)
    case .kill:
      touch(.kills, writes: true)
      kill(move.actor)
    case .early:
      world.earlyTimeouts += 1
      timeOut(move.actor)
    case .step:
      if isAble(move.actor) { step(move.actor) } else { timeOut(move.actor) }
    }
    settle(before)
    notice(move)
    watch()
  }

  struct Before {
    let objects: [World.Object]
    let sleepers: [World.Sleeper]
    let order: UInt64
  }

  /// What was only looked at was not written.
  private func settle(_ before: Before) {
    for index in touched.indices where touched[index].writes {
      let number = Int(touched[index].space.number)
      if number < 0 { continue }
      let object = number / 4
      if object >= before.objects.count { continue }
      let isSame =
        switch number % 4 {
        case 1:
          world.objects[object].state == before.objects[object].state
            && world.objects[object].depth == before.objects[object].depth
        case 2: world.sleepers == before.sleepers
        default: false
        }
      if isSame {
        let access = touched[index]
        touched[index] = Access(access.space, access.low, access.high, writes: false)
      }
    }
    if shared.pointee.order != before.order { touch(.order, writes: true) }
  }

  // MARK: - Spinning

  /// An actor that comes back to where it was, and has only read meanwhile what is still there, will
  /// do so for ever: it is parked until somebody writes one of those bytes.
  private func notice(_ move: Move) {
    let writes = touched.filter { $0.writes && $0.space != .time }
    for other in 0..<actorCount where other != move.actor && !writes.isEmpty {
      if world.processes[other].spin.reads.isEmpty { continue }
      let isMet = world.processes[other].spin.reads.contains { read in
        writes.contains { $0.overlaps(read) }
      }
      if !isMet { continue }
      world.processes[other].spin = World.Spin()
      if world.processes[other].phase == .parked { world.processes[other].phase = .stands }
    }
    let actor = move.actor
    if world.processes[actor].phase != .stands { return }
    if !writes.isEmpty || actors[actor].pointee.asked_time || move.kind != .step {
      world.processes[actor].spin = World.Spin()
    } else {
      world.processes[actor].spin.reads += touched.filter { !$0.writes }
    }
    comesBack(actor)
  }

  private func comesBack(_ actor: Int) {
    let process = world.processes[actor]
    let signature = process.pending.signature
    var image: UInt64?
    if process.spin.rounds.contains(where: { $0.signature == signature }) {
      let hash = luashm_actor_hash(actors[actor])
      image = hash
      // The image is all that the actor knows: however it came to it, it goes on in the same way.
      world.processes[actor].local = Digest()
      world.processes[actor].local.add(hash)
      if fault == .parksTooEarly
        || process.spin.rounds.contains(where: { $0.signature == signature && $0.image == hash })
      {
        world.processes[actor].phase = .parked
        return
      }
    }
    if process.spin.rounds.count >= Self.mostRounds {
      world.processes[actor].spin = World.Spin()
    }
    world.processes[actor].spin.rounds.append(
      World.Spin.Round(signature: signature, image: image))
  }

  /// Longer loops are not recognised.
  static let mostRounds = 200
}
