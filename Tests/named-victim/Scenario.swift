/// An operation in a state of its object, and what must be true when its process has been killed
/// somewhere in it.
struct Scenario {
  typealias Part = (Stage) throws(Verdict) -> Void

  struct Step {
    let deed: Deed
    let slot: Slot
    let argument: Int64

    init(_ deed: Deed, _ slot: Slot, _ argument: Int64 = 5000) {
      self.deed = deed
      self.slot = slot
      self.argument = argument
    }
  }

  let name: String
  let makings: [(Slot, Making)]
  /// What others do before.
  var before: Part = { _ throws(Verdict) in }
  /// What the victim has done before.
  var prepared: [Step] = []
  /// What others do then.
  var meanwhile: Part = { _ throws(Verdict) in }
  /// In which it is killed.
  let deed: Step
  /// What it waits for comes; when it sleeps, or when it is dead.
  var release: Part = { _ throws(Verdict) in }
  /// How many are killed in it, one after the other.
  var victims = 1
  /// How what is left must be found; some kill leads to each.
  let words: [String]
  /// Finds it: looks at what is left, and goes on.
  let after: (Stage) throws(Verdict) -> String

  /// The same with a first victim: killed at each point, before the next one is.
  func twice(words: [String]? = nil) -> Scenario {
    Scenario(
      name: "\(name), after a kill in the same", makings: makings, before: before,
      prepared: prepared, meanwhile: meanwhile, deed: deed, release: release, victims: 2,
      words: words ?? self.words, after: after)
  }

  static var all: [Scenario] {
    mutexScenarios + semaphoreScenarios + eventScenarios + severalScenarios + queueScenarios
      + topicScenarios
  }
}
