/// Reads C's declarations (and C++'s of plain data): file scope, typedefs, constants. It looks one
/// token ahead.
///
/// How the parts play together. `Layout` is what callers use; it reads a text with
/// `Layout.Options`. `LayoutLexer` cuts the text into tokens. `LayoutPreprocessor` obeys
/// directives, expands macros and follows `#include`; for the parser it is the source of tokens.
/// The parser is a recursive descent with one file for each part of the grammar: specifiers,
/// declarators, records, enumerations, attributes, functions. Finished members go to
/// `LayoutPlacement` (gcc's rules) or `MicrosoftPlacement`, which give them offsets. Expressions
/// are computed as they are read (LayoutExpression.swift), by the same code for the parser and for
/// `#if`. Names that nobody declares are collected (`LayoutUnknown`) instead of stopping at the
/// first. The result is a list of types and constants; `Layout+Image` writes it for C. No part
/// needs shared memory or the system.
struct LayoutParser: LayoutTokenSource {
  var token: LayoutToken
  var depth = 0
  var unevaluated = 0
  let options: LayoutReading
  var abi: Layout.ABI { options.abi }
  var types = LayoutTypes()
  /// C's two name spaces, tags and ordinary identifiers.
  var symbols: [String: LayoutSymbol] = [:]
  var tags: [String: LayoutTypeID] = [:]
  /// The last struct or union defined at file scope.
  var lastRecord: LayoutTypeID?
  /// The structs and unions whose bodies are being read, the innermost last.
  var open: [LayoutTypeID] = []
  /// Enumerators and constants, in the order of the text.
  var constants: [(name: String, value: Int64)] = []
  private var constantNames: Set<String> = []
  var preprocessor: LayoutPreprocessor
  /// Tokens that were read ahead, the next one last.
  var pending: [LayoutToken] = []
  /// C++: the prefixes of what is declared here, `outer::inner::` last; empty at file scope and in
  /// C.
  var scope: [String] = []
  /// C++: the prefixes of namespaces that `using` opened.
  var opened: [String] = []
  var templates: Set<String> = []
  /// The undeclared names that the current struct needs, or, outside of structs, the text.
  var unknown = LayoutUnknown()
  /// All undeclared names, to be reported together.
  var mentioned = LayoutUnknown()
  /// Types that stand for undeclared names.
  var lackingTypes: [String: LayoutTypeID] = [:]
  /// True where a type stands alone, in parentheses or after `using`.
  var isTypeName = false
  /// True where a `>` ends the expression, because it closes a template's arguments.
  var isTemplateArgument = false
  /// C++: what else is known about each record that is being read, the innermost last.
  var classes: [LayoutClass] = []
  /// Why the base class that was just read is refused.
  var baseRefusal: LayoutFault?
  /// How often `struct A` was written; for tags that look like macros.
  var tagUses: [String: Int] = [:]

  init(_ bytes: [UInt8], _ options: LayoutReading) {
    self.options = options
    preprocessor = LayoutPreprocessor(bytes, options)
    token = LayoutToken(kind: .end, position: 0, start: 0, end: 0)
  }

  mutating func advance() throws(LayoutFault) {
    if let next = pending.popLast() {
      token = next
    } else {
      token = try preprocessor.next()
    }
  }

  /// The token after this one.
  mutating func peek() throws(LayoutFault) -> LayoutToken { try ahead(1) }

  /// The token `count` after the current one; 0: the current one.
  mutating func ahead(_ count: Int) throws(LayoutFault) -> LayoutToken {
    if count == 0 { return token }
    while pending.count < count { pending.insert(try preprocessor.next(), at: 0) }
    return pending[pending.count - count]
  }

  /// Makes these tokens the next ones, followed by the current one.
  mutating func replay(_ tokens: [LayoutToken]) throws(LayoutFault) {
    pending.append(token)
    pending.append(contentsOf: tokens.reversed())
    try advance()
  }

  func spelling(_ token: LayoutToken) -> String { preprocessor.spelling(token) }

  // MARK: File scope

  mutating func parse() throws(LayoutFault) {
    if preprocessor.lexer.bytes.count > LayoutLexer.most {
      throw LayoutFault(0, "the text is longer than 64 MiB")
    }
    do throws(LayoutFault) {
      try advance()
      while token.kind != .end { try topLevel() }
    } catch {
      if error.isCPlusPlus { throw error }
      // An error that follows from an unknown name is not reported.
      throw allUnknown ?? error
    }
    let isReadable = unknown.isEmpty && preprocessor.unknown.isEmpty
    if !isReadable, let fault = allUnknown { throw fault }
    try collectMacros()
  }

  /// The error that names everything that nobody declares.
  private var allUnknown: LayoutFault? {
    var all = mentioned
    all.merge(unknown)
    all.merge(preprocessor.unknown)
    return all.fault
  }

  mutating func topLevel() throws(LayoutFault) {
    if try accept(.semicolon) { return }
    if try acceptBlock() { return }
    if try acceptCommon() { return }
    if at("template") { return try skipTemplate() }
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
    try needsCPlusPlus("a namespace")
    try advance()
    var prefix = scope.last ?? ""
    while token.kind == .identifier || at(.scope) || at(.openBracket) {
      if at(.openBracket) {
        try skipBalanced()
        continue
      }
      if token.kind == .identifier { prefix += token.name + "::" }
      try advance()
    }
    if try accept(.assign) {  // an alias
      try skipFunction()
      return true
    }
    if !at(.openBrace) { throw unexpected("expected '{'") }
    scope.append(prefix)
    defer { scope.removeLast() }
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

  /// `static_assert`, `using`, and `#pragma` as an operator: at file scope and among members.
  mutating func acceptCommon() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier else { return false }
    switch token.name {
    case "static_assert", "_Static_assert", "C_ASSERT": try staticAssert()
    case "using":
      try needsCPlusPlus("'using'")
      try using()
    case "__pragma", "_Pragma": try pragmaOperator()
    default: return false
    }
    return true
  }

