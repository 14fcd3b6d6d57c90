internal import PrintableText

/// Cuts C text into tokens; comments, line ends and spliced lines vanish here.
///
/// This is not libclang, which is 100 MB at run time and wants whole translation units. A layout
/// must be understood by a small binary that starts within a millisecond.
struct LayoutLexer {
  /// The text, followed by each file that was included. Positions count in all of it.
  private(set) var bytes: [UInt8]
  private(set) var position = 0  // of the next byte
  /// Where the text or file that is being read ends.
  private(set) var limit: Int
  /// The included files, in the order of their bytes.
  private(set) var sources: [Source] = []
  /// True in a directive, which ends with its line: then `endOfLine` is returned, again and again.
  var isInDirective = false
  private var atLineStart = true

  struct Source {
    let name: String
    let range: Range<Int>
  }

  /// Where to continue after a file.
  struct Place {
    fileprivate let position: Int
    fileprivate let limit: Int
    fileprivate let atLineStart: Bool
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    limit = bytes.count
    skipByteOrderMark()
  }

  /// Skips U+FEFF, with which a file that Visual Studio saved begins.
  private mutating func skipByteOrderMark() {
    if bytes[position..<limit].starts(with: [0xef, 0xbb, 0xbf]) { position += 3 }
  }

  /// Continues inside a file; nil: all files together would be too long.
  mutating func enter(_ file: [UInt8], _ name: String) -> Place? {
    if file.count > Self.most - bytes.count { return nil }
    let back = Place(position: position, limit: limit, atLineStart: atLineStart)
    position = bytes.count
    bytes += file
    limit = bytes.count
    sources.append(Source(name: name, range: position..<limit))
    atLineStart = true
    skipByteOrderMark()
    return back
  }

  mutating func goBack(to place: Place) {
    (position, limit, atLineStart) = (place.position, place.limit, true)
  }

  static let most = 1 << 26

  /// The tokens of a text that is in no file; they count as standing at `position`.
  static func tokens(of text: String, at position: Int) throws(LayoutFault) -> [LayoutToken] {
    var lexer = LayoutLexer(Array(text.utf8))
    var tokens: [LayoutToken] = []
    do throws(LayoutFault) {
      while true {
        var next = try lexer.next()
        if next.kind == .end { return tokens }
        next.name = String(decoding: lexer.bytes[next.start..<next.end], as: UTF8.self)
        (next.start, next.end, next.position, next.startsLine) = (-1, -1, position, false)
        tokens.append(next)
      }
    } catch {
      throw LayoutFault(position, error.message)
    }
  }

  /// The name after `#include`, and whether it is in angle brackets; nil: there is no such name.
  mutating func headerName() throws(LayoutFault) -> (String, Bool)? {
    try skipBlank()
    guard position < limit else { return nil }
    let close: UInt8
    switch bytes[position] {
    case UInt8(ascii: "<"): close = UInt8(ascii: ">")
    case UInt8(ascii: "\""): close = UInt8(ascii: "\"")
    default: return nil
    }
    let start = position + 1
    var end = start
    while end < limit, bytes[end] != close, bytes[end] != Self.newline { end += 1 }
    guard end < limit, bytes[end] == close else { return nil }
    position = end + 1
    return (String(decoding: bytes[start..<end], as: UTF8.self), close == UInt8(ascii: ">"))
  }

  mutating func next() throws(LayoutFault) -> LayoutToken {
    try skipBlank()
    let start = position
    guard position < limit else {
      return LayoutToken(
        kind: isInDirective ? .endOfLine : .end, position: start, start: start, end: start)
    }
    if bytes[position] == Self.newline {  // seen in directives only; not consumed
      return LayoutToken(kind: .endOfLine, position: start, start: start, end: start)
    }
    var token = LayoutToken(kind: .end, position: start, start: start, end: start)
    token.startsLine = atLineStart
    atLineStart = false
    try scan(&token)
    token.end = position
    if token.kind == .identifier { token.name = try name(start..<position) }
    return token
  }

  /// Leaves a directive: the next token is the first of the next line.
  mutating func leaveDirective() {
    isInDirective = false
    skipLine()
  }

  /// Is this byte an opening parenthesis? A macro with parameters has no blank before its own.
  var isAtParenthesis: Bool { byte(0) == UInt8(ascii: "(") }

  mutating func step(_ count: Int) { position += count }

  static let newline = UInt8(ascii: "\n")

  private func byte(_ ahead: Int) -> UInt8 {
    position + ahead < limit ? bytes[position + ahead] : 0
  }

  // MARK: Blanks, comments, spliced lines

