/// What stands in front of declarators: `static const unsigned long`.
struct LayoutSpecifiers {
  var type: LayoutTypeID = LayoutTypes.void
  var isTypedef = false
  var isStatic = false
  /// `const` or `constexpr`: with an initialiser the name is a constant.
  var isConstant = false
  /// The type is a struct, union or enum named by its keyword.
  var isTagged = false
  /// The struct or union that these specifiers define.
  var defined: LayoutTypeID?
  var definesEnumeration = false
  /// The tag, if a struct, union or enum is defined here.
  var tag: LayoutToken?
  var attributes = LayoutAttributes()
  var position = 0
}

/// The words of an arithmetic type, which may come in any order (C11, 6.7.2).
private struct Words {
  var base = ""
  var sign = ""
  var longs = 0
  var isShort = false
  var isComplex = false

  var isEmpty: Bool { base.isEmpty && sign.isEmpty && longs == 0 && !isShort && !isComplex }

  /// False: this is no such word; nil: it cannot be combined with the others.
  mutating func take(_ word: String) -> Bool? {
    switch word {
    case "long":
      longs += 1
      return longs > 2 || isShort ? nil : true
    case "short":
      defer { isShort = true }
      return isShort || longs > 0 ? nil : true
    case "signed", "__signed__", "__signed":
      defer { sign = "signed" }
      return sign.isEmpty ? true : nil
    case "unsigned":
      defer { sign = "unsigned" }
      return sign.isEmpty ? true : nil
    case "_Complex", "__complex__":
      isComplex = true
      return true
    case "int", "char", "float", "double", "void", "__int8", "__int16", "__int32", "__int64",
      "_int64", "__int128", "__float128", "_Float128", "__float80", "_Float64x", "_Float16":
      defer { base = word == "_int64" ? "__int64" : word }
      return base.isEmpty ? true : nil
    default: return false
    }
  }

  func type(_ abi: Layout.ABI) -> LayoutType? {
    let isUnsigned = sign == "unsigned"
    switch base {
    case "", "int":
      if isComplex && base.isEmpty { return nil }
      let long: UInt64 = abi == .linux ? 8 : 4
      let size = isShort ? 2 : longs == 0 ? 4 : longs == 1 ? long : 8
      let name = isShort ? "short" : longs == 0 ? "int" : longs == 1 ? "long" : "long long"
      return isComplex ? nil : integer(name, size)
    case _ where isShort || (longs > 0 && base != "double"): return nil
    case "char":
      if isComplex { return nil }
      return sign.isEmpty ? LayoutBuiltins.scalar("char", .character, 1) : integer("char", 1)
    case "__int8": return integer(base, 1)
    case "__int16": return integer(base, 2)
    case "__int32": return integer(base, 4)
    case "__int64": return integer(base, 8)
    case "__int128": return opaque(isUnsigned ? "unsigned __int128" : base, 16)
    case _ where !sign.isEmpty: return nil
    case "void": return LayoutType(kind: .void, name: "void")
    case "float": return isComplex ? opaque("float _Complex", 4, 2) : floating("float", 4)
    case "double" where longs == 1 && abi == .windows:
      return isComplex ? opaque("long double _Complex", 8, 2) : floating("long double", 8)
    case "_Float16": return opaque(base, 2)
    case "double" where longs == 1:
      return opaque(isComplex ? "long double _Complex" : "long double", 16, isComplex ? 2 : 1)
    case "double" where longs == 0:
      return isComplex ? opaque("double _Complex", 8, 2) : floating("double", 8)
    case "double": return nil
    default: return opaque(base, 16)
    }
  }

  private func integer(_ name: String, _ size: UInt64) -> LayoutType {
    let isUnsigned = sign == "unsigned"
    let prefix = isUnsigned ? "unsigned " : name == "char" ? "signed " : ""
    return LayoutBuiltins.scalar(prefix + name, isUnsigned ? .unsigned : .signed, size)
  }

  private func floating(_ name: String, _ size: UInt64) -> LayoutType {
    LayoutBuiltins.scalar(name, .floating, size)
  }

  private func opaque(_ name: String, _ size: UInt64, _ count: UInt64 = 1) -> LayoutType {
    LayoutType(kind: .opaque, size: size * count, alignment: size, name: name)
  }
}

extension LayoutParser {
  /// - Parameter inRecord: of a member, where more words are errors that explain themselves.
  mutating func specifiers(inRecord: Bool) throws(LayoutFault) -> LayoutSpecifiers {
    try descend()
    defer { depth -= 1 }
    var result = LayoutSpecifiers(position: token.position)
    var words = Words()
    var hasType = false
    while true {
      if try acceptAttribute(&result.attributes) { continue }
      if try acceptQualifier(&result) { continue }
      guard token.kind == .identifier || at(.scope) else { break }
      if hasType && words.isEmpty { break }
      guard let isWord = words.take(token.name) else {
        throw LayoutFault(token.position, "'\(token.name)' does not go with the words before it")
      }
      if isWord {
        hasType = true
        try advance()
      } else if !hasType, try acceptType(&result, inRecord) {
        hasType = true
      } else {
        break
      }
    }
    if !hasType {
      guard token.kind == .identifier, words.isEmpty, !isMethodWord else {
        throw try missingType(inRecord)
      }
      result.type = try unknownType(token)
    }
    if !words.isEmpty { result.type = try arithmetic(words, result.position) }
    return result
  }

  private mutating func arithmetic(
    _ words: Words, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    guard let type = words.type(abi) else {
      throw LayoutFault(position, "these words make no type together")
    }
    return type.kind == .void ? LayoutTypes.void : try types.builtin(type, position)
  }

