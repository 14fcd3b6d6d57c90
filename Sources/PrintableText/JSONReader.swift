/// A value as JSON text has it (RFC 8259). Texts are UTF-8; the order of a map's keys is kept.
package enum JSONValue: Equatable, Sendable {
  case null
  case flag(Bool)
  /// A number without fraction and exponent, if it fits; others are floats.
  case integer(Int64)
  case unsigned(UInt64)
  case float(Double)
  case text([UInt8])
  case array([JSONValue])
  case map([(key: [UInt8], value: JSONValue)])

  package static func == (one: JSONValue, other: JSONValue) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.flag(let one), .flag(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.unsigned(let one), .unsigned(let other)): one == other
    case (.float(let one), .float(let other)): one.bitPattern == other.bitPattern
    case (.text(let one), .text(let other)): one == other
    case (.array(let one), .array(let other)): one == other
    case (.map(let one), .map(let other)):
      one.count == other.count
        && zip(one, other).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}

/// Why a text is no JSON, and where.
package struct JSONProblem: Error, Equatable, Sendable {
  /// Characters from 1, in the first line.
  package let column: Int
  package let what: String

  package init(column: Int, what: String) {
    self.column = column
    self.what = what
  }
}

/// Reads JSON strictly: what RFC 8259 does not have is an error, and so is what would be lost
/// silently, such as a key that is there twice. The standard library has no reader, and Foundation's
/// costs 10 ms of start-up and does not say where an error is.
package struct JSONReader {
  /// Deeper texts are refused: whoever writes them shall not use up the stack.
  package static let mostDepth = 400

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  /// The one value of the text; nil: it is blank.
  package static func value(of text: [UInt8]) throws(JSONProblem) -> JSONValue? {
    var reader = JSONReader(bytes: text)
    reader.skipBlanks()
    if reader.next == nil { return nil }
    let value = try reader.value()
    reader.skipBlanks()
    if reader.next != nil { throw reader.problem("something follows the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  // MARK: Bytes

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { at += 1 }
  }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  /// - Parameter place: a byte; nil: the next one.
  private func problem(_ what: String, at place: Int? = nil) -> JSONProblem {
    // What continues a character begins none.
    let before = bytes[..<min(place ?? at, bytes.count)]
    return JSONProblem(column: 1 + before.count { $0 & 0xC0 != 0x80 }, what: what)
  }

  // MARK: Values

  private mutating func value() throws(JSONProblem) -> JSONValue {
    skipBlanks()
    guard let next else { throw problem("a value is missing") }
    switch next {
    case UInt8(ascii: "{"): return try nested { reader throws(JSONProblem) in try reader.map() }
    case UInt8(ascii: "["): return try nested { reader throws(JSONProblem) in try reader.array() }
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: return try word()
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws(JSONProblem) -> JSONValue
  ) throws(JSONProblem) -> JSONValue {
    if depth == Self.mostDepth { throw problem("it is nested more than \(Self.mostDepth) deep") }
    depth += 1
    at += 1
    let value = try read(&self)
    depth -= 1
    return value
  }

  private mutating func word() throws(JSONProblem) -> JSONValue {
    let words: [(String, JSONValue)] = [
      ("true", .flag(true)), ("false", .flag(false)), ("null", .null),
    ]
    let begin = at
    while let byte = next, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) { at += 1 }
    for (word, value) in words where bytes[begin..<at].elementsEqual(word.utf8) { return value }
    throw problem("there is no such value", at: begin)
  }

  private mutating func array() throws(JSONProblem) -> JSONValue {
    var items: [JSONValue] = []
    skipBlanks()
    if takes("]") { return .array(items) }
    repeat {
      items.append(try value())
      skipBlanks()
    } while takes(",")
    if !takes("]") { throw problem("a comma or ] is missing") }
    return .array(items)
  }

  private mutating func map() throws(JSONProblem) -> JSONValue {
    var items: [(key: [UInt8], value: JSONValue)] = []
    var keys: Set<[UInt8]> = []
    skipBlanks()
    if takes("}") { return .map(items) }
    repeat {
      skipBlanks()
      let place = at
      if next != UInt8(ascii: "\"") { throw problem("a key in quotes is missing") }
      let key = try text()
      if !keys.insert(key).inserted { throw problem("this key is there twice", at: place) }
      skipBlanks()
      if !takes(":") { throw problem("a colon is missing") }
      items.append((key, try value()))
      skipBlanks()
    } while takes(",")
    if !takes("}") { throw problem("a comma or } is missing") }
    return .map(items)
  }

  // MARK: Numbers

  private mutating func number() throws(JSONProblem) -> JSONValue {
    let begin = at
    _ = takes("-")
    let first = at
    try digits()
    if bytes[first] == UInt8(ascii: "0"), at > first + 1 {
      throw problem("a number begins with 0", at: begin)
    }
    var isInteger = true
    if takes(".") {
      isInteger = false
      try digits()
    }
    if takes("e") || takes("E") {
      isInteger = false
      if !takes("+") { _ = takes("-") }
      try digits()
    }
    let text = String(decoding: bytes[begin..<at], as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    if isInteger, let integer = UInt64(text) { return .unsigned(integer) }
    guard let float = Double(text), float.isFinite else {
      throw problem("the number is too large", at: begin)
    }
    return .float(float)
  }

  private mutating func digits() throws(JSONProblem) {
    let begin = at
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
    if at == begin { throw problem("a digit is missing") }
  }

  // MARK: Texts

  private mutating func text() throws(JSONProblem) -> [UInt8] {
    let begin = at
    var text: [UInt8] = []
    at += 1
    while true {
      guard let byte = next else { throw problem("a text has no end", at: begin) }
      if takes("\"") { return text }
      if takes("\\") {
        text += try escaped(begin)
      } else if byte < 0x20 {
        throw problem("a text has a control character; write it as \\u00\(Self.hex(byte))")
      } else {
        guard let (_, length) = Printable.character(of: bytes, at: at) else {
          throw problem("a text has a byte that is no UTF-8")
        }
        text += bytes[at..<at + length]
        at += length
      }
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Behind the backslash of a text that begins there.
  private mutating func escaped(_ text: Int) throws(JSONProblem) -> [UInt8] {
    let begin = at - 1
    guard let byte = next else { throw problem("a text has no end", at: text) }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar(begin)).utf8)
    default: throw problem("there is no such escape", at: begin)
    }
  }

  /// Behind `\u`, of one or of a pair.
  private mutating func scalar(_ begin: Int) throws(JSONProblem) -> Character {
    let first = try unit(begin)
    if let scalar = Unicode.Scalar(UInt32(first)) { return Character(scalar) }
    let isPair = first < 0xDC00 && takes("\\") && takes("u")
    let second = isPair ? try unit(begin) : 0
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(
        0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw problem("half of a surrogate pair is missing", at: begin) }
    return Character(scalar)
  }

  private mutating func unit(_ begin: Int) throws(JSONProblem) -> UInt16 {
    let text = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
    guard text.utf8.count == 4, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(text, radix: 16)
    else { throw problem("four hexadecimal digits are missing", at: begin) }
    at += 4
    return unit
  }
}
