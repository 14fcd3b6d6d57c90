/// What attributes say about memory; all others are ignored.
struct LayoutAttributes {
  var isPacked = false
  /// The largest `aligned(n)`, in bytes; 0: none. It counts for members.
  var alignment: UInt64 = 0
  /// The last `aligned(n)`, which counts for types.
  var lastAlignment: UInt64 = 0
  /// `alignas`, which must not lower an alignment (C11, 6.7.5).
  var strictAlignment: UInt64 = 0
  /// `__declspec(align(n))`; before a struct that is defined here it applies to the struct.
  var declspecAlignment: UInt64 = 0
  /// `ms_struct` or `gcc_struct`; nil: neither.
  var isMicrosoft: Bool?
  /// `scalar_storage_order`; nil: not given.
  var isBigEndian: Bool?
  /// `mode(DI)`, which selects another size; nil: none.
  var mode: String?
  /// `vector_size(n)`, in bytes; 0: none.
  var vectorSize: UInt64 = 0
  /// `__declspec(empty_bases)`, which Microsoft's compiler heeds.
  var hasEmptyBases = false
  /// C++: of a declarator, a `&` stands in it.
  var isReference = false

  var ofMember: UInt64 { max(alignment, strictAlignment, declspecAlignment) }
  var ofType: UInt64 { max(lastAlignment, strictAlignment, declspecAlignment) }

  mutating func merge(_ other: LayoutAttributes) {
    isPacked = isPacked || other.isPacked
    alignment = max(alignment, other.alignment)
    if other.lastAlignment > 0 { lastAlignment = other.lastAlignment }
    strictAlignment = max(strictAlignment, other.strictAlignment)
    declspecAlignment = max(declspecAlignment, other.declspecAlignment)
    isMicrosoft = isMicrosoft ?? other.isMicrosoft
    hasEmptyBases = hasEmptyBases || other.hasEmptyBases
    isBigEndian = other.isBigEndian ?? isBigEndian
  }
}

extension LayoutParser {
  /// Reads any number of attributes, in all their forms.
  mutating func attributes() throws(LayoutFault) -> LayoutAttributes {
    var result = LayoutAttributes()
    while try acceptAttribute(&result) {}
    return result
  }

  /// True: there were attributes, which mean nothing here.
  mutating func acceptAttributes() throws(LayoutFault) -> Bool {
    var ignored = LayoutAttributes()
    return try acceptAttribute(&ignored)
  }

  mutating func acceptAttribute(_ result: inout LayoutAttributes) throws(LayoutFault) -> Bool {
    if at(.openBracket) { return try acceptStandardAttribute(&result) }
    guard token.kind == .identifier else { return false }
    switch token.name {
    case "__attribute__", "__attribute": try gccAttribute(&result)
    case "__declspec", "_declspec": try declspec(&result)
    case "alignas", "_Alignas": try alignas(&result)
    case "__asm__", "__asm", "asm":
      try advance()
      if at(.openParenthesis) { try skipBalanced() }
    default: return false
    }
    return true
  }

  /// Reads `__attribute__((a, b(…)))`.
  private mutating func gccAttribute(_ result: inout LayoutAttributes) throws(LayoutFault) {
    try advance()
    try expect(.openParenthesis, "((")
    try expect(.openParenthesis, "((")
    try attributeList(&result, until: .closeParenthesis)
    try expect(.closeParenthesis, "))")
    try expect(.closeParenthesis, "))")
  }

  /// Reads `[[gnu::packed]]`.
  private mutating func acceptStandardAttribute(
    _ result: inout LayoutAttributes
  ) throws(LayoutFault) -> Bool {
    let next = try peek()
    guard next.kind == .mark, next.mark == .openBracket else { return false }
    try advance()
    try advance()
    try attributeList(&result, until: .closeBracket)
    try expect(.closeBracket, "]]")
    try expect(.closeBracket, "]]")
    return true
  }

  private mutating func declspec(_ result: inout LayoutAttributes) throws(LayoutFault) {
    try advance()
    try expect(.openParenthesis, "(")
    while !at(.closeParenthesis) {
      if token.kind == .end { throw unexpected("expected ')'") }
      if at("align") {
        try advance()
        try expect(.openParenthesis, "(")
        result.declspecAlignment = max(result.declspecAlignment, try alignmentValue())
        try expect(.closeParenthesis, ")")
      } else {
        try attribute(&result)
      }
    }
    try advance()
  }

  private mutating func attributeList(
    _ result: inout LayoutAttributes, until end: LayoutMark
  ) throws(LayoutFault) {
    while !at(end) {
      if try accept(.comma) { continue }
      if token.kind != .identifier { throw unexpected("expected an attribute") }
      try attribute(&result)
    }
  }

