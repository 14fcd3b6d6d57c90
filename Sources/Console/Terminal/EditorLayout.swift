/// What is on the screen while a text is edited.
package struct EditorView: Sendable {
  /// Shown before the first line; may contain SGR sequences (colours), which take no columns.
  package var prompt = ""
  /// Shown before each further line.
  package var continuation = ""
  package var text: [Character] = []
  package var cursor = 0
  package var styles: [StyledRange] = []
  package var hint: String?

  package init() {}
}

/// Places each character of a view on a terminal with a given number of columns.
struct EditorLayout {
  /// A printable piece of text; one with 0 columns is an SGR sequence.
  struct Cell: Equatable {
    var text: String
    var columns: Int
  }

  struct Row {
    var prompt: [Cell] = []
    var text: Range<Int>
    var hint: [Cell] = []
    var width = 0
    /// The line continues in the next row, where the terminal wraps it by itself.
    var wraps = false
    var isEmpty: Bool { prompt.isEmpty && text.isEmpty && hint.isEmpty }
  }

  private(set) var rows: [Row] = []
  private(set) var cursorRow = 0
  private(set) var cursorColumn = 0
  private let columns: Int
  private var indent = 0

  init(_ view: EditorView, columns: Int) {
    self.columns = max(columns, 2)
    begin(at: 0, prompt: view.prompt)
    for (index, character) in view.text.enumerated() {
      if character == "\n" {
        endLine(at: index, view)
        begin(at: index + 1, prompt: view.continuation)
      } else {
        place(character, index, isCursor: index == view.cursor)
      }
    }
    endLine(at: view.text.count, view)
  }

  private var last: Int { rows.count - 1 }

  private mutating func begin(at index: Int, prompt: String) {
    rows.append(Row(text: index..<index))
    for cell in Self.cells(prompt) {
      if rows[last].width + cell.columns > columns { wrap(at: index) }
      rows[last].prompt.append(cell)
      rows[last].width += cell.columns
    }
    indent = rows[last].width
  }

  private mutating func wrap(at index: Int) {
    rows[last].wraps = true
    rows.append(Row(text: index..<index))
    indent = 0
  }

  private mutating func place(_ character: Character, _ index: Int, isCursor: Bool) {
    var width = Self.cell(character, column: rows[last].width - indent).columns
    if character == "\t" { width = min(width, max(columns - rows[last].width, 1)) }
    // Wider than a whole row: the rest is cut when it is painted.
    width = min(width, columns)
    if rows[last].width + width > columns { wrap(at: index) }
    if isCursor { (cursorRow, cursorColumn) = (last, rows[last].width) }
    rows[last].text = rows[last].text.lowerBound..<(index + 1)
    rows[last].width += width
  }

  /// Ends a line: places its hint, and the cursor if it stands there.
  private mutating func endLine(at index: Int, _ view: EditorView) {
    let start = rows[last].text.lowerBound
    if index == view.cursor {
      if rows[last].width == columns { wrap(at: index) }
      (cursorRow, cursorColumn) = (last, rows[last].width)
    }
    guard let hint = view.hint, isOnLine(view.cursor, from: start, to: index, view) else { return }
    placeHint(index == view.cursor ? hint : "  " + hint)
  }

  private func isOnLine(_ cursor: Int, from start: Int, to end: Int, _ view: EditorView) -> Bool {
    cursor <= end && (cursor >= start || !view.text[cursor..<start].contains("\n"))
  }

  /// Gives the hint the rest of the row, and one more row if that is little; then it is cut.
  private mutating func placeHint(_ hint: String) {
    let cells = Self.cells(hint)
    var room = columns - rows[last].width
    let needed = cells.reduce(0) { $0 + $1.columns }
    if needed > room { room += columns }
    let isCut = needed > room
    var used = 0
    for cell in cells {
      if isCut && used + cell.columns > room - 1 { break }
      putHint(cell)
      used += cell.columns
    }
    if isCut { putHint(Cell(text: "…", columns: 1)) }
  }

  private mutating func putHint(_ cell: Cell) {
    if rows[last].width + cell.columns > columns { wrap(at: rows[last].text.upperBound) }
    rows[last].hint.append(cell)
    rows[last].width += cell.columns
  }

  // MARK: Cells

  /// - Parameter column: counted from the end of the prompt; tabs depend on it.
  static func cell(_ character: Character, column: Int) -> Cell {
    if character == "\t" {
      let width = 8 - max(column, 0) % 8
      return Cell(text: String(repeating: " ", count: width), columns: width)
    }
    let shown = TextWidth.shown(character)
    return Cell(text: shown.text, columns: shown.columns)
  }

  /// The cells of a prompt or hint: SGR sequences take no columns, other controls are made visible.
  static func cells(_ text: String) -> [Cell] {
    var cells: [Cell] = []
    var rest = Array(text)[...]
    while let character = rest.first {
      if character == "\u{1B}", let end = sgrEnd(rest) {
        cells.append(Cell(text: String(rest[...end]), columns: 0))
        rest = rest[(end + 1)...]
      } else {
        cells.append(cell(character, column: 0))
        rest = rest.dropFirst()
      }
    }
    return cells
  }

  private static func sgrEnd(_ text: ArraySlice<Character>) -> Int? {
    guard text.dropFirst().first == "[" else { return nil }
    let end = text.dropFirst(2).firstIndex { !("0"..."9").contains($0) && $0 != ";" }
    return end.flatMap { text[$0] == "m" ? $0 : nil }
  }
}
