/// How owners claim slots and are found dead (`CShmNamed.h`), explored with all interleavings and
/// some kills; a process that does nothing more is one that was stopped.
struct Claims {
  /// A wrong variant, which the model must reject.
  enum Mutant: CaseIterable {
    /// The byte that claims a slot says "alive", too.
    case oneByte
    case aliveBeforeEpoch, aliveAfterTheFirstLock, epochStands, noClaimByte
  }

  struct Mark: Hashable {
    let slot, epoch: Int
  }

  /// Where a process stands between two accesses to a word, or two system calls.
  enum Place: Hashable {
    case claims(Int)
    case looksAtEpoch(Int)
    case raises(Int, seen: Int)
    case revives(Mark)
    case looks(Mark)
    /// Who has locked the mutex? It asks for the byte, then for the epoch.
    case asks(Mark, about: Mark)
    case compares(Mark, about: Mark)
    case takes(Mark, from: Mark?)
    case holds(Mark)
    case dead
  }

  struct World: Hashable {
    var places: [Place]
    /// Who has locked each slot's bytes.
    var claimed, alive: [Int?]
    var epochs: [Int]
    /// The mutex's word.
    var word: Mark?
    /// Who locked it last and did not unlock it, as an onlooker knows who sees all.
    var holder: Int?
    var crashes = 0
  }

  let mutant: Mutant?
  let crashes: Int
  private(set) var states = 0
  /// The way to a violation; nil: there is none.
  private(set) var violation: [String]?

  init(processes: Int, crashes: Int, _ mutant: Mutant? = nil) {
    self.mutant = mutant
    self.crashes = crashes
    explore(
      World(
        places: Array(repeating: .claims(0), count: processes),
        claimed: Array(repeating: nil, count: processes),
        alive: Array(repeating: nil, count: processes),
        epochs: Array(repeating: 0, count: processes)))
  }

  private mutating func explore(_ begin: World) {
    var worlds = [begin]
    var from: [(parent: Int, what: String)] = [(0, "")]
    var known: Set<World> = [begin]
    func way(_ at: Int) -> [String] { at == 0 ? [] : way(from[at].parent) + [from[at].what] }
    while states < worlds.count {
      let world = worlds[states]
      if let broken = broken(world) {
        violation = way(states) + [broken]
        return
      }
      for (what, next) in next(world) where known.insert(next).inserted {
        worlds.append(next)
        from.append((states, what))
      }
      states += 1
    }
  }

  private func next(_ world: World) -> [(String, World)] {
    world.places.indices.filter { world.places[$0] != .dead }.flatMap { index in
      let step = ("\(index) \(world.places[index])", stepped(world, index))
      return world.crashes < crashes ? [step, ("\(index) dies", died(world, index))] : [step]
    }
  }

  // MARK: What must hold in each state

  private func broken(_ world: World) -> String? {
    let holders = world.places.count { if case .holds = $0 { true } else { false } }
    if holders > 1 { return "two have it" }
    if let holder = world.holder, world.places[holder] != .dead { return nil }
    // It is free, or a dead process has it: whoever goes on alone gets it.
    let stuck = world.places.indices.first { index in
      world.places[index] != .dead && !isTaken(alone: index, world)
    }
    return stuck.map { "\($0) waits for the dead" }
  }

  private func isTaken(alone index: Int, _ world: World) -> Bool {
    var world = world
    for _ in 0..<20 {
      if case .holds = world.places[index] { return true }
      world = stepped(world, index)
    }
    return false
  }

  // MARK: Steps

  /// The kernel drops all locks of a process at once.
  private func died(_ world: World, _ index: Int) -> World {
    var world = world
    world.places[index] = .dead
    for slot in world.claimed.indices {
      if world.claimed[slot] == index { world.claimed[slot] = nil }
      if world.alive[slot] == index { world.alive[slot] = nil }
    }
    world.crashes += 1
    return world
  }

  private func stepped(_ before: World, _ index: Int) -> World {
    var world = before
    world.places[index] = step(&world, index)
    return world
  }

  private func step(_ world: inout World, _ index: Int) -> Place {
    switch world.places[index] {
    case .claims(let slot): return claim(slot, &world, index)
    case .looksAtEpoch(let slot): return .raises(slot, seen: world.epochs[slot])
    case .raises(let slot, let seen):
      let mark = Mark(slot: slot, epoch: mutant == .epochStands ? seen : seen + 1)
      world.epochs[slot] = mark.epoch
      let isReady = [.oneByte, .aliveBeforeEpoch, .aliveAfterTheFirstLock].contains(mutant)
      return isReady ? .looks(mark) : .revives(mark)
    case .revives(let mark): return revive(mark, &world, index)
    case .looks(let mark):
      guard let word = world.word, word != mark else { return .takes(mark, from: world.word) }
      return .asks(mark, about: word)
    case .asks(let mark, let other):
      let bytes = mutant == .oneByte ? world.claimed : world.alive
      return bytes[other.slot] == nil ? .takes(mark, from: other) : .compares(mark, about: other)
    case .compares(let mark, let other):
      let isDead = world.epochs[other.slot] != other.epoch
      return isDead ? .takes(mark, from: other) : .looks(mark)
    case .takes(let mark, let seen):
      if world.word != seen { return .looks(mark) }
      world.word = mark
      world.holder = index
      return .holds(mark)
    case .holds(let mark):
      if mutant == .aliveAfterTheFirstLock && world.alive[mark.slot] != index {
        world.alive[mark.slot] = index
        return .holds(mark)
      }
      world.word = nil
      world.holder = nil
      return .looks(mark)
    case .dead: return .dead
    }
  }

  private func claim(_ slot: Int, _ world: inout World, _ index: Int) -> Place {
    if mutant == .noClaimByte { return .looksAtEpoch(slot) }
    if world.claimed[slot] != nil { return .claims(slot + 1) }
    world.claimed[slot] = index
    if mutant == .aliveBeforeEpoch { world.alive[slot] = index }
    return .looksAtEpoch(slot)
  }

  private func revive(_ mark: Mark, _ world: inout World, _ index: Int) -> Place {
    if world.alive[mark.slot] != nil { return .claims(mark.slot + 1) }
    world.alive[mark.slot] = index
    return .looks(mark)
  }
}
