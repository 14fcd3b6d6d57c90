// What happens to a queue: a message is there as a whole or not at all, whoever is killed where.

extension Stage {
  /// What is in the queue, as the digits of a number: one of these. And it goes on.
  func queueHolds(_ allowed: [Int64], taking: Bool = false) throws(Verdict) -> Int64 {
    let answer = try ask(b, taking ? .takeAll : .popAll, .queue, 0)
    // The end: who died was the only one who had pushed.
    if ![.done, .timedOut, .ended].contains(answer.outcome) {
      throw .bad("what is left cannot be popped: \(answer.outcome)")
    }
    if !allowed.contains(answer.value) {
      throw .bad("\(answer.value) is in the queue instead of \(allowed)")
    }
    try goesOn(a, .push, .queue, 9, as: .done)
    let next = try ask(c, .pop, .queue)
    if next.outcome != .done || next.value != 9 { throw .bad("then \(next.value) instead of 9") }
    return answer.value
  }

  /// Somebody who sleeps in a pop, and to whom the victim may have pushed `digit`.
  func sleeperGets(_ digit: Int64) throws(Verdict) -> Bool {
    let isThere = isAwake(b, within: 300)
    if !isThere { try expect(.done, a, .push, .queue, 8) }
    guard let answer = try b.answer(within: 5000) else { throw .bad("a sleeper never wakes") }
    if answer.outcome != .done || answer.value != (isThere ? digit : 8) {
      throw .bad("the sleeper got \(answer.value)")
    }
    return isThere
  }
}

extension Scenario {
  private static let queue: [(Slot, Making)] = [(.queue, .queue)]

  private static func push(_ argument: Int64) -> Part {
    { stage throws(Verdict) in try stage.expect(.done, stage.a, .push, .queue, argument) }
  }

  /// The next record of 1,000 bytes begins at the ring's start again.
  private static func nearTheEnd(_ stage: Stage) throws(Verdict) {
    for argument: Int64 in [15001, 15001] {
      try stage.expect(.done, stage.a, .push, .queue, argument)
      try stage.expect(.done, stage.b, .pop, .queue)
    }
  }

  /// Two messages of nearly half the ring.
  private static func full(_ stage: Stage) throws(Verdict) {
    for argument: Int64 in [20001, 20002] {
      try stage.expect(.done, stage.a, .push, .queue, argument)
    }
  }

