/// The entries that up and down go through. A changed entry stays changed until the line is done.
package struct EditorHistory: Sendable {
  package let entries: [String]
  /// `entries.count` means the new line.
  var position: Int
  private var drafts: [Int: [Character]] = [:]

  init(entries: [String]) {
    self.entries = entries
    position = entries.count
  }

  /// The entry at `place`, with the changes made to it.
  func shown(at place: Int) -> [Character] { drafts[place] ?? Array(entries[place]) }

  /// Stores the text that was shown, and returns the entry at `place`.
  mutating func exchange(_ text: [Character], for place: Int) -> [Character] {
    drafts[position] = text
    position = place
    return shown(at: place)
  }
}

/// Ctrl-R: searches for the newest entry that contains what is typed.
package struct HistorySearch: Sendable {
  package internal(set) var query: [Character] = []
  /// The entry that is shown; nil: nothing was found, or nothing typed.
  package internal(set) var match: Int?
  package internal(set) var isFailing = false
  /// What is shown: the match, or the text from before the search.
  package internal(set) var text: [Character]
  package internal(set) var cursor: Int
}

extension EditorState {
  // MARK: Up and down

  mutating func up(after previous: Command) -> Effect {
    let start = lineStart
    guard start > 0 else { return recall(older: true, after: previous) }
    if previous != .vertical { goalColumn = cursor - start }
    cursor = start - 1
    cursor = lineStart + min(goalColumn, cursor - lineStart)
    return moved(after: previous)
  }

  mutating func down(after previous: Command) -> Effect {
    let end = lineEnd
    guard end < text.count else { return recall(older: false, after: previous) }
    if previous != .vertical { goalColumn = cursor - lineStart }
    cursor = end + 1
    cursor += min(goalColumn, lineEnd - cursor)
    return moved(after: previous)
  }

  private mutating func moved(after previous: Command) -> Effect {
    if previous != .vertical && previous != .recall { wantedPrefix = nil }
    lastCommand = .vertical
    return .none
  }

  /// Goes to the next entry that begins with what stood before the cursor when this began.
  private mutating func recall(older: Bool, after previous: Command) -> Effect {
    let goesOn = previous == .vertical || previous == .recall
    let wanted = (goesOn ? wantedPrefix : nil) ?? Array(text[..<cursor])
    wantedPrefix = wanted
    lastCommand = .recall
    var place = past.position + (older ? -1 : 1)
    while place >= 0 && place < past.entries.count {
      let shown = past.shown(at: place)
      if shown.starts(with: wanted) && shown != text { break }
      place += older ? -1 : 1
    }
    return recall(place)
  }

  /// Shows the entry at `place`; undo takes this back.
  mutating func recall(_ place: Int) -> Effect {
    guard (0...past.entries.count).contains(place), place != past.position else { return .bell }
    let position = past.position
    let shown = past.exchange(text, for: place)
    replace(0..<text.count, with: shown, from: position)
    cursor = text.count
    return .none
  }

  // MARK: Search

  mutating func beginSearch() -> Effect {
    search = HistorySearch(text: text, cursor: cursor)
    return .none
  }

  /// Nil: the search is over, and the key has its usual meaning.
  mutating func applyToSearch(_ key: Key) -> Effect? {
    switch key {
    case .text(let text): return find { $0.query.append(contentsOf: text) }
    case .paste(let text):
      return find { $0.query.append(contentsOf: text.prefix { $0 != "\n" }) }
    case .backspace:
      return find {
        _ = $0.query.popLast()
        $0.match = nil
      }
    case .control("r"): return findOlder()
    case .control("s"): return findNewer()
    case .control("g"):
      search = nil
      return EditorState.Effect.none
    case .control("c"):
      search = nil
      return nil
    case .escape:
      acceptSearch()
      return EditorState.Effect.none
    default:
      acceptSearch()
      return nil
    }
  }

  private mutating func acceptSearch() {
    guard let found = search else { return }
    search = nil
    if !found.query.isEmpty { lastQuery = found.query }
    guard let match = found.match else { return }
    lastCommand = .other
    _ = recall(match)
    replace(0..<text.count, with: found.text)
    cursor = min(found.cursor, text.count)
  }

  /// Changes the query and continues from the entry that is shown.
  private mutating func find(_ change: (inout HistorySearch) -> Void) -> Effect {
    guard var changed = search else { return .none }
    change(&changed)
    search = changed
    guard !changed.query.isEmpty else {
      search = HistorySearch(text: text, cursor: cursor)
      return .none
    }
    return look(through: stride(from: changed.match ?? past.entries.count - 1, through: 0, by: -1))
  }

  private mutating func findOlder() -> Effect {
    guard let current = search else { return .none }
    if current.query.isEmpty {
      let query = lastQuery
      return query.isEmpty ? .bell : find { $0.query = query }
    }
    return look(through: stride(from: (current.match ?? 0) - 1, through: 0, by: -1))
  }

  private mutating func findNewer() -> Effect {
    guard let match = search?.match else { return .bell }
    return look(through: stride(from: match + 1, to: past.entries.count, by: 1))
  }

  /// Finds the first of `places` that contains the query and differs from what is shown.
  private mutating func look(through places: StrideTo<Int>) -> Effect { look(Array(places)) }
  private mutating func look(through places: StrideThrough<Int>) -> Effect { look(Array(places)) }

  private mutating func look(_ places: [Int]) -> Effect {
    guard let current = search else { return .none }
    for place in places {
      let entry = Array(past.entries[place])
      guard let start = entry.firstIndex(of: current.query) else { continue }
      if place != current.match && entry == current.text && current.match != nil { continue }
      search?.match = place
      search?.text = entry
      search?.cursor = start
      search?.isFailing = false
      return .none
    }
    search?.isFailing = true
    return .bell
  }
}

extension [Character] {
  /// Where `part` begins; if it occurs several times, the last, as the eye is at a line's end.
  fileprivate func firstIndex(of part: [Character]) -> Int? {
    guard part.count <= count, !part.isEmpty else { return nil }
    for start in (0...(count - part.count)).reversed()
    where self[start..<(start + part.count)].elementsEqual(part) {
      return start
    }
    return nil
  }
}
