extension LayoutConstant {
  /// A number as C writes it (C11, 6.4.4.1): decimal, octal, hexadecimal or binary, with suffix,
  /// and with C++'s separators.
  ///
  /// - Parameter isLongWide: `long` has 8 bytes.
  init(number: String, at position: Int, isLongWide: Bool) throws(LayoutFault) {
    let text = number.lowercased().utf8.filter { $0 != UInt8(ascii: "'") }
    let (radix, prefix) = Self.radix(text)
    let isHexadecimal = radix == 16
    if text.contains(where: {
      $0 == UInt8(ascii: ".") || (!isHexadecimal && $0 == UInt8(ascii: "e"))
        || (isHexadecimal && $0 == UInt8(ascii: "p"))
    }) {
      throw LayoutFault(position, "an integer is needed, not '\(Self.cut(number))'")
    }
    let digits = text[prefix...].prefix { Self.digit($0).map { $0 < radix } ?? false }
    let suffix = String(decoding: text[(prefix + digits.count)...], as: UTF8.self)
    if digits.isEmpty || !Self.suffixes.contains(suffix) {
      throw LayoutFault(position, "'\(Self.cut(number))' is not an integer")
    }
    var value: UInt64 = 0
    for digit in digits {
      let (product, high) = value.multipliedReportingOverflow(by: UInt64(radix))
      let (sum, carry) = product.addingReportingOverflow(UInt64(Self.digit(digit) ?? 0))
      if high || carry {
        throw LayoutFault(position, "'\(Self.cut(number))' does not fit into 64 bits")
      }
      value = sum
    }
    self.init(value, suffix, isDecimal: radix == 10, isLongWide: isLongWide)
  }

  /// Gives it the first of C's types that has room (C11, 6.4.4.1): a decimal number stays signed
  /// while it can.
  private init(_ value: UInt64, _ suffix: String, isDecimal: Bool, isLongWide: Bool) {
    let hasLong = suffix.contains("l") && isLongWide
    let isWide = hasLong || suffix.contains("ll") || suffix.contains("i64")
    let isUnsigned = suffix.contains("u")
    let fitsInt = value <= UInt64(Int32.max)
    let fitsUnsigned = value <= UInt64(UInt32.max)
    let bits = Int64(bitPattern: value)
    if !isWide && (isUnsigned ? fitsUnsigned : fitsInt) {
      self.init(truncating: bits, isUnsigned: isUnsigned)
    } else if !isWide && !isDecimal && fitsUnsigned {
      self.init(truncating: bits, isUnsigned: true)
    } else {
      self.init(truncating: bits, isUnsigned: isUnsigned || value > UInt64(Int64.max), isWide: true)
    }
  }

  private static let suffixes: Set<String> = [
    "", "u", "l", "ul", "lu", "ll", "ull", "llu", "z", "uz", "zu", "i64", "ui64", "i32", "ui32",
  ]

  private static func radix(_ text: [UInt8]) -> (radix: Int, prefix: Int) {
    guard text.count > 1, text[0] == UInt8(ascii: "0") else { return (10, 0) }
    return switch UnicodeScalar(text[1]) {
    case "x": (16, 2)
    case "b": (2, 2)
    default: (8, 0)
    }
  }

  private static func digit(_ byte: UInt8) -> Int? { Character(UnicodeScalar(byte)).hexDigitValue }

  private static func cut(_ text: String) -> String {
    text.utf8.count > 40 ? String(text.prefix(40)) + "…" : text
  }

  /// `'A'`, `'\n'`, `L'A'`, and gcc's `'RTSS'`: the characters' bytes, the first one most
  /// significant.
  init(character: String, at position: Int) throws(LayoutFault) {
    let isNarrow = character.first == "'"
    var scalars = character.drop { $0 != "'" }.dropFirst().dropLast().unicodeScalars[...]
    var value: Int64 = 0
    var count = 0
    while let first = scalars.popFirst() {
      let unit = first == "\\" ? Self.escape(&scalars) : Int64(first.value)
      value = isNarrow ? value &<< 8 | (unit & 0xff) : unit
      count += 1
      if isNarrow && (unit > 0xff || first.value > 0x7f) { count = 5 }
    }
    if count == 0 || count > (isNarrow ? 4 : 1) {
      throw LayoutFault(position, "'\(Self.cut(character))' is not a character of C")
    }
    let isByte = isNarrow && count == 1
    self.init(truncating: isByte ? Int64(Int8(truncatingIfNeeded: value)) : value)
  }

  private static func escape(_ scalars: inout Substring.UnicodeScalarView) -> Int64 {
    guard let letter = scalars.popFirst() else { return 0x100 }
    switch letter {
    case "n": return 10
    case "t": return 9
    case "r": return 13
    case "a": return 7
    case "b": return 8
    case "f": return 12
    case "v": return 11
    case "e": return 27
    case "x": return digits(&scalars, radix: 16, most: 8, 0)
    case "0"..."7": return digits(&scalars, radix: 8, most: 2, Int64(letter.value) - 48)
    default: return Int64(letter.value)
    }
  }

  private static func digits(
    _ scalars: inout Substring.UnicodeScalarView, radix: Int, most: Int, _ first: Int64
  ) -> Int64 {
    var value = first
    for _ in 0..<most {
      guard let next = scalars.first, let digit = Character(next).hexDigitValue, digit < radix
      else {
        break
      }
      value = value * Int64(radix) + Int64(digit)
      scalars.removeFirst()
    }
    return value
  }
}
