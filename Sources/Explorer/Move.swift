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

extension Model {
  /// The moves from here, in the order of declaration; none: the schedule ends.
  func moves() -> [Move] {
    var moves: [Move] = []
    for actor in 0..<actorCount {
      let process = world.processes[actor]
      if process.phase == .stands, case .choice(let count) = process.pending.kind {
        isQuiet = false
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
    isQuiet = moves.isEmpty
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
    if isSymmetric { moves.removeAll { standIn(of: $0.actor) != $0.actor } }
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
    world.processes[move.actor].isFresh = false
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
    settle(before, move.actor)
    notice(move)
    noteWhoMeetsCopies()
    watch()
  }

  struct Before {
    let objects: [World.Object]
    let sleepers: [World.Sleeper]
    let order: Order
  }

  /// What was only looked at was not written.
  private func settle(_ before: Before, _ process: Int) {
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
    if order.marks != before.order.marks { touch(.order, writes: true) }
    if order.returned != before.order.returned {
      touch(.returns, process, process + 1, writes: true)
    }
    if order.called != before.order.called { touched.append(.calls(beside: actorCount)) }
  }
}
