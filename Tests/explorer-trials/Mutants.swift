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
    case .copiesBetweenViewsUnseen: ("", .cache)
    case .meTellsNothing: ("between/asks-who-it-is", .cache)
    case .parametersTellNothing: ("between/tries", .cache)
    case .marksAtOnce: ("between/marked-behind", .plain)
    case .looksAtOnce: ("between/shows-an-event", .plain)
    case .callsWithoutConflicts: ("between/history-stale", .sleep)
    case .learnsNoTexts: ("between/told-what-it-is", .cache)
    case .racesForgotten: ("bugs/lost-update", .dpor)
    case .secondsForgotten: ("between/first-of-three", .dpor)
    case .killsWhereRacesAsk: ("between/always-sees-kill", .dpor)
    case .blockedForgotten: ("between/keeps-the-permit", .dpor)
    case .unlocksEndRaces: ("bugs/lock-order", .dpor)
    case .wakesWithoutClocks, .failedSwapsWrite: ("", .dpor)
    }
  }

  /// Nil: it is caught.
  ///
  /// - Parameter other: a program to look at in place of the one on which it is known to show.
  static func complaint(_ fault: Fault, on other: String? = nil) throws -> String? {
    switch fault {
    case .wakesLast: return try theFirstSleeperIsWokenFirst() ? nil : "wakesLast is not seen"
    case .foldsUnseen, .copiesBetweenViewsUnseen:
      return try copiesAreNoProof(fault) ? nil : "\(fault) is not seen"
    case .failedSwapsWrite: return try isMore(fault, swaps)
    case .wakesWithoutClocks: return try isMore(fault, phases)
    default: break
    }
    var (program, strategy) = trial(fault)
    program = other ?? program
    let right = Corpus.outcomes(try Corpus.model(program), strategy)
    let wrong = Corpus.outcomes(
      try Corpus.model(program), strategy, fault: fault, most: 20_000,
      isSymmetric: fault == .meTellsNothing)
    return wrong.all != right.all ? nil : "\(fault) changes nothing that is seen"
  }

  /// The reduction has no key, and finds what the search with few switches then leaves out by mistake.
  static func aContradictionIsSeen() throws -> String? {
    for fault in [nil, Fault.learnsNoTexts] {
      let model = try Corpus.model("between/told-what-it-is")
      model.fault = fault
      var options = Exploration.Options()
      options.strategy = "dpor"
      let exploration = Exploration(model, file: "told-what-it-is.lua", options)
      try exploration.run()
      let isRight =
        exploration.verdict == .failed && exploration.contradictsItself == (fault != nil)
        && (exploration.smallest == nil) == (fault != nil)
      if !isRight { return "\(fault as Any): \(exploration.verdict)" }
    }
    return nil
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

  /// A copy of many words between which somebody could come is no proof; nor is one between two views
  /// that others use both.
  private static func copiesAreNoProof(_ fault: Fault) throws -> Bool {
    let text =
      fault == .foldsUnseen
      ? """
      local memory = assert(shm.create("copies", 80))
      scenario "copies"
      actor("writer", function() memory:write(("x"):rep(80)) end)
      actor("reader", function() memory:read(8, 0) end)
      """ : betweenViews("to:read(16, 0) from:write(('x'):rep(16))")
    return try verdict(text) == .partial && verdict(text, fault) == .proved
  }

  private static func betweenViews(_ other: String) -> String {
    """
    local from, to = assert(shm.create("from", 16)), assert(shm.create("to", 16))
    scenario "copies"
    actor("copier", function() to:copy(0, from, 0, 16) end)
    actor("other", function() \(other) end)
    """
  }

  /// Where somebody else uses one of the views only, the words go in all ways that can be told apart.
  static func copiesOfOneSideAreProved() throws -> String? {
    for other in ["to:read(16, 0)", "from:write(('x'):rep(16))", "from:read(16, 0)"] {
      if try verdict(betweenViews(other)) != .proved { return "\(other): not proved" }
    }
    return nil
  }

  private static func verdict(_ text: String, _ fault: Fault? = nil) throws -> Exploration.Verdict {
    let model = try Corpus.model(text: text)
    model.fault = fault
    let exploration = Exploration(model, file: "copies.lua", .init())
    try exploration.run()
    return exploration.verdict
  }

  // MARK: - Mistakes that cost only time

  private static let swaps = """
    local word = assert(shm.create("swaps", 4)):atomic(0)
    scenario "both find something else"
    actor("one", function() word:cas(7, 8) end)
    actor("other", function() word:cas(8, 7) end)
    """

  private static let phases = """
    local memory = assert(shm.create("phases", 8))
    local word, own = memory:atomic(0), memory:atomic(4)
    scenario "one phase behind the other"
    actor("first", function() word:store(1) end)
    actor("beside", function() own:store(1) end)
    actor("second", { after = "first" }, function() word:store(2) end)
    """

  /// The reduction takes one order for both where nothing conflicts: more steps are made by mistake.
  private static func isMore(_ fault: Fault, _ text: String) throws -> String? {
    let right = Corpus.outcomes(try Corpus.model(text: text), .dpor).result
    let wrong = Corpus.outcomes(try Corpus.model(text: text), .dpor, fault: fault).result
    if wrong.steps > right.steps { return nil }
    return "\(fault): \(right.schedules) schedules, \(right.steps) and \(wrong.steps) steps"
  }
}
