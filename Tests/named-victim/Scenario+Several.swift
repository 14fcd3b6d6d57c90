// What happens to several objects that one wait is for.

extension Scenario {
  private static func several(_ permits: Int, set: Bool) -> [(Slot, Making)] {
    [
      (.mutex, .mutex), (.semaphore, .semaphore(permits, 8)),
      (.event, .event(manual: false, set: set)),
    ]
  }

  private static func waitingForAll(
    _ state: String, _ permits: Int = 1, set: Bool = true,
    before: @escaping Part = { _ throws(Verdict) in },
    release: @escaping Part = { _ throws(Verdict) in }, words: [String] = ["none", "some", "all"],
    after: @escaping (Stage) throws(Verdict) -> String = allOrNone
  ) -> Scenario {
    Scenario(
      name: "wait for all, \(state)", makings: several(permits, set: set), before: before,
      deed: Step(.waitAll, .mutex), release: release, words: words,
      after: { stage throws(Verdict) in
        try release(stage)
        return try after(stage)
      })
  }

  /// Taken are none, or all, or, by a kill after the wait took effect, the first of them.
  private static func allOrNone(_ stage: Stage) throws(Verdict) -> String {
    try taken(stage, mutex: [.done, .abandoned])
  }

  private static func allOrNoneButAbandoned(_ stage: Stage) throws(Verdict) -> String {
    try taken(stage, mutex: [.abandoned])
  }

  private static func taken(_ stage: Stage, mutex: [Outcome]) throws(Verdict) -> String {
    let isHeld = try stage.mutexGoesOn(mutex) == .abandoned
    let isAcquired = try stage.semaphoreGoesOn([0, 1]) == 0
    let isConsumed = try !stage.eventGoesOn()
    if isAcquired && !isHeld || isConsumed && !isAcquired {
      throw .bad("taken: mutex \(isHeld), permit \(isAcquired), signal \(isConsumed)")
    }
    if isConsumed { return "all" }
    return isAcquired || isHeld && mutex.count > 1 ? "some" : "none"
  }

  private static func permit(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
    }
  }

  private static func unlock(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in try stage.expect(.done, stage.a, .unlock, .mutex) }
  }

  private static func signal(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in try stage.expect(.done, stage.a, .set, .event) }
  }

  private static func hold(_ stage: Stage) throws(Verdict) {
    try stage.expect(.done, stage.a, .lock, .mutex)
  }

  /// The victim slept first: the wake-up is for it.
  private static func oneSetForTwo(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.sleeps(stage.b, .waitAll, .mutex)
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
    }
  }

  /// Nobody sleeps beside all of them.
  private static func afterOneSetForTwo(_ stage: Stage) throws(Verdict) -> String {
    try oneSetForTwo(stage)
    let hadThem = stage.isAwake(stage.b, within: 300)
    if !hadThem {
      let hasPermit = try stage.isReady(.semaphore)
      let isSet = try stage.isReady(.event)
      if hasPermit && isSet { throw .bad("all are there, and one sleeps who waits for them") }
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
      try stage.expect(.done, stage.a, .set, .event)
    }
    try stage.awakes(stage.b, as: .done, .abandoned)
    try stage.expect(.done, stage.b, .unlock, .mutex)
    _ = try stage.mutexGoesOn([.done])
    if try stage.permits(stage.b) != 0 { throw .bad("a permit is left") }
    if try stage.eventGoesOn() { throw .bad("the event is still set") }
    return hadThem ? "none" : "all"
  }

  static var severalScenarios: [Scenario] {
    let ready = waitingForAll("ready")
    return [
      ready,
      ready.twice(),
      waitingForAll("a permit comes last", 0, release: permit),
      waitingForAll("the signal comes last", set: false, release: signal),
      waitingForAll("the mutex comes last", before: hold, release: unlock),
      waitingForAll(
        "an abandoned mutex",
        before: { stage throws(Verdict) in try stage.corpse(.lock, .mutex) },
        after: allOrNoneButAbandoned),
      Scenario(
        name: "wait for all, and another for the same", makings: several(0, set: true),
        deed: Step(.waitAll, .mutex, 300), release: oneSetForTwo, words: ["none"],
        after: afterOneSetForTwo),
      Scenario(
        name: "wait for any, the signal comes", makings: several(0, set: false), before: hold,
        deed: Step(.waitAny, .mutex), release: signal, words: ["set", "unset"]
      ) { stage throws(Verdict) in
        try signal(stage)
        try stage.expect(.done, stage.a, .unlock, .mutex)
        _ = try stage.mutexGoesOn([.done])
        _ = try stage.semaphoreGoesOn([0])
        return try stage.eventGoesOn() ? "set" : "unset"
      },
      Scenario(
        name: "wait for any, the mutex comes", makings: several(0, set: false), before: hold,
        deed: Step(.waitAny, .mutex), release: unlock, words: ["done", "abandoned"]
      ) { stage throws(Verdict) in
        try unlock(stage)
        let outcome = try stage.mutexGoesOn([.done, .abandoned])
        _ = try stage.semaphoreGoesOn([0])
        _ = try stage.eventGoesOn()
        return "\(outcome)"
      },
    ]
  }
}
