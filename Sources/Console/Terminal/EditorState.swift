/// The text that a person edits, as a value: each key is a function on it.
///
/// How the parts play together. `RawTerminal` delivers bytes, `KeyDecoder` turns them into keys,
/// and this type applies keys (`EditorState+Keys.swift`, `EditorState+History.swift`) and keeps
/// what can be undone (`UndoStack`). `EditorLayout` places the result on the screen and
/// `EditorRenderer` computes the bytes that paint it; neither does any input or output.
/// `LineSession` is the loop for one line, `LineEditor` what callers use; it knows no language and
/// asks a `LineEditorDelegate`.
///
/// Invariant: `text` holds exactly the characters of its `String`, so that offsets mean the same in
/// both. Every change goes through `replace`, which joins and splits characters at its ends.
package struct EditorState: Sendable {
  package private(set) var text: [Character] = []
  package var cursor = 0

  /// What the caller must do after a key.
  package enum Effect: Equatable, Sendable {
    case none
    /// Ring the bell: the key could do nothing.
    case bell
    /// Enter was pressed: submit the text if it is complete, else call `insertNewline()`.
    case enter
    case complete
    case clearScreen
    case suspend
    case interrupted
    case end
  }

  /// The last command, for commands that continue what it did.
  enum Command { case typing, kill, yank, vertical, recall, completion, other }
  var lastCommand = Command.other
  /// While up and down are pressed: what the entries they show must begin with.
  var wantedPrefix: [Character]?
  /// The column that up and down try to keep.
  var goalColumn = 0
  /// What the last yank inserted, so that Meta-y can exchange it.
  var yanked = 0..<0

  var undone = UndoStack()
  package internal(set) var killRing: KillRing
  package internal(set) var past: EditorHistory
  package internal(set) var search: HistorySearch?
  var lastQuery: [Character] = []

  package init(history: [String] = [], killRing: KillRing = KillRing()) {
    past = EditorHistory(entries: history)
    self.killRing = killRing
  }

  package var string: String { String(text) }

  // MARK: Changes

  /// Replaces `range` by `new` and puts the cursor behind it; can be undone.
  ///
  /// - Parameter position: the history entry shown before, if the change shows another.
  mutating func replace(
    _ range: Range<Int>, with new: some Collection<Character>, from position: Int? = nil
  ) {
    let cursorBefore = cursor
    var change = normalized(range, new)
    guard !change.removed.isEmpty || !change.inserted.isEmpty else {
      cursor = range.upperBound
      return
    }
    apply(change)
    change.cursorBefore = cursorBefore
    change.cursorAfter = cursor
    change.positionBefore = position ?? past.position
    change.positionAfter = past.position
    undone.push(change, isTyping: lastCommand == .typing)
  }

  private mutating func apply(_ change: UndoStack.Change) {
    text.replaceSubrange(change.at..<(change.at + change.removed.count), with: change.inserted)
    cursor = change.cursorAfter
  }

  /// The change, extended by the characters that the new text joins or splits at its two ends.
  private func normalized(
    _ range: Range<Int>, _ new: some Collection<Character>
  ) -> UndoStack.Change {
    var (low, high) = (range.lowerBound, range.upperBound)
    var inserted = Array(new)
    var after = low + inserted.count
    let edges = [
      low > 0 ? text[low - 1] : nil, inserted.first, inserted.last,
      high < text.count ? text[high] : nil,
    ]
    if edges.contains(where: { $0.map { !$0.isASCII } ?? false }) {
      // Combining marks and flags join with what is at most this far away.
      while low > 0 && range.lowerBound - low < 32 {
        low -= 1
        if text[low].isASCII { break }
      }
      while high < text.count && high - range.upperBound < 32 && !text[high].isASCII { high += 1 }
      let head = String(text[low..<range.lowerBound]) + String(inserted)
      inserted = Array(head + String(text[range.upperBound..<high]))
      after = low + head.count
    }
    var change = UndoStack.Change(at: low, removed: Array(text[low..<high]), inserted: inserted)
    change.cursorAfter = min(after, low + inserted.count)
    change.trim()
    return change
  }

  package mutating func undo() -> Effect {
    guard var change = undone.takeUndo() else { return .bell }
    swap(&change.removed, &change.inserted)
    change.cursorAfter = change.cursorBefore
    apply(change)
    past.position = change.positionBefore
    return .none
  }

  package mutating func redo() -> Effect {
    guard let change = undone.takeRedo() else { return .bell }
    apply(change)
    past.position = change.positionAfter
    return .none
  }

  package mutating func insertNewline(_ indentation: Indentation = .none) {
    if let blanks = indentation.line { indentLine(blanks) }
    replace(cursor..<cursor, with: "\n" + String(repeating: " ", count: indentation.following))
    lastCommand = .other
  }

  /// Sets the indentation of the cursor's line to this many blanks.
  package mutating func indentLine(_ blanks: Int) {
    let start = lineStart
    let count = text[start..<lineEnd].prefix { $0 == " " || $0 == "\t" }.count
    let place = max(cursor - start - count, 0)
    replace(start..<(start + count), with: String(repeating: " ", count: blanks))
    cursor = min(start + blanks + place, text.count)
  }

  /// Inserts the candidate that Tab found.
  package mutating func complete(_ range: Range<Int>, with candidate: String) {
    let range = range.clamped(to: 0..<text.count)
    replace(range, with: candidate)
    lastCommand = .completion
  }

  /// Was the last key a Tab, too? Then the candidates are to be listed.
  package var wasCompletion: Bool { lastCommand == .completion }

  package mutating func noteCompletion() { lastCommand = .completion }
}
