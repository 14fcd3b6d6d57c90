extension LayoutLexer {
  /// The longest punctuator that begins here.
  mutating func scanMark() throws(LayoutFault) -> LayoutMark {
    let start = position
    for (text, mark) in Self.marks(bytes[position]) where matches(text) {
      step(text.utf8CodeUnitCount)
      return mark
    }
    throw LayoutFault(start, "'\(shownByte)' does not belong to C")
  }

  private func matches(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      position + text.count <= limit
        && text.indices.allSatisfy { bytes[position + $0] == text[$0] }
    }
  }

  private var shownByte: String {
    let byte = bytes[position]
    if byte &- 33 < 94 { return String(UnicodeScalar(byte)) }
    return "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// The punctuators that begin with this byte, the longest first.
  private static func marks(_ first: UInt8) -> [(StaticString, LayoutMark)] {
    switch UnicodeScalar(first) {
    case "{": [("{", .openBrace)]
    case "}": [("}", .closeBrace)]
    case "[": [("[", .openBracket)]
    case "]": [("]", .closeBracket)]
    case "(": [("(", .openParenthesis)]
    case ")": [(")", .closeParenthesis)]
    case ";": [(";", .semicolon)]
    case ",": [(",", .comma)]
    case "?": [("?", .question)]
    case "~": [("~", .tilde)]
    case ":": [("::", .scope), (":>", .closeBracket), (":", .colon)]
    case ".": [("...", .ellipsis), (".", .dot)]
    case "#": [("##", .paste), ("#", .hash)]
    case "+": [("++", .increment), ("+=", .compoundAssign), ("+", .plus)]
    case "-": [("->", .arrow), ("--", .decrement), ("-=", .compoundAssign), ("-", .minus)]
    case "*": [("*=", .compoundAssign), ("*", .star)]
    case "/": [("/=", .compoundAssign), ("/", .slash)]
    case "%": [("%=", .compoundAssign), ("%>", .closeBrace), ("%:", .hash), ("%", .percent)]
    case "!": [("!=", .notEqual), ("!", .exclamation)]
    case "=": [("==", .equal), ("=", .assign)]
    case "&": [("&&", .and), ("&=", .compoundAssign), ("&", .ampersand)]
    case "|": [("||", .or), ("|=", .compoundAssign), ("|", .bar)]
    case "^": [("^=", .compoundAssign), ("^", .caret)]
    case "<": less
    case ">": greater
    default: []
    }
  }

  private static var less: [(StaticString, LayoutMark)] {
    [
      ("<<=", .compoundAssign), ("<<", .shiftLeft), ("<=", .lessOrEqual), ("<:", .openBracket),
      ("<%", .openBrace), ("<", .less),
    ]
  }

  private static var greater: [(StaticString, LayoutMark)] {
    [(">>=", .compoundAssign), (">>", .shiftRight), (">=", .greaterOrEqual), (">", .greater)]
  }
}
