/// What stands between declarations, and what is skipped.
extension LayoutParser {
  /// A false one is an error with its own text, so that headers which check themselves are heard.
  /// One that uses names which nobody declares is skipped: it can be neither true nor false.
  mutating func staticAssert() throws(LayoutFault) {
    let position = token.position
    try advance()
    if !at(.openParenthesis) { throw unexpected("expected '('") }
    let tokens = try balanced()
    try expectSemicolon()
    let end = LayoutToken(kind: .end, position: position, start: -1, end: -1)
    let state = (token, pending, unknown)
    unknown = LayoutUnknown()
    pending = []
    token = end
    defer { (token, pending, unknown) = state }
    try replay(Array(tokens.dropFirst().dropLast()) + [end])
    do throws(LayoutFault) {
      let value = try constantExpression()
      if !unknown.isEmpty || value.isTrue { return }
    } catch {
      if !unknown.isEmpty || error.isForeign || options.isCPlusPlus { return }
      throw error
    }
    var text = "the static assertion is false"
    if try accept(.comma) {
      while token.kind == .string {
        text += ": \(shown(token))"
        try advance()
      }
    }
    throw LayoutFault(position, text)
  }

  /// Returns the tokens from this bracket to the one that closes it, and skips them.
  mutating func balanced() throws(LayoutFault) -> [LayoutToken] {
    let first = token
    let what = shown(token)
    var tokens: [LayoutToken] = []
    var open = 0
    repeat {
      if token.kind == .end { throw LayoutFault(first.position, "'\(what)' is not closed") }
      if at(.openBrace) || at(.openParenthesis) || at(.openBracket) { open += 1 }
      if at(.closeBrace) || at(.closeParenthesis) || at(.closeBracket) { open -= 1 }
      tokens.append(token)
      try advance()
    } while open > 0
    return tokens
  }

  /// Reads `using Name = type;`, `using namespace a;` or `using a::b;`.
  mutating func using() throws(LayoutFault) {
    try advance()
    if try accept("namespace") {
      var prefix = ""
      while token.kind == .identifier || at(.scope) {
        if token.kind == .identifier { prefix += token.name + "::" }
        try advance()
      }
      if opened.count < LayoutTypes.mostLevels { opened.append(prefix) }
      return try expectSemicolon()
    }
    if token.kind != .identifier && !at(.scope) { throw unexpected("expected a name") }
    if let path = try qualified() {
      let name = token
      try advance()
      if let symbol = symbol(path) { symbols[key(name.name)] = symbol }
      if let tag = tag(path) { tags[key(name.name)] = tag }
      return try expectSemicolon()
    }
    let name = token
    try advance()
    try expect(.assign, "=")
    let type = try typeName()
    try declare(name.name, type, name.position)
    try expectSemicolon()
  }

  /// Obeys `__pragma(pack(push, 1))` and `_Pragma("pack(1)")`.
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
    let text = String(spelling(token).dropFirst().dropLast())
    let tokens = try LayoutLexer.tokens(of: text, at: token.position)
    if let word = tokens.first, word.name == "pack" {
      try preprocessor.pack(word, Array(tokens.dropFirst()))
    }
    try advance()
  }

  /// Skips from this bracket past the one that closes it.
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

  /// Skips a value that says nothing about memory: to the comma or semicolon.
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

  /// C++: if a constant's value is no constant expression here, for example a function's result, it
  /// is skipped (nil), and the name is no constant's.
  mutating func foreignInitializer(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutConstant? {
    var tokens: [LayoutToken] = []
    var open = 0
    while open > 0 || !(at(.comma) || at(.semicolon) || at(.closeBrace)) {
      if token.kind == .end { throw unexpected("expected ';'") }
      if at(.openBrace) || at(.openParenthesis) || at(.openBracket) { open += 1 }
      if at(.closeBrace) || at(.closeParenthesis) || at(.closeBracket) { open -= 1 }
      tokens.append(token)
      try advance()
    }
    let end = LayoutToken(kind: .end, position: declarator.position, start: -1, end: -1)
    let state = (token, pending, unknown)
    unknown = LayoutUnknown()
    pending = []
    token = end
    defer { (token, pending, unknown) = state }
    try replay(tokens + [end])
    guard let value = try? constantExpression(), token.kind == .end, unknown.isEmpty else {
      return nil
    }
    return try converted(value, to: declarator.type)
  }
}
