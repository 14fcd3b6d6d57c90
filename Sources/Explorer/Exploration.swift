internal import CShm
internal import LuaHost

/// The search of one file: from no kills and early time-outs upwards, and of what fails the smallest
/// schedule.
final class Exploration {
  struct Options {
    var kills: Int?
    var budget: Double?
    var seed: Int64 = 0
    var strategy = "auto"
    var isInterrupted: () -> Bool = { false }
    var progress: ExplorationProgress?
  }

  enum Verdict {
    case proved
    /// No failure, but not all was explored.
    case partial
    case failed
    case notExercised
    case interrupted
  }

  let model: Model
  let file: String
  private let options: Options
  private let start = cshm_now()

  private(set) var verdict = Verdict.proved
  /// The schedule that fails; the smallest, if `smallest` says so.
  private(set) var failing: [Move] = []
  private(set) var schedules = 0
  private(set) var states = 0
  private(set) var longest = 0
  /// Until the first failure.
  private(set) var foundBySchedule = 0
  private(set) var foundAfter = 0.0
  /// Seconds.
  private(set) var duration = 0.0
  /// All schedules with so many switches were explored; nil: not even those without one.
  private(set) var switchesDone: Int?
  private(set) var notExercised: [Ending.Failure] = []
  private(set) var isTooLong = false
  /// As an actor had used most of its memory.
  private(set) var isFull = false

  /// What is known of the failing schedule.
  struct Smallest {
    let kills: Int
    let earlyTimeouts: Int
    let switches: Int
    /// Schedules of the complete search with fewer kills, or fewer early time-outs; nil: there was
    /// none, or it was not complete.
    let without: Int?

    init(_ moves: [Move], _ switches: Int, _ without: Int?) {
      kills = moves.count { $0.kind == .kill }
      earlyTimeouts = moves.count { $0.kind == .early }
      self.switches = switches
      self.without = without
    }
  }
  private(set) var smallest: Smallest?

  init(_ model: Model, file: String, _ options: Options) {
    self.model = model
    self.file = file
    self.options = options
  }

  var kills: Int {
    model.outline.actors.contains { $0.mayBeKilled }
      ? options.kills ?? model.outline.kills ?? 1 : 0
  }
  /// Schedules that only exchange steps which do not touch each other are one.
  var isReduced: Bool { options.strategy != "plain" && options.strategy != "random" }
  private var seconds: Double { options.budget ?? model.outline.budget ?? 10 }

  /// - Throws: what cannot be explored.
  func run() throws(Model.Refusal) {
    explore()
    duration = Double(cshm_now() - start) / 1e9
    try model.check()
    if verdict == .proved || verdict == .partial { judgePlaces() }
  }

  private func budget(_ part: Double) -> Search.Budget {
    Search.Budget(deadline: start + Int64(seconds * part * 1e9)) {
      [options, schedules, states] in
      options.progress?.step(schedules + $0, states + $1)
      return options.isInterrupted()
    }
  }

  // MARK: - Levels

  private struct Level {
    let kills, earlyTimeouts: Int
  }

  private var levels: [Level] {
    (0...kills).flatMap { kills in (0...1).map { Level(kills: kills, earlyTimeouts: $0) } }
  }

  private func explore() {
    if options.strategy == "random" { return wander() }
    var without: Int?
    search = Search(model, budget(0.5))
    for level in levels {
      model.limits.kills = level.kills
      model.limits.earlyTimeouts = level.earlyTimeouts
      if level.earlyTimeouts > 0 && !model.hasDeadlines { continue }
      let (result, switches) = searchAll()
      count(result)
      if let failing = result.failing {
        found(failing)
        if let switches {
          smallest = Smallest(failing, switches, without)
          return
        }
        let isLookedAt = options.strategy == "auto" && !result.isOvertaken
        return minimize(level, from: isLookedAt ? Self.fewSwitches : 0, without)
      }
      if result.isInterrupted {
        verdict = .interrupted
        return
      }
      if model.isRefused { return }
      if !result.isComplete {
        isTooLong = result.isTooLong
        isFull = result.isFull
        verdict = .partial
        model.limits = .init(kills: kills, earlyTimeouts: 1)
        return widen()
      }
      without = result.schedules
    }
    verdict = isCut ? .partial : .proved
    switchesDone = nil
  }

  /// Most bugs need no more; searches with fewer come before the one of everything.
  private static let fewSwitches = 3

  /// All schedules within the model's limits; but first those with few switches: what fails then is
  /// the smallest, and with how many it did.
  private func searchAll() -> (result: Search.Result, switches: Int?) {
    guard options.strategy == "auto" else {
      return (search.explore(Search.Strategy(rawValue: options.strategy) ?? .cache), nil)
    }
    let former = (schedules, states, longest)
    let both = TwoSearches(model, search)
    defer { both.close() }
    for switches in 0..<Self.fewSwitches {
      let result = both.explore(switches: switches)
      if result.isOvertaken { (schedules, states, longest) = former }
      if result.isOvertaken || !result.isComplete || !result.isBounded {
        return (result, result.failing == nil || result.isOvertaken ? nil : switches)
      }
      if result.failing != nil { return (result, switches) }
      count(result)
    }
    let result = both.explore()
    if result.isOvertaken { (schedules, states, longest) = former }
    return (result, nil)
  }

  private var search: Search!
  /// How much could happen where it was found: copies go by words only if somebody could be killed.
  private var failingLimits = Model.Options()

