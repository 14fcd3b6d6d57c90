import Testing

@testable import Explorer

/// Whatever the explorer does wrong is seen: some program of the corpus has other outcomes, or the
/// search other results, than it should have.
@Suite(.serialized) struct MutantTests {
  /// Those on which mistakes show, the cheap ones first.
  private static let programs =
    Corpus.between + Corpus.bugs + ["proved/counter", "proved/event-count", "proved/tagged-stack",
      "proved/abandoned-repaired", "proved/barrier-generation"]

  private static let most = 20_000

  /// The searches that the mistake is made in.
  private static func strategies(_ fault: Fault) -> [Search.Strategy] {
    switch fault {
    case .sleepsAcrossConflicts, .visibleWithoutConflicts, .orderWithoutConflicts,
      .wordsWithoutConflicts, .sleepersWithoutConflicts, .livesWithoutConflicts:
      [.sleep]
    default: [.cache]
    }
  }

  /// Seen in another way than by outcomes.
  private static let others: [Fault] = [.wakesLast, .foldsUnseen]

  @Test(arguments: Fault.allCases.filter { !others.contains($0) }) func itIsCaught(_ fault: Fault) throws {
    for name in Self.programs {
      for strategy in Self.strategies(fault) {
        let right = Corpus.outcomes(try Corpus.model(name), strategy, most: Self.most)
        let wrong = Corpus.outcomes(
          try Corpus.model(name), strategy, fault: fault, most: Self.most)
        if right.result.isComplete && wrong.outcomes != right.outcomes {
          print("\(fault): \(name), \(strategy)")
          return
        }
      }
    }
    Issue.record("\(fault) changes nothing that is seen")
  }

  /// Both orders of falling asleep are schedules, so that the outcomes are the same: but not who is
  /// woken in one of them.
  @Test func theFirstSleeperIsWokenFirst() throws {
    func stuck(_ fault: Fault?) throws -> [String] {
      let model = try Corpus.model("between/in-turn")
      model.fault = fault
      let exploration = Exploration(model, file: "in-turn.lua", .init())
      try exploration.run()
      let story = exploration.story()
      return story?.stuck.map { story!.names[$0.actor] } ?? []
    }
    #expect(try stuck(nil) == ["second"])
    #expect(try stuck(.wakesLast) == ["first"])
  }

  /// A copy of many bytes between which somebody could come is no proof.
  @Test func copiesAreNoProof() throws {
    func verdict(_ fault: Fault?) throws -> Exploration.Verdict {
      let model = try Corpus.model(
        text: """
          local memory = assert(shm.create("copies", 32))
          scenario "copies"
          actor("writer", function() memory:write(("x"):rep(16)) end)
          actor("reader", function() memory:read(16, 0) end)
          """)
      model.fault = fault
      let exploration = Exploration(model, file: "copies.lua", .init())
      try exploration.run()
      return exploration.verdict
    }
    #expect(try verdict(nil) == .partial)
    #expect(try verdict(.foldsUnseen) == .proved)
  }
}
