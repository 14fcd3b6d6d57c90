/// A punctuator of C; `scope` is C++'s `::`.
enum LayoutMark: UInt8 {
  case openBrace, closeBrace, openBracket, closeBracket, openParenthesis, closeParenthesis
  case semicolon, comma, colon, scope, question, dot, ellipsis, arrow, hash, paste
  case plus, minus, star, slash, percent, tilde, exclamation, ampersand, bar, caret
  case less, greater, lessOrEqual, greaterOrEqual, equal, notEqual, and, or, shiftLeft, shiftRight
  case assign, compoundAssign, increment, decrement
}

/// A word of the text. Its spelling is `bytes[start..<end]`. Errors point at `position`, which for
/// a token from a macro is where the macro was used.
struct LayoutToken {
  enum Kind: UInt8 {
    case end, endOfLine, identifier, number, character, string, mark
  }

  var kind: Kind
  var mark: LayoutMark = .semicolon
  /// Is it the first on its line? Only there `#` begins a directive.
  var startsLine = false
  var position: Int
  var start: Int
  var end: Int
  /// A macro's name inside its own expansion: it is not expanded again.
  var isPainted = false
  /// An identifier's spelling; also that of any token that is in no text (`start` is -1).
  var name = ""

  /// A number that is in no text.
  static func number(_ text: String, at position: Int = 0) -> LayoutToken {
    word(text, .number, position)
  }

  static func word(_ text: String, _ kind: Kind, _ position: Int) -> LayoutToken {
    LayoutToken(kind: kind, position: position, start: -1, end: -1, name: text)
  }

  func isMark(_ mark: LayoutMark) -> Bool { kind == .mark && self.mark == mark }
}

/// The source of tokens for the expressions' grammar: the whole text, or one `#if`.
protocol LayoutTokenSource {
  /// The current token; `.end` after the last.
  var token: LayoutToken { get }
  /// The present depth of recursion; limiting it bounds the stack.
  var depth: Int { get set }
  /// Above 0 in an operand of `?:`, `&&` or `||` that is not evaluated, where errors of arithmetic
  /// do not count.
  var unevaluated: Int { get set }
  /// Does `>` end the expression instead of comparing?
  var isTemplateArgument: Bool { get }
  mutating func advance() throws(LayoutFault)
  func spelling(_ token: LayoutToken) -> String
  /// The value of a number or a character.
  func literal(_ token: LayoutToken) throws(LayoutFault) -> LayoutConstant
  /// An operand that only one of the sources has: names, `sizeof`, casts. Nil: the token begins
  /// none.
  mutating func specialOperand() throws(LayoutFault) -> LayoutConstant?
}

extension LayoutTokenSource {
  func at(_ mark: LayoutMark) -> Bool { token.isMark(mark) }

  func at(_ word: String) -> Bool { token.kind == .identifier && token.name == word }

  /// Consumes the mark if it is the current token.
  mutating func accept(_ mark: LayoutMark) throws(LayoutFault) -> Bool {
    if !at(mark) { return false }
    try advance()
    return true
  }

  mutating func accept(_ word: String) throws(LayoutFault) -> Bool {
    if !at(word) { return false }
    try advance()
    return true
  }

  mutating func expect(_ mark: LayoutMark, _ text: String) throws(LayoutFault) {
    if try !accept(mark) { throw unexpected("expected '\(text)'") }
  }

  /// An error at the token: `expected ';' before 'foo'`.
  func unexpected(_ message: String) -> LayoutFault {
    let what = token.kind == .end ? "the end of the text" : "'\(shown(token))'"
    return LayoutFault(token.position, "\(message) before \(what)")
  }

  /// The token's spelling; of a long one, only the beginning.
  func shown(_ token: LayoutToken) -> String { Self.shortened(spelling(token)) }

  static func shortened(_ text: String) -> String {
    let scalars = text.unicodeScalars
    if scalars.count <= 40 { return text }
    return String(scalars.prefix(40)) + "…"
  }

  /// Goes one level deeper. The grammar recurses only through this.
  mutating func descend() throws(LayoutFault) {
    depth += 1
    if depth > LayoutTypes.mostLevels { throw LayoutFault.tooDeep(token.position) }
  }
}
