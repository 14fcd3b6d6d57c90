/// The expression of an `#if`. Its macros are expanded; names that remain count as 0 and are noted.
struct LayoutCondition: LayoutTokenSource {
  private(set) var token: LayoutToken
  var depth = 0
  var unevaluated = 0
  var isTemplateArgument: Bool { false }
  private var rest: ArraySlice<LayoutToken>
  private let last: LayoutToken
  private let bytes: [UInt8]
  /// Names that nobody defines; those that are known to be undefined are none.
  private let unknowns: Set<String>
  /// The first name that counted as a number and that nobody defines.
  private(set) var unknown: LayoutToken?

  init(_ tokens: [LayoutToken], end: Int, bytes: [UInt8], unknowns: Set<String>) {
    last = LayoutToken(kind: .end, position: end, start: end, end: end)
    token = tokens.first ?? last
    rest = tokens.dropFirst()
    self.bytes = bytes
    self.unknowns = unknowns
  }

  mutating func evaluate() throws(LayoutFault) -> Bool {
    let value = try constantExpression()
    if token.kind != .end { throw unexpected("expected the end of the condition") }
    return value.isTrue
  }

  mutating func advance() throws(LayoutFault) { token = rest.popFirst() ?? last }

  func spelling(_ token: LayoutToken) -> String {
    token.kind == .identifier || token.start < 0
      ? token.name : String(decoding: bytes[token.start..<token.end], as: UTF8.self)
  }

  /// Conditions compute in 64 bits (C11, 6.10.1p4: intmax_t).
  func literal(_ token: LayoutToken) throws(LayoutFault) -> LayoutConstant {
    let text = spelling(token)
    let value =
      try token.kind == .character
      ? LayoutConstant(character: text, at: token.position)
      : LayoutConstant(number: text, at: token.position, isLongWide: true)
    let isUnsigned =
      value.isUnsigned && text.lowercased().contains("u")
      || value.count.map { $0 > UInt64(Int64.max) } ?? false
    return LayoutConstant(truncating: value.bits, isUnsigned: isUnsigned, isWide: true)
  }

  mutating func specialOperand() throws(LayoutFault) -> LayoutConstant? {
    guard token.kind == .identifier else { return nil }
    let word = token
    let name = word.name
    try advance()
    if name.hasPrefix("__has_") { return LayoutConstant(try has(word)) }
    if name == "true" { return LayoutConstant(truncating: 1, isWide: true) }
    if unevaluated == 0, unknowns.contains(name) { unknown = unknown ?? word }
    return LayoutConstant(truncating: 0, isWide: true)
  }

  /// `__has_attribute(packed)` and the like: attributes exist here, clang's features do not. For a
  /// builtin that gcc may or may not have, the answer is unknown.
  private mutating func has(_ word: LayoutToken) throws(LayoutFault) -> Bool {
    guard try accept(.openParenthesis) else { return false }
    let asked = token
    var open = 1
    while token.kind != .end, open > 0 {
      if at(.openParenthesis) { open += 1 }
      if at(.closeParenthesis) { open -= 1 }
      try advance()
    }
    switch word.name {
    case "__has_attribute", "__has_c_attribute", "__has_cpp_attribute", "__has_declspec_attribute":
      return true
    case "__has_builtin":
      if LayoutBuiltins.functions.contains(asked.name) { return true }
      if unevaluated == 0 { unknown = unknown ?? asked }
      return false
    default: return false
    }
  }
}
