/// What a person pressed.
package enum Key: Hashable, Sendable {
  /// One Unicode scalar; combining marks come as keys of their own.
  case text(String)
  /// A bracketed paste as it came, except that every end of line is `\n`.
  case paste(String)
  /// Ctrl with `a`…`z` or one of `@[\]^_`.
  case control(Character)
  /// Alt and a printable character, or Escape followed by one.
  case meta(Character)
  case enter, metaEnter, tab, backTab, escape
  case backspace, delete, wordBackspace, wordDelete
  case up, down, left, right, home, end, pageUp, pageDown
  case wordLeft, wordRight, controlUp, controlDown
}

/// Turns a terminal's bytes into keys, one byte at a time (xterm's `ctlseqs`).
///
/// A lone Escape and the beginning of a sequence look the same. So while `isPending`, the caller
/// waits a moment for the next byte and calls `timeout` if none comes.
package struct KeyDecoder: Sendable {
  private enum State {
    case ground
    case text(needed: Int)
    case escape
    case sequence
    /// `ESC O` and its parameters.
    case application
    case paste
    /// An answer of the terminal, up to BEL or `ESC \`.
    case answer
    /// `ESC [ [` of the Linux console (`console_codes(4)`): one more byte follows.
    case console
  }

  private var state = State.ground
  private var bytes: [UInt8] = []
  /// An Escape stood before the sequence, which means Alt.
  private var isMeta = false

  package init() {}

  package var isPending: Bool {
    switch state {
    case .ground, .paste: false
    default: true
    }
  }

  package var isPasting: Bool { if case .paste = state { true } else { false } }

  private static let escape: UInt8 = 0x1B

  package mutating func feed(_ byte: UInt8) -> [Key] {
    switch state {
    case .ground: return ground(byte)
    case .text(let needed): return text(byte, needed)
    case .escape: return afterEscape(byte)
    case .sequence: return sequence(byte)
    case .application: return application(byte)
    case .paste: return paste(byte)
    case .answer:
      if byte == 0x07 || byte == UInt8(ascii: "\\") && bytes.last == Self.escape { reset() }
      bytes = [byte]
      return []
    case .console:
      reset()
      return []
    }
  }

  /// Called when no further byte has come: what is there is complete.
  package mutating func timeout() -> [Key] {
    defer { if !isPasting { reset() } }
    switch state {
    case .escape: return [.escape]
    case .text: return [.text("\u{FFFD}")]
    case .sequence where bytes.isEmpty: return [.meta("[")]
    case .application where bytes.isEmpty: return [.meta("O")]
    default: return []
    }
  }

  private mutating func reset() {
    state = .ground
    bytes = []
    isMeta = false
  }

  // MARK: Single bytes and UTF-8

  private mutating func ground(_ byte: UInt8) -> [Key] {
    switch byte {
    case Self.escape:
      state = .escape
      return []
    case 0x20...0x7E: return [.text(String(UnicodeScalar(byte)))]
    case 0xC2...0xDF: return begin(byte, needed: 1)
    case 0xE0...0xEF: return begin(byte, needed: 2)
    case 0xF0...0xF4: return begin(byte, needed: 3)
    case 0x80...: return [.text("\u{FFFD}")]
    default: return [Self.control(byte)]
    }
  }

  private static func control(_ byte: UInt8) -> Key {
    switch byte {
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0x01...0x1A: .control(Character(UnicodeScalar(byte + 0x60)))
    default: .control(Character(UnicodeScalar(byte + 0x40)))
    }
  }

  private mutating func begin(_ byte: UInt8, needed: Int) -> [Key] {
    state = .text(needed: needed)
    bytes = [byte]
    return []
  }

  private mutating func text(_ byte: UInt8, _ needed: Int) -> [Key] {
    guard byte & 0xC0 == 0x80 else {
      reset()
      return [.text("\u{FFFD}")] + ground(byte)
    }
    bytes.append(byte)
    if needed > 1 {
      state = .text(needed: needed - 1)
      return []
    }
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    let wasMeta = isMeta
    reset()
    // Decoding a surrogate or an overlong form gives several replacement characters.
    let scalar = scalars.count == 1 ? scalars.first! : "\u{FFFD}"
    return wasMeta ? [.meta(Character(scalar))] : [.text(String(scalar))]
  }

  // MARK: Escape

  private mutating func afterEscape(_ byte: UInt8) -> [Key] {
    switch byte {
    case UInt8(ascii: "["):
      state = .sequence
      return []
    case UInt8(ascii: "O"):
      state = .application
      return []
    case UInt8(ascii: "]"), UInt8(ascii: "P"):
      state = .answer
      return []
    case Self.escape:
      isMeta = true
      return []
    case 0xC2...0xF4:
      isMeta = true
      state = .ground
      return ground(byte)
    default: break
    }
    reset()
    switch byte {
    case 0x0A, 0x0D: return [.metaEnter]
    case 0x08, 0x7F: return [.wordBackspace]
    case ..<0x20: return [.escape, Self.control(byte)]
    case ..<0x80: return [.meta(Character(UnicodeScalar(byte)))]
    default: return [.escape, .text("\u{FFFD}")]
    }
  }

  private mutating func application(_ byte: UInt8) -> [Key] {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ";"):
      bytes.append(byte)
      return []
    case ..<0x20:
      reset()
      return ground(byte)
    default:
      return finish(byte)
    }
  }

  private mutating func sequence(_ byte: UInt8) -> [Key] {
    switch byte {
    case 0x40...0x7E:
      if byte == UInt8(ascii: "[") && bytes.isEmpty {
        state = .console
        return []
      }
      return finish(byte)
    case ..<0x20, 0x7F...:
      // This was no sequence after all, so the byte stands for itself.
      reset()
      return ground(byte)
    default:
      if bytes.count < 64 { bytes.append(byte) }
      return []
    }
  }

  // MARK: A complete sequence

  private mutating func finish(_ final: UInt8) -> [Key] {
    let parameters = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)) ?? 0 }
    let wasMeta = isMeta
    reset()
    let first = parameters.first ?? 0
    if final == UInt8(ascii: "~") && first == 200 {
      state = .paste
      return []
    }
    // xterm's modifiers: 1 plus Shift 1, Alt 2, Ctrl 4.
    let bits = parameters.count > 1 ? max(parameters[1] - 1, 0) : 0
    let modifiers = Modifiers(isAlt: wasMeta || bits & 2 != 0, isControl: bits & 4 != 0)
    let key = Self.key(final, parameters, modifiers, isShifted: bits & 1 != 0)
    return key.map { [$0] } ?? []
  }

  private struct Modifiers {
    let isAlt: Bool
    let isControl: Bool
    var any: Bool { isAlt || isControl }
  }

  private static func key(
    _ final: UInt8, _ parameters: [Int], _ modifiers: Modifiers, isShifted: Bool
  ) -> Key? {
    switch final {
    case UInt8(ascii: "A"): modifiers.any ? .controlUp : .up
    case UInt8(ascii: "B"): modifiers.any ? .controlDown : .down
    case UInt8(ascii: "C"): modifiers.any ? .wordRight : .right
    case UInt8(ascii: "D"): modifiers.any ? .wordLeft : .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "M"): .enter
    case UInt8(ascii: "Z"): .backTab
    case UInt8(ascii: "~"): numbered(parameters, modifiers, isShifted)
    case UInt8(ascii: "u"): coded(parameters.first ?? 0, modifiers, isShifted)
    default: nil
    }
  }

  private static func numbered(
    _ parameters: [Int], _ modifiers: Modifiers, _ isShifted: Bool
  ) -> Key? {
    switch parameters.first ?? 0 {
    case 1, 7: .home
    case 4, 8: .end
    case 3: modifiers.any ? .wordDelete : .delete
    case 5: .pageUp
    case 6: .pageDown
    case 27 where parameters.count > 2: coded(parameters[2], modifiers, isShifted)
    default: nil
    }
  }

  /// A key reported by its code point, by terminals that can tell Shift-Enter from Enter.
  private static func coded(_ code: Int, _ modifiers: Modifiers, _ isShifted: Bool) -> Key? {
    guard let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else { return nil }
    let character = Character(scalar)
    switch code {
    case 13: return modifiers.any || isShifted ? .metaEnter : .enter
    case 9: return isShifted ? .backTab : .tab
    case 27: return .escape
    case 8, 127: return modifiers.any ? .wordBackspace : .backspace
    case ..<0x20: return nil
    default: break
    }
    if modifiers.isControl && scalar.isASCII {
      let byte = UInt8(scalar.value) & 0x1F
      return byte == 0x1B ? .escape : control(byte)
    }
    return modifiers.isAlt ? .meta(character) : .text(String(character))
  }

  // MARK: Paste

  private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

  private mutating func paste(_ byte: UInt8) -> [Key] {
    bytes.append(byte)
    guard byte == UInt8(ascii: "~"), bytes.suffix(6).elementsEqual(Self.pasteEnd) else { return [] }
    let text = String(decoding: bytes.dropLast(6), as: UTF8.self)
    reset()
    return [.paste(Self.unified(text))]
  }

  /// Unifies the ends of lines: terminals send CR for those in a paste.
  private static func unified(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var isAfterReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\n" && isAfterReturn {
        isAfterReturn = false
        continue
      }
      isAfterReturn = scalar == "\r"
      scalars.append(isAfterReturn ? "\n" : scalar)
    }
    return String(scalars)
  }
}
