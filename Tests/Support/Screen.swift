/// What a person sees of the bytes that a program writes to a terminal.
///
/// It knows what a line editor uses: cursor moves, erasure, wrapping with the pause at the right
/// margin, wide and combining characters, SGR, scrolling, and that wrapped lines are wrapped
/// anew when the width changes, as today's terminals do. Its table of widths is its own, so that
/// a mistake in the program's shows.
public struct Screen: Sendable {
  public private(set) var columns: Int
  public private(set) var height: Int
  /// Zero is the top row and the left column.
  public private(set) var cursor = (row: 0, column: 0)
  public private(set) var bells = 0
  public private(set) var isCursorVisible = true
  /// What the terminal has to answer, to questions for the cursor's place.
  public private(set) var answers: [String] = []
  public var wrapping = Wrapping.anew
  /// Private modes that are on, such as 2004 for bracketed paste.
  public private(set) var modes: Set<Int> = []
  private var rows: [Row]
  private var scrolled: [Row] = []
  private var saved = (row: 0, column: 0)
  private var style = ""
  /// The last column was written: the next character goes to the next row.
  private var isAtMargin = false
  private var parser = Parser()

  /// What happens to the rows when the width changes.
  public enum Wrapping: Sendable, CaseIterable {
    /// They are wrapped anew, and the cursor goes with its character.
    case anew
    /// So, but where its line ends at the margin the cursor stays in front of that, as in tmux.
    case anewBeforeMargin
    /// They are cut, or get more room: xterm.
    case never
  }

  struct Cell: Sendable, Equatable {
    /// Empty: the right half of a wide character.
    var text = " "
    var style = ""
  }

  struct Row: Sendable {
    var cells: [Cell]
    /// Goes on in the next row.
    var wraps = false
    /// The last column is free: a wide character did not fit.
    var isShort = false

