internal import PrintableText

/// What a person sees of an exploration.
struct ExplorationPage {
  let isTerminal: Bool
  let isUnicode: Bool
  let isColoured: Bool

  private static let width = 80
  private static let place = 64
  private static let mostLines = 40

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
    isColoured = isTerminal && TerminalCapabilities.showsColors
    isUnicode = !isTerminal || TerminalCapabilities.showsUnicode
  }

  private func mark(_ sign: String, _ letters: String, _ color: String) -> String {
    let text = isUnicode ? sign : letters
    return isColoured ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
  }

  private var arrow: String { isUnicode ? "→" : "->" }
  private var rule: String { isUnicode ? "─" : "-" }
  private var cut: String { isUnicode ? "…" : "..." }

  func plain(_ text: String) -> String {
    isTerminal
      ? String(decoding: Printable.escaped(Array(text.utf8), .lines), as: UTF8.self) : text
  }

  private func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - cut.count)) + cut
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// A text, and its place in a column of its own: behind the first line, or below the last if there
  /// is no room.
  private func rows(_ text: String, _ place: String, indent: Int = 0, mark: String = "") -> [String]
  {
    let blanks = String(repeating: " ", count: indent + (mark.isEmpty ? 0 : 2))
    let room = place.isEmpty ? Self.width : Self.place - 2
    var rows = Self.wrapped(plain(text), room - blanks.count).map { blanks + $0 }
    let shown = clipped(plain(place), Self.width - 2)
    let column = min(Self.place, Self.width - shown.count)
    if place.isEmpty {
      // The text has the whole row.
    } else if rows[0].count + 2 <= column {
      rows[0] = padded(rows[0], column) + shown
    } else {
      rows.append(String(repeating: " ", count: column) + shown)
    }
    if !mark.isEmpty { rows[0] = mark + " " + rows[0].dropFirst(2) }
    return rows
  }

  static func wrapped(_ text: String, _ width: Int) -> [String] {
    var rows: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var row = ""
      for word in line.split(separator: " ", omittingEmptySubsequences: false) {
        var word = String(word)
        if !row.isEmpty && row.count + 1 + word.count > width {
          rows.append(row)
          row = ""
        }
        while word.count > width {
          rows.append(String(word.prefix(width)))
          word = String(word.dropFirst(width))
        }
        row += row.isEmpty ? word : " " + word
      }
      rows.append(row)
    }
    return rows
  }

  // MARK: - The verdict

  func text(_ exploration: Exploration, _ story: Story?, _ confirmed: Int?) -> String {
    let outline = exploration.model.outline!
    var lines: [String] = []
    switch exploration.verdict {
    case .proved:
      lines += rows(outline.title + "      proved", "", mark: mark("✓", "+", "32"))
      lines += labelled("Search", search(exploration))
      lines += labelled("Assuming", assumptions(exploration))
    case .partial:
      lines += rows(
        outline.title, "", mark: mark("~", "~", "33"))
      lines += labelled("Search", partial(exploration))
      lines += labelled("Assuming", assumptions(exploration))
    case .notExercised:
      lines += rows(
        outline.title + "      not exercised", outline.place, mark: mark("?", "?", "33"))
      lines.append("")
      for failure in exploration.notExercised {
        lines += rows(failure.text, failure.place, indent: 4)
      }
      lines.append("")
      lines += labelled("Search", search(exploration))
      lines += labelled("Assuming", assumptions(exploration))
    case .interrupted:
      lines += rows(outline.title, "", mark: mark("~", "~", "33"))
      lines += labelled("Search", "interrupted: " + partial(exploration))
    case .failed:
      if let story { lines = failed(exploration, story, confirmed) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func labelled(_ label: String, _ text: String) -> [String] {
    let indent = 11
    return Self.wrapped(plain(text), Self.width - indent).enumerated().map { index, line in
      index == 0
        ? padded("  " + label, indent) + line
        : String(repeating: " ", count: indent) + line
    }
  }

  private static func plural(_ number: Int, _ one: String) -> String {
    "\(Figures.counted(number)) \(one)\(number == 1 ? "" : "s")"
  }

  private func search(_ exploration: Exploration) -> String {
    let one = exploration.schedules == 1 || !exploration.isReduced
    let states =
      exploration.states > 0
      ? " and \(Self.plural(exploration.states, "state"))"
      : one ? "" : ", one for each order of steps that conflict"
    return "all schedules, by \(Self.plural(exploration.schedules, "path"))\(states), "
      + "in \(Figures.duration(exploration.duration))"
  }

  /// What real processes did with the schedules of a search.
  func followed(_ runs: Int, of all: Int, _ isComplete: Bool) -> String {
    let what =
      runs == all && isComplete
      ? "all \(Self.plural(runs, "schedule")) of them"
      : "\(Figures.counted(runs)) of \(isComplete ? "" : "more than ")\(Self.plural(all, "schedule"))"
    return labelled("Real", what + " on real processes: none failed").joined(separator: "\n") + "\n"
  }

  private func partial(_ exploration: Exploration) -> String {
    var text = "no failure in \(Self.plural(exploration.schedules, "schedule"))"
    if let switches = exploration.switchesDone {
      text += ", all with up to \(Self.plural(switches, "switch").replacing("switchs", "switches"))"
    }
    text += ", in \(Figures.duration(exploration.duration)); not a proof"
    if exploration.isTooLong {
      text +=
        exploration.isFull
        ? ": an actor uses most of the 64 MiB that it has in the explorer"
        : ": a schedule has more than 10,000 steps"
    }
    if exploration.model.isFolded {
      text +=
        ": a copy of more than 8 words, of bit-fields, or between two views was not tried in all its "
        + "ways"
    }
    if exploration.model.isAssumed {
      text += ": assumed that a loop which allocates, with 20 rounds alike, goes on like that"
    }
    return text
  }

  private func assumptions(_ exploration: Exploration) -> String {
    let kills = exploration.kills
    let isAnybodyKilled = exploration.model.outline.actors.contains { $0.mayBeKilled }
    var parts = ["this scenario"]
    parts.append(
      kills > 0
        ? "≤ \(Self.plural(kills, "kill"))"
        : isAnybodyKilled ? "no kills" : "no kills (no actor has kill = true)")
    if exploration.model.hasDeadlines { parts.append("≤ 1 early time-out") }
    parts += [
      "first in first out wake-ups", "none spurious", "handles not closed by the collector",
    ]
    if isAnybodyKilled && exploration.model.shortcuts.contains(.takesAllAtOnce) {
      parts.append("nobody killed while a wait for all takes one after the other")
    }
    if exploration.model.shortcuts.contains(.startsAtOnce) {
      parts.append("the top level of an actor with after= in one step")
    }
    if exploration.model.outline.hasFaults {
      parts.append("no fault.* of the file, which play does")
    }
    let text = parts.joined(separator: ", ")
    return isUnicode ? text : text.replacing("≤", with: "<=")
  }

  // MARK: - A failure

  private func failed(
    _ exploration: Exploration, _ story: Story, _ confirmed: Int?
  ) -> [String] {
    let outline = exploration.model.outline!
    var head = rows(outline.title, outline.place, mark: mark("✗", "x", "31"))
    head.append("")
    for failure in failures(story) { head += rows(failure.text, failure.place, indent: 4) }
    head.append("")
    var tail = [""]
    tail += labelled("Why", Why(story, exploration.model).text)
    tail += labelled("Smallest", smallest(exploration))
    tail += labelled(
      "Search",
      "found by schedule \(Figures.counted(exploration.foundBySchedule)) in "
        + "\(Figures.duration(exploration.foundAfter))" + confirmation(confirmed))
    tail += labelled("Again", again(exploration))
    let room = Self.mostLines - head.count - tail.count
    return head + StepTable(self, story, names: story.names).lines(atMost: room) + tail
  }

  private func confirmation(_ confirmed: Int?) -> String {
    guard let confirmed else { return "." }
    return "; confirmed on real processes \(confirmed) of \(Confirmation.times)."
  }

  private func failures(_ story: Story) -> [Ending.Failure] {
    var failures = story.ending?.failures ?? []
    if story.ending?.stuck != nil {
      failures += story.stuck.prefix(4).map {
        Ending.Failure(text: "stuck: \(story.names[$0.actor]) \($0.why)", place: $0.place)
      }
    }
    var seen: Set<Ending.Failure> = []
    return Array(failures.filter { seen.insert($0).inserted }.prefix(6))
  }

  private func smallest(_ exploration: Exploration) -> String {
    guard let smallest = exploration.smallest else {
      return exploration.contradictsItself
        ? "not known: the searches contradict each other."
        : "not known: the budget was spent before all smaller ones were explored."
    }
    var parts: [String] = [Self.plural(smallest.kills, "kill")]
    if smallest.earlyTimeouts > 0 {
      parts.append(Self.plural(smallest.earlyTimeouts, "early time-out"))
    }
    parts.append("\(smallest.switches) \(smallest.switches == 1 ? "switch" : "switches")")
    var text = parts.joined(separator: ", ") + "."
    if let without = smallest.without, smallest.kills + smallest.earlyTimeouts > 0 {
      let what = smallest.kills > 0 ? "a kill" : "an early time-out"
      text += " Without \(what) none fails: proved (\(Self.plural(without, "schedule")))."
    } else if smallest.switches > 0 {
      text += " None with fewer switches fails: proved."
    }
    return text
  }

  private func again(_ exploration: Exploration) -> String {
    let schedule = ScheduleText.text(exploration.failing)
    let command = "moonpool replay \(exploration.file)"
    if schedule.isEmpty { return "\(command) \"\"" }
    if schedule.count <= 300 { return "\(command) \(schedule)" }
    return "moonpool explore --save FAILS \(exploration.file); \(command) FAILS"
  }

  // MARK: - For the table

  func cells(_ text: String, _ width: Int) -> String { padded(clipped(plain(text), width), width) }
  func clip(_ text: String, _ width: Int) -> String { clipped(plain(text), width) }
  var arrowSign: String { arrow }
  var ruleSign: String { rule }
  var timesSign: String { isUnicode ? "×" : "x" }
  var killSign: String { isUnicode ? "✝" : "x" }
  var cutSign: String { cut }
}

extension String {
  fileprivate func replacing(_ one: String, _ other: String) -> String {
    replacing(one, with: other)
  }

  func replacing(_ one: String, with other: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.firstRange(of: one) {
      result += rest[..<range.lowerBound] + other
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