  private mutating func acceptQualifier(
    _ result: inout LayoutSpecifiers
  ) throws(LayoutFault) -> Bool {
    guard token.kind == .identifier else { return false }
    switch token.name {
    case "typedef": result.isTypedef = true
    case "static": result.isStatic = true
    case "const", "constexpr", "__const", "__const__", "CONST": result.isConstant = true
    case "volatile", "__volatile__", "__volatile", "extern", "mutable", "typename", "VOLATILE":
      break
    case "_Atomic":
      let next = try peek()
      if next.kind == .mark && next.mark == .openParenthesis { return false }
    default: return false
    }
    try advance()
    return true
  }

  private var isMethodWord: Bool {
    ["virtual", "template", "friend", "operator", "explicit"].contains(token.name)
  }

  /// Do words of arithmetic types alone make this the beginning of a type?
  static func isArithmetic(_ name: String) -> Bool {
    var words = Words()
    return words.take(name) != false
  }

  /// Accepts a struct, a union, an enum, or a type's name.
  private mutating func acceptType(
    _ result: inout LayoutSpecifiers, _ inRecord: Bool
  ) throws(LayoutFault) -> Bool {
    switch token.name {
    case "struct", "union", "class", "enum":
      try tagged(&result)
      return true
    case "_Atomic":
      try advance()
      try expect(.openParenthesis, "(")
      result.type = try typeName()
      try expect(.closeParenthesis, ")")
      return true
    case "virtual", "template", "friend", "operator", "explicit":
      return false
    case "decltype", "typeof", "__typeof__", "__typeof", "typeof_unqual":
      result.type = try typeOfExpression()
      return true
    default: break
    }
    let path = try qualified()
    if path != nil && path?.hasPrefix("std::") != true { try needsCPlusPlus("'::'") }
    if let type = try standardTemplate(path) {
      result.type = type
    } else if let type = try namedType(token, path) {
      if symbol(path ?? token.name) == nil, types[type].kind.rawValue > LayoutKind.opaque.rawValue,
        tag(path ?? token.name) != nil, !types[type].isAssumed
      {
        try needsCPlusPlus("'\(shown(token))' without struct")
      }
      result.type = type
    } else {
      return false
    }
    try advance()
    return true
  }

  /// Reads `typeof(type)` or `decltype(Class::member)`; another expression's type is not known
  /// here.
  private mutating func typeOfExpression() throws(LayoutFault) -> LayoutTypeID {
    let word = token
    try advance()
    if !at(.openParenthesis) { throw unexpected("expected '('") }
    let tokens = try balanced()
    let inner = Array(tokens.dropFirst().dropLast())
    let end = LayoutToken(kind: .end, position: word.position, start: -1, end: -1)
    let state = (token, pending)
    (token, pending) = (end, [])
    defer { (token, pending) = state }
    try replay(inner + [end])
    if let type = try memberType(inner) { return type }
    if try beginsType(), case let type = try typeName(), token.kind == .end { return type }
    var lacking = LayoutBuiltins.scalar(word.name, .signed, 4)
    var lacks = LayoutUnknown()
    if inner.count > 2, inner[0].kind == .identifier, inner[1].isMark(.scope) {
      lacks.add(.type, shown(inner[0]), at: word.position)
    } else {
      lacks.add(.note, "the type of '\(shown(word))' is not known here", at: word.position)
    }
    mentioned.merge(lacks)
    lacking.lacks = lacks
    return try types.add(lacking, word.position)
  }

  /// The type of `Class::member`; nil: it is something else.
  private func memberType(_ words: [LayoutToken]) throws(LayoutFault) -> LayoutTypeID? {
    guard words.count >= 3, words.count % 2 == 1, let last = words.last, last.kind == .identifier
    else { return nil }
    let path = words.dropLast(2).map { $0.isMark(.scope) ? "::" : $0.name }.joined()
    guard let owner = tag(path), words[words.count - 2].isMark(.scope) else { return nil }
    return types.find(last.name, in: owner)?.type
  }

  private mutating func missingType(_ inRecord: Bool) throws(LayoutFault) -> LayoutFault {
    if token.kind == .identifier {
      return LayoutFault(token.position, "'\(shown(token))' begins no declaration here")
    }
    return unexpected("expected a declaration")
  }

  /// Does a type begin here? For the contents of parentheses.
  mutating func beginsType() throws(LayoutFault) -> Bool {
    guard token.kind == .identifier else { return false }
    var words = Words()
    if words.take(token.name) != false { return true }
    switch token.name {
    case "struct", "union", "class", "enum", "const", "volatile", "_Atomic", "__const", "decltype",
      "typeof", "__typeof__", "__typeof":
      return true
    default:
      if let type = symbol(token.name) {
        if case .type = type { return true }
        return false
      }
      if try peek().isMark(.scope) { return try isQualifiedType() }
      return try namedType(token) != nil
    }
  }

  /// Is `a::b` a type?
  private mutating func isQualifiedType() throws(LayoutFault) -> Bool {
    var index = 0
    var path = ""
    while try ahead(index + 1).isMark(.scope), index < 40 {
      path += try ahead(index).name + "::"
      index += 2
    }
    let last = try ahead(index)
    return try namedType(last, path + last.name) != nil
  }

  /// Reads a type in parentheses or after `using`: specifiers, and a declarator without a name.
  mutating func typeName() throws(LayoutFault) -> LayoutTypeID {
    let wasTypeName = isTypeName
    isTypeName = true
    defer { isTypeName = wasTypeName }
    let specifiers = try specifiers(inRecord: false)
    return try declarator(specifiers.type, specifiers.attributes, .absent).type
  }
}
