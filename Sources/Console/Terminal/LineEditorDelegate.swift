/// What the line editor asks about the text; it knows no language itself.
///
/// Offsets count characters of `text`. All of these may be called for every key, so they are
/// quick; a text of more than `LineEditor.longText` characters is shown plain and not asked for.
package protocol LineEditorDelegate: AnyObject {
  /// Enter: true submits the text, false begins a new line in it.
  func isComplete(_ text: String) -> Bool
  /// The colours. Later ranges lie over earlier ones.
  func styles(_ text: String, cursor: Int) -> [StyledRange]
  /// Shown in grey behind the line of the cursor; not part of the text.
  func hint(_ text: String, cursor: Int) -> String?
  /// Tab.
  func completions(_ text: String, cursor: Int) -> Completions
  /// Enter: how far the line of the cursor, and the one that begins there, are indented.
  func indentation(_ text: String, cursor: Int) -> Indentation
}

extension LineEditorDelegate {
  package func indentation(_ text: String, cursor: Int) -> Indentation { .none }
}

/// Blanks at the beginning of lines.
package struct Indentation: Equatable, Sendable {
  /// Of the line that Enter ends; nil: as it is.
  package var line: Int?
  package var following: Int

  package init(line: Int?, following: Int) {
    self.line = line
    self.following = following
  }

  package static let none = Indentation(line: nil, following: 0)
}

/// A run of characters with one colour.
package struct StyledRange: Equatable, Sendable {
  package var range: Range<Int>
  package var style: TextStyle

  package init(_ range: Range<Int>, _ style: TextStyle) {
    self.range = range
    self.style = style
  }
}

/// What characters mean; the renderer knows the colours.
package enum TextStyle: Equatable, Sendable {
  case plain, keyword, string, number, comment
  /// A bracket that nothing closes or opens, a quote without its end.
  case unbalanced
  /// The bracket at the cursor and its partner.
  case match
  case hint
}

/// What Tab may put in the place of `range`.
package struct Completions: Equatable, Sendable {
  package var range: Range<Int>
  /// Each replaces the whole range; shown as they are.
  package var candidates: [String]

  package init(range: Range<Int>, candidates: [String]) {
    self.range = range
    self.candidates = candidates
  }

  package static func none(at cursor: Int) -> Completions {
    Completions(range: cursor..<cursor, candidates: [])
  }
}

/// How a person ended a line.
package enum LineResult: Equatable, Sendable {
  case line(String)
  /// Ctrl-C: the text is dropped.
  case interrupted
  /// Ctrl-D with no text, or the terminal is gone.
  case end
}
