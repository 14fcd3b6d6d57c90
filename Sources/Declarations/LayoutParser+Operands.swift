/// Names, `sizeof`, `offsetof` and casts in constant expressions.
extension LayoutParser {
  func literal(_ token: LayoutToken) throws(LayoutFault) -> LayoutConstant {
    try token.kind == .character
      ? LayoutConstant(character: spelling(token), at: token.position)
      : LayoutConstant(
        number: spelling(token), at: token.position, isLongWide: abi == .linux)
  }

  mutating func specialOperand() throws(LayoutFault) -> LayoutConstant? {
    if at(.openParenthesis) { return try cast() }
    guard token.kind == .identifier else { return nil }
    switch token.name {
    case "sizeof", "_Alignof", "alignof", "__alignof__", "__alignof": return try measure()
    case "offsetof", "__builtin_offsetof", "FIELD_OFFSET": return try offset()
    case "static_cast", "reinterpret_cast", "const_cast": return try namedCast()
    default: return try named()
    }
  }

  /// `static_cast<type>(value)`
  private mutating func namedCast() throws(LayoutFault) -> LayoutConstant {
    try advance()
    try expect(.less, "<")
    let type = try typeName()
    try expect(.greater, ">")
    try expect(.openParenthesis, "(")
    let value = try constantExpression()
    try expect(.closeParenthesis, ")")
    return isLacking(type) ? value : try converted(value, to: type)
  }

  private mutating func named() throws(LayoutFault) -> LayoutConstant {
    let name = token
    let path = try qualified()
    let last = token
    switch symbol(path ?? name.name) {
    case .constant(let value):
      try advance()
      return value
    case .lacking(let lacks):
      unknown.merge(lacks)
      try advance()
      return LayoutConstant(truncating: 1)
    case .type, .object:
      // "int(3)" and "kind{}" are casts in C++.
      if case .type(let type) = symbol(path ?? name.name), try peek().isMark(.openParenthesis) {
        try advance()
        return try functionalCast(type)
      }
      throw LayoutFault(name.position, "'\(shown(last))' is no constant")
    case nil: break
    }
    if let value = LayoutBuiltins.constant(last.name, abi), path == nil {
      try advance()
      return LayoutConstant(signed: value)
    }
    return try unknownConstant(last)
  }

  /// `uint32_t(5)`, from the parenthesis on.
  private mutating func functionalCast(_ type: LayoutTypeID) throws(LayoutFault) -> LayoutConstant {
    try expect(.openParenthesis, "(")
    let value = try constantExpression()
    try expect(.closeParenthesis, ")")
    return try converted(value, to: type)
  }

  /// `sizeof(value)` of members (`((struct s *)0)->a`, `s.a`), numbers and texts. Nil: it is none
  /// of these.
  private mutating func sizeOfExpression() throws(LayoutFault) -> LayoutType? {
    if token.kind == .string, try peek().isMark(.closeParenthesis) {
      let text = spelling(token)
      if text.hasPrefix("\""), !text.contains("\\") {
        try advance()
        return LayoutType(kind: .array, size: UInt64(text.utf8.count - 1), alignment: 1)
      }
    }
    if at(.openParenthesis), var id = try nullPointer() {
      if try accept(.arrow) {
        if types[id].kind != .pointer { throw unexpected("expected ')'") }
        id = types[id].element
        _ = try stepInto(&id)
      }
      while at(.dot) || at(.openBracket) {
        if try accept(.dot) {
          _ = try stepInto(&id)
        } else {
          try advance()
          _ = try index(&id)
          try expect(.closeBracket, "]")
        }
      }
      return types[id]
    }
    let value = try constantExpression()
    return LayoutBuiltins.scalar("int", .signed, value.isWide ? 8 : 4)
  }

  /// Reads `((type *) 0)` before an arrow; nil: it is something else, and nothing was consumed.
  private mutating func nullPointer() throws(LayoutFault) -> LayoutTypeID? {
    guard try peek().isMark(.openParenthesis) else { return nil }
    let tokens = try balanced()
    let isPointer = at(.arrow)
    if !isPointer {
      try replay(tokens)
      return nil
    }
    let end = LayoutToken(kind: .end, position: token.position, start: -1, end: -1)
    let state = (token, pending)
    (token, pending) = (end, [])
    defer { (token, pending) = state }
    try replay(Array(tokens[2...]) + [end])
    return try typeName()
  }

  /// Reads `(type) value`; nil: the parenthesis encloses an expression.
  private mutating func cast() throws(LayoutFault) -> LayoutConstant? {
    let position = token.position
    let next = try peek()
    guard next.kind == .identifier else { return nil }
    try advance()
    var isType = try beginsType()
    if !isType { isType = try isCastOfUnknown() }
    guard isType else {
      let value = try constantExpression()
      try expect(.closeParenthesis, ")")
      return value
    }
    let type = try typeName()
    try expect(.closeParenthesis, ")")
    let isInteger = types[type].kind.isInteger || types[type].kind == .pointer
    if !isInteger { throw LayoutFault(position, "a constant is cast to integers only") }
    return try converted(castOperand(), to: type)
  }

