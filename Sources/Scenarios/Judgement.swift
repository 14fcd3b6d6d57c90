internal import CLuaShm
internal import Glibc
internal import PrintableText

/// What the file expects of a whole run, against what came of it.
struct Judgement {
  private let scenario: Scenario
  private let outcome: Outcome
  private let outputs: [[UInt8]]
  private(set) var failures: [Outcome.Failure] = []

  /// - Parameter outputs: by part.
  init(_ scenario: Scenario, _ outcome: Outcome, _ outputs: [[UInt8]]) {
    self.scenario = scenario
    self.outcome = outcome
    self.outputs = outputs
    // Where the run did not begin there is nothing to expect of it.
    if outcome.failures.isEmpty || outcome.ends.dropFirst().contains(where: { $0 != nil }) {
      judgeEnds()
      for (place, what) in scenario.expectations { judge(what, place) }
    }
  }

  private mutating func fail(_ text: String, _ place: String) {
    failures.append(.init(text: text, place: place))
  }

  private func name(_ actor: Int) -> String { scenario.actors[actor].name }

  /// Killed by a sweep, or by a schedule: not by the file's faults.
  private func isSwept(_ actor: Int) -> Bool {
    outcome.wasKilled && outcome.killPoint?.actor == actor
      || outcome.scheduledKills.contains(actor)
  }

  private func isStopped(_ actor: Int) -> Bool { outcome.stopped.contains(actor + 1) }

  // MARK: Ends

  /// An end that nobody expects: a status other than 0, or a signal that no fault sent.
  private mutating func judgeEnds() {
    for actor in scenario.actors.indices where !isExpected(actor) && !isStopped(actor) {
      guard let end = outcome.ends[actor + 1], end != .status(0) else { continue }
      if case .signal(SIGKILL) = end, wasKilled(actor) { continue }
      if case .status(1) = end, hasFailed { continue }  // what made it fail is told
      fail("\(name(actor)) \(end.text)", scenario.actors[actor].place)
    }
  }

  private var hasFailed: Bool { !outcome.failures.isEmpty }

  private func isExpected(_ actor: Int) -> Bool {
    scenario.expectations.contains {
      if case .exit(let actors, _) = $0.what { return actors.contains(actor) }
      return false
    }
  }

  private func wasKilled(_ actor: Int) -> Bool {
    isSwept(actor)
      || outcome.faults.contains {
        scenario.faults[$0].kind == .kill && scenario.faults[$0].actors.contains(actor)
      }
  }

  // MARK: Expectations

  private mutating func judge(_ what: Scenario.Expectation, _ place: String) {
    switch what {
    case .output(let actors, let text):
      for actor in actors where !isStopped(actor) { judgeOutput(actor, text, place) }
    case .exit(let actors, let status):
      for actor in actors where !isStopped(actor) { judgeExit(actor, status, place) }
    case .order(let steps): judgeOrder(steps, place)
    case .gone: break  // looked at while there was something to look at
    }
  }

  private mutating func judgeOutput(_ actor: Int, _ expected: [UInt8], _ place: String) {
    var found = outputs[actor + 1]
    if found.last == UInt8(ascii: "\n") { found.removeLast() }
    // Killed by a sweep, it has printed a part.
    if found == expected || isSwept(actor) && expected.starts(with: found) { return }
    fail(
      "output of \(name(actor)): expected \(Self.quoted(expected)), got \(Self.quoted(found))",
      place)
  }

  private static func quoted(_ text: [UInt8]) -> String {
    let most = 200
    let shown = text.count > most ? Array(text.prefix(most)) + Array("…".utf8) : text
    return "\"" + String(decoding: Printable.escaped(shown, .quoted), as: UTF8.self) + "\""
  }

  private mutating func judgeExit(_ actor: Int, _ expected: String, _ place: String) {
    guard let end = outcome.ends[actor + 1] else { return }
    let isSame =
      switch end {
      case .status(let status): "\(status)" == expected
      case .signal(let signal): Self.signal(expected) == signal
      }
    if isSame || isSwept(actor) { return }
    fail("\(name(actor)): expected \(Self.expected(expected)), but it \(end.text)", place)
  }

  private static func expected(_ status: String) -> String {
    Int(status) == nil ? status : "status \(status)"
  }

  private static let signals: [String: Int32] = [
    "KILL": SIGKILL, "TERM": SIGTERM, "INT": SIGINT, "SEGV": SIGSEGV, "ABRT": SIGABRT,
    "BUS": SIGBUS, "STOP": SIGSTOP, "HUP": SIGHUP, "PIPE": SIGPIPE, "FPE": SIGFPE, "ILL": SIGILL,
    "USR1": SIGUSR1, "USR2": SIGUSR2, "ALRM": SIGALRM, "QUIT": SIGQUIT, "TRAP": SIGTRAP,
  ]

  private static func signal(_ name: String) -> Int32? {
    signals[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name]
  }

  /// Each step happens after the one before it; a step that never happens is not exercised.
  private mutating func judgeOrder(_ steps: [String], _ place: String) {
    for (earlier, later) in zip(steps, steps.dropFirst()) {
      guard let first = outcome.marks[earlier], let second = outcome.marks[later],
        second < first
      else { continue }
      fail("order: \(later) happened before \(earlier)", place)
    }
  }
}
