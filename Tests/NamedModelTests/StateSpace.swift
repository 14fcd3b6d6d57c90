/// All states that steps lead to, breadth first: the first violation is a shortest one.
struct StateSpace<World: Hashable> {
  private(set) var states = 0
  /// The way to a violation; nil: there is none.
  private(set) var violation: [String]?

  /// - Parameters:
  ///   - next: everything that can happen; nil as its world: a property is broken by the step.
  ///   - broken: what must not be in a state, if it is.
  ///   - most: no further than so many states.
  init(
    from begin: World, most: Int = .max, next: (World) -> [(what: String, world: World?)],
    broken: (World) -> String?
  ) {
    var worlds = [begin]
    var from: [(parent: Int, what: String)] = [(0, "")]
    var known: Set<World> = [begin]
    func way(_ at: Int) -> [String] { at == 0 ? [] : way(from[at].parent) + [from[at].what] }
    while states < min(worlds.count, most) {
      let world = worlds[states]
      if let broken = broken(world) {
        violation = way(states) + [broken]
        return
      }
      for (what, after) in next(world) {
        guard let after else {
          violation = way(states) + [what]
          return
        }
        if !known.insert(after).inserted { continue }
        worlds.append(after)
        from.append((states, what))
      }
      states += 1
    }
  }
}
