/// What came of a file: the verdict, and what it stands on.
package struct Report {
  package enum Verdict: Equatable {
    case passed
    /// No failure, but not all was tried.
    case partial
    case failed
    /// Something that the file names happened in no run.
    case notExercised
    /// A replay that met another step than its schedule's; `isOurs`: an object of ours did what its
    /// rules do not say.
    case diverged(isOurs: Bool)
    /// The file is not to be played as it is: the line that says why.
    case misuse(String)
    /// Ctrl-C before there was anything to say.
    case interrupted
  }

  package let file: String
  let scenario: Scenario?
  let options: Campaign.Options
  var misuse: String?
  private(set) var runs = 0
  /// The first that failed; else the last.
  private(set) var outcome: Outcome?
  private(set) var hasFailed = false
  private(set) var isInterrupted = false
  private(set) var wasShown = false
  /// All there are, and those that were tried.
  var killPoints: Int?
  var killPointsTried = 0
  /// Of a sweep: the file has no actor for it.
  var hasNobodyToKill = false
  var duration = 0.0
  /// Of a list of schedules: the last one.
  var followed: Schedule?
  private var faults: Set<Int> = []
  private var reached: Set<String> = []
  private var unmet: [String: Int] = [:]
  private var marks: Set<String> = []
  private var choices: [String: (taken: Set<Int>, count: Int)] = [:]
  private var refused: [Outcome.Failure] = []
  private var undecided: [Outcome.Failure] = []
  private(set) var leftovers: [String] = []

  /// - Parameter misuse: nil: it was interrupted.
  init(file: String, misuse: String?, _ options: Campaign.Options = .init()) {
    self.file = file
    self.misuse = misuse
    scenario = nil
    self.options = options
    isInterrupted = misuse == nil
  }

  init(file: String, _ scenario: Scenario, _ options: Campaign.Options) {
    self.file = file
    self.scenario = scenario
    self.options = options
  }

  mutating func add(_ outcome: Outcome, isShown: Bool) {
    runs += 1
    if !hasFailed { self.outcome = outcome }
    wasShown = isShown
    isInterrupted = outcome.isInterrupted
    // A run that this machine refuses something says nothing of what came then.
    let fails = !outcome.failures.isEmpty && outcome.refused.isEmpty && !outcome.isInterrupted
    hasFailed = hasFailed || fails
    faults.formUnion(outcome.faults)
    reached.formUnion(outcome.reached)
    unmet.merge(outcome.unmet, uniquingKeysWith: min)
    marks.formUnion(outcome.marks.keys)
    for (place, choice) in outcome.choices {
      choices[place, default: ([], choice.count)].taken.formUnion(choice.taken)
    }
    refused += outcome.refused.filter { !refused.contains($0) }
    undecided += outcome.undecided.filter { !undecided.contains($0) }
    leftovers += outcome.leftovers.filter { !leftovers.contains($0) }
  }

  /// Nothing more is to be tried.
  var isDecided: Bool { hasFailed || isInterrupted || misuse != nil || !refused.isEmpty }

  /// How many runs take each alternative of each `any`.
  var alternatives: Int { choices.values.map(\.count).max() ?? 1 }

  package var verdict: Verdict {
    if let misuse { return .misuse(misuse) }
    if isInterrupted && !hasFailed { return .interrupted }
    if let divergence = outcome?.divergence { return .diverged(isOurs: divergence.isOurs) }
    if hasFailed { return .failed }
    if isInterrupted { return .interrupted }
    if !notExercised.isEmpty { return .notExercised }
    if let killPoints, killPointsTried < killPoints { return .partial }
    return .passed
  }

  /// What the file names and no run had, with its place.
  var notExercised: [Outcome.Failure] {
    guard let scenario else { return [] }
    // A schedule has its own faults.
    if options.replays != nil || followed != nil { return refused + undecided }
    return refused + undecided + missingKill(scenario) + missingFaults(scenario)
      + missingPlaces(scenario)
      + missingSteps(scenario) + missingAlternatives
  }

  private func missingKill(_ scenario: Scenario) -> [Outcome.Failure] {
    guard options.kill != nil, killPointsTried == 0, refused.isEmpty,
      let outcome, let point = outcome.killPoint
    else { return [] }
    let actor = scenario.actors[point.actor]
    let had = Page.counted(outcome.operations[point.actor + 1])
    return [
      .init(
        text: "--kill \(actor.name):\(point.operation) never happened; it had \(had) operations",
        place: actor.place)
    ]
  }

  private func missingFaults(_ scenario: Scenario) -> [Outcome.Failure] {
    let isSweep = options.isSweep || options.kill != nil
    return scenario.faults.enumerated().compactMap { index, fault in
      let isReplaced = isSweep && fault.kind == .kill
      if faults.contains(index) || isReplaced || !refused.isEmpty { return nil }
      let names = fault.actors.map { scenario.actors[$0].name }.joined(separator: ", ")
      let whom = names.isEmpty ? "" : " of \(names)"
      return .init(
        text: "fault.\(fault.kind)\(whom) \(fault.when) never happened", place: fault.place)
    }
  }

  private func missingPlaces(_ scenario: Scenario) -> [Outcome.Failure] {
    if !refused.isEmpty { return [] }
    let met = unmet.map { Scenario.Place(kind: "sometimes", name: $0, line: $1) }
    return (scenario.places + met).filter { !reached.contains($0.key) }
      .sorted { ($0.line, $0.name) < ($1.line, $1.name) }.map {
        .init(text: $0.complaint, place: $0.line > 0 ? "\(fileName):\($0.line)" : fileName)
      }
  }

  /// As messages of Lua's have it.
  private var fileName: String {
    scenario.map { String($0.place.prefix { $0 != ":" }) } ?? file
  }

  private func missingSteps(_ scenario: Scenario) -> [Outcome.Failure] {
    if !refused.isEmpty { return [] }
    return scenario.expectations.flatMap { place, what -> [Outcome.Failure] in
      guard case .order(let steps) = what else { return [] }
      return steps.filter { !marks.contains($0) }
        .map { .init(text: "order: \($0) never happened", place: place) }
    }
  }

  private var missingAlternatives: [Outcome.Failure] {
    if !refused.isEmpty || options.kill != nil { return [] }  // one run takes one of them
    return choices.sorted { $0.key < $1.key }.flatMap { place, choice in
      (1...max(choice.count, 1)).filter { !choice.taken.contains($0) }.map {
        .init(text: "any: alternative \($0) of \(choice.count) was never taken", place: place)
      }
    }
  }

  /// The exit status that it asks for.
  package var status: Int32 {
    switch verdict {
    case .passed, .partial: 0
    case .failed, .notExercised: 1
    case .misuse: options.replays == nil ? 1 : 2
    case .interrupted: 130
    case .diverged(let isOurs): isOurs ? 70 : 2
    }
  }

  /// One text is one program: two replays of a schedule take the same steps, and fail alike.
  mutating func compare(_ later: Outcome, with earlier: Outcome) {
    if later.divergence != nil { outcome = later }
    guard later.divergence == nil, !later.isInterrupted else { return }
    let (first, second) = (earlier.stepsTaken, later.stepsTaken)
    let same = zip(first, second).prefix { $0.isSame(as: $1) }.count
    if same < max(first.count, second.count) {
      outcome = later
      diverge(
        same < second.count ? second[same] : first[same],
        "another run of the same schedule did something else here")
    } else if Set(earlier.failures) != Set(later.failures), let last = second.last {
      outcome = later
      diverge(last, "another run of the same schedule failed otherwise")
    }
  }

  /// The steps that were saved are those that were taken.
  mutating func compare(with saved: [String]) {
    guard let outcome, let scenario, outcome.divergence == nil, !outcome.isInterrupted,
      !saved.isEmpty
    else { return }
    let taken = outcome.stepsTaken
    for (step, line) in zip(taken, saved) where step.line(scenario) != line {
      return diverge(step, "the file has: \(line)")
    }
    guard taken.count != saved.count, let last = taken.last else { return }
    diverge(
      taken.count > saved.count ? taken[saved.count] : last,
      taken.count > saved.count
        ? "the file has no more steps" : "the file goes on: \(saved[taken.count])")
  }

  private mutating func diverge(_ step: Outcome.Step, _ text: String) {
    guard let scenario else { return }
    outcome!.divergence = .init(
      step: step.number, actor: scenario.name(ofPart: step.part), text: text, place: step.place,
      isOurs: false)
  }
}