  private static func popOne(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in try stage.expect(.done, stage.b, .pop, .queue) }
  }

  private static func pushOne(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.expect(.done, stage.a, .push, .queue, 1)
    }
  }

  /// It sleeps behind the victim, or alone.
  private static func pushTwoBesideASleeper(_ stage: Stage) throws(Verdict) {
    try stage.release { () throws(Verdict) in
      try stage.sleeps(stage.b, .pop, .queue)
      try stage.expect(.done, stage.a, .push, .queue, 1)
      try stage.expect(.done, stage.a, .push, .queue, 2)
    }
  }

  private static func pushes(
    _ state: String, _ argument: Int64 = 2, before: @escaping Part = { _ throws(Verdict) in },
    prepared: [Step] = [], meanwhile: @escaping Part = { _ throws(Verdict) in },
    left: Int64 = 0
  ) -> Scenario {
    Scenario(
      name: "push, \(state)", makings: queue, before: before, prepared: prepared,
      meanwhile: meanwhile, deed: Step(.push, .queue, argument), words: ["untouched", "pushed"]
    ) { stage throws(Verdict) in
      let pushed = left * 10 + argument % 10
      // Of two victims both may have.
      let twice = pushed * 10 + argument % 10
      return try stage.queueHolds([left, pushed, twice]) == left ? "untouched" : "pushed"
    }
  }

  private static func leaves(
    _ name: String, _ deed: Step, _ before: @escaping Part, prepared: [Step] = [],
    _ all: Int64, _ rest: Int64, gone: String
  ) -> Scenario {
    Scenario(
      name: name, makings: queue, before: before, prepared: prepared, deed: deed,
      words: ["untouched", gone]
    ) { stage throws(Verdict) in
      try stage.queueHolds([all, rest]) == all ? "untouched" : gone
    }
  }

  static var queueScenarios: [Scenario] {
    let again = [Step(.push, .queue, 1)]
    let popped: Part = { stage throws(Verdict) in
      try stage.expect(.done, stage.b, .popAll, .queue, 0)
    }
    let two: Part = { stage throws(Verdict) in
      try push(1)(stage)
      try push(2)(stage)
    }
    let first = pushes("the first of a process")
    let again2 = pushes("empty", prepared: again, meanwhile: popped)
    let one = leaves("pop, one", Step(.pop, .queue), push(1), 1, 0, gone: "popped")
    let done = leaves(
      "done, the only one", Step(.done, .queue), push(1), prepared: [Step(.take, .queue)], 1, 0,
      gone: "done")
    return [
      first, first.twice(), again2, again2.twice(words: ["untouched", "pushed"]),
      pushes("beside one", before: push(1), left: 1),
      pushes("around the end", 10002, before: nearTheEnd),
      Scenario(
        name: "push, full", makings: queue, before: full, deed: Step(.push, .queue, 10003),
        release: popOne, words: ["untouched", "pushed"]
      ) { stage throws(Verdict) in
        try popOne(stage)
        return try stage.queueHolds([2, 23]) == 2 ? "untouched" : "pushed"
      },
      Scenario(
        name: "push, to a sleeper", makings: queue,
        before: { stage throws(Verdict) in
          try push(1)(stage)
          try stage.expect(.done, stage.b, .pop, .queue)
          try stage.sleeps(stage.b, .pop, .queue)
        }, deed: Step(.push, .queue, 2), words: ["untouched", "pushed"],
        after: { stage throws(Verdict) in
          let isThere = try stage.sleeperGets(2)
          _ = try stage.queueHolds([0])
          return isThere ? "pushed" : "untouched"
        }),
      one, one.twice(words: ["untouched", "popped"]),
      leaves("pop, one of two", Step(.pop, .queue), two, 12, 2, gone: "popped"),
      leaves(
        "pop, around the end", Step(.pop, .queue),
        { stage throws(Verdict) in
          try nearTheEnd(stage)
          try push(10003)(stage)
        }, 3, 0, gone: "popped"),
      Scenario(
        name: "pop, empty", makings: queue,
        before: { stage throws(Verdict) in
          try push(1)(stage)
          try stage.expect(.done, stage.b, .pop, .queue)
        }, deed: Step(.pop, .queue), release: pushOne, words: ["untouched", "popped"],
        after: { stage throws(Verdict) in
          try pushOne(stage)
          return try stage.queueHolds([1, 0]) == 1 ? "untouched" : "popped"
        }),
      Scenario(
        name: "pop, empty, beside another sleeper", makings: queue,
        before: { stage throws(Verdict) in
          try push(1)(stage)
          try stage.expect(.done, stage.b, .pop, .queue)
        }, deed: Step(.pop, .queue), release: pushTwoBesideASleeper,
        words: ["untouched", "popped"],
        after: { stage throws(Verdict) in
          try pushTwoBesideASleeper(stage)
          // One wake-up may have stood for both: whoever got it is dead.
          guard let answer = try stage.b.answer(within: 5000), answer.outcome == .done else {
            throw .bad("the other sleeper never wakes")
          }
          // Who of them was the first to look is nobody's promise.
          let left = try stage.queueHolds(answer.value == 1 ? [2, 0] : [0])
          return left == 2 ? "untouched" : "popped"
        }),
      Scenario(
        name: "peek, one of two", makings: queue, before: two, deed: Step(.peek, .queue),
        words: ["there"]
      ) { stage throws(Verdict) in
        _ = try stage.queueHolds([12])
        return "there"
      },
      Scenario(
        name: "clear, two", makings: queue, before: two, deed: Step(.clear, .queue),
        words: ["untouched", "cleared"]
      ) { stage throws(Verdict) in
        try stage.queueHolds([12, 2, 0]) == 0 ? "cleared" : "untouched"
      },
      Scenario(
        name: "take, one", makings: queue, before: push(1), deed: Step(.take, .queue),
        words: ["there"]
      ) { stage throws(Verdict) in
        _ = try stage.queueHolds([1], taking: true)
        return "there"
      },
      Scenario(
        name: "take, one that a dead one had", makings: queue,
        before: { stage throws(Verdict) in
          try push(1)(stage)
          try stage.corpse(.take, .queue)
        }, deed: Step(.take, .queue), words: ["there"],
        after: { stage throws(Verdict) in
          _ = try stage.queueHolds([1])
          return "there"
        }),
      done,
      leaves(
        "done, the first of two", Step(.done, .queue), two, prepared: [Step(.take, .queue)], 12, 2,
        gone: "done"),
      Scenario(
        name: "give back, one", makings: queue, before: push(1), prepared: [Step(.take, .queue)],
        deed: Step(.giveBack, .queue), words: ["there"]
      ) { stage throws(Verdict) in
        _ = try stage.queueHolds([1])
        return "there"
      },
      Scenario(
        name: "finish, one is there", makings: queue, before: push(1),
        deed: Step(.finish, .queue), words: ["untouched", "finished"]
      ) { stage throws(Verdict) in
        let outcome = try stage.ask(stage.a, .push, .queue, 2).outcome
        let isFinished = outcome == .ended
        if !isFinished && outcome != .done { throw .bad("push: \(outcome)") }
        let answer = try stage.ask(stage.b, .popAll, .queue, 0)
        if answer.value != (isFinished ? 1 : 12) { throw .bad("\(answer.value) is there") }
        try stage.goesOn(stage.c, .pop, .queue, 0, as: isFinished ? .ended : .timedOut)
        return isFinished ? "finished" : "untouched"
      },
    ]
  }
}
