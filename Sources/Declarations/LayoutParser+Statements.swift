/// What stands between declarations, and what is stepped over.
extension LayoutParser {
  /// A false one is an error with its own text, so that headers which check themselves are heard.
  mutating func staticAssert() throws(LayoutFault) {
    let position = token.position
    try advance()
    try expect(.openParenthesis, "(")
    let value = try constantExpression()
    var text = "the static assertion is false"
    if try accept(.comma) {
      while token.kind == .string {
        if !value.isTrue { text += ": \(shown(token))" }
        try advance()
      }
    }
    if !value.isTrue { throw LayoutFault(position, text) }
    try expect(.closeParenthesis, ")")
    try expectSemicolon()
  }

  /// `using Name = type;`
  mutating func using() throws(LayoutFault) {
    try advance()
    if at("namespace") {
      while token.kind != .end && !at(.semicolon) { try advance() }
      return try expectSemicolon()
    }
    let name = token
    if token.kind != .identifier { throw unexpected("expected a name") }
    try advance()
    try expect(.assign, "=")
    let type = try typeName()
    try declare(name.name, type, name.position)
    try expectSemicolon()
  }

  /// `__pragma(pack(push, 1))` and `_Pragma("pack(1)")`.
  mutating func pragmaOperator() throws(LayoutFault) {
    let isText = token.name == "_Pragma"
    try advance()
    if !at(.openParenthesis) { throw unexpected("expected '('") }
    try advance()
    if isText {
      try pragmaText()
    } else {
      try pragmaTokens()
    }
    try expect(.closeParenthesis, ")")
  }

  private mutating func pragmaTokens() throws(LayoutFault) {
    let word = token
    var tokens: [LayoutToken] = []
    var open = 0
    while token.kind != .end && (open > 0 || !at(.closeParenthesis)) {
      if at(.openParenthesis) { open += 1 }
      if at(.closeParenthesis) { open -= 1 }
      tokens.append(token)
      try advance()
    }
    if word.name == "pack" { try preprocessor.pack(word, Array(tokens.dropFirst())) }
  }

  private mutating func pragmaText() throws(LayoutFault) {
    guard token.kind == .string else { throw unexpected("expected a text") }
    let position = token.position
    var lexer = LayoutLexer(Array(spelling(token).dropFirst().dropLast().utf8))
    var tokens: [LayoutToken] = []
    do throws(LayoutFault) {
      while true {
        var next = try lexer.next()
        if next.kind == .end { break }
        next.name = String(decoding: lexer.bytes[next.start..<next.end], as: UTF8.self)
        (next.start, next.end, next.position) = (-1, -1, position)
        tokens.append(next)
      }
    } catch {
      throw LayoutFault(position, error.message)
    }
    if let word = tokens.first, word.name == "pack" {
      try preprocessor.pack(word, Array(tokens.dropFirst()))
    }
    try advance()
  }

  /// From the bracket that is looked at past the one that closes it.
  mutating func skipBalanced() throws(LayoutFault) {
    let position = token.position
    let what = shown(token)
    var open = 0
    repeat {
      if token.kind == .end { throw LayoutFault(position, "'\(what)' is not closed") }
      if at(.openBrace) || at(.openParenthesis) || at(.openBracket) { open += 1 }
      if at(.closeBrace) || at(.closeParenthesis) || at(.closeBracket) { open -= 1 }
      try advance()
    } while open > 0
  }

  /// A value that says nothing about memory: to the comma or semicolon.
  mutating func skipInitializer() throws(LayoutFault) {
    while !at(.comma) && !at(.semicolon) && !at(.closeBrace) {
      if token.kind == .end { throw unexpected("expected ';'") }
      if at(.openBrace) || at(.openParenthesis) || at(.openBracket) {
        try skipBalanced()
      } else {
        try advance()
      }
    }
  }
}
