/// Turns a view into the bytes that paint it over the last one.
///
/// Nothing is known about the terminal except what was written to it: the frame begins in the first
/// column of some row, and the cursor is `painted.cursorRow` rows below that. Long lines are left
/// to the terminal to wrap. So text copied from the terminal has no line ends that nobody typed,
/// and terminals that wrap their rows again at another width do it as `EditorLayout` does.
package struct EditorRenderer: Sendable {
  package private(set) var columns: Int
  package private(set) var height: Int
  private let isColoured: Bool

  private struct Painted: Sendable {
    var rows: [String] = []
    var cursorRow = 0
    var cursorColumn = 0
    var view = EditorView()
  }

  /// Nil: the cursor is at the start of a row, and no part of a frame is there.
  private var painted: Painted?
  /// Does the terminal wrap its rows again at another width? Nil: it has not shown it yet.
  package var wrapsAnew: Bool?
  /// The first visible row of a frame that is higher than the terminal.
  private var top = 0

  package init(columns: Int, rows: Int, isColoured: Bool) {
    self.columns = max(columns, 2)
    self.height = max(rows, 1)
    self.isColoured = isColoured
  }

  // MARK: Painting

  package mutating func paint(_ view: EditorView) -> String {
    let layout = EditorLayout(view, columns: columns)
    scroll(to: layout.cursorRow, of: layout.rows.count)
    let shown = layout.rows[top..<min(top + height, layout.rows.count)]
    let styles = Self.styles(of: view)
    let rows = shown.map { text(of: $0, view, styles) }
    var next = Painted(rows: rows, view: view)
    next.cursorRow = layout.cursorRow - top
    next.cursorColumn = layout.cursorColumn
    defer { painted = next }
    guard let painted else {
      return Self.hide + body(shown, rows, stale: 0) + place(next, from: rows.count - 1) + Self.show
    }
    if painted.rows == rows {
      return place(next, from: painted.cursorRow)
    }
    let stale = max(painted.rows.count - rows.count, 0)
    return Self.hide + "\r" + Self.up(painted.cursorRow) + body(shown, rows, stale: stale)
      + place(next, from: rows.count - 1 + stale) + Self.show
  }

  private mutating func scroll(to row: Int, of count: Int) {
    top = min(top, max(count - height, 0), row)
    top = max(top, row - height + 1)
  }

  private func body(
    _ layout: ArraySlice<EditorLayout.Row>, _ rows: [String], stale: Int
  ) -> String {
    var output = ""
    var wraps = false
    for (index, row) in layout.enumerated() {
      output += rows[index]
      if wraps && row.isEmpty {
        // The cursor gets a row of its own. The blank makes it a continuation of the line above.
        output += " " + Self.eraseLine + "\r"
      } else if row.width < columns {
        // At the right margin erasing would remove the last character.
        output += Self.eraseLine
      }
      if index == rows.count - 1 { break }
      if !row.wraps { output += "\r\n" }
      wraps = row.wraps
    }
    for _ in 0..<stale { output += "\r\u{1B}[B" + Self.eraseLine }
    return output
  }

  private func place(_ next: Painted, from row: Int) -> String {
    var output = "\r"
    if next.cursorRow > row { output += "\u{1B}[\(next.cursorRow - row)B" }
    output += Self.up(row - next.cursorRow)
    if next.cursorColumn > 0 { output += "\u{1B}[\(next.cursorColumn)C" }
    return output
  }

  // MARK: Outside the frame

  /// Leaves the frame as it is and moves to the row below it.
  package mutating func leave() -> String {
    guard let painted else { return "" }
    self.painted = nil
    top = 0
    let below = painted.rows.count - 1 - painted.cursorRow
    return "\r" + (below > 0 ? "\u{1B}[\(below)B" : "") + "\r\n"
  }

  /// Called when the terminal has another size: finds the frame again, whatever was done to it.
  ///
  /// - Parameter cursorColumn: where the terminal says the cursor is; nil: it does not say.
  package mutating func resize(columns: Int, rows: Int, cursorColumn: Int? = nil) -> String {
    let wasCut = painted.map { $0.rows.count >= height } ?? false
    self.columns = max(columns, 2)
    height = max(rows, 1)
    guard let painted else { return "" }
    let layout = EditorLayout(painted.view, columns: self.columns)
    self.painted = nil
    top = 0
    if wasCut || layout.rows.count > height { return "\u{1B}[H" + Self.eraseBelow }
    let row = rowsAbove(painted, layout, seen: cursorColumn)
    return "\r" + Self.up(row) + Self.eraseBelow
  }

  /// How many rows of the frame are above the cursor, judged by the column in which it was found.
  private mutating func rowsAbove(
    _ painted: Painted, _ layout: EditorLayout, seen: Int?
  ) -> Int {
    let anew = seen.flatMap { Self.rowAnew(layout, columns: columns, seen: $0) }
    let isKept = seen == min(painted.cursorColumn, columns - 1)
    if anew != nil && !isKept { wrapsAnew = true }
    if anew == nil && isKept { wrapsAnew = false }
    return wrapsAnew ?? true ? anew ?? layout.cursorRow : painted.cursorRow
  }

  /// The cursor's row if all rows were wrapped again: the layout's row, or, as some terminals leave
  /// the cursor before the margin, the row of the character before. Nil: neither fits the column.
  private static func rowAnew(_ layout: EditorLayout, columns: Int, seen: Int) -> Int? {
    if seen == layout.cursorColumn { return layout.cursorRow }
    if layout.cursorColumn > 0 { return seen == layout.cursorColumn - 1 ? layout.cursorRow : nil }
    return seen >= columns - 1 && layout.cursorRow > 0 ? layout.cursorRow - 1 : nil
  }

  package mutating func clearScreen() -> String {
    painted = nil
    top = 0
    return "\u{1B}[H\u{1B}[2J"
  }

  /// Shows candidates in columns below the frame; the next frame is painted below them.
  package mutating func list(_ candidates: [String]) -> String {
    let names = candidates.map { TextWidth.shown($0) }
    let widths = names.map { TextWidth.columns(of: $0) }
    let width = (widths.max() ?? 0) + 2
    let across = max(columns / width, 1)
    let wanted = (names.count + across - 1) / across
    let down = min(wanted, max(height - 3, 1))
    var output = leave()
    for row in 0..<down {
      for column in 0..<across where row + column * wanted < names.count {
        let index = row + column * wanted
        let isLast = row + (column + 1) * wanted >= names.count || column == across - 1
        let padding = isLast ? 0 : width - widths[index]
        output += names[index] + String(repeating: " ", count: padding)
      }
      output += "\r\n"
    }
    let left = names.count - names.indices.count { $0 % wanted < down }
    return left > 0 ? output + "… \(left) more\r\n" : output
  }

  /// Moves to an empty row, whatever was printed before: blanks up to the margin wrap if they must.
  package func freshRow() -> String {
    String(repeating: " ", count: columns) + "\r" + Self.eraseLine
  }

  // MARK: One row

  private static func styles(of view: EditorView) -> [TextStyle] {
    guard !view.styles.isEmpty else { return [] }
    var styles = [TextStyle](repeating: .plain, count: view.text.count)
    for styled in view.styles {
      for index in styled.range.clamped(to: 0..<view.text.count) { styles[index] = styled.style }
    }
    return styles
  }

  private func text(
    of row: EditorLayout.Row, _ view: EditorView, _ styles: [TextStyle]
  ) -> String {
    var output = row.prompt.map(\.text).joined()
    if row.prompt.contains(where: { $0.columns == 0 }) { output += "\u{1B}[m" }
    let indent = row.prompt.reduce(0) { $0 + $1.columns }
    var column = indent
    var style = TextStyle.plain
    for index in row.text {
      let next = styles.isEmpty ? .plain : styles[index]
      if next != style { output += change(from: style, to: next) }
      style = next
      let cell = EditorLayout.cell(view.text[index], column: column - indent)
      output += cut(cell, to: columns - column)
      column += cell.columns
    }
    let last = row.hint.isEmpty ? TextStyle.plain : .hint
    if last != style { output += change(from: style, to: last) }
    output += row.hint.map(\.text).joined()
    return last == .plain ? output : output + change(from: last, to: .plain)
  }

  private func cut(_ cell: EditorLayout.Cell, to room: Int) -> String {
    cell.columns <= room ? cell.text : String(cell.text.prefix(max(room, 0)))
  }

  private func change(from old: TextStyle, to new: TextStyle) -> String {
    (old == .plain ? "" : "\u{1B}[m") + (new == .plain ? "" : "\u{1B}[\(code(new))m")
  }

  /// The 16 colours that every terminal has and its owner chose; weights if colours are not wanted.
  private func code(_ style: TextStyle) -> String {
    switch style {
    case .plain: "0"
    case .keyword: isColoured ? "35" : "0"
    case .string: isColoured ? "32" : "0"
    case .number: isColoured ? "36" : "0"
    case .comment: isColoured ? "90" : "0"
    case .unbalanced: isColoured ? "1;31" : "4"
    case .match: isColoured ? "1;33" : "1"
    case .hint: isColoured ? "90" : "2"
    }
  }

  private static let hide = "\u{1B}[?25l"
  private static let show = "\u{1B}[?25h"
  private static let eraseLine = "\u{1B}[K"

  /// Erases everything from the first column down. Not by one sequence: in the first row that would
  /// mean the whole screen, which some terminals then keep in their history.
  private static let eraseBelow = eraseLine + "\u{1B}7\u{1B}[B\u{1B}[J\u{1B}8"

  private static func up(_ rows: Int) -> String { rows > 0 ? "\u{1B}[\(rows)A" : "" }
}
