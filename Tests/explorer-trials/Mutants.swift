@testable import Explorer

/// Whatever the explorer does wrong is seen: some program of the corpus has other outcomes, or the
/// search other results, than it should have.
enum Mutants {
  /// A program on which the mistake shows, and the search that makes it.
  private static func trial(_ fault: Fault) -> (program: String, Search.Strategy) {
    switch fault {
    case .noKills: ("between/always-sees-kill", .cache)
    case .noEarlyTimeouts: ("between/early", .cache)
    case .noChoices: ("between/choices", .cache)
    case .onlyFirstActor: ("between/both-inside", .cache)
    case .sleepsAcrossConflicts, .visibleWithoutConflicts: ("between/both-inside", .sleep)
    case .orderWithoutConflicts: ("between/marks-in-order", .sleep)
    case .wordsWithoutConflicts: ("between/tries", .sleep)
    case .sleepersWithoutConflicts: ("between/in-turn", .sleep)
    case .livesWithoutConflicts: ("between/sees-the-end", .sleep)
    case .keyWithoutMemory: ("bugs/leader-race", .cache)
    case .keyWithoutLocals: ("between/choices", .cache)
    case .keyWithoutPhases: ("bugs/barrier-reuse", .cache)
    case .keyWithoutVariables: ("between/remembers-first", .cache)
    case .keyWithoutOrder: ("between/marks-in-order", .cache)
    case .keyWithoutSleepers: ("bugs/signal-for-broadcast", .cache)
    case .keyWithoutNamed: ("between/set-or-reset", .cache)
    case .wakesAll, .wakesLast: ("between/in-turn", .cache)
    case .killKeepsNames: ("between/names-after", .cache)
    case .endKeepsLife: ("between/sees-the-end", .cache)
    case .neverAbandons: ("proved/abandoned-repaired", .cache)
    case .undoesNothing: ("between/always-sees-kill", .cache)
    case .parksTooEarly: ("bugs/bakery-without-choosing", .cache)
    case .foldsUnseen: ("bugs/lost-update", .cache)
    case .copiesAtOnce: ("bugs/torn-read", .cache)
    case .copiesOnlyUp: ("between/half-written", .cache)
    case .keyWithoutCopies: ("bugs/torn-read", .cache)
    case .keyWithoutMessages: ("between/whose-is-first", .cache)
    case .killKeepsJobs: ("bugs/answered-twice", .cache)
    case .endsBesideJobs: ("workers", .cache)
    case .losesByLaps: ("overtaken", .cache)
    }
  }

  /// Nil: it is caught.
  static func complaint(_ fault: Fault) throws -> String? {
    switch fault {
    case .wakesLast: return try theFirstSleeperIsWokenFirst() ? nil : "wakesLast is not seen"
    case .foldsUnseen: return try copiesAreNoProof() ? nil : "foldsUnseen is not seen"
    default: break
    }
    let (program, strategy) = trial(fault)
    let right = Corpus.outcomes(try Corpus.model(program), strategy)
    let wrong = Corpus.outcomes(try Corpus.model(program), strategy, fault: fault, most: 20_000)
    return wrong.outcomes != right.outcomes ? nil : "\(fault) changes nothing that is seen"
  }

  /// Both orders of falling asleep are schedules, so that the outcomes are the same: but not who is
  /// woken in one of them.
  private static func theFirstSleeperIsWokenFirst() throws -> Bool {
    func stuck(_ fault: Fault?) throws -> [String] {
      let model = try Corpus.model("between/in-turn")
      model.fault = fault
      let exploration = Exploration(model, file: "in-turn.lua", .init())
      try exploration.run()
      let story = exploration.story()
      return story?.stuck.map { story!.names[$0.actor] } ?? []
    }
    return try stuck(nil) == ["second"] && stuck(.wakesLast) == ["first"]
  }

  /// A copy of many words between which somebody could come is no proof.
  private static func copiesAreNoProof() throws -> Bool {
    func verdict(_ fault: Fault?) throws -> Exploration.Verdict {
      let model = try Corpus.model(
        text: """
          local memory = assert(shm.create("copies", 80))
          scenario "copies"
          actor("writer", function() memory:write(("x"):rep(80)) end)
          actor("reader", function() memory:read(8, 0) end)
          """)
      model.fault = fault
      let exploration = Exploration(model, file: "copies.lua", .init())
      try exploration.run()
      return exploration.verdict
    }
    return try verdict(nil) == .partial && verdict(.foldsUnseen) == .proved
  }
}
