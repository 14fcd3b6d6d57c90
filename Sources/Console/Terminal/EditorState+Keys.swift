/// What each key does.
extension EditorState {
  package mutating func apply(_ key: Key) -> Effect {
    if search != nil, let effect = applyToSearch(key) { return effect }
    let previous = lastCommand
    switch key {
    case .text(let text): return type(text)
    case .paste(let text):
      lastCommand = .other
      replace(cursor..<cursor, with: text)
      return .none
    case .tab: return .complete
    default: break
    }
    lastCommand = .other
    return switch key {
    case .control(let letter): control(letter, after: previous)
    case .meta(let letter): meta(letter, after: previous)
    default: named(key, after: previous)
    }
  }

  private mutating func type(_ text: String) -> Effect {
    if lastCommand != .typing { undone.separate() }
    lastCommand = .typing
    replace(cursor..<cursor, with: text)
    return .none
  }

  private mutating func control(_ letter: Character, after previous: Command) -> Effect {
    switch letter {
    case "a": move(to: lineStart)
    case "b": move(to: cursor - 1)
    case "c": .interrupted
    case "d": text.isEmpty ? .end : delete(cursor..<(cursor + 1))
    case "e": move(to: lineEnd)
    case "f": move(to: cursor + 1)
    case "g": .bell
    case "k": kill(cursor..<(cursor == lineEnd ? cursor + 1 : lineEnd), after: previous)
    case "l": .clearScreen
    case "n": down(after: previous)
    case "p": up(after: previous)
    case "r": beginSearch()
    case "t": transpose()
    case "u": kill((cursor == lineStart ? cursor - 1 : lineStart)..<cursor, after: previous)
    case "w": kill(spaceStart..<cursor, after: previous)
    case "y": yank()
    case "z": .suspend
    case "_": undo()
    default: .bell
    }
  }

  private mutating func meta(_ letter: Character, after previous: Command) -> Effect {
    switch letter {
    case "b", "B": move(to: wordStart)
    case "c", "C": changeWord { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
    case "d", "D": kill(cursor..<wordEnd, after: previous)
    case "f", "F": move(to: wordEnd)
    case "l", "L": changeWord { $0.lowercased() }
    case "u", "U": changeWord { $0.uppercased() }
    case "y", "Y": yankPop(after: previous)
    case "_": redo()
    case "<": recall(0)
    case ">": recall(past.entries.count)
    default: .bell
    }
  }

  private mutating func named(_ key: Key, after previous: Command) -> Effect {
    switch key {
    case .enter: return .enter
    case .metaEnter:
      insertNewline()
      return .none
    case .backspace: return delete(backspaceStart..<cursor)
    case .delete: return delete(cursor..<(cursor + 1))
    case .wordBackspace: return kill(wordStart..<cursor, after: previous)
    case .wordDelete: return kill(cursor..<wordEnd, after: previous)
    case .left: return move(to: cursor - 1)
    case .right: return move(to: cursor + 1)
    case .up: return up(after: previous)
    case .down: return down(after: previous)
    case .home: return move(to: lineStart)
    case .end: return move(to: lineEnd)
    case .wordLeft: return move(to: wordStart)
    case .wordRight: return move(to: wordEnd)
    case .controlUp, .pageUp: return recall(past.position - 1)
    case .controlDown, .pageDown: return recall(past.position + 1)
    default: return .none
    }
  }

  // MARK: Positions

  var lineStart: Int {
    (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1
  }

  var lineEnd: Int {
    text[cursor...].firstIndex(of: "\n") ?? text.count
  }

  private var wordEnd: Int {
    var index = cursor
    while index < text.count && !text[index].isWordPart { index += 1 }
    while index < text.count && text[index].isWordPart { index += 1 }
    return index
  }

  private var wordStart: Int {
    var index = cursor
    while index > 0 && !text[index - 1].isWordPart { index -= 1 }
    while index > 0 && text[index - 1].isWordPart { index -= 1 }
    return index
  }

  private var spaceStart: Int {
    var index = cursor
    while index > 0 && text[index - 1].isWhitespace { index -= 1 }
    while index > 0 && !text[index - 1].isWhitespace { index -= 1 }
    return index
  }

  /// Where Backspace deletes from: among the blanks at the beginning of a further line it removes
  /// one step of indentation.
  private var backspaceStart: Int {
    let start = lineStart
    let blanks = text[start..<cursor]
    guard start > 0, !blanks.isEmpty, blanks.allSatisfy({ $0 == " " }) else { return cursor - 1 }
    return start + (blanks.count - 1) / 2 * 2
  }

  private mutating func move(to place: Int) -> Effect {
    guard (0...text.count).contains(place) else { return .bell }
    cursor = place
    return .none
  }

  // MARK: Deletion, the kill ring, words

  private mutating func delete(_ range: Range<Int>) -> Effect {
    guard range.lowerBound >= 0, range.upperBound <= text.count, !range.isEmpty else {
      return .bell
    }
    replace(range, with: "")
    return .none
  }

  private mutating func kill(_ range: Range<Int>, after previous: Command) -> Effect {
    let forward = range.lowerBound == cursor
    let range = range.clamped(to: 0..<text.count)
    guard !range.isEmpty else { return .bell }
    killRing.kill(Array(text[range]), joining: previous == .kill, forward: forward)
    replace(range, with: "")
    lastCommand = .kill
    return .none
  }

  private mutating func yank() -> Effect {
    guard let killed = killRing.newest() else { return .bell }
    let start = cursor
    replace(cursor..<cursor, with: killed)
    yanked = start..<cursor
    lastCommand = .yank
    return .none
  }

  private mutating func yankPop(after previous: Command) -> Effect {
    guard previous == .yank else { return .bell }
    killRing.rotate()
    replace(yanked, with: killRing.current ?? [])
    yanked = yanked.lowerBound..<max(cursor, yanked.lowerBound)
    lastCommand = .yank
    return .none
  }

  /// Exchanges the two characters around the cursor; at the end of a line, the last two.
  private mutating func transpose() -> Effect {
    let right = cursor == lineEnd ? cursor - 1 : cursor
    guard right - 1 >= lineStart else { return .bell }
    replace((right - 1)..<(right + 1), with: [text[right], text[right - 1]])
    return .none
  }

  private mutating func changeWord(_ change: (String) -> String) -> Effect {
    let end = wordEnd
    guard let start = text[cursor..<end].firstIndex(where: \.isWordPart) else { return .bell }
    replace(start..<end, with: change(String(text[start..<end])))
    return .none
  }
}

extension Character {
  fileprivate var isWordPart: Bool { isLetter || isNumber || self == "_" }
}
