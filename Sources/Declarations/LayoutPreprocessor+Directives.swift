extension LayoutPreprocessor {
  /// Obeys the line that `hash` begins, and leaves out what it says to leave out.
  mutating func directive(_ hash: LayoutToken) throws(LayoutFault) {
    lexer.isInDirective = true
    let name = try lexer.next()
    switch spelling(name) {
    case "if": try open(hash, isTaken: condition(name))
    case "ifdef": try open(hash, isTaken: isDefined())
    case "ifndef": try open(hash, isTaken: !isDefined())
    case "elif", "elifdef", "elifndef", "else": try otherwise(hash, spelling(name))
    case "endif": try close(hash)
    case "define": try define(name)
    case "undef": undefine(try word().name)
    case "pragma": try pragma()
    case "error":
      throw LayoutFault(hash.position, "#error: \(try rest())")
    case _ where name.kind == .endOfLine || name.kind == .number: break
    case "include", "include_next", "import", "line", "warning", "ident", "region", "endregion":
      break
    default:
      throw LayoutFault(name.position, "unknown directive '#\(Self.short(spelling(name)))'")
    }
    lexer.leaveDirective()
  }

  private static func short(_ text: String) -> String { String(text.prefix(40)) }

  private mutating func word() throws(LayoutFault) -> LayoutToken {
    let token = try lexer.next()
    if token.kind != .identifier { throw LayoutFault(token.position, "expected a macro's name") }
    return token
  }

  /// What is left of the line, as it was written.
  private mutating func rest() throws(LayoutFault) -> String {
    var words: [String] = []
    while true {
      let token = try lexer.next()
      if token.kind == .endOfLine || words.count == 20 { return words.joined(separator: " ") }
      words.append(Self.short(spelling(token)))
    }
  }

  /// The line's tokens.
  mutating func line() throws(LayoutFault) -> [LayoutToken] {
    var tokens: [LayoutToken] = []
    while true {
      let token = try lexer.next()
      if token.kind == .endOfLine { return tokens }
      tokens.append(token)
    }
  }

  private mutating func define(_ directive: LayoutToken) throws(LayoutFault) {
    let name = try word()
    if name.name == "defined" {
      throw LayoutFault(name.position, "'defined' cannot be a macro's name")
    }
    let hasParameters = lexer.isAtParenthesis
    define(name.name, LayoutMacro(body: try line(), hasParameters: hasParameters))
  }

  // MARK: Conditions

  private mutating func isDefined() throws(LayoutFault) -> Bool {
    macro(try word().name) != nil
  }

  private mutating func condition(_ directive: LayoutToken) throws(LayoutFault) -> Bool {
    let tokens = try expand(answerDefined(line()))
    var source = LayoutCondition(tokens, end: lexer.position, bytes: lexer.bytes, abi)
    return try source.evaluate()
  }

  /// `defined X` and `defined(X)` become numbers before macros are expanded.
  private func answerDefined(_ line: [LayoutToken]) throws(LayoutFault) -> [LayoutToken] {
    var result: [LayoutToken] = []
    var rest = line[...]
    while let token = rest.popFirst() {
      if token.name != "defined" {
        result.append(token)
        continue
      }
      let isParenthesized = rest.first?.mark == .openParenthesis && rest.first?.kind == .mark
      if isParenthesized { rest.removeFirst() }
      guard let name = rest.popFirst(), name.kind == .identifier else {
        throw LayoutFault(token.position, "'defined' without a macro's name")
      }
      if isParenthesized, rest.popFirst()?.mark != .closeParenthesis {
        throw LayoutFault(name.position, "expected ')' after the macro's name")
      }
      result.append(.number(macro(name.name) == nil ? "0" : "1", at: token.position))
    }
    return result
  }

  private mutating func open(_ hash: LayoutToken, isTaken: Bool) throws(LayoutFault) {
    if conditions.count == 100 {
      throw LayoutFault(hash.position, "nested deeper than 100 levels")
    }
    conditions.append(Condition(position: hash.position, isTaken: isTaken))
    if !isTaken { try skipBranch() }
  }

  /// After a branch that was taken: nothing more of this condition.
  private mutating func otherwise(_ hash: LayoutToken, _ name: String) throws(LayoutFault) {
    guard let last = conditions.indices.last, !conditions[last].hasElse else {
      throw LayoutFault(hash.position, "#\(name) without #if")
    }
    if name == "else" { conditions[last].hasElse = true }
    try skipBranch()
  }

  private mutating func close(_ hash: LayoutToken) throws(LayoutFault) {
    if conditions.popLast() == nil { throw LayoutFault(hash.position, "#endif without #if") }
  }

  /// Steps over lines up to the branch that is taken, or past the `#endif`.
  private mutating func skipBranch() throws(LayoutFault) {
    var depth = 0
    while true {
      lexer.leaveDirective()
      try lexer.skipToDirective()
      let hash = try lexer.next()
      if hash.kind == .end { return }  // reported as a condition without #endif
      lexer.isInDirective = true
      let word = try spelling(lexer.next())
      if ["if", "ifdef", "ifndef"].contains(word) {
        depth += 1
      } else if word == "endif" {
        if depth == 0 { return try close(hash) }
        depth -= 1
      } else if depth == 0, try takes(word, hash) {
        return
      }
    }
  }

  /// Does the branch that this directive begins come to be read?
  private mutating func takes(_ word: String, _ hash: LayoutToken) throws(LayoutFault) -> Bool {
    guard ["elif", "elifdef", "elifndef", "else"].contains(word) else { return false }
    let last = conditions.count - 1
    if conditions[last].hasElse { throw LayoutFault(hash.position, "#\(word) after #else") }
    if word == "else" { conditions[last].hasElse = true }
    if conditions[last].isTaken { return false }
    switch word {
    case "elif": conditions[last].isTaken = try condition(hash)
    case "elifdef": conditions[last].isTaken = try isDefined()
    case "elifndef": conditions[last].isTaken = try !isDefined()
    default: conditions[last].isTaken = true
    }
    return conditions[last].isTaken
  }
}
