/// Names and their lookup: C has two name spaces, C++ has scopes in addition.
extension LayoutParser {
  /// The full name of something declared here.
  func key(_ name: String) -> String { (scope.last ?? "") + name }

  /// What the name stands for here; inner scopes come first.
  func symbol(_ name: String) -> LayoutSymbol? {
    for prefix in scope.reversed() {
      if let symbol = symbols[prefix + name] { return symbol }
    }
    if let symbol = symbols[name] { return symbol }
    for prefix in opened {
      if let symbol = symbols[prefix + name] { return symbol }
    }
    return nil
  }

  func tag(_ name: String) -> LayoutTypeID? {
    for prefix in scope.reversed() {
      if let tag = tags[prefix + name] { return tag }
    }
    if let tag = tags[name] { return tag }
    for prefix in opened {
      if let tag = tags[prefix + name] { return tag }
    }
    return nil
  }

  /// For `type = "Inner"`: the type with this name, or else the only one whose name ends with it.
  func root(named name: String) -> LayoutTypeID? {
    if case .type(let type) = symbols[name] { return type }
    if let tag = tags[name] { return tag }
    let ending = "::" + name
    var found: Set<LayoutTypeID> = []
    for (key, symbol) in symbols where key.hasSuffix(ending) {
      if case .type(let type) = symbol { found.insert(type) }
    }
    for (key, tag) in tags where key.hasSuffix(ending) { found.insert(tag) }
    return found.count == 1 ? found.first : nil
  }

  /// Typedefs and tags of the text itself that have a size, in its order.
  var ownNames: [String] {
    var found: [(name: String, type: LayoutTypeID)] = tags.map { ($0.key, $0.value) }
    for (name, symbol) in symbols {
      if case .type(let type) = symbol { found.append((name, type)) }
    }
    var seen: Set<String> = []
    return found.filter { types[$0.type].isComplete && !types[$0.type].isAssumed }
      .sorted { ($0.type, $0.name) < ($1.type, $1.name) }
      .map(\.name).filter { seen.insert($0).inserted }
  }

  /// `a::b::c` from this token on, as one name; nil: there is no `::`. Steps over all but the last
  /// word.
  mutating func qualified() throws(LayoutFault) -> String? {
    var isFirst = at(.scope)
    if !isFirst {
      guard token.kind == .identifier, try peek().isMark(.scope) else { return nil }
    }
    var path = ""
    while true {
      if !isFirst {
        guard token.kind == .identifier, try peek().isMark(.scope) else { break }
      }
      if !isFirst {
        path += token.name + "::"
        try advance()
      }
      isFirst = false
      try advance()
    }
    if token.kind != .identifier { throw unexpected("expected a name") }
    return path + token.name
  }

  // MARK: Types

  /// A typedef, a tag without its keyword (as in C++), or a name that headers find defined.
  mutating func namedType(
    _ token: LayoutToken, _ path: String? = nil
  ) throws(LayoutFault) -> LayoutTypeID? {
    guard token.kind == .identifier else { return nil }
    switch symbol(path ?? token.name) {
    case .type(let type): return type
    case .some: return nil
    case nil: break
    }
    if let tag = tag(path ?? token.name) { return tag }
    if let path, !path.hasPrefix("std::") { return nil }
    let isUnicode =
      token.name.hasPrefix("T") || token.name.hasPrefix("_T")
      ? preprocessor.macro("UNICODE") != nil || preprocessor.macro("_UNICODE") != nil : false
    if token.name == "VOID" { return LayoutTypes.void }
    if let type = LayoutBuiltins.type(token.name, abi, isUnicode: isUnicode) {
      return try types.builtin(type, token.position)
    }
    return try assume(token.name, isTag: false, token.position)
  }

  /// Declares a structure of a well-known header; nil: this is none.
  mutating func assume(
    _ name: String, isTag: Bool, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID? {
    guard let text = LayoutBuiltins.structure(name, isTag: isTag, abi) else { return nil }
    var tokens = try LayoutLexer.tokens(of: text, at: position)
    tokens.append(LayoutToken(kind: .end, position: position, start: -1, end: -1))
    let state = (token, pending, scope, preprocessor.packing, preprocessor.isBigEndian, lastRecord)
    let before = types.count
    scope = []
    pending = []
    (preprocessor.packing, preprocessor.isBigEndian) = (0, false)
    try replay(tokens)
    try descend()
    while token.kind != .end { try topLevel() }
    depth -= 1
    (token, pending, scope, preprocessor.packing, preprocessor.isBigEndian, lastRecord) = state
    for id in before..<types.count { types[id].isAssumed = true }
    if isTag { return tags[name] }
    guard case .type(let type) = symbols[name] else { return nil }
    return type
  }

  /// `std::array<T, n>` and `std::atomic<T>`, which are laid out like their contents.
  mutating func standardTemplate(_ path: String?) throws(LayoutFault) -> LayoutTypeID? {
    guard let name = path ?? (token.kind == .identifier ? token.name : nil),
      try peek().isMark(.less)
    else { return nil }
    let position = token.position
    guard ["std::array", "std::atomic"].contains(name) else {
      let isKnown = path != nil || templates.contains(token.name)
      return isKnown ? try unknownTemplate(name, position) : nil
    }
    try needsCPlusPlus("'\(name)'")
    try advance()
    try advance()
    var type = try typeName()
    if name == "std::array" {
      try expect(.comma, ",")
      let count = try templateArgument()
      type = try types.array(of: type, count, position)
    } else if types[type].kind.rawValue >= LayoutKind.opaque.rawValue {
      throw LayoutFault(position, "std::atomic of what is no number is not supported")
    }
    if !at(.greater) { throw unexpected("expected '>'") }
    return type
  }

  /// Skips from the name to the `>`; whatever has this type lacks it.
  mutating func unknownTemplate(
    _ name: String, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    try needsCPlusPlus("a template")
    try advance()
    var angles = 0
    while true {
      if token.kind == .end || at(.semicolon) || at(.openBrace) { throw unexpected("expected '>'") }
      if at(.less) { angles += 1 }
      if at(.greater) { angles -= 1 }
      if at(.shiftRight) { angles -= 2 }
      if angles <= 0 {
        guard try peek().isMark(.scope) else { break }  // "::type"
        try advance()
      }
      if at(.openParenthesis) { try skipBalanced() } else { try advance() }
    }
    var lacks = LayoutUnknown()
    lacks.add(
      .note, "'\(Self.shortened(name))<…>' is a template: write the struct itself", at: position)
    mentioned.merge(lacks)
    var type = LayoutBuiltins.scalar(Self.shortened(name), .signed, 4)
    type.lacks = lacks
    return try types.add(type, position)
  }

  /// Reads a number before a `>`, which then is no operator.
  private mutating func templateArgument() throws(LayoutFault) -> UInt64 {
    let position = token.position
    isTemplateArgument = true
    defer { isTemplateArgument = false }
    guard let count = try constantExpression().count, count > 0 else {
      throw LayoutFault(position, "an array's count is not negative or 0")
    }
    return count
  }
}