  /// Is this `(name)` followed by something that no operator joins? Then it is a cast to an unknown
  /// type.
  private mutating func isCastOfUnknown() throws(LayoutFault) -> Bool {
    guard symbol(token.name) == nil, LayoutBuiltins.constant(token.name, abi) == nil,
      try peek().isMark(.closeParenthesis)
    else { return false }
    let behind = try ahead(2)
    return behind.kind == .number || behind.kind == .identifier || behind.isMark(.openParenthesis)
  }

  /// A cast binds as tightly as `-`.
  private mutating func castOperand() throws(LayoutFault) -> LayoutConstant {
    try descend()
    defer { depth -= 1 }
    return try unaryExpression()
  }

  func converted(
    _ value: LayoutConstant, to id: LayoutTypeID
  ) throws(LayoutFault) -> LayoutConstant {
    let type = types[id]
    if type.kind == .boolean { return LayoutConstant(value.isTrue) }
    switch type.size {
    case 1:
      let bits =
        type.isUnsigned
        ? Int64(UInt8(truncatingIfNeeded: value.bits)) : Int64(Int8(truncatingIfNeeded: value.bits))
      return LayoutConstant(truncating: bits)
    case 2:
      let bits =
        type.isUnsigned
        ? Int64(UInt16(truncatingIfNeeded: value.bits))
        : Int64(Int16(truncatingIfNeeded: value.bits))
      return LayoutConstant(truncating: bits)
    case let size:
      return LayoutConstant(
        truncating: value.bits, isUnsigned: type.isUnsigned, isWide: size == 8)
    }
  }

  /// `sizeof(type)`, `alignof(type)`.
  private mutating func measure() throws(LayoutFault) -> LayoutConstant {
    let isSize = token.name == "sizeof"
    let word = token.name
    try advance()
    if isSize && !at(.openParenthesis) {
      let value = try castOperand()
      return LayoutConstant(size: value.isWide ? 8 : 4)
    }
    try expect(.openParenthesis, "(")
    let position = token.position
    var type: LayoutType
    if try beginsType() {
      type = types[try completed(typeName(), position)]
    } else if isSize, let other = try sizeOfExpression() {
      type = other
    } else {
      throw LayoutFault(position, "\(word) needs a type, not '\(shown(token))'")
    }
    try expect(.closeParenthesis, ")")
    if let lacks = type.lacks {
      unknown.merge(lacks)
      return LayoutConstant(size: 1)
    }
    try checkShareable(type)
    if !type.isComplete || type.kind == .function || type.kind == .void {
      addUnsized(type, at: position)
      return LayoutConstant(size: 1)
    }
    return LayoutConstant(size: isSize ? type.size : type.alignment)
  }

  /// `offsetof(type, a.b[3])`
  private mutating func offset() throws(LayoutFault) -> LayoutConstant {
    try advance()
    try expect(.openParenthesis, "(")
    let position = token.position
    var id = try completed(typeName(), position)
    try expect(.comma, ",")
    if isLacking(id) {
      while !at(.closeParenthesis), token.kind != .end { try advance() }
      try expect(.closeParenthesis, ")")
      return LayoutConstant(size: 1)
    }
    var offset = try stepInto(&id)
    while !at(.closeParenthesis) {
      if try accept(.dot) {
        offset += try stepInto(&id)
      } else if try accept(.openBracket) {
        offset += try index(&id)
        try expect(.closeBracket, "]")
      } else {
        throw unexpected("expected ')'")
      }
      if offset > LayoutTypes.largest {
        throw LayoutFault(position, "the offset is larger than 2^47")
      }
    }
    try advance()
    return LayoutConstant(size: offset)
  }

  private mutating func stepInto(_ id: inout LayoutTypeID) throws(LayoutFault) -> UInt64 {
    let name = token
    guard let field = types.find(name.name, in: id), name.kind == .identifier else {
      throw LayoutFault(name.position, "there is no member '\(shown(name))'")
    }
    if field.width != nil {
      throw LayoutFault(name.position, "a bit-field has no offset in bytes")
    }
    try advance()
    id = field.type
    return field.bit / 8
  }

  private mutating func index(_ id: inout LayoutTypeID) throws(LayoutFault) -> UInt64 {
    let position = token.position
    let value = try constantExpression()
    guard types[id].kind == .array, let count = value.count, count <= LayoutTypes.largest else {
      throw LayoutFault(position, "this is no element of an array")
    }
    id = types[id].element
    let (offset, overflow) = count.multipliedReportingOverflow(by: types[id].size)
    if overflow || offset > LayoutTypes.largest {
      throw LayoutFault(position, "the offset is larger than 2^47")
    }
    return offset
  }
}

extension LayoutTypes {
  /// The member with this name, also inside anonymous members; its position is in the whole record.
  func find(_ name: String, in id: LayoutTypeID) -> LayoutField? {
    guard !name.isEmpty else { return nil }
    for field in fields[all[id].fields] {
      if field.name == name { return field }
      if field.name.isEmpty, var inner = find(name, in: field.type) {
        inner.bit += field.bit
        return inner
      }
    }
    return nil
  }
}
