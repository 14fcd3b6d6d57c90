extension LayoutPreprocessor {
  /// Obeys the directive that `hash` begins, and skips the text that it excludes.
  mutating func directive(_ hash: LayoutToken) throws(LayoutFault) {
    lexer.isInDirective = true
    let name = try lexer.next()
    switch spelling(name) {
    case "if": try open(hash) { (this) throws(LayoutFault) in try this.condition(name) }
    case "ifdef": try open(hash) { (this) throws(LayoutFault) in try this.isDefined(true) }
    case "ifndef": try open(hash) { (this) throws(LayoutFault) in try this.isDefined(false) }
    case "elif", "elifdef", "elifndef", "else": try otherwise(hash, spelling(name))
    case "endif": try close(hash)
    case "define": try define(name)
    case "undef": undefine(try word().name)
    case "pragma": try pragma()
    case "error":
      throw LayoutFault(hash.position, "#error: \(try rest())")
    case _ where name.kind == .endOfLine || name.kind == .number: break
    case "include", "import": if try include(name, isNext: false) { return }
    case "include_next": if try include(name, isNext: true) { return }
    case "line", "warning", "ident", "region", "endregion": break
    default:
      throw LayoutFault(name.position, "unknown directive '#\(Self.short(spelling(name)))'")
    }
    lexer.leaveDirective()
  }

  static func short(_ text: String) -> String { String(text.prefix(40)) }

  func word(_ token: LayoutToken) throws(LayoutFault) -> LayoutToken {
    if token.kind != .identifier { throw LayoutFault(token.position, "expected a macro's name") }
    return token
  }

  mutating func word() throws(LayoutFault) -> LayoutToken { try word(lexer.next()) }

  /// The rest of the line as it was written.
  private mutating func rest() throws(LayoutFault) -> String {
    var words: [String] = []
    while true {
      let token = try lexer.next()
      if token.kind == .endOfLine || words.count == 20 { return words.joined(separator: " ") }
      words.append(Self.short(spelling(token)))
    }
  }

  /// The tokens of the rest of the line.
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
    let tokens = try line()
    guard hasParameters else { return define(name.name, LayoutMacro(body: tokens)) }
    var macro = LayoutMacro(body: [], parameters: [])
    var rest = tokens.dropFirst()
    while let token = rest.popFirst(), !token.isMark(.closeParenthesis) {
      if token.isMark(.comma) { continue }
      if token.isMark(.ellipsis) {
        macro.isVariadic = true
        let isNamed = tokens[..<(rest.startIndex - 1)].last?.kind == .identifier
        if !isNamed { macro.parameters?.append("__VA_ARGS__") }
      } else {
        macro.parameters?.append(try word(token).name)
      }
    }
    macro.body = Array(rest)
    define(name.name, macro)
  }

  // MARK: Files

  /// Continues inside the file if one of the given folders has it. True: the line was left.
  private mutating func include(
    _ directive: LayoutToken, isNext: Bool
  ) throws(LayoutFault) -> Bool {
    let name = try lexer.headerName()
    let (path, isSystem): (String, Bool)
    if let name {
      (path, isSystem) = name
    } else {
      // "#include MACRO": it expands to a name in quotes, or to nothing that is known here.
      let text = try expand(line()).map { spelling($0) }.joined()
      (path, isSystem) = (String(text.dropFirst().dropLast()), text.hasPrefix("<"))
    }
    if try packs(path, directive) { return false }
    if LayoutBuiltins.endianHeaders.contains(path) { hasEndianHeader = true }
    let folder = files.last.map { Self.folder(of: $0.path) } ?? options.folder
    let after = isNext ? files.last?.path ?? "" : nil
    guard let (found, bytes) = options.find(path, isSystem, folder, after: after) else {
      isIncluding = true
      if !LayoutBuiltins.hidesNothing(path) { isMissingHeader = true }
      return false
    }
    if pragmaOnce.contains(found) { return false }
    if files.count == LayoutTypes.mostLevels {
      throw LayoutFault(directive.position, "more than 100 files include each other")
    }
    lexer.leaveDirective()
    guard let back = lexer.enter(bytes, found) else {
      throw LayoutFault(directive.position, "the files together are longer than 64 MiB")
    }
    files.append(OpenFile(path: found, back: back, conditions: conditions.count))
    return true
  }

  /// Windows' headers that do nothing but set the packing (pshpack1.h and the like).
  private mutating func packs(
    _ path: String, _ directive: LayoutToken
  ) throws(LayoutFault) -> Bool {
    let name = path.lowercased()
    guard name.hasSuffix("pack.h") || name.hasPrefix("pshpack") else { return false }
    let text: String
    switch name {
    case "pshpack1.h", "pshpack2.h", "pshpack4.h", "pshpack8.h":
      text = "(push, \(name.dropFirst(7).dropLast(2)))"
    case "poppack.h": text = "(pop)"
    default: return false
    }
    try pack(directive, LayoutLexer.tokens(of: text, at: directive.position))
    return true
  }

  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
