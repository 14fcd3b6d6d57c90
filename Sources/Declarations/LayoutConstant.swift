/// An integer in a C constant expression. Of its type only the width, 4 or 8 bytes, and the sign
/// are kept.
struct LayoutConstant: Equatable {
  /// A signed number's value, or an unsigned number's bits, with zeroes above its width.
  let bits: Int64
  let isUnsigned: Bool
  let isWide: Bool

  /// Cuts the bits to the width, as C's conversions do.
  init(truncating bits: Int64, isUnsigned: Bool = false, isWide: Bool = false) {
    let narrow =
      isUnsigned ? Int64(UInt32(truncatingIfNeeded: bits)) : Int64(Int32(truncatingIfNeeded: bits))
    self.bits = isWide ? bits : narrow
    self.isUnsigned = isUnsigned
    self.isWide = isWide
  }

  init(_ isTrue: Bool) { self.init(truncating: isTrue ? 1 : 0) }

  /// The type that C gives to a signed value: int if it fits, else long long.
  init(signed value: Int64) {
    self.init(truncating: value, isWide: Int32(exactly: value) == nil)
  }

  /// A value of type size_t, which is `sizeof`'s.
  init(size: UInt64) { self.init(truncating: Int64(size), isUnsigned: true, isWide: true) }

  var isTrue: Bool { bits != 0 }
  var isNegative: Bool { !isUnsigned && bits < 0 }
  private var magnitudeBits: UInt64 { UInt64(bitPattern: bits) }

  /// The value as a number of elements; nil: it is negative.
  var count: UInt64? { isNegative ? nil : UInt64(bitPattern: bits) }

  /// The value in decimal.
  var text: String { isUnsigned ? String(magnitudeBits) : String(bits) }

  /// C's usual arithmetic conversions (C11, 6.3.1.8): the wider type, and unsigned if that one is.
  private func common(_ other: LayoutConstant) -> (isUnsigned: Bool, isWide: Bool) {
    let isWide = isWide || other.isWide
    let isUnsigned =
      (self.isUnsigned && self.isWide == isWide) || (other.isUnsigned && other.isWide == isWide)
    return (isUnsigned, isWide)
  }

  private func converted(_ type: (isUnsigned: Bool, isWide: Bool)) -> LayoutConstant {
    LayoutConstant(truncating: bits, isUnsigned: type.isUnsigned, isWide: type.isWide)
  }

  /// Converts to the common type of both; for `?:`.
  func converted(with other: LayoutConstant) -> LayoutConstant { converted(common(other)) }

  enum Failure: String, Error {
    case overflow = "integer overflow"
    case division = "division by zero"
    case shift = "shift by a negative count or past the type's width"
  }

  static func binary(
    _ mark: LayoutMark, _ left: LayoutConstant, _ right: LayoutConstant
  ) throws(Failure) -> LayoutConstant {
    if mark == .shiftLeft || mark == .shiftRight { return try left.shifted(mark, right) }
    let type = left.common(right)
    let (left, right) = (left.converted(type), right.converted(type))
    if let result = left.compared(mark, right) { return LayoutConstant(result) }
    let isDivision = mark == .slash || mark == .percent
    if isDivision && right.bits == 0 { throw .division }
    if type.isUnsigned {
      let bits = unsigned(mark, left.magnitudeBits, right.magnitudeBits)
      return LayoutConstant(
        truncating: Int64(bitPattern: bits), isUnsigned: true, isWide: type.isWide)
    }
    let (bits, overflow) = signed(mark, left.bits, right.bits)
    let result = LayoutConstant(truncating: bits, isWide: type.isWide)
    if overflow || result.bits != bits { throw .overflow }
    return result
  }

  private static func unsigned(_ mark: LayoutMark, _ left: UInt64, _ right: UInt64) -> UInt64 {
    switch mark {
    case .plus: left &+ right
    case .minus: left &- right
    case .star: left &* right
    case .slash: left / right
    case .percent: left % right
    case .ampersand: left & right
    case .bar: left | right
    default: left ^ right
    }
  }

  private static func signed(
    _ mark: LayoutMark, _ left: Int64, _ right: Int64
  ) -> (Int64, overflow: Bool) {
    switch mark {
    case .plus: left.addingReportingOverflow(right)
    case .minus: left.subtractingReportingOverflow(right)
    case .star: left.multipliedReportingOverflow(by: right)
    case .slash: left.dividedReportingOverflow(by: right)
    case .percent: left.remainderReportingOverflow(dividingBy: right)
    case .ampersand: (left & right, false)
    case .bar: (left | right, false)
    default: (left ^ right, false)
    }
  }

  /// Compares two numbers of one type. Nil: the operator does not compare.
  private func compared(_ mark: LayoutMark, _ other: LayoutConstant) -> Bool? {
    let isLess = isUnsigned ? magnitudeBits < other.magnitudeBits : bits < other.bits
    return switch mark {
    case .equal: bits == other.bits
    case .notEqual: bits != other.bits
    case .less: isLess
    case .greaterOrEqual: !isLess
    case .greater: !isLess && bits != other.bits
    case .lessOrEqual: isLess || bits == other.bits
    default: nil
    }
  }

  /// `1 << 31` is INT_MIN, as with gcc.
  private func shifted(
    _ mark: LayoutMark, _ count: LayoutConstant
  ) throws(Failure) -> LayoutConstant {
    guard let count = count.count, count < (isWide ? 64 : 32) else { throw .shift }
    let left = bits &<< Int64(count)
    let right = isUnsigned ? Int64(bitPattern: magnitudeBits >> count) : bits >> Int64(count)
    return LayoutConstant(
      truncating: mark == .shiftLeft ? left : right, isUnsigned: isUnsigned, isWide: isWide)
  }

  func negated() throws(Failure) -> LayoutConstant {
    try Self.binary(.minus, LayoutConstant(truncating: 0), self)
  }

  var complement: LayoutConstant {
    LayoutConstant(truncating: ~bits, isUnsigned: isUnsigned, isWide: isWide)
  }
}
