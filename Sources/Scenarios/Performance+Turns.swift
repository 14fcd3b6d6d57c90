internal import CLuaShm
internal import CShm
internal import Glibc

/// Replays: the actors go by turns (`CLuaShmTurns.h`). The conductor has the turn while a process
/// begins, is killed or ends, and when nobody can go on.
extension Performance {
  private var turns: UnsafeMutablePointer<luashm_turns> { stage.turns }

  /// The director has set everything up: the first actors begin, one after the other.
  func beginTurns() {
    turns.pointee.is_beginning = 1
    turns.pointee.holder = UInt32(LUASHM_CONDUCTOR)
    toBegin = (1..<parts).filter { scenario.actors[$0 - 1].predecessors.isEmpty }
    conductTurn()
  }

  /// Behind the doorbell.
  func lookAtTurns() {
    guard plan.schedule != nil, startTime != nil, !isStopping, dying == nil else { return }
    if turns.pointee.holder == UInt32(LUASHM_CONDUCTOR) { conductTurn() }
  }

  /// The conductor has the turn.
  private func conductTurn() {
    for part in endedAside { leave(part) }
    endedAside = []
    if turns.pointee.halt != LUASHM_GOES_ON.rawValue { return halt() }
    while !toBegin.isEmpty {
      let part = toBegin.removeFirst()
      hasBegun.insert(part)
      if processes[part].map({ $0.hasEnded }) ?? true { continue }
      turns.pointee.is_beginning = 1
      luashm_give_turn(stage.memory, UInt32(part), LUASHM_BEGINS)
      return
    }
    turns.pointee.is_beginning = 0
    if luashm_pass_turn(stage.memory) != UInt32(LUASHM_CONDUCTOR) { return }
    if turns.pointee.halt != LUASHM_GOES_ON.rawValue { return halt() }
    if turns.pointee.position < turns.pointee.count { killScheduled() }
  }

  private func killScheduled() {
    let part = Int(stage.scheduled.part)
    turns.pointee.position += 1
    guard let process = processes[part], !process.hasEnded else { return }
    dying = part
    process.isKilled = true
    outcome.scheduledKills.insert(part - 1)
    outcome.steps.append(
      .init(
        kind: .killed, number: Int(turns.pointee.steps), part: part, place: stage.place(part),
        verb: "killed", object: "", result: "",
        order: cshm_fetch_add64(&stage.memory.pointee.order, 1)))
    span(.killed, part, for: 0, "killed")
    process.signal(SIGKILL)
  }

  /// A process has ended. Somebody else may have the turn, as when another one has killed it: then
  /// the conductor asks for the turn.
  func turnsEnded(_ part: Int) {
    guard plan.schedule != nil, startTime != nil, !isStopping else { return }
    if part == 0 {
      if outcome.ends.dropFirst().contains(where: { $0 == nil }) { stop() }  // judged at the end
      return
    }
    let conductor = UInt32(LUASHM_CONDUCTOR)
    let holder = turns.pointee.holder
    if dying == part || holder == UInt32(part) || holder == conductor {
      if dying == part { dying = nil }
      turns.pointee.holder = conductor
      leave(part)
    } else {
      endedAside.append(part)
      cshm_store32(&turns.pointee.is_beginning, 1)
    }
  }

  /// Its end is a change for all who wait; whoever comes after it begins.
  private func leave(_ part: Int) {
    turns.pointee.changes += 1
    turns.pointee.watch_is_due = 1
    stage.setAway(part)
    toBegin += (1..<parts).filter { next in
      let predecessors = scenario.actors[next - 1].predecessors
      return predecessors.contains(part - 1)
        && predecessors.allSatisfy { outcome.ends[$0 + 1] != nil } && !hasBegun.contains(next)
    }
  }

  /// All have ended: is the schedule at its end, too?
  func judgeSchedule() {
    guard plan.schedule != nil, startTime != nil, !isStopping,
      turns.pointee.halt == LUASHM_GOES_ON.rawValue,
      turns.pointee.position < turns.pointee.count, outcome.divergence == nil
    else { return }
    outcome.divergence = .init(
      step: Int(turns.pointee.steps) + 1, actor: scenario.name(ofPart: Int(stage.scheduled.part)),
      text: "the schedule goes on, and all actors have ended", place: scenario.place, isOurs: false)
  }

  /// What the rules say of what the director did behind the last actor's end.
  func noteDifference() {
    if plan.schedule != nil, outcome.divergence == nil,
      turns.pointee.halt == LUASHM_DIFFERS.rawValue
    {
      noteDivergence(isOurs: true)
    }
  }

  // MARK: Nobody goes on

  private func halt() {
    switch luashm_halt(turns.pointee.halt) {
    case LUASHM_IS_STUCK: noteStuck()
    case LUASHM_IS_ENDLESS: fail(stage.why, scenario.place)
    case LUASHM_DIVERGES: noteDivergence(isOurs: false)
    default: noteDivergence(isOurs: true)
    }
    stop()
  }

  /// Each who is left, and why it does not go on.
  private func noteStuck() {
    outcome.isStuck = true
    for part in 1..<parts {
      let seat = stage.seat(part)
      if seat.pointee.seating == LUASHM_AWAY.rawValue { continue }
      let verb = stage.verb(part)
      let why =
        if luashm_seating(seat.pointee.seating) == LUASHM_SLEEPS {
          "sleeps in \(verb), and nobody alive will wake it"
        } else if luashm_only_reads(turns, seat) {
          "repeats its reads, and nobody alive will change them"
        } else {
          "waits in \(verb), and nobody alive will let it go on"
        }
      fail("stuck: \(scenario.name(ofPart: part)) \(why)", stage.place(part))
    }
  }

  private func noteDivergence(isOurs: Bool) {
    let part = Int(turns.pointee.halted)
    outcome.divergence = .init(
      step: Int(turns.pointee.steps) + 1, actor: scenario.name(ofPart: part), text: stage.why,
      place: stage.place(part), isOurs: isOurs)
  }
}