  private mutating func fileDeclaration() throws(LayoutFault) {
    if try beginsForeignFunction() { return try skipFunction() }
    if try acceptUnknownCall() { return }
    if try acceptUnknownWord() { return }
    let isDeclared = at("extern") || at("static")
    let specifiers = try specifiers(inRecord: false)
    if let record = specifiers.defined { lastRecord = record }
    if try accept(.semicolon) { return }
    if token.kind == .end { throw unexpected("expected ';'") }
    if specifiers.isTagged && !isDeclared {
      try checkWords(after: specifiers)
      if try accept(.semicolon) { return }
    }
    while true {
      let declarator = try fileDeclarator(specifiers)
      // Words after something that takes no memory are attributes that nobody defines.
      if isDeclared || types[declarator.type].kind == .function { try skipWords() }
      if specifiers.isTypedef {
        try declareTypedef(declarator, specifiers)
      } else if try declareObject(declarator, specifiers) {
        return  // a function with its body
      }
      if try !accept(.comma) { break }
    }
    try expectSemicolon()
  }

  /// A typedef lacks what its declarator needs, such as an array's count. A variable does not
  /// matter.
  private mutating func fileDeclarator(
    _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) -> LayoutDeclarator {
    let outer = unknown
    unknown = LayoutUnknown()
    var result = try declarator(specifiers.type, specifiers.attributes)
    let lacks = unknown
    unknown = outer
    if lacks.isEmpty { return result }
    if !lacks.isOfTypesOnly {
      unknown.merge(lacks)
    } else if specifiers.isTypedef {
      var type = types[result.type]
      type.lacks = lacks
      result.type = try types.add(type, result.position)
    }
    return result
  }

  private mutating func skipWords() throws(LayoutFault) {
    while token.kind == .identifier || at(.openParenthesis) {
      if at(.openParenthesis) {
        try skipBalanced()
      } else if try !acceptAttributes() {
        try advance()
      }
    }
  }

  mutating func expectSemicolon() throws(LayoutFault) { try expect(.semicolon, ";") }

  /// Reads a variable, constant or function; true: it was a function with its body.
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
    if symbol(declarator.name) == nil { symbols[key(declarator.name)] = .object }
    return false
  }

  /// `static const int N = 4;` is a constant if its value is one.
  mutating func initialize(
    _ declarator: LayoutDeclarator, _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    guard specifiers.isConstant, types[declarator.type].kind.isInteger, !at(.openBrace) else {
      try skipInitializer()
      symbols[key(declarator.name)] = .object
      return
    }
    if options.isCPlusPlus {
      if let value = try foreignInitializer(declarator) {
        return try declareConstant(declarator.name, value, declarator.position)
      }
      symbols[key(declarator.name)] = .object
      return
    }
    let outer = unknown
    let expression = try constantExpression()
    if unknown != outer || isLacking(declarator.type) {
      unknown = outer
      symbols[key(declarator.name)] = .object
      return
    }
    let value = try converted(expression, to: declarator.type)
    try declareConstant(declarator.name, value, declarator.position)
  }

  mutating func declareConstant(
    _ name: String, _ value: LayoutConstant, _ position: Int
  ) throws(LayoutFault) {
    if let known = symbols[key(name)] {
      if case .constant(value) = known { return }
      throw LayoutFault(position, "'\(Self.shortened(name))' is declared twice")
    }
    if constants.count == LayoutTypes.most {
      throw LayoutFault(position, "more than \(LayoutTypes.most) constants")
    }
    symbols[key(name)] = .constant(value)
    // C++ may have the same name elsewhere; the second is kept with its full path.
    let isFirst = constantNames.insert(name).inserted
    constants.append((isFirst ? name : key(name), value.bits))
  }

  /// Adds the text's macros that are integers, as nothing else mentions them.
  private mutating func collectMacros() throws(LayoutFault) {
    var seen = Set(constants.map { $0.name })
    for name in preprocessor.defined where seen.insert(name).inserted {
      depth = 0
      unevaluated = 0
      pending = []
      guard let value = try macroValue(name) else { continue }
      if constants.count == LayoutTypes.most {
        throw LayoutFault(token.position, "more than \(LayoutTypes.most) constants")
      }
      constants.append((name, value.bits))
    }
  }

  private mutating func macroValue(_ name: String) throws(LayoutFault) -> LayoutConstant? {
    guard preprocessor.restart(with: name) else { return nil }
    unknown = LayoutUnknown()
    // What only a macro lacks that may be no constant at all is nothing to tell.
    let told = mentioned
    defer { mentioned = told }
    do throws(LayoutFault) {
      try advance()
      let value = try constantExpression()
      let isKnown = unknown.isEmpty && preprocessor.unknown.isEmpty
      preprocessor.unknown = LayoutUnknown()
      if token.kind == .end && isKnown { return value }
    } catch {
      if preprocessor.isExhausted { throw error }
      preprocessor.unknown = LayoutUnknown()
    }
    return nil
  }
}

/// What an identifier stands for.
enum LayoutSymbol: Equatable {
  case type(LayoutTypeID)
  case constant(LayoutConstant)
  /// A constant whose value depends on undeclared names.
  case lacking(LayoutUnknown)
  /// A variable or function: declared, but without meaning for memory.
  case object
}
