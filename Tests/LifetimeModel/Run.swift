package import SharedMemory

/// What a participant can do next.
package enum Move: Hashable, Sendable {
  /// Its operation's next step, or the close of a description.
  case proceed
  /// A new operation, with its first step.
  case begin(LifetimeIntent, Role)
  case crash

  /// All that processes of these roles may begin when they have no handle.
  package static func operations(of roles: [Role]) -> [Move] {
    roles.flatMap { role in
      LifetimeIntent.allCases.filter { $0 != .close }.map { .begin($0, role) }
    }
  }
}

/// The protocol as it is explored: the shipped table and calls, or a mutant of either.
package struct Variant: Sendable {
  /// Overrides an edge of the table.
  typealias Answered =
    @Sendable (LifetimeStep, Bool, LifetimeIntent, _ writer: Bool) -> LifetimeRules.Next?
  /// Does a step differently and answers it.
  typealias Call = @Sendable (LifetimeStep, inout State, _ participant: Int) -> Bool?

  typealias First = @Sendable (LifetimeIntent) -> LifetimeStep?

  var edge: Answered = { _, _, _, _ in nil }
  var call: Call = { _, _, _ in nil }
  var first: First = { _ in nil }

  package static let shipped = Variant()
}

/// One move, carried out on a state: what it did and what it broke.
struct Run {
  let variant: Variant
  var state: State
  var broken: Property = []
  /// The step that was done and its answer; nil for a kill or the close of a description.
  private(set) var edge: Edge?
  /// What the table said then.
  private(set) var next: LifetimeRules.Next?

  init(_ variant: Variant, _ state: State) {
    self.variant = variant
    self.state = state
  }

  mutating func apply(_ move: Move, _ index: Int) {
    switch move {
    case .crash: crash(index)
    case .begin(let intent, let role): begin(index, intent, role)
    case .proceed: proceed(index)
    }
    state.observe()
    broken.formUnion(state.broken)
  }

  private mutating func crash(_ index: Int) {
    state.isExcused = state.isExcused || state.isNamed
    state.kill(index)
  }

  private mutating func begin(_ index: Int, _ intent: LifetimeIntent, _ role: Role) {
    if intent != .close { state[index].role = role }
    state[index].intent = intent
    state[index].position = .at(variant.first(intent) ?? LifetimeRules.first(intent))
    state.observe()
    proceed(index)
  }

  private mutating func proceed(_ index: Int) {
    switch state[index].position {
    case .idle, .holding: break
    case .at(let step): take(step, index)
    case .leaving(let next): leave(index, next)
    }
  }

  private mutating func take(_ step: LifetimeStep, _ index: Int) {
    let wasNamed = state.isNamed
    let yes = variant.call(step, &state, index) ?? perform(step, index)
    if !wasNamed && state.isNamed && !state[index].own.isSuperset(of: .complete) {
      broken.insert(.completeWhenVisible)
    }
    attest(step, yes, index)
    let intent = state[index].intent
    let writer = state[index].isWriter || state[index].target == 0
    edge = Edge(step, yes, intent, writer: writer)
    let next =
      variant.edge(step, yes, intent, writer)
      ?? LifetimeRules.next(after: step, yes: yes, intent, writer: writer)
    self.next = next
    follow(isHopeless(next, step, index) ? .end(.closed) : next, index)
  }

  /// The implementation does not try again to publish over a dead name that it could not remove,
  /// another user's in a sticky directory, but gives up with an error of its own.
  private func isHopeless(
    _ next: LifetimeRules.Next, _ step: LifetimeStep, _ index: Int
  ) -> Bool {
    next == .publishAgain && step == .o8 && state.names(index)
  }

  private mutating func follow(_ next: LifetimeRules.Next, _ index: Int) {
    if case .step(let step) = next {
      state[index].position = .at(step)
      return
    }
    if case .end(let end) = next { answer(end, index) }
    if next == .end(.created) || next == .end(.opened) {
      state[index].position = .holding
      rest(index)
    } else if state[index].target != 0 {
      state[index].position = .leaving(next)
    } else {
      leave(index, next)
    }
  }

