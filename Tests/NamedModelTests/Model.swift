import SharedMemory

/// A wrong variant of the protocol, which the model must reject.
enum Mutant: CaseIterable {
  case unlockWakesNobody, unlockIsNoSwap, takeIsNoSwap, takeForgetsSleepers, takeHidesAbandoning
  case takeKeepsAbandoning, deathIsIgnored, theLivingAreDead, sleepsUnannounced
  case timeoutKeepsTheWakeUp, wakesOneForTwo, setWakesNobody, closeIsAnUnlock

  /// How many participants and deaths show it.
  var size: (processes: Int, crashes: Int) {
    switch self {
    case .deathIsIgnored: (2, 1)
    case .takeForgetsSleepers, .timeoutKeepsTheWakeUp, .wakesOneForTwo: (3, 0)
    default: (2, 0)
    }
  }

  /// The kind of object whose protocol it spoils.
  var kind: ObjectKind {
    switch self {
    case .wakesOneForTwo: .semaphore
    case .setWakesNobody: .event
    default: .mutex
    }
  }
}

/// One participant: where it stands between two accesses to the word.
struct Process: Hashable {
  enum Place: Hashable {
    case idle
    case look
    /// It has loaded this, and decides.
    case decide(NamedState)
    /// It has announced its sleep, and calls the kernel.
    case sleep(NamedState)
    case asleep(NamedState)
    /// Its time is over; it passes on what may have woken it.
    case leave
    case leaving(NamedState)
    case held
    case giving(NamedState, abandoning: Bool)
    /// It has swapped, and has so many sleepers to wake.
    case wake(Int32, then: Then)
    case dead
  }
  enum Then: Hashable { case idle, held }

  var place = Place.idle
  var hasSlept = false
  var deadMark = NamedMark.none
}

/// The object, its participants, and what an onlooker who sees all knows.
struct World: Hashable {
  var word: NamedState
  var processes: [Process]
  var crashes = 0
  /// A holder died or closed, and no locker was told yet.
  var isUntold = false
  /// Permits that nobody holds; signals that nobody took.
  var permits: Int
}

/// The steps that each participant can do: one access to the word, or one system call, each.
struct Model {
  let rules: NamedRules
  let mutant: Mutant?
  let begin: World
  /// Releases raise the count by so many.
  let permits: UInt32
  /// At most so many die.
  let crashes: Int

  init(
    _ kind: ObjectKind, processes: Int, permits: UInt32 = 1, crashes: Int = 1,
    _ mutant: Mutant? = nil
  ) {
    rules = NamedRules(kind: kind, limit: kind == .semaphore ? 2 : 0)
    self.mutant = mutant
    self.permits = permits
    self.crashes = crashes
    begin = World(
      word: NamedState(rawValue: 0),
      processes: Array(repeating: Process(), count: processes), permits: 0)
  }

  static func mark(_ index: Int) -> NamedMark { NamedMark(slot: index, epoch: 1) }

  /// Everything that can happen next. Nil as its world: a property is broken.
  func next(_ world: World) -> [(what: String, world: World?)] {
    var result: [(String, World?)] = []
    for index in world.processes.indices where world.processes[index].place != .dead {
      for (what, after) in steps(world, index) { result.append(("\(index) \(what)", after)) }
      if world.crashes < crashes && world.processes[index].place != .idle {
        result.append(("\(index) dies", crashed(world, index)))
      }
    }
    return result
  }

  private func crashed(_ world: World, _ index: Int) -> World {
    var world = world
    if rules.hasOwner && world.word.has(NamedState.held)
      && world.word.mark == Self.mark(index)
    {
      world.isUntold = true
    }
    world.processes[index] = Process(place: .dead)
    world.crashes += 1
    return world
  }

  // MARK: Steps

