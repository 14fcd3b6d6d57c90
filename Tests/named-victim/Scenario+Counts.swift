// What happens to a semaphore and to events.

extension Scenario {
  private static func semaphore(_ initial: Int) -> [(Slot, Making)] {
    [(.semaphore, .semaphore(initial, 8))]
  }

  private static func acquiring(
    _ state: String, _ initial: Int, before: @escaping Part = { _ throws(Verdict) in },
    release: @escaping Part = { _ throws(Verdict) in }, words: [String] = ["untouched", "taken"],
    after: @escaping (Stage) throws(Verdict) -> String
  ) -> Scenario {
    Scenario(
      name: "acquire, \(state)", makings: semaphore(initial), before: before,
      deed: Step(.acquire, .semaphore), release: release, words: words, after: after)
  }

  private static func onePermit(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
    }
  }

  /// One of so many permits is taken, or none.
  private static func permitsAre(_ all: Int) -> (Stage) throws(Verdict) -> String {
    { stage throws(Verdict) in
      try stage.semaphoreGoesOn([all - 1, all]) == all ? "untouched" : "taken"
    }
  }

  /// The victim slept first: the wake-up is for it.
  private static func onePermitForTwo(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.sleeps(stage.b, .acquire, .semaphore)
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
    }
  }

  /// Nobody sleeps beside a permit.
  private static func afterOnePermitForTwo(_ stage: Stage) throws(Verdict) -> String {
    try onePermitForTwo(stage)
    let hadIt = stage.isAwake(stage.b, within: 300)
    if !hadIt {
      if try stage.isReady(.semaphore) { throw .bad("a permit is there, and a sleeper sleeps") }
      try stage.expect(.done, stage.a, .release, .semaphore, 1)
    }
    try stage.awakes(stage.b, as: .done)
    _ = try stage.semaphoreGoesOn([0])
    return hadIt ? "untouched" : "taken"
  }

  /// Both sleepers get a permit each, or none does before the next release.
  private static func twoPermitsForTwo(_ stage: Stage) throws(Verdict) -> String {
    let isDone = stage.isChanged && stage.isAwake(stage.b, within: 300)
    if !isDone {
      if try stage.isReady(.semaphore) { throw .bad("permits are there, and two sleep") }
      try stage.expect(.done, stage.a, .release, .semaphore, 2)
    }
    try stage.awakes(stage.b, as: .done)
    try stage.awakes(stage.c, as: .done)
    _ = try stage.semaphoreGoesOn([0])
    return isDone ? "released" : "untouched"
  }

  private static func twoAcquire(_ stage: Stage) throws(Verdict) {
    try stage.sleeps(stage.b, .acquire, .semaphore)
    try stage.sleeps(stage.c, .acquire, .semaphore)
  }

  static var semaphoreScenarios: [Scenario] {
    let empty = acquiring("none is there", 0, release: onePermit) { stage throws(Verdict) in
      try onePermit(stage)
      return try permitsAre(1)(stage)
    }
    let sleeping = Scenario(
      name: "release, while two sleep", makings: semaphore(0), before: twoAcquire,
      deed: Step(.release, .semaphore, 2), words: ["untouched", "released"],
      after: twoPermitsForTwo)
    return [
      acquiring("of three", 3, after: permitsAre(3)),
      acquiring("the last", 1, after: permitsAre(1)),
      empty,
      Scenario(
        name: "acquire, none is there, and another sleeps", makings: semaphore(0),
        deed: Step(.acquire, .semaphore, 300), release: onePermitForTwo, words: ["untouched"],
        after: afterOnePermitForTwo),
      acquiring(
        "beside a dead sleeper", 0,
        before: { stage throws(Verdict) in
          try stage.corpse(.acquire, .semaphore, asleep: true)
          try onePermit(stage)
        }, after: permitsAre(1)),
      Scenario(
        name: "release, alone", makings: semaphore(1), deed: Step(.release, .semaphore, 2),
        words: ["untouched", "released"]
      ) { stage throws(Verdict) in
        try stage.semaphoreGoesOn([1, 3]) == 1 ? "untouched" : "released"
      },
      sleeping,
      Scenario(
        name: "acquire, none is there, after a kill in the same", makings: semaphore(0),
        deed: empty.deed, release: onePermit, victims: 2, words: ["untouched", "taken"]
      ) { stage throws(Verdict) in
        try onePermit(stage)
        return try permitsAre(1)(stage)
      },
    ]
  }
}

// MARK: - Event

extension Scenario {
  private static func event(manual: Bool, set: Bool) -> [(Slot, Making)] {
    [(.event, .event(manual: manual, set: set))]
  }

