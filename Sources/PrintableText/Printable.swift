/// What of a text may reach a terminal: the one rule for names, memory, messages and what is typed.
///
/// A character is shown as it is if it is a letter, a number, a punctuation mark, a symbol or the
/// space of ASCII, and takes room of its own: that is what Go's `strconv.IsPrint` and Python's
/// `str.isprintable` let through, without the letters that nobody sees (Unicode's
/// `Default_Ignorable_Code_Point`). A combining mark is shown after what it can join. All else,
/// the controls of C0 and C1, bidirectional and other format characters, line and paragraph
/// separators, blanks that only look like the space, tags, private and unassigned characters, and
/// bytes that are no UTF-8, is escaped. What joins pictures into one is shown between pictures.
///
/// C asks through `luashm_host.show`, Lua through `host.shown` and `console.printable`.
package struct Printable {
  /// How a text is escaped.
  package enum Manner: Int32 {
    /// A part of one line: a byte becomes `\xNN`, a character beyond ASCII `\u{NNNN}`.
    case line
    /// The same, but line ends and tabs stay.
    case lines
    /// As it stands between the double quotes of a Lua string, with Lua's short escapes.
    case quoted
  }

  /// The character before, as far as it was shown; nil: nothing that another could join.
  private var base: Unicode.Scalar?

  package init() {}

  /// Is the next character of the text shown as it is?
  /// - Parameter following: the one after it.
  package mutating func shows(_ scalar: Unicode.Scalar, before following: Unicode.Scalar?) -> Bool {
    let isShown = isPrintable(scalar, following)
    base = isShown ? scalar : nil
    return isShown
  }

  private func isPrintable(_ scalar: Unicode.Scalar, _ following: Unicode.Scalar?) -> Bool {
    if scalar.isASCII { return 0x20..<0x7F ~= scalar.value }
    switch scalar.value {
    case Self.joiner:
      let isAfterPicture = base.map { $0.isPicture || $0.value == Self.asPicture } ?? false
      return isAfterPicture && following?.isPicture ?? false
    case Self.asText, Self.asPicture:
      if base?.isPicture ?? false { return true }
      return following?.value == Self.keycap && base?.properties.isEmoji ?? false
    default:
      return !scalar.properties.isDefaultIgnorableCodePoint && isVisible(scalar)
    }
  }

  private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber,
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation,
      .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      true
    case .nonspacingMark, .spacingMark, .enclosingMark: base != nil
    default: false
    }
  }

  /// ZERO WIDTH JOINER.
  private static let joiner: UInt32 = 0x200D
  /// VARIATION SELECTORS 15 and 16, for pictures that are characters of text, too.
  private static let asText: UInt32 = 0xFE0E
  private static let asPicture: UInt32 = 0xFE0F
  /// COMBINING ENCLOSING KEYCAP.
  private static let keycap: UInt32 = 0x20E3
}

extension Unicode.Scalar {
  /// An emoji; of ASCII's digits, which are emoji of keycaps, none.
  fileprivate var isPicture: Bool { !isASCII && properties.isEmoji }
}

// MARK: - Texts

/// Bytes of a hostile text, escaped as the rule of `Printable` wants it.
package func shown(
  _ bytes: some Collection<UInt8>, _ manner: Printable.Manner = .line
) -> String {
  String(decoding: Printable.escaped(bytes, manner), as: UTF8.self)
}

extension Printable {
  /// As `shown`, in UTF-8: at most four bytes for each of the text's.
  package static func escaped(_ bytes: some Collection<UInt8>, _ manner: Manner) -> [UInt8] {
    let bytes = Array(bytes)
    if manner != .quoted, bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) { return bytes }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var rule = Printable()
    var index = 0
    while index < bytes.count {
      guard let (scalar, length) = character(of: bytes, at: index) else {
        text += escape(bytes[index])
        rule = Printable()
        index += 1
        continue
      }
      let following = character(of: bytes, at: index + length)?.scalar
      let isShown = rule.shows(scalar, before: following)
      if let short = short(scalar, following, manner) {
        text += short
      } else if isShown {
        text += bytes[index..<index + length]
      } else {
        text += escape(scalar)
      }
      index += length
    }
    return text
  }

  /// The character of UTF-8 that begins at a byte, and its length in bytes; nil: none does.
  package static func character(
    of bytes: [UInt8], at index: Int
  ) -> (scalar: Unicode.Scalar, length: Int)? {
    guard index < bytes.count else { return nil }
    let first = bytes[index]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first < 0xF5, index + length <= bytes.count else { return nil }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for byte in bytes[index + 1..<index + length] {
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    // Longer than it has to be, it would be another way to write the same.
    let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }

  /// What the manner writes in its own way, whether it could be shown or not.
  private static func short(
    _ scalar: Unicode.Scalar, _ following: Unicode.Scalar?, _ manner: Manner
  ) -> [UInt8]? {
    switch (manner, scalar) {
    case (.lines, "\n"), (.lines, "\t"): return [UInt8(ascii: scalar)]
    case (.quoted, "\""), (.quoted, "\\"): return Array("\\\(scalar)".utf8)
    case (.quoted, _) where scalar.value < 0x20:
      guard let letters = luaEscapes[scalar] else { return nil }
      // A digit behind it would belong to the number.
      let isNumber = letters.first?.isNumber ?? false
      let grows = isNumber && "0"..."9" ~= following ?? " "
      return grows ? nil : Array("\\\(letters)".utf8)
    default: return nil
    }
  }

  private static let luaEscapes: [Unicode.Scalar: String] = [
    "\0": "0", "\u{7}": "a", "\u{8}": "b", "\t": "t", "\n": "n", "\u{B}": "v", "\u{C}": "f",
    "\r": "r", "\u{1B}": "27",
  ]

  private static func escape(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("\\x\(byte < 0x10 ? "0" : "")\(digits)".utf8)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> [UInt8] {
    if scalar.isASCII { return escape(UInt8(ascii: scalar)) }
    return Array("\\u{\(String(scalar.value, radix: 16, uppercase: true))}".utf8)
  }
}
