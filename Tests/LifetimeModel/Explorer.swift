package import SharedMemory

/// One answered step of one kind of operation: a place in the table.
package struct Edge: Hashable, Sendable {
  package let step: LifetimeStep
  package let yes: Bool
  package let intent: LifetimeIntent
  package let writer: Bool

  package init(_ step: LifetimeStep, _ yes: Bool, _ intent: LifetimeIntent, writer: Bool) {
    self.step = step
    self.yes = yes
    self.intent = intent
    self.writer = writer
  }
}

extension Edge {
  fileprivate static let numbers = 18 * 5 * 4

  fileprivate var number: Int {
    Int(step.number * 5 + intent.number) * 4 + (yes ? 2 : 0) + (writer ? 1 : 0)
  }

  fileprivate static var all: [Edge] {
    LifetimeStep.allCases.flatMap { step in
      LifetimeIntent.allCases.flatMap { intent in
        [(true, true), (true, false), (false, true), (false, false)].map { yes, writer in
          Edge(step, yes, intent, writer: writer)
        }
      }
    }
  }
}

/// Visits every state that some interleaving of some operations and kills leads to.
///
/// Breadth first, so that the first way found into a violation is a shortest one.
package struct Explorer {
  package let variant: Variant
  package let properties: Property
  /// What a participant may begin when it is idle.
  package let operations: [Move]
  /// A step that nobody else can see is done before anybody else does one. Such steps commute
  /// with all steps of others, so no violation is lost (partial order reduction).
  package let isReduced: Bool
  private(set) package var transitions = 0
  /// The first violation: what broke, and the way there.
  private(set) package var counterexample: Counterexample?

  private var isTaken = [Bool](repeating: false, count: Edge.numbers)
  private(set) var states: [State]
  private var parents: [UInt32] = [0]
  private var known: Set<State>

  package var stateCount: Int { states.count }
  package var participants: Int { states[0].count }
  /// The places of the table that some run passed through.
  package var edges: Set<Edge> { Set(Edge.all.filter { isTaken[$0.number] }) }

  func parent(of state: Int) -> Int { Int(parents[state]) }

  /// - Parameter properties: those that are looked at; others may break unseen.
  package init(
    _ variant: Variant = .shipped, participants: Int,
    operations: [Move] = Move.operations(of: Role.allCases), properties: Property = .all,
    isReduced: Bool = true
  ) {
    self.variant = variant
    self.operations = operations
    self.properties = properties
    self.isReduced = isReduced
    let begin = State(participants: participants)
    states = [begin]
    known = [begin]
  }

  /// Explores until nothing new is found, or something is broken.
  package mutating func explore() {
    var at = 0
    while at < states.count && counterexample == nil {
      expand(at)
      at += 1
    }
  }

  private mutating func expand(_ at: Int) {
    let state = states[at]
    let unseen = isReduced ? (0..<state.count).first { state[$0].isUnseen } : nil
    for index in 0..<state.count where unseen ?? index == index && !state.repeats(index) {
      for move in moves(state[index]) {
        var run = Run(variant, state)
        run.apply(move, index)
        if let edge = run.edge { isTaken[edge.number] = true }
        add(run.state.canonical, from: at)
        let broken = run.broken.union(alone(run.state)).intersection(properties)
        if !broken.isEmpty {
          counterexample = Counterexample(
            broken: broken, moves: way(to: at) + [(index, move)], self)
          return
        }
      }
    }
  }

  /// What a participant may do next; a handle's end may be a close or a kill.
  func moves(_ participant: Participant) -> [Move] {
    switch participant.position {
    case .idle: operations
    case .holding: [.begin(.close, participant.role), .crash]
    case .at, .leaving: [.proceed, .crash]
    }
  }

  private mutating func add(_ state: State, from parent: Int) {
    transitions += 1
    if known.insert(state).inserted {
      states.append(state)
      parents.append(UInt32(parent))
    }
  }
}

extension Participant {
  /// Its next step touches only its own unnamed file, or closes a description without locks.
  var isUnseen: Bool {
    switch position {
    case .at(.c2), .at(.c3), .at(.c4): target == 0
    case .leaving: pin == .none && life == .none && !isHolder
    default: false
    }
  }
}
