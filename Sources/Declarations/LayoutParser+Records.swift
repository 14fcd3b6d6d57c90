/// Structs and unions.
extension LayoutParser {
  /// `struct`, `union`, `class` or `enum`, with a tag, a body, or both.
  mutating func tagged(_ result: inout LayoutSpecifiers) throws(LayoutFault) {
    result.isTagged = true
    if at("enum") {
      result.type = try enumeration()
      return
    }
    let kind: LayoutKind = at("union") ? .union : .record
    let keyword = token
    try advance()
    var own = try attributes()
    let tag = token.kind == .identifier ? token : nil
    if tag != nil { try advance() }
    if at("final") { try advance() }
    if at(.colon) && tag != nil, try peek().kind == .identifier, result.isTypedef == false {
      throw LayoutFault(token.position, "base classes are not supported: write their members")
    }
    guard at(.openBrace) else {
      guard let tag else { throw unexpected("expected a tag or '{'") }
      result.type = try reference(tag, kind)
      return
    }
    // "__declspec(align(16)) struct S { … }" is the struct's own.
    own.declspecAlignment = max(own.declspecAlignment, result.attributes.declspecAlignment)
    result.attributes.declspecAlignment = 0
    result.type = try define(tag ?? keyword, isTagged: tag != nil, kind, own)
    result.defined = result.type
  }

  /// The tag's type; an unknown one is declared by that.
  private mutating func reference(
    _ tag: LayoutToken, _ kind: LayoutKind
  ) throws(LayoutFault) -> LayoutTypeID {
    if let known = tags[tag.name] {
      try checkKind(known, kind, tag)
      return known
    }
    let id = try types.add(
      LayoutType(kind: kind, name: tag.name, isComplete: false), tag.position)
    tags[tag.name] = id
    return id
  }

  func checkKind(
    _ id: LayoutTypeID, _ kind: LayoutKind, _ tag: LayoutToken
  ) throws(LayoutFault) {
    let known = types[id]
    let isEnumeration = kind == .unsigned
    if known.isEnumeration != isEnumeration || (!isEnumeration && known.kind != kind) {
      throw LayoutFault(tag.position, "'\(shown(tag))' is another kind of tag")
    }
  }

  private mutating func define(
    _ tag: LayoutToken, isTagged: Bool, _ kind: LayoutKind, _ attributes: LayoutAttributes
  ) throws(LayoutFault) -> LayoutTypeID {
    let id =
      try isTagged
      ? reference(tag, kind)
      : types.add(LayoutType(kind: kind, isComplete: false), tag.position)
    if types[id].isComplete || open.contains(id) {
      throw LayoutFault(tag.position, "'\(shown(tag))' is defined twice")
    }
    open.append(id)
    let members = try members(kind, isTagged ? tag.name : "")
    open.removeLast()
    let packing = preprocessor.packing
    try advance()
    var attributes = attributes
    attributes.merge(try self.attributes())
    try complete(id, members, attributes, packing)
    return id
  }

  /// From the open brace to the closing one, which stays.
  private mutating func members(
    _ kind: LayoutKind, _ tag: String
  ) throws(LayoutFault) -> [LayoutMember] {
    try descend()
    defer { depth -= 1 }
    try advance()
    var members: [LayoutMember] = []
    while !at(.closeBrace) {
      if token.kind == .end { throw unexpected("expected '}'") }
      try memberLine(&members, tag)
      if members.count > LayoutTypes.most {
        throw LayoutFault(token.position, "more than \(LayoutTypes.most) fields")
      }
    }
    return members
  }

  private mutating func memberLine(
    _ members: inout [LayoutMember], _ tag: String
  ) throws(LayoutFault) {
    if try accept(.semicolon) { return }
    if try acceptAccess() { return }
    if try acceptCommon() { return }
    try member(&members, tag)
  }

  /// `public:`
  private mutating func acceptAccess() throws(LayoutFault) -> Bool {
    guard ["public", "private", "protected"].contains(token.name) else { return false }
    let next = try peek()
    guard next.kind == .mark && next.mark == .colon else { return false }
    try advance()
    try advance()
    return true
  }

