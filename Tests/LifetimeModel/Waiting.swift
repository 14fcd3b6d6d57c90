package import SharedMemory

/// An operation that tries again and again as long as another process does not move.
///
/// The implementation bounds the tries; the model says of whom it may be waiting.
package struct Stall: Hashable, Sendable {
  package let intent: LifetimeIntent
  package let retry: LifetimeRules.Next
  /// Where the other one stands.
  package let blocker: Position
}

extension Stall: CustomStringConvertible {
  package var description: String {
    let what = retry == .again ? "looks again" : "publishes again"
    return "\(intent) \(what) while another stands \(blocker)"
  }
}

extension Position: CustomStringConvertible {
  package var description: String {
    switch self {
    case .idle: "idle"
    case .holding: "with a handle"
    case .at(let step): "before \(step)"
    case .leaving(let next):
      "before the close of its description, then " + (next.end.map { "\($0)" } ?? "\(next)")
    }
  }
}

extension Explorer {
  private enum Turn {
    case rests(State)
    /// It dropped what it met and will look or publish again.
    case retries(State, LifetimeRules.Next)
    case neither
  }

  /// Every stall of one participant with the others stopped, over all explored states.
  ///
  /// Makes sense for two participants: with more, it does not tell whose fault it is.
  package func stalls() -> Set<Stall> {
    var stalls: Set<Stall> = []
    for state in states {
      for index in 0..<participants where !state[index].isAtRest {
        guard let retry = retryForEver(state, index) else { continue }
        for other in 0..<participants where other != index {
          stalls.insert(
            Stall(
              intent: state[index].intent, retry: retry, blocker: state[other].position))
        }
      }
    }
    return stalls
  }

  /// The first explored state from which the operations do not end though everybody takes turns.
  package func unsettled() -> Counterexample? {
    for at in states.indices where !settles(states[at]) {
      return Counterexample(broken: .aloneItEnds, moves: way(to: at), self)
    }
    return nil
  }

  private func settles(_ state: State) -> Bool {
    var state = state
    for _ in 0..<(2 * participants + 2) {
      if (0..<participants).allSatisfy({ state[$0].isAtRest }) { return true }
      for index in 0..<participants where !state[index].isAtRest {
        switch turn(state, index) {
        case .rests(let next), .retries(let next, _): state = next
        case .neither: return false
        }
      }
    }
    return false
  }

  private func retryForEver(_ state: State, _ index: Int) -> LifetimeRules.Next? {
    var state = state
    var seen: Set<State> = []
    while case .retries(let next, let retry) = turn(state, index) {
      if !seen.insert(next).inserted { return retry }
      state = next
    }
    return nil
  }

  /// One participant alone, until it rests or has to try again.
  private func turn(_ state: State, _ index: Int) -> Turn {
    var run = Run(variant, state)
    var retry: LifetimeRules.Next?
    for _ in 0..<Self.patience {
      run = Run(variant, run.state)
      run.apply(.proceed, index)
      if run.state[index].isAtRest { return .rests(run.state) }
      if run.next == .again || run.next == .publishAgain { retry = run.next }
      if let retry, run.state[index].target == 0 { return .retries(run.state, retry) }
    }
    return .neither
  }
}
