/// Functions and templates say nothing about memory and are skipped.
extension LayoutParser {
  /// Words whose parentheses are not a list of parameters.
  private static let prefixes: Set<String> = [
    "alignas", "_Alignas", "__attribute__", "__attribute", "__declspec", "_declspec", "decltype",
    "_Atomic", "__pragma", "_Pragma", "explicit", "noexcept", "requires", "__asm__", "asm",
    "typeof", "__typeof__", "__typeof",
  ]

  private static let declarations: Set<String> = [
    "typedef", "using", "namespace", "friend", "template", "extern",
  ]

  /// Is this a function: words followed by a parenthesis that belongs to no declarator? A word in
  /// capitals after an unknown word may be a macro, which makes it no function.
  mutating func beginsFunction(isForeign: Bool = false) throws(LayoutFault) -> Bool {
    var index = 0
    var words = 0
    var angles = 0
    var last: LayoutToken?
    var before: LayoutToken?  // the word just before the last one
    while index < 100 {
      let next = try ahead(index)
      index += 1
      if next.kind == .identifier {
        if Self.declarations.contains(next.name) { return false }
        if next.name == "operator" { return true }
        if Self.prefixes.contains(next.name), try ahead(index).isMark(.openParenthesis) {
          guard let behind = try behindParenthesis(index) else { return false }
          index = behind
          continue
        }
        words += 1
        (before, last) = (index > 1 ? try ahead(index - 2) : nil, next)
        continue
      }
      guard next.kind == .mark else {
        if angles > 0 || (next.kind == .string && words > 0) { continue }
        return false
      }
      switch next.mark {
      case .star, .ampersand, .and, .scope, .caret: continue
      case .tilde: words += 1
      case .less: angles += 1
      case .greater where angles > 0: angles -= 1
      case .shiftRight where angles > 1: angles -= 2
      case .comma where angles > 0: continue
      case .openBracket:
        guard try ahead(index).isMark(.openBracket), let behind = try behindParenthesis(index - 1)
        else { return false }
        index = behind
      case .openParenthesis:
        let inner = try ahead(index)
        if inner.isMark(.star) || inner.isMark(.caret) { return false }
        guard let last, words >= 2, !Self.isArithmetic(last.name) else { return false }
        if isForeign && Self.isShouted(last.name) { return false }
        if words < 3 { return true }
        return try !isMember(before, macro: last)
      default: return false
      }
    }
    return false
  }

  /// "int b MARK(4);": is the first word a member's name, and what follows it a macro?
  private mutating func isMember(
    _ word: LayoutToken?, macro: LayoutToken
  ) throws(LayoutFault) -> Bool {
    guard let word, word.kind == .identifier, Self.isShouted(macro.name),
      !Self.isShouted(word.name), !Self.isArithmetic(word.name), !isKeyword(word.name),
      !Self.functionWords.contains(word.name)
    else { return false }
    return try namedType(word) == nil
  }

  private static let functionWords: Set<String> = [
    "static", "inline", "constexpr", "explicit", "extern", "virtual", "__inline", "__inline__",
    "__forceinline", "consteval",
  ]

