/// The tokens of Lua 5.4 (manual, 3.1), as far as colours and brackets need them. It never fails:
/// text that is not Lua, or not yet, is plain.
package enum LuaSyntax {
  package enum Kind: Equatable, Sendable {
    case keyword, name, string, number, comment, open, close, other
  }

  package struct Token: Equatable, Sendable {
    package let kind: Kind
    /// In characters of the text.
    package let range: Range<Int>
    /// False: a string or long comment whose end is missing.
    package let isClosed: Bool
  }

  package static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  package static func tokens(_ text: String) -> [Token] {
    var scanner = Scanner(Array(text))
    var tokens: [Token] = []
    while let token = scanner.next() { tokens.append(token) }
    return tokens
  }

  /// The colours, the brackets without a partner, and the bracket at the cursor with its partner.
  package static func styles(_ text: String, cursor: Int) -> [StyledRange] {
    let characters = Array(text)
    let tokens = tokens(text)
    var styles = tokens.compactMap { token in
      style(token).map { StyledRange(token.range, $0) }
    }
    for token in tokens where token.kind == .string && !token.isClosed {
      styles.append(StyledRange(token.range.prefix(1), .unbalanced))
    }
    let (pairs, alone) = brackets(tokens, characters)
    styles += alone.map { StyledRange($0..<($0 + 1), .unbalanced) }
    // The bracket under the cursor takes precedence over the one before it.
    for place in [cursor, cursor - 1] {
      guard let pair = pairs.first(where: { $0.open == place || $0.close == place }) else {
        continue
      }
      styles += [pair.open, pair.close].map { StyledRange($0..<($0 + 1), .match) }
      break
    }
    return styles
  }

  private static func style(_ token: Token) -> TextStyle? {
    switch token.kind {
    case .keyword: .keyword
    case .string: .string
    case .number: .number
    case .comment: .comment
    case .name, .open, .close, .other: nil
    }
  }

  private static func brackets(
    _ tokens: [Token], _ text: [Character]
  ) -> (pairs: [(open: Int, close: Int)], alone: [Int]) {
    let partner: [Character: Character] = [")": "(", "]": "[", "}": "{"]
    var open: [Int] = []
    var pairs: [(open: Int, close: Int)] = []
    var alone: [Int] = []
    for token in tokens {
      let place = token.range.lowerBound
      if token.kind == .open { open.append(place) }
      guard token.kind == .close else { continue }
      guard let wanted = partner[text[place]],
        let depth = open.lastIndex(where: { text[$0] == wanted })
      else {
        alone.append(place)
        continue
      }
      // Brackets opened inside this pair and not closed have no partner.
      alone += open[(depth + 1)...]
      pairs.append((open[depth], place))
      open.removeSubrange(depth...)
    }
    return (pairs, alone + open)
  }
}

extension LuaSyntax {
  private struct Scanner {
    private let text: [Character]
    private var index = 0

    init(_ text: [Character]) { self.text = text }

    mutating func next() -> Token? {
      while index < text.count && text[index].isWhitespace { index += 1 }
      guard index < text.count else { return nil }
      let start = index
      let character = text[index]
      if character == "#" && start == 0 && peek(1) == "!" { return comment(start) }
      switch character {
      case "\"", "'": return string(start, quote: character)
      case "-" where peek(1) == "-": return comment(start)
      case "[":
        if let level = longLevel(at: start) { return long(start, from: start, level, .string) }
        return single(.open)
      case "(", "{": return single(.open)
      case ")", "]", "}": return single(.close)
      case _ where character.isDigit, "." where peek(1)?.isDigit ?? false: return number(start)
      case _ where character.isNameStart: return name(start)
      default: return single(.other)
      }
    }

    private func peek(_ distance: Int) -> Character? {
      index + distance < text.count ? text[index + distance] : nil
    }

    private mutating func single(_ kind: Kind) -> Token { token(kind, index, to: index + 1) }

    private mutating func token(
      _ kind: Kind, _ start: Int, to end: Int, isClosed: Bool = true
    ) -> Token {
      index = end
      return Token(kind: kind, range: start..<end, isClosed: isClosed)
    }

    private mutating func name(_ start: Int) -> Token {
      var end = start
      while end < text.count && (text[end].isNameStart || text[end].isDigit) { end += 1 }
      let isKeyword = LuaSyntax.keywords.contains(String(text[start..<end]))
      return token(isKeyword ? .keyword : .name, start, to: end)
    }

    /// As Lua's lexer (llex.c) reads one: digits, letters and dots, and a sign after an exponent.
    private mutating func number(_ start: Int) -> Token {
      let isHexadecimal = text[start] == "0" && (peek(1) == "x" || peek(1) == "X")
      let exponents: [Character] = isHexadecimal ? ["p", "P"] : ["e", "E"]
      var end = start
      while end < text.count {
        let character = text[end]
        let isSign = (character == "+" || character == "-") && end > start
        let takesSign = isSign && exponents.contains(text[end - 1])
        guard character.isHexDigit || character.isNameStart || character == "." || takesSign else {
          break
        }
        end += 1
      }
      return token(.number, start, to: end)
    }

    private mutating func string(_ start: Int, quote: Character) -> Token {
      var end = start + 1
      while end < text.count && text[end] != quote && text[end] != "\n" {
        guard text[end] == "\\" else {
          end += 1
          continue
        }
        end += 2
        // \z skips line ends, too.
        if end <= text.count && text[end - 1] == "z" {
          while end < text.count && text[end].isWhitespace { end += 1 }
        }
      }
      let isClosed = end < text.count && text[end] == quote
      return token(
        .string, start, to: min(isClosed ? end + 1 : end, text.count), isClosed: isClosed)
    }

    private mutating func comment(_ start: Int) -> Token {
      if let level = longLevel(at: start + 2), text[start] == "-" {
        return long(start, from: start + 2, level, .comment)
      }
      return token(.comment, start, to: text[start...].firstIndex(of: "\n") ?? text.count)
    }

    /// The number of `=` in the long bracket that begins here; nil: none begins here.
    private func longLevel(at start: Int) -> Int? {
      guard start < text.count, text[start] == "[" else { return nil }
      var end = start + 1
      while end < text.count && text[end] == "=" { end += 1 }
      return end < text.count && text[end] == "[" ? end - start - 1 : nil
    }

    private mutating func long(
      _ start: Int, from bracket: Int, _ level: Int, _ kind: Kind
    ) -> Token {
      let closing = ["]"] + [Character](repeating: "=", count: level) + ["]"]
      var end = bracket + level + 2
      while end + closing.count <= text.count {
        if text[end] == "]" && text[end..<(end + closing.count)].elementsEqual(closing) {
          return token(kind, start, to: end + closing.count)
        }
        end += 1
      }
      return token(kind, start, to: text.count, isClosed: false)
    }
  }
}

extension Character {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) && isASCII }
  fileprivate var isNameStart: Bool { isASCII && (isLetter || self == "_") }
}
