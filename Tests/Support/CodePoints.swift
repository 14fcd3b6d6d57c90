/// Texts of each class of code points, and how one line shows them: written down by hand, for the
/// tests of each language that shows texts.
public enum CodePoints {
  public struct Case: Sendable, CustomStringConvertible {
    public let what: String
    public let bytes: [UInt8]
    /// With `\x` and `\u` for what is not shown as it is.
    public let shown: String

    init(_ what: String, _ text: String, _ shown: String) {
      self.init(what, Array(text.utf8), shown)
    }

    init(_ what: String, _ bytes: [UInt8], _ shown: String) {
      (self.what, self.bytes, self.shown) = (what, bytes, shown)
    }

    public var description: String { what }
  }

  /// What may be seen as it is.
  private static let visible = [
    ("letters", "aZ é ß Ж ש ع 日本 한글 ǅ ʰ"), ("numbers", "0 ٣ Ⅷ ½"), ("ASCII's space", "a b"),
    ("punctuation", "_ - ( ) « » · ¿ 、"), ("symbols", "+ € ^ © ¨ 🦭 ☃"),
    ("a mark on a letter", "e\u{301}"), ("a mark on a mark", "a\u{323}\u{302}"),
    ("a mark that takes room", "க\u{BBE}"), ("a mark on a space", " \u{301}"),
    ("the character for what is none", "\u{FFFD}"), ("a picture that is text, too", "❤\u{FE0F}"),
    ("joined pictures", "👩\u{200D}👩\u{200D}👧 🏳\u{FE0F}\u{200D}🌈 👩🏽\u{200D}🚀"),
    ("a keycap", "1\u{FE0F}\u{20E3}"), ("a flag of two letters", "🇩🇪"), ("a backslash", #"\"#),
  ]

  /// Code points that never are, each by its name.
  private static let invisible: [(String, UInt32)] = [
    ("NULL", 0), ("BELL", 7), ("LINE FEED", 0xA), ("ESCAPE", 0x1B), ("UNIT SEPARATOR", 0x1F),
    ("DELETE", 0x7F), ("PADDING CHARACTER", 0x80), ("NEXT LINE", 0x85), ("CSI", 0x9B),
    ("OSC", 0x9D), ("APPLICATION PROGRAM COMMAND", 0x9F), ("NO-BREAK SPACE", 0xA0),
    ("SOFT HYPHEN", 0xAD), ("COMBINING GRAPHEME JOINER", 0x34F), ("ARABIC NUMBER SIGN", 0x600),
    ("ARABIC LETTER MARK", 0x61C), ("ARABIC END OF AYAH", 0x6DD), ("HANGUL FILLER", 0x3164),
    ("HANGUL CHOSEONG FILLER", 0x115F), ("OGHAM SPACE MARK", 0x1680),
    ("KHMER VOWEL INHERENT AQ", 0x17B4), ("MONGOLIAN VARIATION SELECTOR", 0x180B),
    ("MONGOLIAN VOWEL SEPARATOR", 0x180E), ("EM SPACE", 0x2003), ("ZERO WIDTH SPACE", 0x200B),
    ("ZERO WIDTH NON-JOINER", 0x200C), ("ZERO WIDTH JOINER", 0x200D),
    ("LEFT-TO-RIGHT MARK", 0x200E),
    ("RIGHT-TO-LEFT MARK", 0x200F), ("LINE SEPARATOR", 0x2028), ("PARAGRAPH SEPARATOR", 0x2029),
    ("LEFT-TO-RIGHT EMBEDDING", 0x202A), ("POP DIRECTIONAL FORMATTING", 0x202C),
    ("RIGHT-TO-LEFT OVERRIDE", 0x202E), ("WORD JOINER", 0x2060), ("INVISIBLE TIMES", 0x2062),
    ("LEFT-TO-RIGHT ISOLATE", 0x2066), ("POP DIRECTIONAL ISOLATE", 0x2069),
    ("NOMINAL DIGIT SHAPES", 0x206F), ("IDEOGRAPHIC SPACE", 0x3000), ("private use", 0xE000),
    ("VARIATION SELECTOR-1", 0xFE00), ("VARIATION SELECTOR-16", 0xFE0F),
    ("ZERO WIDTH NO-BREAK SPACE", 0xFEFF), ("HALFWIDTH HANGUL FILLER", 0xFFA0),
    ("INTERLINEAR ANNOTATION ANCHOR", 0xFFF9), ("no character, FFFE", 0xFFFE),
    ("no character, FDD0", 0xFDD0), ("not assigned", 0x378), ("KAITHI NUMBER SIGN", 0x110BD),
    ("MUSICAL SYMBOL BEGIN BEAM", 0x1D173), ("no character, 1FFFF", 0x1_FFFF),
    ("LANGUAGE TAG", 0xE_0001), ("TAG LATIN SMALL LETTER A", 0xE_0061),
    ("VARIATION SELECTOR-17", 0xE_0100), ("private use, plane 15", 0xF_0000),
    ("no character, 10FFFF", 0x10_FFFF),
  ]

  /// Bytes that are no UTF-8, each for its own reason.
  private static let broken: [(String, [UInt8])] = [
    ("a byte that begins nothing", [0xFF]), ("a byte that only goes on", [0x9B]),
    ("a character that is cut", [0xE2, 0x82]), ("longer than it has to be", [0xC0, 0x9B]),
    ("longer, of three bytes", [0xE0, 0x82, 0x9B]), ("a lone surrogate", [0xED, 0xA0, 0x80]),
    ("past the last code point", [0xF4, 0x90, 0x80, 0x80]),
    ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
  ]

  public static let all: [Case] =
    visible.map { Case($0, "<\($1)>", "<\($1)>") }
    + invisible.map { what, value in
      Case(what, "<\(Unicode.Scalar(value)!)>", "<\(escape(value))>")
    }
    + broken.map { what, bytes in
      Case(what, Array("<".utf8) + bytes + Array(">".utf8), "<\(bytes.map(escape).joined())>")
    }
    + [
      Case("a mark with nothing before it", "\u{301}a", #"\u{301}a"#),
      Case("a mark after a control", "\u{9B}\u{301}", #"\u{9B}\u{301}"#),
      Case("a mark after a byte that is none", [0xFF, 0xCC, 0x81], #"\xFF\u{301}"#),
      Case("a joiner before a letter", "👩\u{200D}a", #"👩\u{200D}a"#),
      Case("a joiner after a digit", "1\u{200D}👩", #"1\u{200D}👩"#),
      Case("a digit as a picture", "1\u{FE0F}", #"1\u{FE0F}"#),
      Case("tags behind a flag", "🏴\u{E0067}", #"🏴\u{E0067}"#),
      Case("a sequence of commands", "a\u{1B}[31m\u{9D}0;t\u{9C}", #"a\x1B[31m\u{9D}0;t\u{9C}"#),
    ]

  private static func escape(_ value: UInt32) -> String {
    value < 0x80
      ? escape(UInt8(value)) : "\\u{\(String(value, radix: 16, uppercase: true))}"
  }

  private static func escape(_ byte: UInt8) -> String {
    "\\x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
  }
}