  /// Closes the target, which only now lets go of its locks.
  private mutating func leave(_ index: Int, _ next: LifetimeRules.Next) {
    excuse(index)
    state.drop(index)
    switch next {
    case .again: state[index].position = .at(.o1)
    case .publishAgain: state[index].position = .at(.c5)
    case .step, .end: state.kill(index)
    }
  }

  /// Equal situations shall be equal states: a finished operation is forgotten.
  private mutating func rest(_ index: Int) {
    state[index].intent = .create
    state[index].own = []
    state[index].sawAbsent = false
    state[index].sawAlive = false
    state[index].role = state[index].role == .guest ? .guest : .user
  }

  /// Because of the pin of one who may not remove the name, or of a reader, who cannot ask as x2
  /// does when he goes, the last holder may have left it; the next operation removes it.
  private mutating func excuse(_ index: Int) {
    let participant = state[index]
    guard participant.target == 1 else { return }
    let isOwner = state.isGuestOwned == (participant.role == .guest)
    if !isOwner || !participant.isWriter { state.isExcused = true }
  }
}

// MARK: - The steps

extension Run {
  /// The steps as `Lifetime` does them.
  private mutating func perform(_ step: LifetimeStep, _ index: Int) -> Bool {
    switch step {
    case .c1: state[index].own = .made
    case .c2: state[index].own.insert(.committed)
    case .c3: state[index].own.insert(.filled)
    case .c4: state[index].own.insert(.locked)
    case .c5: return state.link(index)
    case .o1: return state.open(index)
    case .o2: return state.lock(index, .read, .pin)
    case .o3: return state.conflicts(index, .write, .life)
    case .o4: return state.lock(index, .read, .life)
    case .o5: return state.lock(index, .none, .pin)
    case .o6, .x2: return state.lock(index, .write, .both)
    case .o7, .x3: return state.names(index)
    case .o8, .x4: state.unlink(index)
    case .o9: return state.conflicts(index, .write, .both)
    case .x1: return state.lock(index, .none, .life)
    }
    return true
  }

  /// Keeps the ghosts, and compares what the step says with them.
  private mutating func attest(_ step: LifetimeStep, _ yes: Bool, _ index: Int) {
    if !yes && !step.mayBeRefused { broken.insert(.neverRefused) }
    switch step {
    case .c5 where yes: state[index].isHolder = true
    case .o3 where yes: find(index)
    case .o4: find(index)
    case .x1: state[index].isHolder = false
    default: break
    }
  }

  /// An open takes effect, or `createExclusively` knows better.
  private mutating func find(_ index: Int) {
    if state[index].isHolder { return }
    state[index].sawAlive = state.hasLivingName && state.names(index)
    if state[index].intent == .createExclusively { return }
    if state.isDead(state[index].target) { broken.insert(.deadStaysDead) }
    state.setLiving(state[index].target)
    state[index].isHolder = true
    state[index].sawAbsent = false
  }

  private mutating func answer(_ end: LifetimeEnd, _ index: Int) {
    state.observe()
    let participant = state[index]
    switch end {
    case .notFound where !participant.sawAbsent: broken.insert(.answersAreTrue)
    case .exists where !participant.sawAlive: broken.insert(.answersAreTrue)
    case .opened where !participant.sawAlive: broken.insert(.answersAreTrue)
    default: break
    }
    state[index].sawAbsent = false
    state[index].sawAlive = false
  }
}

extension LifetimeStep {
  /// Steps that the table takes to succeed have one answer.
  package var mayBeRefused: Bool {
    switch self {
    case .c5, .o1, .o2, .o3, .o6, .o7, .o9, .x2, .x3: true
    case .c1, .c2, .c3, .c4, .o4, .o5, .o8, .x1, .x4: false
    }
  }
}
