/// What a model or its search does wrong, for tests: each must be seen.
enum Fault: CaseIterable {
  case noKills, noEarlyTimeouts, noChoices, onlyFirstActor
  case sleepsAcrossConflicts, visibleWithoutConflicts, orderWithoutConflicts
  case wordsWithoutConflicts, sleepersWithoutConflicts, livesWithoutConflicts
  case keyWithoutMemory, keyWithoutLocals, keyWithoutPhases
  case keyWithoutVariables, keyWithoutOrder, keyWithoutSleepers, keyWithoutNamed
  case wakesLast, wakesAll, killKeepsNames, endKeepsLife
  case neverAbandons, undoesNothing, parksTooEarly, foldsUnseen
  case copiesAtOnce, copiesOnlyUp, keyWithoutCopies, copiesBetweenViewsUnseen
  case keyWithoutMessages, killKeepsJobs, endsBesideJobs, losesByLaps
  case marksAtOnce, looksAtOnce, callsWithoutConflicts, learnsNoTexts
  case meTellsNothing, parametersTellNothing
  case racesForgotten, killsWhereRacesAsk, blockedForgotten, unlocksEndRaces
  case wakesWithoutClocks, failedSwapsWrite, secondsForgotten

  /// Which moves are left out.
  func removes(_ move: Move) -> Bool {
    switch self {
    case .noKills: move.kind == .kill
    case .noEarlyTimeouts: move.kind == .early
    case .noChoices: move.kind == .choose && move.alternative > 1
    case .onlyFirstActor: move.isStep(of: move.actor) && move.actor > 0
    case .copiesOnlyUp: move.kind == .copy && move.alternative > 1
    default: false
    }
  }
}