  private mutating func member(
    _ members: inout [LayoutMember], _ tag: String
  ) throws(LayoutFault) {
    let specifiers = try specifiers(inRecord: true)
    if at(.semicolon) {
      try addUnnamed(&members, specifiers)
      return try advance()
    }
    if at(.openParenthesis), types[specifiers.type].name == tag {
      throw noFunctions(specifiers.position)
    }
    repeat {
      try declaredMember(&members, specifiers)
    } while try accept(.comma)
    if at(.openBrace) || at(.openParenthesis) { throw noFunctions(token.position) }
    try expectSemicolon()
  }

  private func noFunctions(_ position: Int) -> LayoutFault {
    LayoutFault(position, "member functions are not supported: only data members")
  }

  /// `struct { … };` is an anonymous member, `enum { … };` and `struct Tag { … };` none.
  private func addUnnamed(
    _ members: inout [LayoutMember], _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    let type = types[specifiers.type]
    if !specifiers.isTagged {
      throw LayoutFault(token.position, "the member has no name")
    }
    guard type.kind == .record || type.kind == .union, type.isComplete,
      !specifiers.isTypedef
    else { return }
    if !type.name.isEmpty {
      if abi == .linux { return }
      let name = Self.shortened(type.name)
      throw LayoutFault(
        specifiers.position,
        "'\(name)' is a member here for Microsoft's C and none for C++: define it outside")
    }
    members.append(
      LayoutMember(name: "", type: specifiers.type, position: specifiers.position))
  }

  private mutating func declaredMember(
    _ members: inout [LayoutMember], _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    if at(.colon) {  // without a name: padding
      let declarator = LayoutDeclarator(
        type: specifiers.type, position: token.position, attributes: specifiers.attributes)
      return members.append(try bitField(declarator))
    }
    let declarator = try declarator(specifiers.type, specifiers.attributes)
    if specifiers.isTypedef { return try declareTypedef(declarator, specifiers) }
    if types[declarator.type].kind == .function { throw noFunctions(declarator.position) }
    if specifiers.isStatic || (specifiers.isConstant && declarator.name.isEmpty) {
      if try accept(.assign) { try initialize(declarator, specifiers) }
      return
    }
    if at(.colon) {
      members.append(try bitField(declarator))
    } else {
      members.append(try plainMember(declarator))
    }
    if at(.assign) || at(.openBrace) { try skipInitializer() }
  }

  private func plainMember(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutMember {
    let type = types[declarator.type]
    if type.kind == .void {
      throw LayoutFault(declarator.position, "a member cannot be void")
    }
    if !type.isComplete && type.kind != .array {
      throw LayoutFault(
        declarator.position, "the size of '\(Self.shortened(type.name))' is not known here")
    }
    let strict = declarator.attributes.strictAlignment
    if strict > 0 && strict < type.alignment {
      throw LayoutFault(
        declarator.position, "alignas(\(strict)) is less than the type's \(type.alignment)")
    }
    return LayoutMember(
      name: declarator.name, type: declarator.type, alignment: declarator.attributes.ofMember,
      isPacked: declarator.attributes.isPacked, position: declarator.position)
  }

  private mutating func bitField(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutMember {
    try advance()
    let position = token.position
    let value = try constantExpression()
    let type = types[declarator.type]
    if !type.kind.isInteger || !type.isComplete {
      throw LayoutFault(declarator.position, "a bit-field needs an integer type")
    }
    let most = type.kind == .boolean ? 1 : type.size * 8
    guard let width = value.count, width <= most else {
      throw LayoutFault(position, "the width \(value.text) is not within 0 and \(most)")
    }
    if width == 0 && !declarator.name.isEmpty {
      throw LayoutFault(position, "a bit-field with a name is at least 1 wide")
    }
    var attributes = declarator.attributes
    while try acceptAttribute(&attributes) {}
    if attributes.strictAlignment > 0 {
      throw LayoutFault(declarator.position, "alignas does not go with bit-fields")
    }
    return LayoutMember(
      name: declarator.name, type: declarator.type, width: width, alignment: attributes.ofMember,
      isPacked: attributes.isPacked, position: declarator.position)
  }
}
