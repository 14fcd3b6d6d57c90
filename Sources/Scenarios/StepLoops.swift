/// Steps as a person reads them: what an actor repeats without a change stands there once.
struct StepLoops {
  /// Steps that came so often one behind another.
  struct Round {
    let steps: [Outcome.Step]
    var times: Int
  }

  private(set) var rounds: [Round] = []

  /// Longer loops than this are rare, and each length is looked for.
  private static let longest = 8
  /// Fewer repetitions are shown as they are.
  private static let fewest = 3

  /// - Parameter steps: in their order.
  init(_ steps: [Outcome.Step]) {
    var at = 0
    while at < steps.count {
      let (length, times) = Self.loop(steps, at)
      rounds.append(Round(steps: Array(steps[at..<(at + length)]), times: times))
      at += length * times
    }
  }

  /// The loop that begins here: the one that covers most; of one step, once, if there is none.
  private static func loop(_ steps: [Outcome.Step], _ at: Int) -> (length: Int, times: Int) {
    var best = (length: 1, times: 1)
    for length in 1...longest where at + length * fewest <= steps.count {
      var times = 1
      while at + length * (times + 1) <= steps.count,
        (0..<length).allSatisfy({ repeats(steps[at + $0], steps[at + length * times + $0]) })
      { times += 1 }
      if times >= fewest && length * times > best.length * best.times { best = (length, times) }
    }
    return best
  }

  private static func repeats(_ one: Outcome.Step, _ other: Outcome.Step) -> Bool {
    (one.kind, one.part, one.place, one.verb, one.object, one.result)
      == (other.kind, other.part, other.place, other.verb, other.object, other.result)
      && one.kind == .step
  }
}
