/// A name and its type.
struct LayoutDeclarator {
  var name = ""
  var type: LayoutTypeID
  var position: Int
  var attributes: LayoutAttributes
}

extension LayoutParser {
  /// Must a declarator have a name?
  enum DeclaratorName {
    case needed, optional, absent
  }

  /// What a declarator does to its type, from the name outwards.
  private enum Derivation {
    case pointer
    case array(UInt64?, position: Int)
    case function
  }

  private struct Parts {
    var name: LayoutToken?
    var derivations: [Derivation] = []
    var attributes: LayoutAttributes
  }

  /// Reads `*name[3]` or `(*name)(int)`. The attributes are the specifiers'; it adds its own to
  /// them.
  mutating func declarator(
    _ base: LayoutTypeID, _ attributes: LayoutAttributes, _ needed: DeclaratorName = .needed
  ) throws(LayoutFault) -> LayoutDeclarator {
    let position = token.position
    var parts = Parts(attributes: attributes)
    try collect(&parts, needed)
    if needed == .needed && parts.name == nil { throw unexpected("expected a name") }
    while try acceptAttribute(&parts.attributes) {}
    var type = base
    if parts.attributes.mode != nil || parts.attributes.vectorSize > 0 {
      type = try transformed(base, parts.attributes, position)
    }
    for derivation in parts.derivations.reversed() {
      type = try derive(derivation, type, position)
    }
    return LayoutDeclarator(
      name: parts.name?.name ?? "", type: type, position: parts.name?.position ?? position,
      attributes: parts.attributes)
  }

  private mutating func collect(
    _ parts: inout Parts, _ needed: DeclaratorName
  ) throws(LayoutFault) {
    try descend()
    defer { depth -= 1 }
    var stars = 0
    while try acceptStar(&parts) { stars += 1 }
    while try acceptAttribute(&parts.attributes) {}
    if token.kind == .identifier && needed != .absent {
      if try peek().isMark(.scope) { _ = try qualified() }  // "int Outer::count = 0;"
      parts.name = token
      try advance()
    } else if at(.openParenthesis), try isNested(needed) {
      try advance()
      while try acceptAttribute(&parts.attributes) {}
      try collect(&parts, needed)
      try expect(.closeParenthesis, ")")
    }
    try collectSuffixes(&parts)
    for _ in 0..<min(stars, 100) { parts.derivations.append(.pointer) }
    if stars > 100 || parts.derivations.count > 100 {
      throw LayoutFault(token.position, "more than 100 levels of pointers, arrays and functions")
    }
  }

  /// Reads `*`, `^` or `&`, and the qualifiers that follow it.
  private mutating func acceptStar(_ parts: inout Parts) throws(LayoutFault) -> Bool {
    let isReference = at(.ampersand) || at(.and)
    if isReference { try needsCPlusPlus("a reference") }
    guard at(.star) || at(.caret) || isReference else { return false }
    if isReference { parts.attributes.isReference = true }
    try advance()
    while true {
      if try acceptAttribute(&parts.attributes) { continue }
      guard token.kind == .identifier else { return true }
      switch token.name {
      case "const", "volatile", "_Atomic", "__const", "CONST", "__volatile__": try advance()
      case "__ptr32":
        throw LayoutFault(token.position, "__ptr32 is not supported: write uint32_t")
      default: return true
      }
    }
  }

  /// Does the parenthesis enclose a declarator, and not a list of parameters?
  private mutating func isNested(_ needed: DeclaratorName) throws(LayoutFault) -> Bool {
    let next = try peek()
    if next.kind == .identifier {
      if ["__attribute__", "__declspec"].contains(next.name) { return true }
      if needed == .absent || next.name == "void" { return false }
      return try namedType(next) == nil
    }
    guard next.kind == .mark else { return false }
    return [.star, .caret, .openParenthesis, .openBracket].contains(next.mark)
  }

  private mutating func collectSuffixes(_ parts: inout Parts) throws(LayoutFault) {
    while parts.derivations.count <= 100 {
      if at(.openBracket) {
        if try acceptAttribute(&parts.attributes) { continue }
        parts.derivations.append(try arraySuffix())
      } else if at(.openParenthesis) {
        try skipBalanced()
        parts.derivations.append(.function)
      } else {
        return
      }
    }
  }