  private mutating func skipBlank() throws(LayoutFault) {
    while position < limit {
      switch bytes[position] {
      case Self.newline:
        if isInDirective { return }
        atLineStart = true
        position += 1
      case 9, 11, 12, 13, 32: position += 1
      case UInt8(ascii: "\\") where splice(position) > 0: position += splice(position)
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): skipLineComment()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): try skipComment()
      default: return
      }
    }
  }

  /// The length of a `\`, blanks and a line's end that stand here; 0: no line is continued here.
  private func splice(_ start: Int) -> Int {
    var end = start + 1
    while end < limit, bytes[end] == 32 || bytes[end] == 9 || bytes[end] == 13 { end += 1 }
    return end < limit && bytes[end] == Self.newline ? end + 1 - start : 0
  }

  private mutating func skipLineComment() {
    while position < limit, bytes[position] != Self.newline {
      let spliced = bytes[position] == UInt8(ascii: "\\") ? splice(position) : 0
      position += max(1, spliced)
    }
  }

  private mutating func skipComment() throws(LayoutFault) {
    let start = position
    position += 2
    while byte(0) != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
      if position >= limit { throw LayoutFault(start, "the comment is not closed") }
      position += 1
    }
    position += 2
  }

  /// Skips to the next line that begins with `#`; for text that a condition leaves out.
  mutating func skipToDirective() throws(LayoutFault) {
    while true {
      try skipBlank()
      if position >= limit || (atLineStart && bytes[position] == UInt8(ascii: "#")) { return }
      skipLine()
    }
  }

  static let emptyText: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Adds a byte to a text's fingerprint (the hash FNV-1a).
  static func add(_ byte: UInt8, to text: inout UInt64) {
    text = (text ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  /// The same, and adds what it skips, except for blanks, to a fingerprint; `hasText`: there was
  /// some.
  mutating func skipToDirective(_ text: inout UInt64, _ hasText: inout Bool) throws(LayoutFault) {
    while true {
      try skipBlank()
      if position >= limit || (atLineStart && bytes[position] == UInt8(ascii: "#")) { return }
      let start = position
      skipLine()
      for byte in bytes[start..<position] where byte > 32 { Self.add(byte, to: &text) }
      hasText = true
    }
  }

  /// Skips to the line's end. Comments and spliced lines belong to the line; an open quote ends
  /// with it.
  private mutating func skipLine() {
    while position < limit, bytes[position] != Self.newline {
      switch bytes[position] {
      case UInt8(ascii: "\\"): position += max(1, splice(position))
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): skipLineComment()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        if (try? skipComment()) == nil { position = limit }
      case UInt8(ascii: "\""), UInt8(ascii: "'"): skipQuote()
      default: position += 1
      }
    }
  }

  private mutating func skipQuote() {
    let quote = bytes[position]
    position += 1
    while position < limit, bytes[position] != quote, bytes[position] != Self.newline {
      position += bytes[position] == UInt8(ascii: "\\") ? max(splice(position), 2) : 1
    }
    position = min(position, limit)
    if byte(0) == quote { position += 1 }
  }

  // MARK: Tokens

  private mutating func scan(_ token: inout LayoutToken) throws(LayoutFault) {
    let first = bytes[position]
    if Self.isWordByte(first), !Self.isDigit(first) {
      skipWord()
      token.kind = .identifier
      if byte(0) == UInt8(ascii: "'") || byte(0) == UInt8(ascii: "\""), isPrefix(token.start) {
        try scanQuoted(&token)
      }
    } else if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1))) {
      skipNumber()
      token.kind = .number
    } else if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
      try scanQuoted(&token)
    } else {
      token.kind = .mark
      token.mark = try scanMark()
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  static func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 32) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "_") || byte >= 0x80
      || byte == UInt8(ascii: "$")
  }

  /// Skips a word. If its line is continued inside it, the spelling contains the splice.
  private mutating func skipWord() {
    while position < limit {
      if Self.isWordByte(bytes[position]) {
        position += 1
      } else if bytes[position] == UInt8(ascii: "\\"), splice(position) > 0 {
        position += splice(position)
      } else {
        return
      }
    }
  }

  private mutating func skipNumber() {
    while position < limit {
      let byte = bytes[position]
      let isExponent = (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && afterExponent
      let isSeparator = byte == UInt8(ascii: "'") && Self.isWordByte(self.byte(1))
      guard Self.isWordByte(byte) || byte == UInt8(ascii: ".") || isExponent || isSeparator else {
        return
      }
      position += 1
    }
  }

  /// Is the byte before this one `e` or `p`? In `0xe+1` the plus belongs to the number, as in C.
  private var afterExponent: Bool {
    let before = bytes[position - 1] | 32
    return before == UInt8(ascii: "e") || before == UInt8(ascii: "p")
  }

  private func isPrefix(_ start: Int) -> Bool {
    switch position - start {
    case 1: [UInt8(ascii: "L"), UInt8(ascii: "u"), UInt8(ascii: "U")].contains(bytes[start])
    case 2: bytes[start] == UInt8(ascii: "u") && bytes[start + 1] == UInt8(ascii: "8")
    default: false
    }
  }

  private mutating func scanQuoted(_ token: inout LayoutToken) throws(LayoutFault) {
    let quote = bytes[position]
    token.kind = quote == UInt8(ascii: "'") ? .character : .string
    skipQuote()
    if bytes[position - 1] != quote || position - token.start < 2 {
      throw LayoutFault(token.start, "the quote is not closed in its line")
    }
  }

  /// The name of an identifier. Bytes that are no UTF-8, and characters that nobody sees, are
  /// refused: two names could look alike, and a listing would look different from what it is.
  private func name(_ range: Range<Int>) throws(LayoutFault) -> String {
    var word = bytes[range]
    if word.contains(UInt8(ascii: "\\")) {
      word.removeAll { !Self.isWordByte($0) }
    }
    if word.count > 1000 { throw LayoutFault(range.lowerBound, "the name is too long") }
    guard let name = String(validating: word, as: UTF8.self) else {
      throw LayoutFault(range.lowerBound, "the name is not UTF-8")
    }
    if word.contains(where: { $0 >= 0x80 }) {
      let seen = shown(word)
      if !seen.utf8.elementsEqual(word) {
        throw LayoutFault(
          range.lowerBound, "the name '\(seen)' has a character that cannot be shown")
      }
    }
    return name
  }
}