  /// The token after the bracket that closes this one; nil: it is far away.
  private mutating func behindParenthesis(_ start: Int) throws(LayoutFault) -> Int? {
    var depth = 0
    var index = start
    while index < start + 200 {
      let next = try ahead(index)
      index += 1
      if next.kind == .end { return nil }
      if next.isMark(.openParenthesis) || next.isMark(.openBracket) { depth += 1 }
      if next.isMark(.closeParenthesis) || next.isMark(.closeBracket) {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  /// Is this a function at file scope that has an undeclared type, or that only C++ can read?
  mutating func beginsForeignFunction() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier || at(.tilde) else { return false }
    if ["struct", "union", "enum", "class", "typedef"].contains(token.name) {
      if !options.isCPlusPlus || at("typedef") { return false }
      return try beginsFunction()
    }
    if options.isCPlusPlus { return try beginsFunction(isForeign: !beginsType()) }
    let start = ["extern", "static"].contains(token.name) ? 1 : 0
    let first = try ahead(start)
    guard first.kind == .identifier, !Self.isArithmetic(first.name), !isKeyword(first.name),
      try namedType(first) == nil
    else { return false }
    if start == 1 {
      try advance()
      return try beginsFunction(isForeign: true)
    }
    return try beginsFunction(isForeign: true)
  }

  /// Accepts `DECLARE_CELL(a, 4);` if nobody defines such a macro: it could be anything.
  mutating func acceptUnknownCall() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier, !Self.prefixes.contains(token.name), !isKeyword(token.name),
      !Self.isArithmetic(token.name), try peek().isMark(.openParenthesis),
      symbol(token.name) == nil, try namedType(token) == nil
    else { return false }
    try skipUnknownMacro()
    _ = try accept(.semicolon)
    return true
  }

  /// Accepts a lone `BEGIN_DECLARATIONS`, before a declaration or at the end: an undefined macro.
  mutating func acceptUnknownWord() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier, looksLikeMacro(token), symbol(token.name) == nil else {
      return false
    }
    let next = try peek()
    var isAlone = false
    if looksLikeMacro(next), symbol(next.name) == nil, try namedType(next) == nil {
      isAlone = try [.end, .identifier].contains(ahead(2).kind)
    }
    isAlone =
      isAlone || next.kind == .end || Self.declarations.contains(next.name)
      || ["struct", "union", "enum", "class", "static"].contains(next.name)
    guard isAlone, try namedType(token) == nil, !isKeyword(token.name) else { return false }
    try skipUnknownMacro()
    return true
  }

  private func isKeyword(_ name: String) -> Bool {
    [
      "struct", "union", "enum", "class", "const", "volatile", "_Atomic", "constexpr", "mutable",
      "__attribute__", "__declspec", "_Alignas", "alignas", "__const", "CONST", "typename",
    ].contains(name)
  }

  /// Skips to the semicolon, or past the body.
  mutating func skipFunction() throws(LayoutFault) {
    var inInitializers = false
    var isName = false
    while true {
      if token.kind == .end || at(.closeBrace) { throw unexpected("expected ';'") }
      if try accept(.semicolon) { return }
      if at(.openBrace) {
        let isInitializer = inInitializers && isName
        try skipBalanced()
        if !isInitializer { return }
        isName = false
      } else if at(.openParenthesis) || at(.openBracket) {
        try skipBalanced()
        isName = false
      } else {
        if at(.colon) { inInitializers = true }
        isName = token.kind == .identifier || at(.greater)
        try advance()
      }
    }
  }

  /// Skips a template's class and everything before the semicolon, or a function that returns one.
  private mutating func skipClass() throws(LayoutFault) {
    var isFunction = false
    while try !accept(.semicolon) {
      if token.kind == .end || at(.closeBrace) { throw unexpected("expected ';'") }
      if at(.openBrace) {
        try skipBalanced()
        if isFunction { return }
      } else {
        if at(.openParenthesis) { isFunction = true }
        try advance()
      }
    }
  }

  /// Skips `template <class T> …` and keeps its name, for the message where it is used.
  mutating func skipTemplate() throws(LayoutFault) {
    try needsCPlusPlus("a template")
    try advance()
    var angles = 0
    repeat {
      if token.kind == .end { throw unexpected("expected '>'") }
      if at(.openParenthesis) || at(.openBrace) {
        try skipBalanced()
        continue
      }
      if at(.less) { angles += 1 }
      if at(.greater) { angles -= 1 }
      if at(.shiftRight) { angles -= 2 }
      try advance()
    } while angles > 0
    let isClass = ["struct", "class", "union"].contains(token.name)
    if isClass || at("using") {
      let name = try peek()
      if name.kind == .identifier { templates.insert(name.name) }
    }
    if at("template") { return try skipTemplate() }
    if isClass { return try skipClass() }
    try skipFunction()
  }
}
