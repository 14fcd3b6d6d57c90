/// Enums and their constants.
extension LayoutParser {
  mutating func enumeration(_ result: inout LayoutSpecifiers) throws(LayoutFault) {
    let keyword = token
    try advance()
    let isScoped = at("class") || at("struct")
    if isScoped {
      try needsCPlusPlus("a scoped enum")
      try advance()
    }
    var own = try attributes()
    let path = token.kind == .identifier ? try qualified() : nil
    while token.kind == .identifier, try peek().kind == .identifier, try ahead(2).isMark(.openBrace)
    {
      try skipUnknownMacro()
    }
    let tag = token.kind == .identifier ? token : nil
    if tag != nil { try advance() }
    var fixed = try underlying()
    if isScoped && fixed == nil {
      fixed = try types.builtin(LayoutBuiltins.scalar("int", .signed, 4), keyword.position)
    }
    guard at(.openBrace) else {
      guard let tag else { throw unexpected("expected a tag or '{'") }
      result.type = try reference(tag, fixed, path)
      return
    }
    // Microsoft's enums are ints, whatever their values are ("C Enumeration Declarations").
    let isInt = abi == .windows && fixed == nil
    if isInt {
      fixed = try types.builtin(LayoutBuiltins.scalar("int", .signed, 4), keyword.position)
    }
    if let tag, let known = tags[key(tag.name)], types[known].isComplete {
      try checkKind(known, .unsigned, tag)
      if fixed == nil || isInt {
        throw LayoutFault(tag.position, "'\(shown(tag))' is defined twice")
      }
    }
    if isScoped, let tag { scope.append(key(tag.name) + "::") }
    preprocessor.openBodies += 1
    let values = try enumerators(fixed, isInt: isInt)
    if isScoped, tag != nil { scope.removeLast() }
    own.merge(try attributes())
    var type = fixed.map { types[$0] } ?? smallest(values, own.isPacked)
    type.isEnumeration = true
    type.enumerators = types.add(values.named)
    type.alignment = max(type.alignment, own.ofType)
    type.name = tag?.name ?? ""
    if values.lacksAny && fixed == nil { type.lacks = mentioned }
    (result.tag, result.definesEnumeration) = (tag, true)
    result.type = try declareEnumeration(tag ?? keyword, isTagged: tag != nil, type)
  }

  private mutating func declareEnumeration(
    _ tag: LayoutToken, isTagged: Bool, _ type: LayoutType
  ) throws(LayoutFault) -> LayoutTypeID {
    if isTagged, let known = tags[key(tag.name)] {
      try checkKind(known, .unsigned, tag)
      types[known] = type
      return known
    }
    let id = try types.add(type, tag.position)
    if isTagged { tags[key(tag.name)] = id }
    return id
  }

  /// Reads the underlying type: `enum E : uint8_t`.
  private mutating func underlying() throws(LayoutFault) -> LayoutTypeID? {
    guard at(.colon) else { return nil }
    // In a struct, "enum E : 3" is a bit-field without a name.
    guard try peek().kind == .identifier else { return nil }
    try advance()
    let position = token.position
    let type = try specifiers(inRecord: false).type
    if !types[type].kind.isInteger { throw LayoutFault(position, "an enum needs an integer type") }
    return type
  }

  private mutating func reference(
    _ tag: LayoutToken, _ fixed: LayoutTypeID?, _ path: String?
  ) throws(LayoutFault) -> LayoutTypeID {
    tagUses[tag.name, default: 0] += 1
    if let known = self.tag(path ?? tag.name) {
      try checkKind(known, .unsigned, tag)
      return known
    }
    var type = fixed.map { types[$0] } ?? LayoutType(kind: .unsigned, size: 4, alignment: 4)
    type.isComplete = fixed != nil
    type.isEnumeration = true
    type.name = tag.name
    let id = try types.add(type, tag.position)
    tags[key(tag.name)] = id
    return id
  }

  /// The smallest and the largest value, and all values by name.
  private struct Values {
    var least: Int64 = 0
    var most: UInt64 = 0
    var named: [(name: String, value: Int64)] = []
    /// What the last enumerator's value lacks.
    var lacks: LayoutUnknown?
    var lacksAny = false

