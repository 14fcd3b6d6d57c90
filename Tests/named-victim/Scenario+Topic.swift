// What happens to a topic: a message is there as a whole or not at all, and what is lost is counted,
// whoever is killed where.

extension Stage {
  /// What each of two readers reads, as the digits of a number: one of these. And it goes on.
  func topicHolds(_ allowed: [Int64]) throws(Verdict) -> Int64 {
    let answer = try ask(b, .nextAll, .topic, 0)
    // The end: who died was the only one who had published.
    if ![.done, .ended].contains(answer.outcome) {
      throw .bad("what is left cannot be read: \(answer.outcome)")
    }
    if !allowed.contains(answer.value) {
      throw .bad("\(answer.value) is in the topic instead of \(allowed)")
    }
    try goesOn(a, .publish, .topic, 9, as: .done)
    let next = try ask(b, .next, .topic)
    if next.outcome != .done || next.value != 9 { throw .bad("then \(next.value) instead of 9") }
    let other = try ask(c, .nextAll, .topic, 0)
    if other.value % 10 != 9 { throw .bad("another reader read \(other.value)") }
    let latest = try ask(c, .latest, .topic)
    if latest.value != 9 { throw .bad("the newest is \(latest.value) instead of 9") }
    return answer.value
  }
}

extension Scenario {
  private static let topic: [(Slot, Making)] = [(.topic, .topic)]

  private static func publish(_ arguments: Int64...) -> Part {
    { stage throws(Verdict) in
      for argument in arguments {
        try stage.expect(.done, stage.a, .publish, .topic, argument)
      }
    }
  }

  private static func publishes(
    _ state: String, _ argument: Int64 = 2, before: @escaping Part = { _ throws(Verdict) in },
    prepared: [Step] = [], left: [Int64], then: [Int64]
  ) -> Scenario {
    Scenario(
      name: "publish, \(state)", makings: topic, before: before, prepared: prepared,
      deed: Step(.publish, .topic, argument), words: ["untouched", "published"]
    ) { stage throws(Verdict) in
      let found = try stage.topicHolds(left + then)
      return left.contains(found) ? "untouched" : "published"
    }
  }

  private static func reads(
    _ name: String, _ deed: Deed, before: @escaping Part, prepared: [Step] = [],
    meanwhile: @escaping Part = { _ throws(Verdict) in },
    release: @escaping Part = { _ throws(Verdict) in }, left: Int64
  ) -> Scenario {
    Scenario(
      name: name, makings: topic, before: before, prepared: prepared, meanwhile: meanwhile,
      deed: Step(deed, .topic), release: release, words: ["there"]
    ) { stage throws(Verdict) in
      try release(stage)
      _ = try stage.topicHolds([left])
      return "there"
    }
  }

  private static func publishOne(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.expect(.done, stage.a, .publish, .topic, 1)
    }
  }

  /// It sleeps behind the victim, or alone.
  private static func publishOneBesideASleeper(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.sleeps(stage.c, .next, .topic)
      try stage.expect(.done, stage.a, .publish, .topic, 1)
    }
  }

  static var topicScenarios: [Scenario] {
    let first = publishes("the first of a process", left: [0], then: [2, 22])
    let beside = publishes("beside one", before: publish(1), left: [1], then: [12, 122])
    // Four messages of 928 bytes fill the ring; the fifth has padding before it.
    let full = publish(9001, 9002, 9003, 9004)
    return [
      first, first.twice(), beside, beside.twice(),
      publishes(
        "again", prepared: [Step(.publish, .topic, 1)], left: [1], then: [12]),
      publishes(
        "full, around the end", 9005, before: full, left: [1234, 234], then: [2345]),
      publishes(
        "full, over several", 9009, before: publish(3001, 3002, 3003, 3004, 3005, 9006, 9007),
        left: [1_234_567, 4567], then: [45679]),
      Scenario(
        name: "publish, to a sleeper", makings: topic,
        before: { stage throws(Verdict) in
          try publish(1)(stage)
          try stage.expect(.done, stage.b, .next, .topic)
          try stage.sleeps(stage.b, .next, .topic)
        }, deed: Step(.publish, .topic, 2), words: ["untouched", "published"],
        after: { stage throws(Verdict) in
          let isThere = stage.isAwake(stage.b, within: 300)
          if !isThere { try stage.expect(.done, stage.a, .publish, .topic, 8) }
          guard let answer = try stage.b.answer(within: 5000) else {
            throw .bad("a sleeper never wakes")
          }
          if answer.outcome != .done || answer.value != (isThere ? 2 : 8) {
            throw .bad("the sleeper got \(answer.value)")
          }
          _ = try stage.topicHolds([0])
          return isThere ? "published" : "untouched"
        }),
      reads(
        "next, one", .next, before: { _ throws(Verdict) in }, meanwhile: publish(1), left: 1),
      reads(
        "next, overtaken", .next, before: { _ throws(Verdict) in },
        meanwhile: publish(9001, 9002, 3, 9004, 9005, 9006, 9007), left: 34567),
      reads(
        "next, empty", .next, before: { _ throws(Verdict) in }, release: publishOne, left: 1),
      Scenario(
        name: "next, empty, before another sleeper", makings: topic,
        deed: Step(.next, .topic), release: publishOneBesideASleeper, words: ["there"]
      ) { stage throws(Verdict) in
        try publishOneBesideASleeper(stage)
        // A publisher wakes one, who wakes the others: that one is dead.
        try stage.awakes(stage.c, as: .done)
        _ = try stage.topicHolds([1])
        return "there"
      },
      reads("latest, of two", .latest, before: publish(1, 2), left: 12),
    ]
  }
}
