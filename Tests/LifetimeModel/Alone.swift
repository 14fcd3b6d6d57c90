internal import SharedMemory

// What a process can do when nobody else does anything.
extension Explorer {
  /// More steps than any operation has that meets nobody.
  static let patience = 40

  /// The properties of the last one running. As every kill of the others is explored too, it is
  /// enough to look at states where they are idle.
  func alone(_ state: State) -> Property {
    if state.isQuiet { return state.isNamed ? cleansUp(state) : [] }
    guard let busy = state.onlyBusy, state[busy].position != .holding else { return [] }
    return end(state, busy) == nil ? .aloneItEnds : []
  }

  /// A dead name is left: each operation of somebody who may remove it does remove it.
  private func cleansUp(_ state: State) -> Property {
    for case .begin(let intent, let role) in operations
    where (role == .guest) == state.isGuestOwned {
      var run = Run(variant, state)
      run.apply(.begin(intent, role), 0)
      guard let end = end(run.state, 0) else { return .oneLookCleansUp }
      if end.isNamed && !end.hasLivingName { return .oneLookCleansUp }
    }
    return []
  }

  /// The state when `index` has ended what it does, with the others standing still.
  private func end(_ state: State, _ index: Int) -> State? {
    var state = state
    for _ in 0..<Self.patience {
      if state[index].isAtRest { return state }
      var run = Run(variant, state)
      run.apply(.proceed, index)
      state = run.state
    }
    return state[index].isAtRest ? state : nil
  }
}

extension State {
  /// The one participant that is not idle.
  fileprivate var onlyBusy: Int? {
    var found: Int?
    for index in 0..<count where !self[index].isIdle {
      if found != nil { return nil }
      found = index
    }
    return found
  }
}

extension Participant {
  var isAtRest: Bool { position == .idle || position == .holding }
}
