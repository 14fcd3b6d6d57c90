internal import CLuaShm

/// Actors that wait by looking again and again.
extension Model {
  /// An actor that comes back to where it was, and has only read meanwhile what is still there, will
  /// do so for ever: it is parked until somebody writes one of those bytes.
  func notice(_ move: Move) {
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
  static let alikeRounds = 20, mostAlike = 1_000

  /// Longer loops are not recognised.
  static let mostRounds = 200
}
