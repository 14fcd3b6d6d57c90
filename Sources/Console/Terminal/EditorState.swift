/// The text that a person edits, as a value: every key is a function on it.
///
/// Invariant: `text` holds the characters that its `String` has, so that offsets mean the same
/// in both; every change goes through `replace`, which joins and splits characters at its ends.
package struct EditorState: Sendable {
  package private(set) var text: [Character] = []
  package var cursor = 0

  /// What the caller has to do after a key.
  package enum Effect: Equatable, Sendable {
    case none
    /// The key could do nothing.
    case bell
    /// Enter: submit when complete, else `insertNewline()`.
    case enter
    case complete
    case clearScreen
    case suspend
    case interrupted
    case end
  }

  /// The kind of the last command, for those that go on with what it did.
  enum Command { case typing, kill, yank, vertical, recall, completion, other }
  var lastCommand = Command.other
  /// What the entries that up and down show begin with, while nothing else is pressed.
  var wantedPrefix: [Character]?
  /// The column that up and down try to keep.
  var goalColumn = 0
  /// What the last yank put in, for Meta-y to exchange.
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

  /// Puts `new` in the place of `range` and the cursor behind it; can be undone.
  ///
  /// - Parameter position: the history entry that was shown before, if that changes, too.
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

  /// The change with the characters that the new text joins or splits at both of its ends.
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
      // Marks and flags look at most this far for what they join with.
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

  /// Gives the cursor's line so many blanks at its beginning.
  package mutating func indentLine(_ blanks: Int) {
    let start = lineStart
    let count = text[start..<lineEnd].prefix { $0 == " " || $0 == "\t" }.count
    let place = max(cursor - start - count, 0)
    replace(start..<(start + count), with: String(repeating: " ", count: blanks))
    cursor = min(start + blanks + place, text.count)
  }

  /// Tab found what belongs here.
  package mutating func complete(_ range: Range<Int>, with candidate: String) {
    let range = range.clamped(to: 0..<text.count)
    replace(range, with: candidate)
    lastCommand = .completion
  }

  /// Was the last key a Tab, too? Then its candidates are to be listed.
  package var wasCompletion: Bool { lastCommand == .completion }

  package mutating func noteCompletion() { lastCommand = .completion }
}
