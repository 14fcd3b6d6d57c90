internal import CLuaShm
internal import Scenarios

/// What may happen next.
struct Move: Hashable {
  enum Kind: UInt8 {
    /// A step of the actor; or, if nobody can make one, the end of the wait that times out first.
    case step
    /// The actor chooses an alternative of its `any`.
    case choose
    /// The first step of a copy that goes on word by word; the alternative is the way: up, or down.
    case copy
    case kill
    /// The actor's wait times out before it must.
    case early
  }
  let kind: Kind
  let actor: Int
  /// Of a choice, from 1.
  var alternative = 0

  /// It takes a turn that another one could have had.
  func isStep(of actor: Int) -> Bool {
    self.actor == actor && (kind == .step || kind == .copy)
  }
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
      if isAble(actor) {
        let ways = waysOfCopy(actor)
        if ways == 0 { moves.append(Move(kind: .step, actor: actor)) }
        for way in 0..<ways { moves.append(Move(kind: .copy, actor: actor, alternative: way + 1)) }
      }
      if !world.processes[actor].phase.isOver { isUnfinished = true }
    }
    if !isUnfinished { return [] }
    let isQuiet = moves.isEmpty
    if isQuiet { moves = expiring() }
    if moves.isEmpty { moves = repeating() }
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
        let isMoving = moves.contains { $0.isStep(of: actor) }
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

  /// Loops that allocate, and were taken for waits: nobody else can move, so they show for how long.
  private func repeating() -> [Move] {
    (0..<actorCount).filter {
      let loop = world.processes[$0].spin.loop
      return world.processes[$0].phase == .parked && Self.alikeRounds..<Self.mostAlike ~= loop.alike
    }.map { Move(kind: .step, actor: $0) }
  }

  /// Makes the move; `touched` says then what it did.
  func make(_ move: Move) {
    touched.removeAll(keepingCapacity: true)
    leaveVersion(move.actor)
    let before = Before(
      objects: world.objects, sleepers: world.sleepers, order: order)
    switch move.kind {
    case .choose: choose(move.actor, move.alternative)
    case .kill:
      touch(.kills, writes: true)
      kill(move.actor)
    case .early:
      world.earlyTimeouts += 1
      timeOut(move.actor)
    case .copy: beginCopy(move.actor, isDown: move.alternative == 2)
    case .step:
      if world.processes[move.actor].phase == .parked {
        world.processes[move.actor].phase = .stands
      }
      if isAble(move.actor) { step(move.actor) } else { timeOut(move.actor) }
    }
    settle(before)
    notice(move)
    watch()
  }

  struct Before {
    let objects: [World.Object]
    let sleepers: [World.Sleeper]
    let order: Order
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
            && world.objects[object].records == before.objects[object].records
        case 2: world.sleepers == before.sleepers
        default: false
        }
      if isSame {
        let access = touched[index]
        touched[index] = Access(access.space, access.low, access.high, writes: false)
      }
    }
    if order != before.order { touch(.order, writes: true) }
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
    if !writes.isEmpty || actors[actor].pointee.asked_time || !move.isStep(of: actor) {
      world.processes[actor].spin = World.Spin()
    } else {
      for access in touched where !access.writes {
        if !world.processes[actor].spin.reads.contains(access) {
          world.processes[actor].spin.reads.append(access)
        }
      }
    }
    if world.processes[actor].copy == nil { comesBack(actor) }
  }

  private func comesBack(_ actor: Int) {
    let process = world.processes[actor]
    let signature = process.pending.signature
    let used = actors[actor].pointee.used
    var image: UInt64?
    noteRound(actor, signature, used)
    if process.spin.rounds.contains(where: { $0.signature == signature && $0.used == used }) {
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
      world.processes[actor].spin.rounds = []
    }
    world.processes[actor].spin.rounds.append(
      World.Spin.Round(signature: signature, used: used, image: image))
    if world.processes[actor].spin.loop.alike >= Self.alikeRounds {
      world.processes[actor].phase = .parked
      isAssumed = true
    }
  }

  /// Counts rounds of a loop with the same calls and the same results.
  private func noteRound(_ actor: Int, _ signature: UInt64, _ used: Int) {
    var loop = world.processes[actor].spin.loop
    defer { world.processes[actor].spin.loop = loop }
    loop.round.add(signature)
    loop.length += 1
    if loop.anchor == signature {
      loop.alike = loop.round == loop.former && used > loop.used ? loop.alike + 1 : 0
      loop.former = loop.round
    } else if loop.anchor != 0 && loop.length <= Self.mostRounds {
      return
    }
    loop.anchor = signature
    loop.round = Digest()
    loop.length = 0
    loop.used = used
  }

  /// So many alike are taken for a wait, while others can move; and if nobody can, for one without end.
  private static let alikeRounds = 20, mostAlike = 1_000

  /// Longer loops are not recognised.
  static let mostRounds = 200
}
