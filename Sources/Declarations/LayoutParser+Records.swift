/// Structs and unions.
extension LayoutParser {
  /// Reads `struct`, `union`, `class` or `enum`, with a tag, a body, or both.
  mutating func tagged(_ result: inout LayoutSpecifiers) throws(LayoutFault) {
    result.isTagged = true
    if at("enum") { return try enumeration(&result) }
    let isClass = at("class")
    if isClass { try needsCPlusPlus("a class") }
    let kind: LayoutKind = at("union") ? .union : .record
    let keyword = token
    try advance()
    var own = try attributes()
    let path = token.kind == .identifier ? try qualified() : nil
    // "struct EXPORT s {": the word may be an undefined macro.
    while path == nil, token.kind == .identifier, try isBeforeTag(isTypedef: result.isTypedef) {
      try skipUnknownMacro()
    }
    let tag = token.kind == .identifier ? token : nil
    if tag != nil { try advance() }
    if at("final") { try advance() }
    own.merge(try attributes())
    let bases = tag != nil && !result.isTypedef && kind == .record ? try basesIfAny() : []
    guard at(.openBrace) else {
      guard let tag else { throw unexpected("expected a tag or '{'") }
      result.type = try reference(tag, kind, path)
      return
    }
    // "__declspec(align(16)) struct S { … }" applies to the struct.
    own.declspecAlignment = max(own.declspecAlignment, result.attributes.declspecAlignment)
    result.attributes.declspecAlignment = 0
    result.tag = tag
    result.type = try define(
      tag ?? keyword, isTagged: tag != nil, kind, own, bases, isClass, from: keyword.position)
    result.defined = result.type
  }

  /// Does another word follow, and then a body?
  private mutating func isBeforeTag(isTypedef: Bool) throws(LayoutFault) -> Bool {
    // Looking further ahead would obey a directive that is already inside the body.
    let name = try peek()
    guard name.kind == .identifier, name.name != "final" else { return false }
    let next = try ahead(2)
    return next.isMark(.openBrace) || (next.isMark(.colon) && !isTypedef)
  }

  /// Reads base classes, unless this is a bit-field without a name.
  private mutating func basesIfAny() throws(LayoutFault) -> [LayoutMember] {
    // Looking further ahead would obey a directive that is already inside the body.
    guard at(.colon) else { return [] }
    let next = try peek()
    guard next.kind == .identifier || next.isMark(.scope) else { return [] }
    return try baseClasses()
  }

  /// The tag's type; an unknown tag is declared by this.
  private mutating func reference(
    _ tag: LayoutToken, _ kind: LayoutKind, _ path: String? = nil
  ) throws(LayoutFault) -> LayoutTypeID {
    tagUses[tag.name, default: 0] += 1
    if let known = self.tag(path ?? tag.name) {
      try checkKind(known, kind, tag)
      return known
    }
    return try declared(tag, kind)
  }