    var text: String {
      var text = cells.map(\.text).joined()
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  public init(columns: Int, rows: Int) {
    self.columns = columns
    height = rows
    self.rows = Array(repeating: Row(cells: Self.blanks(columns)), count: rows)
  }

  private static func blanks(_ count: Int) -> [Cell] {
    Array(repeating: Cell(), count: max(count, 0))
  }

  // MARK: What is seen

  /// The rows without the blanks at their right, and without the empty ones at the bottom.
  public var lines: [String] {
    var lines = rows.map(\.text)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// One of them; empty where there is none.
  public func line(_ row: Int) -> String { rows.indices.contains(row) ? rows[row].text : "" }

  public var text: String { lines.joined(separator: "\n") }

  /// With the rows that were scrolled out at the top.
  public var everything: String { (scrolled.map(\.text) + lines).joined(separator: "\n") }

  /// The SGR parameters of a cell: "35", or "" for plain.
  public func style(row: Int, column: Int) -> String { rows[row].cells[column].style }

  /// The style of the first character of the first place where `part` is seen.
  public func style(of part: String) -> String? {
    for row in rows {
      let cells = row.cells
      for start in cells.indices where cells[start].text != "" {
        var seen = ""
        var index = start
        while index < cells.count && seen.count < part.count {
          seen += cells[index].text
          index += 1
        }
        if seen == part { return cells[start].style }
      }
    }
    return nil
  }

  // MARK: What is written

  public mutating func feed(_ text: String) { feed(Array(text.utf8)) }

  public mutating func feed(_ bytes: [UInt8]) {
    for byte in bytes {
      switch parser.feed(byte) {
      case .nothing: break
      case .scalar(let scalar): put(scalar)
      case .control(let byte): control(byte)
      case .escape(UInt8(ascii: "7")): saved = cursor
      case .escape(UInt8(ascii: "8")):
        cursor = saved
        isAtMargin = false
      case .escape: break
      case .sequence(let final, let parameters, let isPrivate):
        isPrivate ? mode(final, parameters) : sequence(final, parameters)
      }
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = Self.width(scalar)
    if width == 0 { return combine(scalar) }
    if isAtMargin || cursor.column + width > columns {
      rows[cursor.row].wraps = true
      rows[cursor.row].isShort = !isAtMargin
      newRow()
      cursor.column = 0
    }
    isAtMargin = false
    set(cursor.column, Cell(text: String(scalar), style: style))
    if width == 2 { set(cursor.column + 1, Cell(text: "", style: style)) }
    cursor.column += width
    if cursor.column >= columns {
      cursor.column = columns - 1
      isAtMargin = true
    }
  }

  private mutating func set(_ column: Int, _ cell: Cell) {
    // Half a wide character is no character.
    let old = rows[cursor.row].cells[column]
    if old.text == "" && cell.text != "" && column > 0 {
      rows[cursor.row].cells[column - 1] = Cell()
    }
    if column + 1 < columns && rows[cursor.row].cells[column + 1].text == "" {
      rows[cursor.row].cells[column + 1] = Cell()
    }
    rows[cursor.row].cells[column] = cell
  }

  private mutating func combine(_ scalar: Unicode.Scalar) {
    var column = isAtMargin ? cursor.column : cursor.column - 1
    if column > 0 && rows[cursor.row].cells[column].text == "" { column -= 1 }
    if column >= 0 { rows[cursor.row].cells[column].text.unicodeScalars.append(scalar) }
  }

  private mutating func newRow() {
    if cursor.row < height - 1 {
      cursor.row += 1
    } else {
      scrolled.append(rows.removeFirst())
      rows.append(Row(cells: Self.blanks(columns)))
    }
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case 0x07: bells += 1
    case 0x08: cursor.column = max(cursor.column - 1, 0)
    case 0x09: cursor.column = min((cursor.column / 8 + 1) * 8, columns - 1)
    case 0x0A: newRow()
    case 0x0D: cursor.column = 0
    default: return
    }
    if byte != 0x07 { isAtMargin = false }
  }

  private mutating func mode(_ final: UInt8, _ parameters: [Int]) {
    let isOn = final == UInt8(ascii: "h")
    for mode in parameters {
      if mode == 25 { isCursorVisible = isOn }
      if isOn { modes.insert(mode) } else { modes.remove(mode) }
    }
  }

  private mutating func sequence(_ final: UInt8, _ parameters: [Int]) {
    let first = parameters.first ?? 0
    let count = max(first, 1)
    if final == UInt8(ascii: "m") {
      let codes = parameters.map(String.init).joined(separator: ";")
      style = codes == "0" || codes == "" ? "" : style.isEmpty ? codes : style + ";" + codes
      return
    }
    switch final {
    case UInt8(ascii: "A"): cursor.row = max(cursor.row - count, 0)
    case UInt8(ascii: "B"): cursor.row = min(cursor.row + count, height - 1)
    case UInt8(ascii: "C"): cursor.column = min(cursor.column + count, columns - 1)
    case UInt8(ascii: "D"): cursor.column = max(cursor.column - count, 0)
    case UInt8(ascii: "G"): cursor.column = min(count, columns) - 1
    case UInt8(ascii: "H"):
      cursor = (min(count, height) - 1, min(max(parameters.dropFirst().first ?? 1, 1), columns) - 1)
    case UInt8(ascii: "n"):
      if first == 6 { answers.append("\u{1B}[\(cursor.row + 1);\(cursor.column + 1)R") }
      return
    case UInt8(ascii: "J"): eraseScreen(first)
    case UInt8(ascii: "K"): eraseRow(first)
    default: return
    }
    isAtMargin = false
  }

  private mutating func eraseRow(_ which: Int) {
    let range =
      which == 0 ? cursor.column..<columns : which == 1 ? 0..<(cursor.column + 1) : 0..<columns
    for column in range { rows[cursor.row].cells[column] = Cell() }
    if which != 1 { rows[cursor.row].wraps = false }
  }

  private mutating func eraseScreen(_ which: Int) {
    if which == 0 { eraseRow(0) }
    for row in (which == 0 ? cursor.row + 1 : 0)..<height {
      rows[row] = Row(cells: Self.blanks(columns))
    }
  }

  // MARK: Another size

  /// The answers that were not fetched yet.
  public mutating func takeAnswers() -> [String] {
    defer { answers = [] }
    return answers
  }

  public mutating func resize(columns: Int, rows height: Int) {
    guard wrapping != .never else { return cut(columns: columns, rows: height) }
    var place = (row: 0, column: 0)
    var flowed: [Row] = []
    var line: [Cell] = []
    var mark: Int?
    for (index, row) in rows.enumerated() {
      if index == cursor.row { mark = line.count + cursor.column }
      line += row.wraps && row.isShort ? row.cells.dropLast() : row.cells[...]
      if row.wraps && index < rows.count - 1 { continue }
      while let last = line.last, last == Cell(), line.count > (mark ?? 0) { line.removeLast() }
      let parts = Self.split(line, columns)
      if let mark {
        let isAtEnd = wrapping == .anewBeforeMargin && mark > 0 && mark == line.count
        place = Self.place(of: isAtEnd ? mark - 1 : mark, in: parts, below: flowed.count, columns)
        if isAtEnd { place.column += 1 }
      }
      flowed += parts
      line = []
      mark = nil
    }
    while flowed.count > place.row + 1 && flowed.last?.text == "" { flowed.removeLast() }
    (self.columns, self.height) = (columns, height)
    let excess = max(flowed.count - height, 0)
    scrolled += flowed.prefix(excess)
    rows = Array(flowed.dropFirst(excess))
    while rows.count < height { rows.append(Row(cells: Self.blanks(columns))) }
    cursor = (min(max(place.row - excess, 0), height - 1), min(place.column, columns - 1))
    isAtMargin = false
  }

  /// As xterm: what is right of the margin is gone, and the rows stay where they are.
  private mutating func cut(columns: Int, rows height: Int) {
    let excess = max(cursor.row + 1 - height, 0)
    scrolled += rows.prefix(excess)
    rows = rows.dropFirst(excess).prefix(height).map { row in
      Row(cells: Array(row.cells.prefix(columns)) + Self.blanks(columns - row.cells.count))
    }
    while rows.count < height { rows.append(Row(cells: Self.blanks(columns))) }
    (self.columns, self.height) = (columns, height)
    cursor = (cursor.row - excess, min(cursor.column, columns - 1))
    isAtMargin = false
  }

  private static func place(
    of mark: Int, in parts: [Row], below row: Int, _ columns: Int
  ) -> (row: Int, column: Int) {
    var rest = mark
    for (index, part) in parts.enumerated() where index < parts.count - 1 {
      let count = part.isShort ? columns - 1 : columns
      if rest < count { return (row + index, rest) }
      rest -= count
    }
    return (row + parts.count - 1 + rest / columns, rest % columns)
  }

  /// A line in rows of another width; wide characters stay whole.
  private static func split(_ line: [Cell], _ columns: Int) -> [Row] {
    var parts: [Row] = []
    var rest = line[...]
    repeat {
      var count = min(columns, rest.count)
      if count < rest.count && rest[rest.startIndex + count].text == "" { count -= 1 }
      let cells = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      let isShort = !rest.isEmpty && count < columns
      parts.append(
        Row(
          cells: cells + blanks(columns - cells.count), wraps: !rest.isEmpty, isShort: isShort))
    } while !rest.isEmpty
    return parts
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200D, 0x20D0...0x20FF, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF:
      2
    default: 1
    }
  }
}

/// Bytes to characters and sequences.
private struct Parser: Sendable {
  enum Event {
    case nothing
    case scalar(Unicode.Scalar)
    case control(UInt8)
    case sequence(UInt8, [Int], isPrivate: Bool)
    /// One character behind Escape.
    case escape(UInt8)
  }

