extension Search {
  /// Walks by chance: who goes next is drawn in proportion to how much each has left, as all orders
  /// of independent steps are as probable then (uniform random walk).
  func walk(seed: Int64, while isGoingOn: () -> Bool) -> Result {
    result = Result()
    result.isComplete = false
    var random = Random(seed)
    var lengths = [Int](repeating: 1, count: model.actorCount)
    while isGoingOn() && !model.isRefused && result.failing == nil {
      reset()
      path = []
      while path.count < budget.mostSteps && !model.isFull {
        let moves = model.moves()
        if moves.isEmpty { break }
        let weights = moves.map { move -> Int in
          if move.kind == .choose { return 1 }
          let left = lengths[move.actor] - model.world.processes[move.actor].steps
          return move.isStep(of: move.actor) ? max(1, left) : 1
        }
        let move = moves[random.index(weights)]
        model.make(move)
        path.append(move)
      }
      for actor in 0..<model.actorCount {
        lengths[actor] = max(lengths[actor], model.world.processes[actor].steps)
      }
      if model.moves().isEmpty { conclude() } else { result.schedules += 1 }
      result.longest = max(result.longest, path.count)
    }
    return result
  }
}

/// Marsaglia, Xorshift RNGs, 2003.
struct Random {
  private var state: UInt64

  init(_ seed: Int64) {
    var digest = Digest()
    digest.add(UInt64(bitPattern: seed))
    state = digest.first | 1
  }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// An index, as probable as its weight.
  mutating func index(_ weights: [Int]) -> Int {
    var left = Int(next() % UInt64(weights.reduce(0, +)))
    for (index, weight) in weights.enumerated() {
      if left < weight { return index }
      left -= weight
    }
    return weights.count - 1
  }
}
