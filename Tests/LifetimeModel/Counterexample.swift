internal import SharedMemory

/// A shortest run that breaks a property, told step by step.
///
/// A letter is a process; after its kill, or when it is idle, the letter is free for another.
package struct Counterexample: Sendable, CustomStringConvertible {
  package let broken: Property
  package let lines: [String]

  package var description: String {
    let numbered = lines.enumerated().map { number, line in
      (number < 9 ? "  " : " ") + "\(number + 1)  \(line)"
    }
    return (["broken: \(broken)"] + numbered).joined(separator: "\n")
  }

  /// Replays `moves`, whose places are those of canonical states, and keeps each participant's
  /// letter through all reorderings.
  init(broken: Property, moves: [(place: Int, move: Move)], _ explorer: Explorer) {
    self.broken = broken
    var letters = SIMD4<Int>(0, 1, 2, 3)
    var state = State(participants: explorer.participants)
    lines = moves.map { place, move in
      var run = Run(explorer.variant, state)
      run.apply(move, place)
      let line = Self.line(letters[place], move, run)
      let order = run.state.order()
      letters = SIMD4(letters[order[0]], letters[order[1]], letters[order[2]], letters[order[3]])
      state = run.state.arranged(order)
      return line
    }
  }

  private static func line(
    _ letter: Int, _ move: Move, _ run: Run
  ) -> String {
    let who = ["A", "B", "C", "D"][letter]
    guard let edge = run.edge else {
      return "\(who)  " + (move == .crash ? "is killed" : "closes its description")
    }
    var text = "\(who)  \(edge.step)"
    if edge.step.mayBeRefused { text += edge.yes ? " yes" : " no" }
    if case .begin(let intent, let role) = move {
      let kind = role == .user || intent == .close ? "" : " as \(role)"
      text += "  (begins to \(intent)\(kind))"
    }
    if let end = run.next?.end { text += "  -> \(end)" }
    return text
  }
}

extension Explorer {
  /// The moves of a shortest run into a state that was visited.
  func way(to state: Int) -> [(place: Int, move: Move)] {
    var moves: [(place: Int, move: Move)] = []
    var at = state
    while at != 0 {
      let parent = parent(of: at)
      moves.append(move(from: parent, to: at))
      at = parent
    }
    return moves.reversed()
  }

  private func move(from: Int, to: Int) -> (place: Int, move: Move) {
    for index in 0..<participants {
      for move in moves(states[from][index]) {
        var run = Run(variant, states[from])
        run.apply(move, index)
        if run.state.canonical == states[to] { return (index, move) }
      }
    }
    preconditionFailure("a state that its parent does not lead to")
  }
}
