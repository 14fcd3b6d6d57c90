internal import CLuaShm

/// Equal actors that have made no step are all in the same state, so that it does not matter who of
/// them makes the first one: exchanging two of them turns each schedule into another that comes out the
/// same but for their names. So they start in their order, and n! schedules become one (Ip and Dill,
/// Better Verification Through Symmetry, 1996; of their symmetries this is the one between processes
/// that have not begun, whose representative is found without sorting states).
///
/// That holds while nothing tells them apart. They have one function which is told nothing, and the
/// file says nothing of one of them alone (`Outline.equals`). The first answer that is not the same for
/// each ends it for good, and a search that relied on it begins again: `me()`, `shm.pid()`,
/// `math.random`, an address as text; and of others `mutex:owner()`, `alive`, `shm.process`.
extension Model {
  var isSymmetric: Bool {
    if fault == .parametersTellNothing { return true }
    return usesSymmetry && shared.pointee.equal_parts != 0
      && (!shared.pointee.told_apart || fault == .meTellsNothing)
  }

  /// By part, so that the first actor is bit 1.
  var equalParts: UInt32 {
    var parts: UInt32 = 0
    for (actor, first) in equals.enumerated() where first != actor {
      parts |= 1 << (actor + 1) | 1 << (first + 1)
    }
    return parts
  }

  /// Somebody gets to know something that says which of its equals the process is.
  func tellApart(_ process: Int) {
    if process < 0 || process >= outline.actors.count { return }
    if equalParts >> (process + 1) & 1 != 0 { shared.pointee.told_apart = true }
  }

  /// Who starts in the actor's place: the first of its equals that has not begun either.
  func standIn(of actor: Int) -> Int {
    if !world.processes[actor].isFresh { return actor }
    if fault == .parametersTellNothing {
      return (0..<actor).first { world.processes[$0].isFresh } ?? actor
    }
    let first = equals[actor]
    return (first..<actor).first { equals[$0] == first && world.processes[$0].isFresh } ?? actor
  }
}
