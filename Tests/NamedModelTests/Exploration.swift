import SharedMemory

/// All states that the steps lead to, breadth first: the first violation is a shortest one.
struct Exploration {
  private(set) var states = 0
  /// The way to a violation; nil: there is none.
  private(set) var violation: [String]?
  private let model: Model

  init(_ model: Model) {
    self.model = model
    explore()
  }

  private mutating func explore() {
    var worlds = [model.begin]
    var from: [(parent: Int, what: String)] = [(0, "")]
    var known: Set<World> = [model.begin]
    var at = 0
    func way(_ at: Int) -> [String] {
      at == 0 ? [] : way(from[at].parent) + [from[at].what]
    }
    while at < worlds.count {
      if let broken = broken(worlds[at]) {
        violation = way(at) + [broken]
        break
      }
      for (what, world) in model.next(worlds[at]) {
        guard let world else {
          violation = way(at) + [what]
          return
        }
        if !known.insert(world).inserted { continue }
        worlds.append(world)
        from.append((at, what))
      }
      at += 1
    }
    states = worlds.count
  }

  // MARK: What must hold in each state

  private func broken(_ world: World) -> String? {
    if model.rules.kind is SemaphoreKind {
      let count = world.word.rawValue & NamedState.count
      if Int(count) != world.permits { return "the count is wrong" }
    }
    if sleepsForEver(world) { return "the object is free, and one sleeps" }
    return isStuck(world) ? "the object is free, and one who comes does not get it" : nil
  }

  /// Without a death no sleep may have to run out.
  private func sleepsForEver(_ world: World) -> Bool {
    if world.crashes > 0 { return false }
    var sleeps = false
    for process in world.processes {
      switch process.place {
      case .asleep: sleeps = true
      case .idle, .dead: break
      default: return false
      }
    }
    return sleeps && isFree(world)
  }

  private func isFree(_ world: World) -> Bool {
    switch model.rules.kind {
    case is MutexKind: !world.word.has(NamedState.held)
    case is SemaphoreKind: world.word.rawValue & NamedState.count > 0
    default: world.word.has(NamedState.set)
    }
  }

  /// A death leaves nothing behind that holds the next one up: alone, it gets the mutex in a few
  /// steps, one of which may be a slice that runs out.
  private func isStuck(_ world: World) -> Bool {
    guard model.rules.hasOwner, world.crashes > 0,
      let index = world.processes.firstIndex(where: { $0.place == .idle }),
      !world.processes.contains(where: \.holds)
    else { return false }
    var world = world
    for _ in 0..<20 {
      if world.processes[index].place == .held { return false }
      let wanted = ["waits", "looks", "takes", "announces", "calls", "runs out", "looks again"]
      let steps = model.next(world)
      guard
        let step = steps.first(where: { step in
          wanted.contains { step.what == "\(index) \($0)" }
        })
      else { return true }
      guard let after = step.world else { return true }
      world = after
    }
    return true
  }
}

extension Process {
  fileprivate var holds: Bool {
    if case .giving = place { return true }
    return place == .held
  }
}
