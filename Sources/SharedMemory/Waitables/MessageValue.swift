extension Message {
  /// A value that scripts exchange: what a message holds that is not one string.
  public indirect enum Value: Sendable {
    case `nil`
    case boolean(Bool)
    case integer(Int64)
    /// Past `Int64`; scripts never send one, and get it as a float.
    case unsigned(UInt64)
    case float(Double)
    /// Bytes, in any encoding.
    case string([UInt8])
    /// A table whose keys are 1, 2, …; the empty table, too.
    case array([Value])
    /// Any other table. Its keys are strings, numbers and booleans.
    case map([(key: Value, value: Value)])
  }

  /// As deep as tables may be nested, one in the other.
  package static let deepest = 100

  /// The value: a string, or what the bytes are as MessagePack.
  ///
  /// - Returns: nil if the bytes are no value, as somebody else wrote them.
  public var value: Value? {
    if !isValue { return .string(bytes) }
    var reader = MessagePackReader(bytes: bytes)
    guard let value = reader.value(), reader.isAtEnd else { return nil }
    return value
  }

  /// The message that a script would send for the value: integers as short as they go, floats of 8
  /// bytes, a string as it is.
  ///
  /// - Returns: nil for what no script can send: nil, false, tables nested more than 100 deep.
  public init?(_ value: Value) {
    switch value {
    case .nil, .boolean(false): return nil
    case .string(let bytes): self.init(bytes)
    default:
      var writer = MessagePackWriter()
      guard writer.append(value, depth: 0) else { return nil }
      self.init(writer.bytes, isValue: true)
    }
  }
}

/// Reads MessagePack by its specification, whoever wrote it: each length is checked against the
/// bytes that are there. Nil: the bytes are no value.
private struct MessagePackReader {
  let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= UInt64(bytes.count - at) else { return nil }
    defer { at += Int(count) }
    return bytes[at..<at + Int(count)]
  }

  private mutating func number(_ size: UInt64) -> UInt64? {
    take(size).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  mutating func value() -> Message.Value? {
    guard let first = take(1)?.first else { return nil }
    switch first {
    case 0...0x7F, 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: first)))
    case 0x80...0x8F: return map(UInt64(first & 15))
    case 0x90...0x9F: return array(UInt64(first & 15))
    case 0xA0...0xBF: return string(UInt64(first & 31))
    case 0xC0: return .nil
    case 0xC2, 0xC3: return .boolean(first == 0xC3)
    case 0xC4...0xC6: return number(1 << UInt64(first - 0xC4)).flatMap { string($0) }
    case 0xCA: return number(4).map { .float(Double(Float(bitPattern: UInt32($0)))) }
    case 0xCB: return number(8).map { .float(Double(bitPattern: $0)) }
    case 0xCC...0xCF: return number(1 << UInt64(first - 0xCC)).map(Self.integer)
    case 0xD0...0xD3: return signed(1 << UInt64(first - 0xD0))
    case 0xD9...0xDB: return number(1 << UInt64(first - 0xD9)).flatMap { string($0) }
    case 0xDC, 0xDD: return number(first == 0xDC ? 2 : 4).flatMap { array($0) }
    case 0xDE, 0xDF: return number(first == 0xDE ? 2 : 4).flatMap { map($0) }
    default: return nil
    }
  }

  private static func integer(_ number: UInt64) -> Message.Value {
    Int64(exactly: number).map { .integer($0) } ?? .unsigned(number)
  }

  private mutating func signed(_ size: UInt64) -> Message.Value? {
    number(size).map {
      .integer(Int64(bitPattern: $0 << (64 - 8 * size)) >> (64 - 8 * Int64(size)))
    }
  }

  private mutating func string(_ count: UInt64) -> Message.Value? {
    take(count).map { .string(Array($0)) }
  }

  private mutating func array(_ count: UInt64) -> Message.Value? {
    items(count) { reader in reader.value() }.map { .array($0) }
  }

  private mutating func map(_ count: UInt64) -> Message.Value? {
    let pairs = items(count) { reader -> (key: Message.Value, value: Message.Value)? in
      guard let key = reader.value(), let value = reader.value() else { return nil }
      return (key, value)
    }
    return pairs.map { .map($0) }
  }

  /// Each takes a byte at least: otherwise so many cannot be there.
  private mutating func items<Item>(
    _ count: UInt64, _ item: (inout MessagePackReader) -> Item?
  ) -> [Item]? {
    guard count <= UInt64(bytes.count - at), depth < Message.deepest else { return nil }
    depth += 1
    defer { depth -= 1 }
    var items: [Item] = []
    for _ in 0..<count {
      guard let next = item(&self) else { return nil }
      items.append(next)
    }
    return items
  }
}

/// Writes MessagePack as the C module's encoder does.
private struct MessagePackWriter {
  private(set) var bytes: [UInt8] = []

  /// - Returns: false: it is nested too deep.
  mutating func append(_ value: Message.Value, depth: Int) -> Bool {
    switch value {
    case .nil: bytes.append(0xC0)
    case .boolean(let flag): bytes.append(flag ? 0xC3 : 0xC2)
    case .integer(let integer): append(integer)
    case .unsigned(let integer): append(0xCF, integer, 8)
    case .float(let float): append(0xCB, float.bitPattern, 8)
    case .string(let string): append(string)
    case .array(let items):
      if depth == Message.deepest { return false }
      append(items.count, short: 0x90, 15, [0xDC, 0xDD])
      return items.allSatisfy { append($0, depth: depth + 1) }
    case .map(let pairs):
      if depth == Message.deepest { return false }
      append(pairs.count, short: 0x80, 15, [0xDE, 0xDF])
      return pairs.allSatisfy {
        append($0.key, depth: depth + 1) && append($0.value, depth: depth + 1)
      }
    }
    return true
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

  private mutating func append(_ string: [UInt8]) {
    if (32...255).contains(string.count) {
      append(0xD9, UInt64(string.count), 1)
    } else {
      append(string.count, short: 0xA0, 31, [0xDA, 0xDB])
    }
    bytes += string
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
