internal import PrintableText

/// What a person sees: the lines of a run, and the verdict.
struct Page {
  /// Escapes what could command a terminal, and colours.
  let isTerminal: Bool
  let isColoured: Bool
  let isUnicode: Bool

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
    isColoured = isTerminal && TerminalCapabilities.showsColors
    isUnicode = !isTerminal || TerminalCapabilities.showsUnicode
  }

  private enum Color: String {
    case green = "32"
    case red = "31"
    case yellow = "33"
    case faint = "2"
  }

  private func colored(_ text: String, _ color: Color) -> String {
    isColoured ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func plain(_ text: [UInt8]) -> [UInt8] {
    isTerminal ? Printable.escaped(text, .lines) : text
  }

  private func plain(_ text: String) -> String {
    String(decoding: plain(Array(text.utf8)), as: UTF8.self)
  }

  // MARK: A run

  func title(_ scenario: Scenario) -> [UInt8] { Array((plain(scenario.title) + "\n").utf8) }

  /// `  0.002  second | Message from first process.`
  func line(_ event: Outcome.Event, _ scenario: Scenario) -> [UInt8] {
    let parts = (0...scenario.actors.count).filter { $0 > 0 || event.part == 0 }
    let width = parts.map { scenario.name(ofPart: $0).count }.max() ?? 0
    let name = scenario.name(ofPart: event.part)
    let padding = String(repeating: " ", count: max(0, width - name.count))
    let head = "  \(Self.time(event.time))  \(name)\(padding) | "
    let mark =
      isUnicode || !event.isNote ? plain(event.text) : Array(("* ".utf8)) + event.text.dropFirst(3)
    let shown =
      event.isNote ? Array(colored(String(decoding: mark, as: UTF8.self), .faint).utf8) : mark
    return Array(head.utf8) + shown + [UInt8(ascii: "\n")]
  }

  /// `0.002`: milliseconds are what a person tells apart.
  private static func time(_ seconds: Double) -> String {
    let whole = Int((seconds * 1000).rounded())
    let rest = "\(whole % 1000)"
    return "\(whole / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  // MARK: The verdict

  func verdict(_ report: Report) -> [UInt8] {
    var text = ""
    switch report.verdict {
    case .misuse: return []
    case .interrupted:
      text = report.scenario.map { "\(plain($0.title))      interrupted, \(runs(report))\n" } ?? ""
    case .passed where report.options.replays != nil:
      text = replayed(report) + head("✓", "ok", .green, report)
      text += "      replayed, and did not fail: \(replays(report))\n"
    case .diverged:
      text = replayed(report) + row(head("✗", "DIVERGED", .red, report), report.scenario!.place)
      text += divergence(report.outcome!.divergence!)
    case .failed where report.options.replays != nil:
      text = replayed(report) + row(head("✗", "FAILED", .red, report), report.scenario!.place)
      text += rows(report.outcome!.failures) + "\n  Replay   \(replays(report))\n"
      if report.options.isStirred { text += replayAgain(report) }
    case .passed:
      text = head("✓", "ok", .green, report) + "      \(summary(report))\n"
    case .partial:
      text =
        head("~", "~", .yellow, report)
        + "      no failure at \(summary(report)); not a proof\n"
    case .failed:
      if !report.wasShown { text = String(decoding: run(report), as: UTF8.self) }
      text += row(head("✗", "FAILED", .red, report), report.scenario!.place)
      text += rows(report.outcome!.failures) + again(report)
    case .notExercised:
      text = row(
        head("?", "?", .yellow, report) + "      not exercised", report.scenario!.place)
      text += rows(report.notExercised)
    }
    return Array(text.utf8)
  }

  private func head(_ mark: String, _ letters: String, _ color: Color, _ report: Report) -> String {
    colored(isUnicode ? mark : letters, color) + " " + plain(report.scenario!.title)
  }

  // MARK: A replay

  /// `    2  mover    accounts.lua:11  cell:add accounts  100`, a line a step, and what was printed.
  private func replayed(_ report: Report) -> String {
    guard let scenario = report.scenario, let outcome = report.outcome else { return "" }
    let names = scenario.actors.map(\.name) + [scenario.name(ofPart: 0)]
    let width = names.map(\.count).max() ?? 0
    let places = outcome.steps.map { plain($0.place).count }.max() ?? 0
    let rounds = StepLoops(outcome.inOrder).rounds
    let lines = rounds.flatMap { round in
      round.steps.map { step -> String in
        let name = Self.padded(plain(scenario.name(ofPart: step.part)), width)
        return "\(numbered(step, round))  \(name)  \(what(step, places))\n"
      }
        + (round.times == 1
          ? [] : ["\(Self.padded("", 5))  \(Self.padded("", width))  \(times(round))\n"])
    }
    return plain(scenario.title) + "\n" + lines.joined()
  }

  private func numbered(_ step: Outcome.Step, _ round: StepLoops.Round) -> String {
    Self.padded(step.kind == .step ? "\(step.number)" : "", -5)
  }

  private func times(_ round: StepLoops.Round) -> String {
    let what = round.steps.count == 1 ? "this" : "these \(round.steps.count)"
    return colored("\(what) \(Self.counted(round.times)) times", .faint)
  }

  private func what(_ step: Outcome.Step, _ places: Int) -> String {
    let place = Self.padded(plain(step.place), places)
    let result = plain(step.result)
    switch step.kind {
    case .printed: return "| " + result
    case .killed: return place + "  " + colored("killed", .red)
    case .choice: return place + "  any takes alternative \(result)"
    case .step: break
    }
    let object = step.object.isEmpty ? "" : " " + plain(step.object)
    return "\(place)  \(step.verb)\(object)" + (result == "done" ? "" : "  \(result)")
  }

  /// To the left; a negative width: to the right.
  private static func padded(_ text: String, _ width: Int) -> String {
    let padding = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? padding + text : text + padding
  }

  /// Who went by chance is told by a schedule.
  private func replayAgain(_ report: Report) -> String {
    let schedule = Schedule(taken: report.outcome!.inOrder)
    let seed = report.outcome!.seed == 0 ? "" : " --seed \(report.outcome!.seed)"
    let shared = report.options.isShared ? " --shared" : ""
    return "  Again    moonpool replay \(Self.quoted(plain(report.file))) \(schedule.text)"
      + "\(seed)\(shared)\n"
  }

  private func replays(_ report: Report) -> String {
    let steps = report.outcome?.steps.count { $0.kind == .step } ?? 0
    let same = report.options.isStirred ? "runs" : "times the same"
    let times = report.runs == 1 ? "" : ", \(Self.counted(report.runs)) \(same)"
    return "\(Self.counted(steps)) \(steps == 1 ? "step" : "steps") on real processes\(times)"
  }

  private func divergence(_ divergence: Outcome.Divergence) -> String {
    "\n"
      + row(
        "    diverged at step \(Self.counted(divergence.step)): \(plain(divergence.actor)): "
          + plain(divergence.text), divergence.place)
  }

  /// All that is known of the run that failed.
  private func run(_ report: Report) -> [UInt8] {
    guard let scenario = report.scenario, let outcome = report.outcome else { return [] }
    return title(scenario) + outcome.events.flatMap { line($0, scenario) }
  }

  private func rows(_ failures: [Outcome.Failure]) -> String {
    let rows = failures.map {
      row("    " + plain($0.text).replacingLines(with: "\n      "), $0.place)
    }
    return rows.isEmpty ? "" : "\n" + rows.joined()
  }

  /// A text, and its place in a column of its own.
  private func row(_ text: String, _ place: String) -> String {
    let column = 64
    if place.isEmpty { return text + "\n" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines[0]
    let width = first.count - (isColoured && first.contains("\u{1B}") ? 9 : 0)
    let padding = String(repeating: " ", count: max(2, column - width))
    return ([first + padding + plain(place)] + lines.dropFirst()).joined(separator: "\n") + "\n"
  }

  private func again(_ report: Report) -> String {
    guard let outcome = report.outcome, let scenario = report.scenario else { return "" }
    let ways =
      (report.options.isFresh ? " --fresh" : "") + (report.options.isShared ? " --shared" : "")
    let command = "moonpool play \(Self.quoted(plain(report.file)))\(ways)"
    let seed = outcome.seed == 0 ? "" : " --seed \(outcome.seed)"
    if let point = outcome.killPoint {
      let name = scenario.actors[point.actor].name
      return
        "\n  Run      \(Self.counted(report.killPointsTried)) of \(Self.counted(report.killPoints ?? 1)) kill points\n"
        + "  Again    \(command)\(seed) --kill \(Self.quoted("\(name):\(point.operation)"))\n"
    }
    let wanted = report.options.times ?? max(report.runs, report.alternatives)
    if report.runs == 1 && report.options.times ?? 1 == 1 && seed.isEmpty { return "" }
    return
      "\n  Run      \(Self.counted(report.runs)) of \(Self.counted(wanted))\n"
      + "  Again    \(command)\(seed)\n"
  }

  /// A word as a shell takes it.
  static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "/._-:+@%".contains($0) }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// `2 processes, 2.4 ms, nothing left behind`
  private func summary(_ report: Report) -> String {
    let left =
      report.leftovers.isEmpty
      ? "nothing left behind"
      : "left behind and removed: \(plain(report.leftovers.joined(separator: ", ")))"
    return [runs(report), Self.duration(report.duration), left].joined(separator: ", ")
  }

  private func runs(_ report: Report) -> String {
    if let points = report.killPoints {
      if points == 1 && report.killPointsTried == 1 { return "the only kill point" }
      let of = "\(Self.counted(report.killPointsTried)) of \(Self.counted(points)) kill points"
      return report.killPointsTried == points ? "all \(Self.counted(points)) kill points" : of
    }
    let processes = report.scenario?.actors.count ?? 0
    let each = "\(processes) \(processes == 1 ? "process" : "processes")"
    return report.runs == 1 ? each : "\(Self.counted(report.runs)) runs of \(each)"
  }

  static func duration(_ seconds: Double) -> String { Figures.duration(seconds) }
  static func counted(_ number: Int) -> String { Figures.counted(number) }
}

extension String {
  fileprivate func replacingLines(with text: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: text)
  }
}
