extension Outline {
  /// Of each actor the first one that it equals, from 0; itself: it equals none before it.
  ///
  /// Equal are those of one function that is told nothing, with the same options, of whom the file's
  /// expectations and the `after` of others say the same.
  package var equals: [Int] {
    let told = groups
    return scenario.actors.indices.map { actor in
      scenario.actors.indices.first { other in
        scenario.actors[other].first == scenario.actors[actor].first
          && told.allSatisfy { $0.contains(actor) == $0.contains(other) }
      } ?? actor
    }
  }

  /// Actors of whom something is said together.
  private var groups: [Set<Int>] {
    var groups =
      scenario.actors.map { Set($0.predecessors) } + scenario.faults.map { Set($0.actors) }
    for (_, what) in scenario.expectations {
      switch what {
      case .output(let actors, _), .exit(let actors, _): groups.append(Set(actors))
      // A step of an order is one actor's.
      case .order(let steps): groups += steps.flatMap { named(in: $0) }.map { [$0] }
      case .gone: break
      }
    }
    return groups
  }

  /// The actors that a step "actor:mark" may mean.
  func named(in step: String) -> [Int] {
    let name = step.prefix { $0 != ":" }
    return scenario.actors.indices.filter { index in
      let rest = scenario.actors[index].name.dropFirst(name.count)
      return scenario.actors[index].name.hasPrefix(name) && rest.allSatisfy(\.isNumber)
    }
  }
}
