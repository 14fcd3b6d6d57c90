import LifetimeModel
import SharedMemory
import Testing

@Suite("The lifetime protocol")
struct ProtocolTests {
  @Test("the protocol holds for three processes with a kill after every step")
  func holdsForThree() throws {
    var explorer = Explorer(
      participants: 3,
      operations: Move.operations(of: [.user]) + [.begin(.open, .reader)])
    explorer.explore()
    try #require(explorer.counterexample == nil)
    #expect(explorer.stateCount > 100_000)
    expectEveryStep(in: explorer)
  }

  @Test("the protocol holds for two processes of two users, of which some may only read")
  func holdsForAllRoles() throws {
    let explorer = Self.allRoles
    try #require(explorer.counterexample == nil)
    #expect(explorer.stateCount > 30_000)
  }

  @Test("the model reaches every edge of the table")
  func reachesEveryEdge() throws {
    try #require(Self.allRoles.counterexample == nil)
    let missing = Trace.reachableEdges.subtracting(Self.allRoles.edges)
    let unknown = Self.allRoles.edges.subtracting(Trace.reachableEdges)
    #expect(missing == [])
    #expect(unknown == [])
  }

  @Test("leaving out orders that nobody can tell apart loses no step and no answer")
  func reductionLosesNothing() throws {
    var whole = Explorer(
      participants: 2, operations: Move.operations(of: [.user, .reader]), isReduced: false)
    var reduced = Explorer(
      participants: 2, operations: Move.operations(of: [.user, .reader]))
    whole.explore()
    reduced.explore()
    try #require(whole.counterexample == nil)
    #expect(reduced.stateCount < whole.stateCount)
    #expect(reduced.edges == whole.edges)
  }

  @Test("a stopped process makes nobody wait to close or to reap, and only while it decides")
  func stoppedProcessesHinderLittle() throws {
    try #require(Self.allRoles.counterexample == nil)
    for stall in Self.allRoles.stalls() {
      #expect(stall.intent != .close && stall.intent != .reap, "\(stall)")
      #expect(stall.intent != .open || stall.retry == .again, "\(stall)")
      #expect(stall.blocker.isDeciding, "\(stall)")
    }
  }

  @Test("processes that take turns all come to an end")
  func turnsSettle() throws {
    var explorer = Explorer(
      participants: 2, operations: Move.operations(of: [.user, .reader]))
    explorer.explore()
    try #require(explorer.counterexample == nil)
    #expect(explorer.unsettled() == nil)
  }

  /// Explored once for the tests that ask something of it.
  private static let allRoles: Explorer = {
    var explorer = Explorer(participants: 2)
    explorer.explore()
    return explorer
  }()

  private func expectEveryStep(in explorer: Explorer) {
    for step in LifetimeStep.allCases {
      let answers = Set(explorer.edges.filter { $0.step == step }.map(\.yes))
      #expect(answers == (step.mayBeRefused ? [true, false] : [true]), "\(step)")
    }
  }
}

extension Position {
  /// It has the object open and a lock on it with which it decides or removes.
  fileprivate var isDeciding: Bool {
    switch self {
    case .idle, .holding: false
    case .leaving: true
    case .at(let step): [.o3, .o4, .o5, .o6, .o7, .o8, .o9, .x3, .x4].contains(step)
    }
  }
}