  private func steps(_ world: World, _ index: Int) -> [(String, World?)] {
    let process = world.processes[index]
    switch process.place {
    case .idle: return begun(world, index)
    case .look: return [("looks", at(.decide(world.word), world, index))]
    case .decide(let seen): return decided(seen, world, index)
    case .sleep(let announced):
      // The kernel compares and sleeps in one.
      let sleeps = announced.low == world.word.low
      return [("calls", at(sleeps ? .asleep(announced) : .look, world, index, slept: true))]
    case .asleep(let announced): return asleep(announced, world, index)
    case .leave: return [("leaves", at(.leaving(world.word), world, index))]
    case .leaving(let seen): return left(seen, world, index)
    case .held: return given(world, index)
    case .giving(let seen, let abandoning):
      return [("gives", gave(seen, abandoning, world, index))]
    case .wake(let count, let then): return woke(count, then, world, index)
    case .dead: return []
    }
  }

  private func at(
    _ place: Process.Place, _ world: World, _ index: Int, slept: Bool = false
  ) -> World {
    var world = world
    world.processes[index].place = place
    if slept { world.processes[index].hasSlept = true }
    if place == .idle || place == .held { world.processes[index] = Process(place: place) }
    return world
  }

  private func begun(_ world: World, _ index: Int) -> [(String, World?)] {
    var result: [(String, World?)] = [("waits", at(.look, world, index))]
    if rules.kind is EventKind || rules.kind is SemaphoreKind {
      let giving = Process.Place.giving(world.word, abandoning: false)
      result.append(("gives", at(giving, world, index)))
    }
    return result
  }

  private func waiter(_ world: World, _ index: Int) -> NamedRules.Waiter {
    let process = world.processes[index]
    var waiter = NamedRules.Waiter(mark: Self.mark(index), start: world.word)
    waiter.hasSlept = process.hasSlept && mutant != .takeForgetsSleepers
    waiter.dead = mutant == .deathIsIgnored ? .none : process.deadMark
    if mutant == .theLivingAreDead { waiter.dead = world.word.mark }
    return waiter
  }

  private func decided(_ seen: NamedState, _ world: World, _ index: Int) -> [(String, World?)] {
    switch rules.next(seen, waiter(world, index)) {
    case .pass: return [("passes", at(.idle, world, index))]
    case .sleep(let announced):
      let announced = mutant == .sleepsUnannounced ? seen : announced
      // Its time may be over, and is noticed here.
      var result: [(String, World?)] = [
        ("gives up", at(world.processes[index].hasSlept ? .leave : .idle, world, index))
      ]
      if seen != world.word && announced != seen { return result + [again(world, index)] }
      var asleep = at(.sleep(announced), world, index)
      if announced != seen { asleep.word = announced }
      result.append(("announces", asleep))
      return result
    case .take(let taken, let abandoned, let wakesNext):
      if seen != world.word && mutant != .takeIsNoSwap { return [again(world, index)] }
      return [("takes", took(taken, abandoned, wakesNext, world, index))]
    }
  }

  private func again(_ world: World, _ index: Int) -> (String, World?) {
    ("looks again", at(.look, world, index))
  }

  private func took(
    _ taken: NamedState, _ abandoned: Bool, _ wakesNext: Bool, _ world: World, _ index: Int
  ) -> World? {
    var world = world
    world.word = taken
    if rules.hasOwner {
      let isHeld = world.processes.contains { process in
        if case .giving = process.place { return true }
        return process.place == .held
      }
      let told = abandoned && mutant != .takeHidesAbandoning
      // Two at once, or one who is told wrongly.
      if isHeld || told != world.isUntold { return nil }
      world.isUntold = false
      if mutant == .takeKeepsAbandoning && abandoned {
        world.word = NamedState(rawValue: taken.rawValue | NamedState.left)
      }
      return at(.held, world, index)
    }
    world.permits -= 1
    if world.permits < 0 { return nil }
    let wakes = wakesNext && mutant != .wakesOneForTwo
    return at(wakes ? .wake(1, then: .idle) : .idle, world, index)
  }

