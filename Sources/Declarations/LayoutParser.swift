/// Reads C's declarations: file scope, typedefs, constants. One token is looked at ahead.
struct LayoutParser: LayoutTokenSource {
  private(set) var token: LayoutToken
  var depth = 0
  var unevaluated = 0
  let abi: Layout.ABI
  var types = LayoutTypes()
  /// C's two name spaces.
  var symbols: [String: LayoutSymbol] = [:]
  var tags: [String: LayoutTypeID] = [:]
  /// The last struct or union that file scope defined.
  var lastRecord: LayoutTypeID?
  /// Structs and unions whose bodies are being read.
  var open: [LayoutTypeID] = []
  /// Enumerators and constants in the order of the text.
  var constants: [(name: String, value: Int64)] = []
  var preprocessor: LayoutPreprocessor
  private var lookahead: LayoutToken?

  init(_ bytes: [UInt8], _ abi: Layout.ABI) throws(LayoutFault) {
    self.abi = abi
    if bytes.count > 1 << 26 { throw LayoutFault(0, "the text is longer than 64 MiB") }
    preprocessor = LayoutPreprocessor(bytes, abi)
    token = LayoutToken(kind: .end, position: 0, start: 0, end: 0)
    try advance()
  }

  mutating func advance() throws(LayoutFault) {
    if let next = lookahead {
      lookahead = nil
      token = next
    } else {
      token = try preprocessor.next()
    }
  }

  /// The token after this one.
  mutating func peek() throws(LayoutFault) -> LayoutToken {
    if let next = lookahead { return next }
    let next = try preprocessor.next()
    lookahead = next
    return next
  }

  func spelling(_ token: LayoutToken) -> String { preprocessor.spelling(token) }

  // MARK: File scope

  mutating func parse() throws(LayoutFault) {
    while token.kind != .end { try topLevel() }
    try collectMacros()
  }

  private mutating func topLevel() throws(LayoutFault) {
    if try accept(.semicolon) { return }
    if try acceptBlock() { return }
    if try acceptCommon() { return }
    if at("template") {
      throw LayoutFault(token.position, "templates are not supported: write the struct itself")
    }
    try fileDeclaration()
  }

  /// `extern "C" {` and `namespace x {`: what is inside counts as standing outside.
  private mutating func acceptBlock() throws(LayoutFault) -> Bool {
    if at("extern"), try peek().kind == .string {
      try advance()
      try advance()
      if at(.openBrace) { try block() }
      return true
    }
    guard at("namespace") else { return false }
    try advance()
    while token.kind == .identifier || at(.scope) { try advance() }
    if !at(.openBrace) { throw unexpected("expected '{'") }
    try block()
    return true
  }

  private mutating func block() throws(LayoutFault) {
    try descend()
    defer { depth -= 1 }
    try advance()
    while try !accept(.closeBrace) {
      if token.kind == .end { throw unexpected("expected '}'") }
      try topLevel()
    }
  }

  /// `static_assert`, `using`, and `#pragma` written as an operator: file scope and members.
  mutating func acceptCommon() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier else { return false }
    switch token.name {
    case "static_assert", "_Static_assert", "C_ASSERT": try staticAssert()
    case "using": try using()
    case "__pragma", "_Pragma": try pragmaOperator()
    default: return false
    }
    return true
  }

  private mutating func fileDeclaration() throws(LayoutFault) {
    let specifiers = try specifiers(inRecord: false)
    if let record = specifiers.defined { lastRecord = record }
    if try accept(.semicolon) { return }
    if token.kind == .end { throw unexpected("expected ';'") }
    while true {
      let declarator = try declarator(specifiers.type, specifiers.attributes)
      if specifiers.isTypedef {
        try declareTypedef(declarator, specifiers)
      } else if try declareObject(declarator, specifiers) {
        return  // a function with its body
      }
      if try !accept(.comma) { break }
    }
    try expectSemicolon()
  }

  mutating func expectSemicolon() throws(LayoutFault) { try expect(.semicolon, ";") }

  /// A variable, constant or function; true after a function's body.
  private mutating func declareObject(
    _ declarator: LayoutDeclarator, _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) -> Bool {
    if types[declarator.type].kind == .function {
      if at(.openBrace) {
        try skipBalanced()
        return true
      }
    } else if try accept(.assign) {
      try initialize(declarator, specifiers)
      return false
    }
    symbols[declarator.name] = symbols[declarator.name] ?? .object
    return false
  }

  /// `static const int N = 4;` is a constant, if its value is one.
  mutating func initialize(
    _ declarator: LayoutDeclarator, _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    guard specifiers.isConstant, types[declarator.type].kind.isInteger, !at(.openBrace) else {
      try skipInitializer()
      symbols[declarator.name] = .object
      return
    }
    let value = try converted(constantExpression(), to: declarator.type)
    try declareConstant(declarator.name, value, declarator.position)
  }

  mutating func declareConstant(
    _ name: String, _ value: LayoutConstant, _ position: Int
  ) throws(LayoutFault) {
    if let known = symbols[name] {
      if case .constant(value) = known { return }
      throw LayoutFault(position, "'\(Self.shortened(name))' is declared twice")
    }
    if constants.count == LayoutTypes.most {
      throw LayoutFault(position, "more than \(LayoutTypes.most) constants")
    }
    symbols[name] = .constant(value)
    constants.append((name, value.bits))
  }

  /// The macros of the text which are integers: nobody else names them.
  private mutating func collectMacros() throws(LayoutFault) {
    var seen = Set(constants.map { $0.name })
    for name in preprocessor.defined where seen.insert(name).inserted {
      depth = 0
      unevaluated = 0
      lookahead = nil
      guard let value = try macroValue(name) else { continue }
      if constants.count == LayoutTypes.most {
        throw LayoutFault(token.position, "more than \(LayoutTypes.most) constants")
      }
      constants.append((name, value.bits))
    }
  }

  private mutating func macroValue(_ name: String) throws(LayoutFault) -> LayoutConstant? {
    guard preprocessor.restart(with: name) else { return nil }
    do throws(LayoutFault) {
      try advance()
      let value = try constantExpression()
      if token.kind == .end { return value }
    } catch {
      if preprocessor.isExhausted { throw error }
    }
    return nil
  }
}

/// What an identifier stands for.
enum LayoutSymbol: Equatable {
  case type(LayoutTypeID)
  case constant(LayoutConstant)
  /// A variable or function: known, and of no use here.
  case object
}