  private mutating func attribute(_ result: inout LayoutAttributes) throws(LayoutFault) {
    var name = token
    try advance()
    if at(.scope) {
      try advance()
      name = token
      try advance()
    }
    let word =
      name.name.hasPrefix("__") && name.name.hasSuffix("__") && name.name.utf8.count > 4
      ? String(name.name.dropFirst(2).dropLast(2)) : name.name
    switch word {
    case "packed": result.isPacked = true
    case "aligned":
      result.lastAlignment = try alignedArgument()
      result.alignment = max(result.alignment, result.lastAlignment)
      return
    // gcc ignores the second one.
    case "ms_struct": result.isMicrosoft = result.isMicrosoft ?? true
    case "gcc_struct": result.isMicrosoft = result.isMicrosoft ?? false
    case "mode":
      result.mode = try wordArgument()
      return
    case "scalar_storage_order":
      switch try wordArgument() {
      case "big-endian": result.isBigEndian = true
      case "little-endian": result.isBigEndian = false
      default:
        throw LayoutFault(name.position, "scalar_storage_order is big-endian or little-endian")
      }
      return
    case "vector_size":
      try expect(.openParenthesis, "(")
      result.vectorSize = try alignmentValue()
      return try expect(.closeParenthesis, ")")
    case "empty_bases": result.hasEmptyBases = true
    case "no_unique_address":
      throw LayoutFault(name.position, "the attribute '\(word)' is not supported")
    default: break
    }
    if at(.openParenthesis) { try skipBalanced() }
  }

  /// Reads `(word)` or `("word")`, and removes underscores around the word.
  private mutating func wordArgument() throws(LayoutFault) -> String {
    try expect(.openParenthesis, "(")
    var word = spelling(token).filter { $0 != "\"" }
    if word.hasPrefix("__") && word.hasSuffix("__") && word.utf8.count > 4 {
      word = String(word.dropFirst(2).dropLast(2))
    }
    try advance()
    try expect(.closeParenthesis, ")")
    return word
  }

  /// The type that `mode` and `vector_size` make of a type.
  mutating func transformed(
    _ id: LayoutTypeID, _ attributes: LayoutAttributes, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    var id = id
    if let mode = attributes.mode { id = try moded(id, mode, position) }
    if attributes.vectorSize > 0 {
      let element = types[id]
      guard element.size > 0, attributes.vectorSize % element.size == 0 else {
        throw LayoutFault(position, "a vector's size is a multiple of its elements'")
      }
      let count = attributes.vectorSize / element.size
      var vector = types[try types.array(of: id, count, position)]
      vector.naturalAlignment = attributes.vectorSize
      vector.alignment = attributes.vectorSize
      id = try types.add(vector, position)
    }
    return id
  }

  private mutating func moded(
    _ id: LayoutTypeID, _ mode: String, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    let sizes: [String: UInt64] = [
      "QI": 1, "byte": 1, "HI": 2, "SI": 4, "DI": 8, "word": 8, "pointer": 8, "unwind_word": 8,
    ]
    let floats: [String: UInt64] = ["SF": 4, "DF": 8]
    let type = types[id]
    if mode == "TI" || mode == "TF" || mode == "XF" {
      return try types.add(
        LayoutType(kind: .opaque, size: 16, alignment: 16, name: type.name), position)
    }
    guard let size = (type.kind == .floating ? floats : sizes)[mode] else {
      throw LayoutFault(position, "the mode '\(mode)' is not supported")
    }
    let kind: LayoutKind =
      type.kind == .floating ? .floating : type.isUnsigned ? .unsigned : .signed
    return try types.add(LayoutBuiltins.scalar(type.name, kind, size), position)
  }

  /// Without a number it is the machine's largest alignment.
  private mutating func alignedArgument() throws(LayoutFault) -> UInt64 {
    guard try accept(.openParenthesis) else { return 16 }
    let value = try alignmentValue()
    try expect(.closeParenthesis, ")")
    return value
  }

  private mutating func alignmentValue() throws(LayoutFault) -> UInt64 {
    let position = token.position
    let value = try constantExpression()
    guard let count = value.count, count > 0, count & (count - 1) == 0 else {
      throw LayoutFault(position, "an alignment is a power of two, not \(value.text)")
    }
    if count > 1 << 28 { throw LayoutFault(position, "an alignment is at most 268435456") }
    return count
  }

  /// Reads `alignas(n)` or `alignas(type)`; `alignas(0)` has no effect (C11, 6.7.5p6).
  private mutating func alignas(_ result: inout LayoutAttributes) throws(LayoutFault) {
    try advance()
    try expect(.openParenthesis, "(")
    if try beginsType() {
      let type = try typeName()
      result.strictAlignment = max(result.strictAlignment, types[type].alignment)
    } else if token.kind == .number, spelling(token) == "0" {
      try advance()
    } else {
      result.strictAlignment = max(result.strictAlignment, try alignmentValue())
    }
    try expect(.closeParenthesis, ")")
  }
}