  private mutating func arraySuffix() throws(LayoutFault) -> Derivation {
    let position = token.position
    try advance()
    if try accept(.closeBracket) { return .array(nil, position: position) }
    let start = token.position
    let value = try constantExpression()
    guard let count = value.count else {
      throw LayoutFault(start, "an array's count is not negative: \(value.text)")
    }
    try expect(.closeBracket, "]")
    return .array(count, position: position)
  }

  private mutating func derive(
    _ derivation: Derivation, _ type: LayoutTypeID, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    switch derivation {
    case .pointer: return try types.pointer(to: type, position)
    case .function: return LayoutTypes.function
    case .array(let count, let position):
      let element = try completed(type, position)
      if types[element].lacks != nil { return element }  // the array lacks the same
      try checkElement(element, position)
      if !types[element].isComplete { return try unsizedArray(element, position) }
      return try types.array(of: element, count, position)
    }
  }

  /// An array of a type whose members are not known here; the array lacks them, too.
  private mutating func unsizedArray(
    _ element: LayoutTypeID, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    let outer = unknown
    unknown = LayoutUnknown()
    addUnsized(types[element], at: position)
    var type = LayoutBuiltins.scalar(types[element].name, .signed, 4)
    (type.lacks, unknown) = (unknown, outer)
    return try types.add(type, position)
  }

  private func checkElement(_ id: LayoutTypeID, _ position: Int) throws(LayoutFault) {
    let element = types[id]
    if element.kind == .void || element.kind == .function {
      throw LayoutFault(position, "an array of \(element.name)s does not exist")
    }
    try checkShareable(element)
    if !element.isComplete { return }
    if element.size % element.alignment != 0 {
      throw LayoutFault(
        position, "elements of \(element.size) bytes cannot be aligned to \(element.alignment)")
    }
  }

  // MARK: Typedefs

  mutating func declareTypedef(
    _ declarator: LayoutDeclarator, _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    var id = try ordered(declarator)
    let alignment = declarator.attributes.ofType
    if id == specifiers.type, types[id].name.isEmpty {
      types[id].name = declarator.name  // "typedef struct { … } Name;"
    }
    // Microsoft's compiler distinguishes an alignment that was asked for from the type's own.
    if alignment > 0 && (abi == .windows || alignment != types[id].alignment) {
      var variant = types[id]
      if variant.naturalAlignment == 0 { variant.naturalAlignment = variant.alignment }
      variant.requiredAlignment = max(variant.requiredAlignment, alignment)
      variant.alignment = alignment
      variant.name = declarator.name
      id = try types.add(variant, declarator.position)
      if specifiers.defined == declarator.type { lastRecord = id }
    } else if let renamed = try renamed(id, declarator) {
      id = renamed
    }
    try declare(declarator.name, id, declarator.position)
  }

  /// `typedef __u32 __be32;`, as in the kernel's linux/types.h: the name implies a byte order.
  private mutating func ordered(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutTypeID {
    var type = types[declarator.type]
    guard type.kind.isInteger, !type.isEnumeration, type.lacks == nil,
      let known = LayoutBuiltins.type(declarator.name, abi, isUnicode: false),
      known.isFixedOrder || known.isBigEndian, known.size == type.size
    else { return declarator.type }
    (type.isBigEndian, type.isFixedOrder) = (known.isBigEndian, true)
    type.name = declarator.name
    return try types.add(type, declarator.position)
  }

  /// `typedef unsigned int Flags;`: listings show Flags.
  private mutating func renamed(
    _ id: LayoutTypeID, _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutTypeID? {
    var type = types[id]
    guard type.kind.isInteger || type.kind == .floating || type.kind == .pointer,
      type.name != declarator.name, !type.isEnumeration
    else { return nil }
    type.name = declarator.name
    return try types.add(type, declarator.position)
  }

  mutating func declare(
    _ name: String, _ type: LayoutTypeID, _ position: Int
  ) throws(LayoutFault) {
    switch symbols[key(name)] {
    case nil: symbols[key(name)] = .type(type)
    case .type(let known) where isSame(known, type): break
    case .type(let known) where types[known].isAssumed: symbols[key(name)] = .type(type)
    default:
      throw LayoutFault(position, "'\(Self.shortened(name))' is declared twice")
    }
  }

  /// C allows a typedef to be repeated (C11, 6.7p3).
  private func isSame(_ left: LayoutTypeID, _ right: LayoutTypeID) -> Bool {
    if left == right { return true }
    let (left, right) = (types[left], types[right])
    return left.kind == right.kind && left.kind.rawValue < LayoutKind.array.rawValue
      && left.size == right.size && left.alignment == right.alignment
  }
}