    mutating func take(_ name: String, _ value: LayoutConstant) {
      named.append((name, value.bits))
      if value.isNegative { least = min(least, value.bits) }
      if let count = value.count { most = max(most, count) }
    }
  }

  /// - Parameter isInt: Microsoft's enum, whose values are cut to 32 bits.
  private mutating func enumerators(
    _ fixed: LayoutTypeID?, isInt: Bool
  ) throws(LayoutFault) -> Values {
    try advance()
    var values = Values()
    var next: LayoutConstant? = LayoutConstant(truncating: 0)
    while !at(.closeBrace) {
      let name = token
      if name.kind != .identifier { throw unexpected("expected an enumerator's name") }
      try advance()
      _ = try attributes()
      if try accept(.assign) {
        let outer = unknown
        next = try constantExpression()
        (values.lacks, unknown) = (unknown == outer ? nil : unknown, outer)
      }
      if let lacks = values.lacks {
        values.lacksAny = true
        mentioned.merge(lacks)
        symbols[key(name.name)] = .lacking(lacks)
        if try !accept(.comma) { break }
        continue
      }
      guard var value = next else {
        throw LayoutFault(name.position, "the enumerator's value does not fit into 64 bits")
      }
      if isInt { value = LayoutConstant(truncating: value.bits) }
      if let fixed { value = try fitted(value, fixed, name) }
      values.take(name.name, value)
      if values.least < 0 && values.most > UInt64(Int64.max) {
        throw LayoutFault(name.position, "no integer type has room for all enumerators")
      }
      try declareConstant(name.name, Self.narrowed(value), name.position)
      next = Self.successor(value)
      if try !accept(.comma) { break }
    }
    if !at(.closeBrace) { throw unexpected("expected '}'") }
    preprocessor.openBodies -= 1
    try advance()
    return values
  }

  /// A value that fits is an int, whatever its expression's type is (C11, 6.7.2.2).
  private static func narrowed(_ value: LayoutConstant) -> LayoutConstant {
    let fitsInt = value.count.map { $0 <= UInt64(Int32.max) } ?? (value.bits >= Int64(Int32.min))
    return fitsInt ? LayoutConstant(truncating: value.bits) : value
  }

  /// The next enumerator's value; nil: it needs more than 64 bits.
  private static func successor(_ value: LayoutConstant) -> LayoutConstant? {
    guard let count = value.count else { return LayoutConstant(signed: value.bits + 1) }
    if count == .max { return nil }
    let isUnsigned = count >= UInt64(Int64.max) || value.isUnsigned
    let isWide = count >= UInt64(isUnsigned ? UInt64(UInt32.max) : UInt64(Int32.max))
    return LayoutConstant(
      truncating: Int64(bitPattern: count + 1), isUnsigned: isUnsigned,
      isWide: isWide || value.isWide)
  }

  private func fitted(
    _ value: LayoutConstant, _ fixed: LayoutTypeID, _ name: LayoutToken
  ) throws(LayoutFault) -> LayoutConstant {
    let result = try converted(value, to: fixed)
    if result.bits != value.bits || result.isNegative != value.isNegative {
      throw LayoutFault(name.position, "\(value.text) does not fit into the enum's type")
    }
    return result
  }

  /// gcc's choice of the type (c-decl.cc, finish_enum): unsigned int; int if a value is negative; 8
  /// bytes if needed. A packed enum takes the fewest bytes.
  private func smallest(_ values: Values, _ isPacked: Bool) -> LayoutType {
    let isSigned = values.least < 0
    let sizes: [UInt64] = isPacked ? [1, 2, 4, 8] : [4, 8]
    let size = sizes.first { size in
      let bits = size * 8
      return isSigned
        ? values.least >> (bits - 1) == -1 && values.most >> (bits - 1) == 0
        : bits == 64 || values.most >> bits == 0
    }
    return LayoutBuiltins.scalar("", isSigned ? .signed : .unsigned, size ?? 8)
  }
}
