import SharedMemory

/// A line of JSON as a message.
extension MessageJSON {
  /// The message that is shown as this text, or another one with the same value; nil: it is blank.
  static func message(_ text: [UInt8]) throws(JSONProblem) -> Message? {
    guard let value = try JSONReader.value(of: text) else { return nil }
    switch value {
    case .null, .flag(false):
      throw JSONProblem(
        column: 1,
        what: "\(value == .null ? "null" : "false") is no message; send a map or an array")
    case .text(let text): return Message(text)
    default: break
    }
    if let bytes = hex(value, .hex) { return Message(bytes) }
    if let bytes = hex(value, .invalid) { return Message(bytes, isValue: true) }
    var writer = MessagePackWriter()
    try writer.append(value, depth: 0)
    return Message(writer.bytes, isValue: true)
  }

  /// What a map with this one key says.
  fileprivate static func said(_ value: JSONValue, _ form: Form) -> JSONValue? {
    guard case .map(let items) = value, items.count == 1,
      items[0].key == Array(form.rawValue.utf8)
    else { return nil }
    return items[0].value
  }

  fileprivate static func hex(_ value: JSONValue, _ form: Form) -> [UInt8]? {
    guard case .text(let digits)? = said(value, form), digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[at..<at + 2], as: UTF8.self)
      guard pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  fileprivate static func float(_ value: JSONValue) -> Double? {
    guard case .text(let text)? = said(value, .float) else { return nil }
    switch String(decoding: text, as: UTF8.self) {
    case "nan": return .nan
    case "inf": return .infinity
    case "-inf": return -.infinity
    default: return nil
    }
  }

  /// Nil: it is no list of pairs whose keys can be keys.
  fileprivate static func pairs(_ value: JSONValue) -> [(key: JSONValue, value: JSONValue)]? {
    guard case .array(let items)? = said(value, .map) else { return nil }
    var pairs: [(key: JSONValue, value: JSONValue)] = []
    for item in items {
      guard case .array(let pair) = item, pair.count == 2, isKey(pair[0]) else { return nil }
      pairs.append((pair[0], pair[1]))
    }
    return pairs
  }

  private static func isKey(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .array: false
    case .map: hex(value, .hex) != nil || float(value).map { !$0.isNaN } ?? false
    default: true
    }
  }
}

/// Values as MessagePack, as scripts write them: integers as short as they go, floats of 8 bytes.
private struct MessagePackWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: JSONValue, depth: Int) throws(JSONProblem) {
    switch value {
    case .null: bytes.append(0xC0)
    case .flag(let flag): bytes.append(flag ? 0xC3 : 0xC2)
    case .integer(let integer): append(integer)
    case .unsigned(let integer): append(0xCF, integer, 8)
    case .float(let float): append(0xCB, float.bitPattern, 8)
    case .text(let text): append(text)
    case .array(let items):
      try check(depth)
      append(items.count, short: 0x90, 15, [0xDC, 0xDD])
      for item in items { try append(item, depth: depth + 1) }
    case .map(let items): try append(items, value, depth)
    }
  }

  private mutating func append(
    _ items: [(key: [UInt8], value: JSONValue)], _ value: JSONValue, _ depth: Int
  ) throws(JSONProblem) {
    if let text = MessageJSON.hex(value, .hex) { return append(text) }
    if let float = MessageJSON.float(value) { return append(0xCB, float.bitPattern, 8) }
    try check(depth)
    let pairs = MessageJSON.pairs(value) ?? items.map { (.text($0.key), $0.value) }
    append(pairs.count, short: 0x80, 15, [0xDE, 0xDF])
    for pair in pairs {
      try append(pair.key, depth: depth + 1)
      try append(pair.value, depth: depth + 1)
    }
  }

  /// As for scripts.
  private func check(_ depth: Int) throws(JSONProblem) {
    if depth >= 100 { throw JSONProblem(column: 1, what: "it is nested more than 100 deep") }
  }

  private mutating func append(_ integer: Int64) {
    switch integer {
    case -32...127: bytes.append(UInt8(truncatingIfNeeded: integer))
    case 128...0xFF: append(0xCC, UInt64(integer), 1)
    case 0x100...0xFFFF: append(0xCD, UInt64(integer), 2)
    case 0x1_0000...0xFFFF_FFFF: append(0xCE, UInt64(integer), 4)
    case 0x1_0000_0000...: append(0xCF, UInt64(integer), 8)
    case -0x80 ..< -32: append(0xD0, UInt64(bitPattern: integer), 1)
    case -0x8000 ..< -0x80: append(0xD1, UInt64(bitPattern: integer), 2)
    case -0x8000_0000 ..< -0x8000: append(0xD2, UInt64(bitPattern: integer), 4)
    default: append(0xD3, UInt64(bitPattern: integer), 8)
    }
  }

  private mutating func append(_ text: [UInt8]) {
    if (32...255).contains(text.count) {
      append(0xD9, UInt64(text.count), 1)
    } else {
      append(text.count, short: 0xA0, 31, [0xDA, 0xDB])
    }
    bytes += text
  }

  /// A count in the first byte, or in 2 or 4 bytes behind it.
  private mutating func append(_ count: Int, short: UInt8, _ most: Int, _ long: [UInt8]) {
    if count <= most {
      bytes.append(short | UInt8(count))
    } else if count <= 0xFFFF {
      append(long[0], UInt64(count), 2)
    } else {
      append(long[1], UInt64(count), 4)
    }
  }

  private mutating func append(_ first: UInt8, _ number: UInt64, _ size: UInt64) {
    bytes.append(first)
    for at in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * at))) }
  }
}
