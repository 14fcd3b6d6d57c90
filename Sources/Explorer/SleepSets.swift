internal import CLuaShm

/// A move that was explored from an earlier sibling, and what it touched.
struct Sleeping {
  let move: Move
  let accesses: [Access]
}

/// Sleep sets: of schedules that only exchange steps which do not touch each other, one is explored to
/// its end (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996).
///
/// What was explored from a node is not explored again behind its later siblings, until something
/// happens that it depends on. That alone leaves out no state, only ways to it; which moves need not be
/// tried at all says `PartialOrder.swift`.
extension Search {
  /// What sleeps behind the move: what slept beside it and does not touch what it touches.
  func stillAsleep(_ sleep: [Sleeping], behind move: Move, _ accesses: [Access]) -> [Sleeping] {
    sleep.filter { !depends($0, on: move, accesses) }
  }

  /// The end of a wait depends on everybody: it comes when nobody else can move.
  func isTimed(_ move: Move) -> Bool {
    move.kind == .early || model.touched.contains { $0.space == .time }
  }

  /// What the move touched.
  func footprint() -> [Access] { visible(model.touched) }

  /// If properties are looked at between steps, all steps that write are told apart by their order.
  func visible(_ touched: [Access]) -> [Access] {
    var accesses = touched
    if fault == .orderWithoutConflicts { accesses.removeAll { $0.space == .order } }
    if fault == .callsWithoutConflicts { accesses.removeAll { $0.space == .returns } }
    if fault == .wordsWithoutConflicts {
      accesses.removeAll { $0.space.number >= 0 && $0.space.number % 4 == 1 }
    }
    if fault == .sleepersWithoutConflicts {
      accesses.removeAll { $0.space.number >= 0 && $0.space.number % 4 == 2 }
    }
    if fault == .livesWithoutConflicts {
      accesses.removeAll {
        $0.space.number < 0 && $0.space.number > -500 || $0.space.number & 3 == 3
      }
    }
    if model.actors[model.director].pointee.watches && accesses.writesAnything
      && fault != .visibleWithoutConflicts
    {
      accesses.append(Access(.order, writes: true))
    }
    return accesses
  }

  private func depends(_ other: Sleeping, on move: Move, _ accesses: [Access]) -> Bool {
    if other.move.actor == move.actor { return true }
    if fault == .sleepsAcrossConflicts { return false }
    return other.accesses.conflicts(with: accesses)
  }
}
