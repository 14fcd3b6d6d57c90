// What happens to a mutex.

extension Scenario {
  private static let mutex: [(Slot, Making)] = [(.mutex, .mutex)]

  private static func locking(
    _ state: String, before: @escaping Part = { _ throws(Verdict) in },
    prepared: [Step] = [], release: @escaping Part = { _ throws(Verdict) in },
    words: [String], after: @escaping (Stage) throws(Verdict) -> String = mutexAfter
  ) -> Scenario {
    Scenario(
      name: "lock, \(state)", makings: mutex, before: before, prepared: prepared,
      deed: Step(.lock, .mutex), release: release, words: words, after: after)
  }

  private static func unlocking(
    _ state: String, before: @escaping Part = { _ throws(Verdict) in },
    prepared: [Step] = [Step(.lock, .mutex)],
    meanwhile: @escaping Part = { _ throws(Verdict) in }, words: [String],
    after: @escaping (Stage) throws(Verdict) -> String = mutexAfter
  ) -> Scenario {
    Scenario(
      name: "unlock, \(state)", makings: mutex, before: before, prepared: prepared,
      meanwhile: meanwhile, deed: Step(.unlock, .mutex), words: words, after: after)
  }

  private static func mutexAfter(_ stage: Stage) throws(Verdict) -> String {
    "\(try stage.mutexGoesOn([.done, .abandoned]))"
  }

  private static func abandoned(_ stage: Stage) throws(Verdict) {
    try stage.corpse(.lock, .mutex)
  }

  private static func held(_ stage: Stage) throws(Verdict) {
    try stage.expect(.done, stage.a, .lock, .mutex)
  }

  private static func unlocked(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in try stage.expect(.done, stage.a, .unlock, .mutex) }
  }

  /// Who slept gets it, then the next; only the first hears of a death.
  private static func sleepersGetIt(_ stage: Stage) throws(Verdict) -> String {
    let first = try stage.awakes(stage.b, as: .done, .abandoned, within: Stage.bound)
    let second = try stage.awakes(stage.c, as: .done, .abandoned, within: Stage.bound)
    if first == .abandoned && second == .abandoned { throw .bad("abandoned is said twice") }
    let heard = first == .abandoned || second == .abandoned
    _ = try stage.mutexGoesOn([.done])
    return heard ? "abandoned" : "done"
  }

  private static func heldAndOneSleeps(_ stage: Stage) throws(Verdict) {
    try held(stage)
    try stage.sleeps(stage.b, .lockAndUnlock, .mutex)
  }

  /// Before the victim or after it; a death is said once.
  private static func theSleeperGetsIt(_ stage: Stage) throws(Verdict) -> String {
    try unlocked(stage)
    let first = try stage.awakes(stage.b, as: .done, .abandoned)
    let next = try stage.mutexGoesOn(first == .abandoned ? [.done] : [.done, .abandoned])
    return "\(first == .abandoned ? first : next)"
  }

  private static func twoSleep(_ stage: Stage) throws(Verdict) {
    try stage.sleeps(stage.b, .lockAndUnlock, .mutex)
    try stage.sleeps(stage.c, .lockAndUnlock, .mutex)
  }

  static var mutexScenarios: [Scenario] {
    let lockAbandoned = locking("abandoned", before: abandoned, words: ["abandoned"])
    let lockHeld = locking(
      "held", before: held, release: unlocked, words: ["done", "abandoned"]
    ) { stage throws(Verdict) in
      try unlocked(stage)
      return try mutexAfter(stage)
    }
    return [
      locking("free", words: ["done", "abandoned"]),
      locking(
        "free, once more", prepared: [Step(.lock, .mutex), Step(.unlock, .mutex)],
        words: ["done", "abandoned"]),
      locking("owned", prepared: [Step(.lock, .mutex)], words: ["abandoned"]),
      lockAbandoned,
      lockAbandoned.twice(),
      lockHeld,
      lockHeld.twice(),
      locking(
        "held, and another sleeps", before: heldAndOneSleeps, release: unlocked,
        words: ["done", "abandoned"], after: theSleeperGetsIt),
      Scenario(
        name: "lock, held, until its time is over", makings: mutex, before: held,
        deed: Step(.lock, .mutex, 50), words: ["done"]
      ) { stage throws(Verdict) in
        try unlocked(stage)
        return "\(try stage.mutexGoesOn([.done]))"
      },
      Scenario(
        name: "try, held", makings: mutex, before: held, deed: Step(.lock, .mutex, 0),
        words: ["done"]
      ) { stage throws(Verdict) in
        try unlocked(stage)
        return "\(try stage.mutexGoesOn([.done]))"
      },
      unlocking("alone", words: ["done", "abandoned"]),
      unlocking("alone", words: ["done", "abandoned"]).twice(),
      unlocking(
        "of two locks the inner one", prepared: [Step(.lock, .mutex), Step(.lock, .mutex)],
        words: ["abandoned"]),
      unlocking(
        "what was abandoned", before: abandoned, prepared: [Step(.lock, .mutex)],
        words: ["done", "abandoned"]),
      unlocking(
        "while two sleep", meanwhile: twoSleep, words: ["done", "abandoned"],
        after: sleepersGetIt),
      unlocking(
        "beside a dead sleeper",
        meanwhile: { stage throws(Verdict) in
          try stage.corpse(.lock, .mutex, asleep: true)
        }, words: ["done", "abandoned"]),
    ]
  }
}
