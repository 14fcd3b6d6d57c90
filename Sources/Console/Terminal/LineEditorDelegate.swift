/// Answers the line editor's questions about the text; the editor itself knows no language.
///
/// Offsets count characters of `text`. Each of these may be called at every key, so they must be
/// quick. A text of more than `LineEditor.longText` characters is shown plain, without questions.
package protocol LineEditorDelegate: AnyObject {
  /// At Enter: true submits the text, false begins a new line in it.
  func isComplete(_ text: String) -> Bool
  /// The colours. Later ranges cover earlier ones.
  func styles(_ text: String, cursor: Int) -> [StyledRange]
  /// A text shown in grey behind the cursor's line; it is not part of the edited text.
  func hint(_ text: String, cursor: Int) -> String?
  /// At Tab.
  func completions(_ text: String, cursor: Int) -> Completions
  /// At Enter: the indentation of the cursor's line and of the new line that begins there.
  func indentation(_ text: String, cursor: Int) -> Indentation
}

extension LineEditorDelegate {
  package func indentation(_ text: String, cursor: Int) -> Indentation { .none }
}

/// Numbers of blanks at the beginning of lines.
package struct Indentation: Equatable, Sendable {
  /// For the line that Enter ends; nil: unchanged.
  package var line: Int?
  package var following: Int

  package init(line: Int?, following: Int) {
    self.line = line
    self.following = following
  }

  package static let none = Indentation(line: nil, following: 0)
}

/// A range of characters with one colour.
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
  /// A bracket that nothing closes or opens, or a quote whose end is missing.
  case unbalanced
  /// The bracket at the cursor and its partner.
  case match
  case hint
}

/// What Tab may insert in the place of `range`.
package struct Completions: Equatable, Sendable {
  package var range: Range<Int>
  /// Each one replaces the whole range. They are shown as they are.
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
  /// Ctrl-C: the text was dropped.
  case interrupted
  /// Ctrl-D without any text, or the terminal is gone.
  case end
}