  private enum State { case ground, escape, sequence, string }
  private var state = State.ground
  private var bytes: [UInt8] = []
  private var needed = 0

  mutating func feed(_ byte: UInt8) -> Event {
    switch state {
    case .ground: return ground(byte)
    case .escape:
      bytes = []
      state =
        byte == UInt8(ascii: "[") ? .sequence : byte == UInt8(ascii: "]") ? .string : .ground
      if case .ground = state { return .escape(byte) }
      return .nothing
    case .string:
      if byte == 0x07 || byte == UInt8(ascii: "\\") { state = .ground }
      return .nothing
    case .sequence:
      guard (0x40...0x7E).contains(byte) else {
        bytes.append(byte)
        return .nothing
      }
      state = .ground
      let isPrivate = bytes.first == UInt8(ascii: "?")
      let parameters = bytes.drop { $0 == UInt8(ascii: "?") }
        .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
      return .sequence(byte, parameters, isPrivate: isPrivate)
    }
  }

  private mutating func ground(_ byte: UInt8) -> Event {
    if byte < 0x20 || byte == 0x7F {
      if byte == 0x1B { state = .escape }
      return byte == 0x1B ? .nothing : .control(byte)
    }
    if byte & 0xC0 == 0x80 {
      bytes.append(byte)
      needed -= 1
    } else {
      bytes = [byte]
      needed = byte < 0x80 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
    }
    guard needed == 0 else { return .nothing }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.first.map { .scalar($0) }
      ?? .nothing
  }
}
