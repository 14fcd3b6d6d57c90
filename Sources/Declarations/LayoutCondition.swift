/// The expression of an `#if`: its macros are expanded; the names that are left are 0.
struct LayoutCondition: LayoutTokenSource {
  private(set) var token: LayoutToken
  var depth = 0
  var unevaluated = 0
  private var rest: ArraySlice<LayoutToken>
  private let last: LayoutToken
  private let bytes: [UInt8]
  private let abi: Layout.ABI

  init(_ tokens: [LayoutToken], end: Int, bytes: [UInt8], _ abi: Layout.ABI) {
    last = LayoutToken(kind: .end, position: end, start: end, end: end)
    token = tokens.first ?? last
    rest = tokens.dropFirst()
    self.bytes = bytes
    self.abi = abi
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

  /// Conditions count in 64 bits.
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
    let name = token.name
    try advance()
    // "__has_include(<x.h>)" and its kin: nothing is there.
    if name.hasPrefix("__has_"), try accept(.openParenthesis) {
      while token.kind != .end, try !accept(.closeParenthesis) { try advance() }
    }
    return LayoutConstant(truncating: name == "true" ? 1 : 0, isWide: true)
  }
}