  private static func signal(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in try stage.expect(.done, stage.a, .set, .event) }
  }

  private static func autoIs(_ stage: Stage) throws(Verdict) -> String {
    try stage.eventGoesOn() ? "set" : "unset"
  }

  private static func manualIs(_ stage: Stage) throws(Verdict) -> String {
    try stage.manualEventGoesOn() ? "set" : "unset"
  }

  /// The victim slept first: the wake-up is for it.
  private static func oneSignalForTwo(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.sleeps(stage.b, .wait, .event)
      try stage.expect(.done, stage.a, .set, .event)
    }
  }

  /// Nobody sleeps beside a set event.
  private static func afterOneSignalForTwo(_ stage: Stage) throws(Verdict) -> String {
    try oneSignalForTwo(stage)
    let hadIt = stage.isAwake(stage.b, within: 300)
    if !hadIt {
      if try stage.isReady(.event) { throw .bad("the event is set, and a sleeper sleeps") }
      try stage.expect(.done, stage.a, .set, .event)
    }
    try stage.awakes(stage.b, as: .done)
    try stage.expect(.timedOut, stage.c, .wait, .event, 0)
    _ = try stage.eventGoesOn()
    return hadIt ? "set" : "unset"
  }

  /// One signal releases one of two sleepers, or nobody if it was not sent.
  private static func oneOfTwoAwakes(_ stage: Stage) throws(Verdict) -> String {
    var first =
      stage.isChanged ? stage.firstAwake(stage.b, stage.c, within: 300) : nil
    let isDone = first != nil
    if !isDone {
      if try stage.isReady(.event) { throw .bad("the event is set, and two sleep") }
      try stage.expect(.done, stage.a, .set, .event)
      first = stage.firstAwake(stage.b, stage.c, within: 300)
    }
    let awake = first ?? stage.b
    try stage.awakes(awake, as: .done)
    let other = awake === stage.b ? stage.c : stage.b
    if stage.isAwake(other, within: 30) { throw .bad("one signal released two") }
    try stage.expect(.done, stage.a, .set, .event)
    try stage.awakes(other, as: .done)
    _ = try stage.eventGoesOn()
    return isDone ? "set" : "unset"
  }

  private static func bothAwake(_ stage: Stage) throws(Verdict) -> String {
    let isDone = stage.isChanged && stage.isAwake(stage.b, within: 300)
    if !isDone {
      if try stage.isReady(.event) { throw .bad("the event is set, and two sleep") }
      try stage.expect(.done, stage.a, .set, .event)
    }
    try stage.awakes(stage.b, as: .done)
    try stage.awakes(stage.c, as: .done)
    _ = try stage.manualEventGoesOn()
    return isDone ? "set" : "unset"
  }

  private static func oneWaits(_ stage: Stage) throws(Verdict) {
    try stage.sleeps(stage.b, .wait, .event)
  }

  private static func twoWait(_ stage: Stage) throws(Verdict) {
    try stage.sleeps(stage.b, .wait, .event)
    try stage.sleeps(stage.c, .wait, .event)
  }

  static var eventScenarios: [Scenario] {
    let words = ["unset", "set"]
    let unset = event(manual: false, set: false)
    let manual = event(manual: true, set: false)
    let waiting = Scenario(
      name: "wait, unset", makings: unset, deed: Step(.wait, .event), release: signal, words: words
    ) { stage throws(Verdict) in
      try signal(stage)
      return try autoIs(stage)
    }
    let setting = Scenario(
      name: "set, while one sleeps", makings: unset,
      before: oneWaits,
      deed: Step(.set, .event), words: words
    ) { stage throws(Verdict) in
      try stage.isChanged && stage.isAwake(stage.b, within: 300)
        ? awakeAndUnset(stage, "set") : unsentAndThenSent(stage)
    }
    return [
      Scenario(
        name: "set, alone", makings: unset, deed: Step(.set, .event), words: words, after: autoIs),
      setting,
      Scenario(
        name: "set, while one sleeps, after a kill in the same", makings: unset,
        before: setting.before, deed: setting.deed, victims: 2, words: words
      ) { stage throws(Verdict) in
        let isDone = stage.isChanged && stage.isAwake(stage.b, within: 300)
        if !isDone {
          if try stage.isReady(.event) { throw .bad("the event is set, and a sleeper sleeps") }
          try stage.expect(.done, stage.a, .set, .event)
        }
        try stage.awakes(stage.b, as: .done)
        _ = try stage.eventGoesOn()
        return isDone ? "set" : "unset"
      },
      Scenario(
        name: "set, while two sleep", makings: unset, before: twoWait, deed: Step(.set, .event),
        words: words, after: oneOfTwoAwakes),
      Scenario(
        name: "set, manual, while two sleep", makings: manual, before: twoWait,
        deed: Step(.set, .event), words: words, after: bothAwake),
      Scenario(
        name: "reset, manual", makings: event(manual: true, set: true), deed: Step(.reset, .event),
        words: words, after: manualIs),
      Scenario(
        name: "wait, set", makings: event(manual: false, set: true), deed: Step(.wait, .event),
        words: words, after: autoIs),
      waiting,
      waiting.twice(),
      Scenario(
        name: "wait, unset, and another sleeps", makings: unset, deed: Step(.wait, .event, 300),
        release: oneSignalForTwo, words: ["set"], after: afterOneSignalForTwo),
      Scenario(
        name: "wait, manual", makings: manual, deed: Step(.wait, .event), release: signal,
        words: ["set"]
      ) { stage throws(Verdict) in
        try signal(stage)
        return try manualIs(stage)
      },
    ]
  }

  private static func awakeAndUnset(_ stage: Stage, _ word: String) throws(Verdict) -> String {
    try stage.awakes(stage.b, as: .done)
    try stage.expect(.timedOut, stage.c, .wait, .event, 0)
    _ = try stage.eventGoesOn()
    return word
  }

  private static func unsentAndThenSent(_ stage: Stage) throws(Verdict) -> String {
    if try stage.isReady(.event) { throw .bad("the event is set, and a sleeper sleeps") }
    try stage.expect(.done, stage.a, .set, .event)
    return try awakeAndUnset(stage, "unset")
  }
}