  private func asleep(
    _ announced: NamedState, _ world: World, _ index: Int
  ) -> [(String, World?)] {
    var result: [(String, World?)] = [("times out", at(.leave, world, index, slept: true))]
    // A slice runs out at any time; but nothing may depend on it before somebody dies.
    if world.crashes > 0 {
      var awake = at(.look, world, index, slept: true)
      if isDead(announced.mark, world) { awake.processes[index].deadMark = announced.mark }
      result.append(("runs out", awake))
    }
    return result
  }

  private func isDead(_ mark: NamedMark, _ world: World) -> Bool {
    !world.processes.indices.contains(mark.slot) || world.processes[mark.slot].place == .dead
  }

  private func left(_ seen: NamedState, _ world: World, _ index: Int) -> [(String, World?)] {
    if mutant == .timeoutKeepsTheWakeUp { return [("goes", at(.idle, world, index))] }
    guard case .sleep(let announced) = rules.next(seen, waiter(world, index)) else {
      return [("passes on", at(.wake(1, then: .idle), world, index))]
    }
    if announced == seen { return [("goes", at(.idle, world, index))] }
    if seen != world.word { return [("leaves again", at(.leave, world, index))] }
    var after = at(.idle, world, index)
    after.word = announced
    return [("goes", after)]
  }

  // MARK: Giving

  private func given(_ world: World, _ index: Int) -> [(String, World?)] {
    [false, true].map { abandoning in
      let place = Process.Place.giving(world.word, abandoning: abandoning)
      return (abandoning ? "closes" : "unlocks", at(place, world, index))
    }
  }

  private func gave(
    _ seen: NamedState, _ abandoning: Bool, _ world: World, _ index: Int
  ) -> World? {
    var world = world
    if seen != world.word && mutant != .unlockIsNoSwap {
      return at(.giving(world.word, abandoning: abandoning), world, index)
    }
    guard let (after, wakes) = change(seen, abandoning, index) else {
      // More than the maximum; a mutex that is held can always be given.
      return rules.hasOwner ? nil : at(.idle, world, index)
    }
    world.word = after
    if rules.hasOwner {
      world.isUntold = abandoning
    } else {
      world.permits = rules.kind is EventKind ? 1 : world.permits + Int(permits)
    }
    return at(wakes > 0 ? .wake(wakes, then: .idle) : .idle, world, index)
  }

  private func change(
    _ seen: NamedState, _ abandoning: Bool, _ index: Int
  ) -> NamedRules.Change? {
    switch rules.kind {
    case is MutexKind:
      let told = abandoning && mutant != .closeIsAnUnlock
      guard var change = MutexKind.unlocked(seen, by: Self.mark(index), abandoning: told)
      else { return nil }
      if mutant == .unlockWakesNobody { change.wakes = 0 }
      if mutant == .takeKeepsAbandoning {
        change.state = NamedState(
          rawValue: change.state.rawValue | seen.rawValue & NamedState.left)
      }
      return change
    case is SemaphoreKind:
      return SemaphoreKind.released(seen, permits, maximum: rules.limit)
    default:
      var change = EventKind.set(seen)
      // Two generations tell as much as all, and end.
      change.state.rawValue &= ~NamedState.generation | 2
      if mutant == .setWakesNobody { change.wakes = 0 }
      return change
    }
  }

  private func woke(
    _ count: Int32, _ then: Process.Then, _ world: World, _ index: Int
  ) -> [(String, World?)] {
    let end: Process.Place = then == .idle ? .idle : .held
    let sleepers = world.processes.indices.filter {
      if case .asleep = world.processes[$0].place { return true }
      return false
    }
    if sleepers.isEmpty { return [("wakes nobody", at(end, world, index))] }
    return sleepers.map { sleeper in
      let awake = at(.look, world, sleeper, slept: true)
      let place = count > 1 ? Process.Place.wake(count - 1, then: then) : end
      return ("wakes \(sleeper)", at(place, awake, index))
    }
  }
}