  private func count(_ result: Search.Result) {
    schedules += result.schedules
    states += result.states
    longest = max(longest, result.longest)
  }

  private func found(_ path: [Move]) {
    verdict = .failed
    failing = path
    failingLimits = model.limits
    foundBySchedule = schedules
    foundAfter = Double(cshm_now() - start) / 1e9
  }

  /// Bounded search from no switches upwards, so that the first that fails is the smallest.
  private func minimize(_ level: Level, from fewest: Int, _ without: Int?) {
    let begin = cshm_now()
    let time = max(Int64(seconds * 1e9) - (begin - start), Int64(seconds * 0.5e9))
    var budget = budget(1)
    budget.deadline = begin + time
    let search = Search(model, budget)
    var switches = fewest
    while true {
      let result = search.explore(.cache, switches: switches)
      count(result)
      if let smaller = result.failing {
        failing = smaller
        smallest = Smallest(smaller, switches, without)
        return
      }
      if !result.isComplete { return }
      if !result.isBounded {
        // All was explored, and what is known to fail is not there.
        contradictsItself = !isCut
        return
      }
      switches += 1
    }
  }

  /// Two searches of the same do not agree: one of them leaves out what it must not.
  private(set) var contradictsItself = false

  /// The budget did not do for all: all with few switches, then by chance.
  private func widen() {
    let search = Search(model, budget(0.8))
    search.unmet = self.search.unmet
    self.search = search
    var switches = 0
    while true {
      let result = search.explore(.cache, switches: switches)
      count(result)
      if let failing = result.failing {
        found(failing)
        smallest = Smallest(failing, switches, nil)
        return
      }
      if result.isInterrupted || model.isRefused { return interrupt() }
      if !result.isComplete { break }
      switchesDone = switches
      if !result.isBounded {
        verdict = isCut ? .partial : .proved
        return
      }
      switches += 1
    }
    wander()
  }

  /// Something was one step that is several, or taken for what it need not be.
  private var isCut: Bool { model.isFolded || model.isAssumed }

  private func interrupt() { verdict = .interrupted }

  private func wander() {
    model.limits = .init(kills: kills, earlyTimeouts: 1)
    verdict = .partial
    let budget = budget(1)
    let former = search
    let search = Search(model, budget)
    if let former { search.unmet = former.unmet }
    self.search = search
    let result = search.walk(seed: options.seed) {
      cshm_now() < budget.deadline && !budget.isInterrupted(search.judged, 0)
    }
    count(result)
    if let failing = result.failing { return found(failing) }
    if options.isInterrupted() { interrupt() }
  }

  // MARK: - What the file names

  private func judgePlaces() {
    let name = model.outline.place.prefix { $0 != ":" }
    notExercised += search.unmet.complaints.map { text, line in
      .init(text: text, place: line > 0 ? "\(name):\(line)" : "\(name)")
    }
    if !notExercised.isEmpty { verdict = .notExercised }
  }

  var status: Int32 {
    switch verdict {
    case .proved, .partial: 0
    case .failed, .notExercised: 1
    case .interrupted: 130
    }
  }

  /// A schedule that was judged, and what each of its steps did, as a number: another process must come
  /// to the same.
  func sample() -> (schedule: String, digest: String)? {
    guard let sample = search.sample, sample.count <= 2_000, let digest = digest(of: sample) else {
      return nil
    }
    return (ScheduleText.text(sample), digest)
  }

  /// Nil: it cannot be followed.
  func digest(of moves: [Move]) -> String? {
    model.limits = .init(kills: kills, earlyTimeouts: 1)
    model.usesSymmetry = false  // it may be one that begins with another of equal actors
    if search == nil { search = Search(model, .init()) }
    search.reset()
    let story = Story(model, moves)
    guard let ending = story.ending else { return nil }
    var text = story.steps.map { step in
      "\(step.move.actor) \(step.file):\(step.line) \(step.call) \(story.effect(step, arrow: ">"))"
    }
    text.append(model.outcome(ending))
    var digest = Digest()
    for byte in text.joined(separator: "\n").utf8 { digest.add(UInt64(byte)) }
    return String(digest.first, radix: 16)
  }

  /// All schedules but those that only exchange steps which do not touch each other, as text, one in
  /// each line; for real processes.
  func schedules(seconds: Double) -> (text: String, isComplete: Bool) {
    model.limits = .init(kills: kills, earlyTimeouts: 1)
    let search = Search(model, .init(deadline: cshm_now() + Int64(seconds * 1e9)))
    search.stopsAtFailure = false
    search.mostSchedules = 50_000
    var text = ""
    search.onEnding = { _ in text += ScheduleText.text(search.moves) + "\n" }
    let result = search.explore(.sleep)
    return (text, result.isComplete)
  }

  /// Follows the schedule once more, and tells each step. Nil: it came out differently, which is the
  /// explorer's fault.
  func story() -> Story? {
    guard let story = story(of: failing) else { return nil }
    // The ends of actors that come last come of themselves.
    let short = Array(story.moves.dropLast(story.lastEnds))
    failing = story.moves
    guard story.lastEnds > 0, let again = self.story(of: short), again.moves.count == failing.count
    else { return story }
    failing = short
    return again
  }

  private func story(of moves: [Move]) -> Story? {
    model.limits = failingLimits
    model.usesSymmetry = false
    search.reset()
    let story = Story(model, moves)
    return story.ending?.isFailing == true ? story : nil
  }
}
