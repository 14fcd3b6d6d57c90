/// The steps of a schedule: a column for each of two actors, or one with their names.
struct StepTable {
  private let page: ExplorationPage
  private let story: Story
  private let names: [String]

  private static let column = 35, value = 20

  init(_ page: ExplorationPage, _ story: Story, names: [String]) {
    self.page = page
    self.story = story
    self.names = names
  }

  private var isWide: Bool { names.count <= 2 }

  /// Steps that are told as one: their numbers, and the first of them.
  private struct Row {
    var first: Int
    var last: Int
    let step: Story.Step
    var actor: Int { step.move.actor }
  }

  func lines(atMost most: Int) -> [String] {
    let blocks = folded().map(lines)
    let head = isWide ? header() : []
    let count = blocks.reduce(head.count) { $0 + $1.count }
    if count <= most { return head + blocks.flatMap { $0 } }
    return head + shortened(blocks, most - head.count)
  }

  /// The beginning and, of more interest, the end.
  private func shortened(_ blocks: [[String]], _ most: Int) -> [String] {
    var start: [String] = []
    var end: [String] = []
    var (low, high) = (0, blocks.count)
    while low < high && start.count + blocks[low].count <= most / 3 {
      start += blocks[low]
      low += 1
    }
    while low < high && start.count + end.count + blocks[high - 1].count + 1 <= most {
      end = blocks[high - 1] + end
      high -= 1
    }
    return start + ["  \(page.cutSign)  \(high - low) more steps"] + end
  }

  private func header() -> [String] {
    let titles = names.map { page.cells($0, Self.column) }.joined(separator: "  ")
    let rule = names.map { _ in String(repeating: page.ruleSign, count: Self.column) }
    return [trimmed("     " + titles), "     " + rule.joined(separator: "  ")]
  }

  private func trimmed(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The last ends are not shown: they are of all.
  private func folded() -> [Row] {
    var rows: [Row] = []
    for (index, step) in story.steps.dropLast(story.lastEnds).enumerated() {
      if let last = rows.last, isSame(last.step, step) {
        rows[rows.count - 1].last = index + 1
      } else {
        rows.append(Row(first: index + 1, last: index + 1, step: step))
      }
    }
    return rows
  }

  private func isSame(_ one: Story.Step, _ other: Story.Step) -> Bool {
    one.move == other.move && one.move.kind == .step && one.line == other.line
      && one.call == other.call && one.change == nil && other.change == nil
      && one.effect == other.effect && one.look?.value == other.look?.value
  }

  private func lines(_ row: Row) -> [String] {
    let number = row.first == row.last ? "\(row.first)" : "\(row.first)-\(row.last)"
    let width = isWide ? Self.column : 52
    let cell = cell(row, width)
    let indent =
      isWide
      ? String(repeating: " ", count: row.actor * (Self.column + 2))
      : page.cells(names[row.actor], 16) + "  "
    let blank = isWide ? indent : String(repeating: " ", count: 18)
    return cell.enumerated().map { index, line in
      let left =
        index == 0 ? String(repeating: " ", count: max(0, 3 - number.count)) + number : "   "
      return trimmed(left + "  " + (index == 0 ? indent : blank) + line)
    }
  }

  /// `10  a:load()            is 70`; what does not fit stands below.
  private func cell(_ row: Row, _ width: Int) -> [String] {
    let step = row.step
    if step.move.kind == .kill {
      return ExplorationPage.wrapped(page.plain(step.effect), width - 4).enumerated().map {
        ($0 == 0 ? page.killSign + "   " : "    ") + $1
      }
    }
    let line = step.line > 0 ? "\(step.line)" : ""
    let left = String(repeating: " ", count: max(0, 2 - line.count)) + line + "  "
    var effect = story.effect(step, arrow: page.arrowSign)
    if row.last > row.first { effect += " \(page.timesSign)\(row.last - row.first + 1)" }
    let call = step.call.isEmpty ? step.method : step.call
    if effect.isEmpty { return [page.clip(left + call, width)] }
    let isShort = effect.hasPrefix("is ") && call.count < Self.value
    if isShort || left.count + call.count + 2 + effect.count <= width && !isWide {
      let gap = max(2, Self.value - call.count)
      return [page.clip(left + call + String(repeating: " ", count: gap) + effect, width)]
    }
    let below = ExplorationPage.wrapped(page.plain(effect), width - 4).map { "    " + $0 }
    return [page.clip(left + call, width)] + below
  }
}
