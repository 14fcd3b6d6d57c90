import SharedMemory

/// A wait for any of a mutex and of something that can always be had, beside owners that lock,
/// unlock and die: it takes the second only where the first could not be had.
struct AnyOf {
  /// A wrong variant, which the model must reject.
  enum Mutant: CaseIterable {
    /// What is ready is taken; owners are only asked about by who would sleep.
    case takesWhatIsReady
    case trustsThoseOfTheLastWait, asksAndForgets
  }

  struct World: Hashable {
    enum Owner: Hashable { case idle, held, dead }
    enum Waiter: Hashable {
      case idle, loads
      case decides(NamedState)
      /// What it has asked comes back.
      case asks(NamedState)
      case held
    }

    var word = NamedState(rawValue: 0)
    var owners: [Owner]
    var waiter = Waiter.idle
    var dead = NamedMark.none
    var alive = NamedMark.none
    /// Since the wait began somebody who lived had the mutex for a moment.
    var wasHeld = false
    /// The last owner died with it, and nobody was told.
    var isUntold = false
  }

  private let rules = NamedRules(kind: .mutex)
  private let owners: Int
  private let mutant: Mutant?

  static func explore(owners: Int, _ mutant: Mutant? = nil) -> StateSpace<World> {
    let model = AnyOf(owners: owners, mutant: mutant)
    return StateSpace(
      from: World(owners: Array(repeating: .idle, count: owners)),
      next: { world in model.next(world).map { ($0.what, $0.world.map(model.noted)) } },
      broken: { _ in nil })
  }

  private func noted(_ world: World) -> World {
    var world = world
    world.wasHeld = world.wasHeld || isHeldByTheLiving(world)
    return world
  }

  private func mark(_ index: Int) -> NamedMark { NamedMark(slot: index, epoch: 1) }

  private func isDead(_ mark: NamedMark, _ world: World) -> Bool {
    world.owners.indices.contains { world.owners[$0] == .dead && self.mark($0) == mark }
  }

  private func isHeldByTheLiving(_ world: World) -> Bool {
    world.word.has(NamedState.held) && !isDead(world.word.mark, world)
  }

  // MARK: Steps

  private func next(_ world: World) -> [(what: String, world: World?)] {
    world.owners.indices.flatMap { owner(world, $0) } + [waiter(world)].compactMap(\.self)
  }

  private func owner(_ before: World, _ index: Int) -> [(what: String, world: World?)] {
    var world = before
    switch before.owners[index] {
    case .dead: return []
    case .idle:
      let waiter = NamedRules.Waiter(mark: mark(index), start: world.word)
      guard case .take(let taken, let abandoned, _) = rules.next(world.word, waiter),
        !abandoned
      else { return [] }
      world.word = taken
      world.owners[index] = .held
      return [("\(index) locks", world)]
    case .held:
      var dead = before
      dead.owners[index] = .dead
      dead.isUntold = true
      world.word = MutexKind.unlocked(world.word, by: mark(index))!.state
      world.owners[index] = .idle
      return [("\(index) unlocks", world), ("\(index) dies", dead)]
    }
  }

  private func waiter(_ before: World) -> (what: String, world: World?)? {
    var world = before
    switch before.waiter {
    case .idle:
      if mutant != .trustsThoseOfTheLastWait { world.alive = .none }
      world.dead = .none
      world.wasHeld = false
      world.waiter = .loads
      return ("begins", world)
    case .loads:
      world.waiter = .decides(world.word)
      return ("loads", world)
    case .decides(let seen): return decided(seen, before)
    case .asks(let seen):
      let isDead = isDead(seen.mark, world) && mutant != .asksAndForgets
      if isDead { world.dead = seen.mark } else { world.alive = seen.mark }
      world.waiter = .loads
      return ("is told that it is \(isDead ? "dead" : "alive")", world)
    case .held:
      world.word = MutexKind.unlocked(world.word, by: mark(owners))!.state
      world.waiter = .idle
      return ("unlocks", world)
    }
  }

  private func decided(_ seen: NamedState, _ before: World) -> (what: String, world: World?)? {
    var world = before
    var waiter = NamedRules.Waiter(mark: mark(owners), start: seen)
    waiter.dead = world.dead
    waiter.alive = world.alive
    let next = rules.next(seen, waiter)
    var doubt: Bool?
    if case .sleep = next { doubt = rules.doubtful(seen, waiter) != nil }
    switch NamedRules.first([doubt, nil]) {
    case .have(0):
      world.waiter = .loads
      guard case .take(let taken, let abandoned, _) = next, seen == world.word
      else { return ("looks again", world) }
      if abandoned != world.isUntold { return ("is told wrongly of a death", nil) }
      world.word = taken
      world.isUntold = false
      world.waiter = .held
      return ("takes the first", world)
    case .ask where mutant != .takesWhatIsReady:
      world.waiter = .asks(seen)
      return ("asks", world)
    default:
      world.waiter = .idle
      return ("takes the second", world.wasHeld ? world : nil)
    }
  }
}
