/// What can be undone and redone. A change stores the stretch that changed, not the whole text.
struct UndoStack: Sendable {
  struct Change: Sendable {
    var at: Int
    var removed: [Character]
    var inserted: [Character]
    var cursorBefore = 0
    var cursorAfter = 0
    /// The history entry that was shown before.
    var positionBefore = 0
    var positionAfter = 0

    init(at: Int, removed: [Character], inserted: [Character]) {
      self.at = at
      self.removed = removed
      self.inserted = inserted
    }

    /// Drops what is equal at both ends.
    mutating func trim() {
      let limit = min(removed.count, inserted.count)
      var head = 0
      while head < limit && removed[head].isIdentical(to: inserted[head]) { head += 1 }
      var tail = 0
      while tail < limit - head,
        removed[removed.count - 1 - tail].isIdentical(to: inserted[inserted.count - 1 - tail])
      { tail += 1 }
      guard head + tail > 0 else { return }
      at += head
      removed = Array(removed[head..<(removed.count - tail)])
      inserted = Array(inserted[head..<(inserted.count - tail)])
    }
  }

  private var done: [Change] = []
  private var reverted: [Change] = []
  private var isSeparate = true

  /// What is typed next will be undone on its own.
  mutating func separate() { isSeparate = true }

  mutating func push(_ change: Change, isTyping: Bool) {
    reverted = []
    defer { isSeparate = false }
    if isTyping, !isSeparate, let last = done.last, Self.continues(last, change) {
      done[done.count - 1].inserted += change.inserted
      done[done.count - 1].cursorAfter = change.cursorAfter
    } else {
      done.append(change)
    }
  }

  /// Does the change continue the last one? Typed characters are undone word by word.
  private static func continues(_ last: Change, _ next: Change) -> Bool {
    guard last.removed.isEmpty, next.removed.isEmpty, next.at == last.at + last.inserted.count,
      next.cursorBefore == last.cursorAfter, let before = last.inserted.last,
      let after = next.inserted.first
    else { return false }
    return !(before.isWhitespace && !after.isWhitespace)
  }

  mutating func takeUndo() -> Change? {
    guard let change = done.popLast() else { return nil }
    reverted.append(change)
    return change
  }

  mutating func takeRedo() -> Change? {
    guard let change = reverted.popLast() else { return nil }
    done.append(change)
    return change
  }
}

extension Character {
  /// Are the scalars the same? `==` also holds for a letter with a mark, composed or not.
  func isIdentical(to other: Character) -> Bool {
    unicodeScalars.elementsEqual(other.unicodeScalars)
  }
}

/// The killed texts, newest last; they outlive the line.
package struct KillRing: Sendable, Equatable {
  private var entries: [[Character]] = []
  private var rotation = 0
  private static let limit = 32

  package init() {}

  /// - Parameter joining: extends the last kill, in front of it or behind it.
  mutating func kill(_ text: [Character], joining: Bool, forward: Bool) {
    rotation = 0
    if joining, let last = entries.popLast() {
      entries.append(forward ? last + text : text + last)
    } else {
      entries.append(text)
    }
    if entries.count > Self.limit { entries.removeFirst() }
  }

  package var current: [Character]? {
    entries.isEmpty ? nil : entries[entries.count - 1 - rotation]
  }

  /// What a yank inserts first.
  mutating func newest() -> [Character]? {
    rotation = 0
    return current
  }

  mutating func rotate() {
    if !entries.isEmpty { rotation = (rotation + 1) % entries.count }
  }
}