  private mutating func declared(
    _ tag: LayoutToken, _ kind: LayoutKind
  ) throws(LayoutFault) -> LayoutTypeID {
    let id = try types.add(
      LayoutType(kind: kind, name: tag.name, isComplete: false), tag.position)
    tags[key(tag.name)] = id
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

  /// The type of a tag whose body follows, in this scope.
  private mutating func opened(
    _ tag: LayoutToken, _ kind: LayoutKind
  ) throws(LayoutFault) -> LayoutTypeID {
    tagUses[tag.name, default: 0] += 1
    if let known = tags[key(tag.name)], !types[known].isAssumed {
      try checkKind(known, kind, tag)
      return known
    }
    return try declared(tag, kind)
  }

  private mutating func define(
    _ tag: LayoutToken, isTagged: Bool, _ kind: LayoutKind, _ attributes: LayoutAttributes,
    _ bases: [LayoutMember], _ isClass: Bool, from start: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    let id =
      try isTagged
      ? opened(tag, kind)
      : types.add(LayoutType(kind: kind, isComplete: false), tag.position)
    if types[id].isComplete || open.contains(id) {
      throw LayoutFault(tag.position, "'\(shown(tag))' is defined twice")
    }
    open.append(id)
    if options.isCPlusPlus && isTagged { scope.append(key(tag.name) + "::") }
    var known = LayoutClass(tag: isTagged ? tag.name : "", isHidden: isClass)
    (known.refusal, baseRefusal) = (baseRefusal, nil)
    classes.append(known)
    let isBigEndian = preprocessor.isBigEndian
    let body = token.position
    let outer = unknown
    unknown = LayoutUnknown()
    let members = try members(kind, bases)
    var lacks = unknown
    unknown = outer
    let finished = classes.removeLast()
    if options.isCPlusPlus && isTagged { scope.removeLast() }
    open.removeLast()
    let packing = preprocessor.packing
    let end = token.position
    preprocessor.openBodies -= 1
    try advance()
    var attributes = attributes
    attributes.merge(try self.attributes())
    addVanished(from: start, body: body...end, to: &lacks)
    if attributes.isBigEndian == nil { attributes.isBigEndian = isBigEndian }
    types[id].isPlain = finished.isPlain
    if let refusal = finished.refusal {
      (types[id].refusal, types[id].refusalPosition) = (refusal.message, refusal.position)
      return id
    }
    if lacks.isEmpty {
      try complete(id, members, attributes, packing)
    } else if lacks.isOfTypesOnly {
      (types[id].lacks, types[id].isComplete, types[id].size) = (lacks, true, 1)
    } else {
      unknown.merge(lacks)
      types[id].isComplete = true
    }
    return id
  }

  /// Reads from the opening brace to the closing one, which is not consumed.
  private mutating func members(
    _ kind: LayoutKind, _ bases: [LayoutMember]
  ) throws(LayoutFault) -> [LayoutMember] {
    try descend()
    defer { depth -= 1 }
    preprocessor.openBodies += 1
    try advance()
    var members = bases
    while !at(.closeBrace) {
      if token.kind == .end { throw unexpected("expected '}'") }
      try memberLine(&members, classes[classes.count - 1].tag)
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
    if try acceptMethod(tag) { return }
    if try acceptUnknownCall() { return }
    try member(&members)
  }

  /// Accepts `public:` and the like.
  private mutating func acceptAccess() throws(LayoutFault) -> Bool {
    guard ["public", "private", "protected"].contains(token.name) else { return false }
    let next = try peek()
    guard next.isMark(.colon) else { return false }
    try needsCPlusPlus("'\(token.name):'")
    classes[classes.count - 1].isHidden = !at("public")
    try advance()
    try advance()
    return true
  }

  private mutating func member(_ members: inout [LayoutMember]) throws(LayoutFault) {
    let specifiers = try specifiers(inRecord: true)
    if at(.semicolon) {
      try addUnnamed(&members, specifiers)
      return try advance()
    }
    if let type = specifiers.defined, looksLikePacking(token), types[type].isComplete {
      try skipUnknownMacro()
      if at(.semicolon) { return try advance() }
    }
    let count = members.count
    repeat {
      try declaredMember(&members, specifiers)
    } while try accept(.comma)
    if members.count > count && classes[classes.count - 1].isHidden {
      classes[classes.count - 1].isPlain = false
    }
    while token.kind == .identifier { try skipUnknownMacro() }
    if at(.openBrace) || at(.openParenthesis) { throw unexpected("expected ';'") }
    try expectSemicolon()
  }

  /// Inside another body, names in capitals after a body are common; these words are not names.
  private func looksLikePacking(_ word: LayoutToken) -> Bool {
    looksLikeMacro(word) && Self.looksLikePacking(word.name)
  }

  /// `struct { … };` is an anonymous member; `enum { … };` and `struct Tag { … };` are not.
  private mutating func addUnnamed(
    _ members: inout [LayoutMember], _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    let type = types[specifiers.type]
    if type.name.isEmpty && !isLacking(specifiers.type) { try checkShareable(type) }
    if !specifiers.isTagged {
      throw LayoutFault(token.position, "the member has no name")
    }
    guard type.kind == .record || type.kind == .union, type.isComplete,
      !specifiers.isTypedef
    else { return }
    if !type.name.isEmpty {
      if abi == .linux || options.isCPlusPlus { return }
      let name = Self.shortened(type.name)
      throw LayoutFault(
        specifiers.position,
        "'\(name)' is a member here for Microsoft's C and none for C++: define it outside")
    }
    members.append(
      LayoutMember(
        name: "", type: specifiers.type, alignment: specifiers.attributes.ofMember,
        position: specifiers.position))
  }

  private mutating func declaredMember(
    _ members: inout [LayoutMember], _ specifiers: LayoutSpecifiers
  ) throws(LayoutFault) {
    if at(.colon) {  // no name: padding
      let declarator = LayoutDeclarator(
        type: specifiers.type, position: token.position, attributes: specifiers.attributes)
      return members.append(try bitField(declarator))
    }
    let declarator = try declarator(specifiers.type, specifiers.attributes)
    if specifiers.isTypedef { return try declareTypedef(declarator, specifiers) }
    if types[declarator.type].kind == .function {
      try needsCPlusPlus("a member function")
      // The rest is a qualifier, a body or nothing.
      return try skipToSemicolon()
    }
    if specifiers.isStatic || (specifiers.isConstant && declarator.name.isEmpty) {
      try needsCPlusPlus("a static member")
      if try accept(.assign) { return try initialize(declarator, specifiers) }
      if at(.openBrace) { try skipInitializer() }
      return
    }
    if at(.colon) {
      members.append(try bitField(declarator))
    } else {
      members.append(try plainMember(declarator))
    }
    if declarator.attributes.isReference { classes[classes.count - 1].isPlain = false }
    if at(.assign) || at(.openBrace) {
      try needsCPlusPlus("a member's initializer")
      classes[classes.count - 1].isPlain = false
      try skipInitializer()
    }
  }

  private mutating func skipToSemicolon() throws(LayoutFault) {
    while !at(.semicolon) && !at(.comma) {
      if token.kind == .end || at(.closeBrace) { throw unexpected("expected ';'") }
      try advance()
    }
  }

  /// The type, with its members if it comes from a well-known header.
  mutating func completed(
    _ id: LayoutTypeID, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    let type = types[id]
    guard !type.isComplete, type.kind == .record || type.kind == .union, !open.contains(id),
      LayoutBuiltins.structure(type.name, isTag: true, abi) != nil, tags[type.name] == id
    else { return id }
    tags[type.name] = nil
    guard let known = try assume(type.name, isTag: true, position) else { return id }
    types[id] = types[known]
    return id
  }

  private mutating func plainMember(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutMember {
    let id = try completed(declarator.type, declarator.position)
    let type = types[id]
    if type.kind == .void {
      throw LayoutFault(declarator.position, "a member cannot be void")
    }
    if !isLacking(id), let refusal = type.refusal {
      let last = classes.count - 1
      let fault = LayoutFault(type.refusalPosition, refusal)
      classes[last].refusal = classes[last].refusal ?? fault
    }
    if !type.isComplete && type.kind != .array { addUnsized(type, at: declarator.position) }
    let strict = declarator.attributes.strictAlignment
    if strict > 0 && strict < type.alignment {
      throw LayoutFault(
        declarator.position, "alignas(\(strict)) is less than the type's \(type.alignment)")
    }
    return LayoutMember(
      name: declarator.name, type: id, alignment: declarator.attributes.ofMember,
      isPacked: declarator.attributes.isPacked, position: declarator.position)
  }

  private mutating func bitField(
    _ declarator: LayoutDeclarator
  ) throws(LayoutFault) -> LayoutMember {
    try advance()
    let position = token.position
    let value = try constantExpression()
    let type = types[declarator.type]
    if isLacking(declarator.type) {
      return LayoutMember(name: "", type: declarator.type, position: declarator.position)
    }
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
