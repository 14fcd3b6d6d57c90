/// A message as a report shows it: a string in quotes, or the value that its MessagePack is, as a
/// script would write it; cut where it becomes long.
struct MessageText {
  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  static let most = 24

  /// - Parameter isValue: the bytes are a value as MessagePack.
  static func text(_ bytes: [UInt8], isValue: Bool) -> String {
    var reader = MessageText(bytes: bytes)
    let whole = isValue ? reader.value() ?? "no value" : quoted(bytes[...])
    return whole.count <= most ? whole : String(whole.prefix(most - 1)) + "…"
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    let isText = bytes.allSatisfy { $0 >= 32 && $0 < 127 && $0 != 34 && $0 != 92 }
    if isText { return "\"" + String(decoding: bytes, as: UTF8.self) + "\"" }
    return "\(bytes.count) byte\(bytes.count == 1 ? "" : "s")"
  }

  // MARK: Reading (MessagePack's specification); nil: the bytes are no value

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= bytes.count - at else { return nil }
    defer { at += count }
    return bytes[at..<at + count]
  }

  private mutating func number(_ size: Int) -> UInt64? {
    take(size).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  private mutating func value() -> String? {
    guard let first = take(1)?.first else { return nil }
    switch first {
    case 0...0x7F, 0xE0...0xFF: return "\(Int8(bitPattern: first))"
    case 0x80...0x8F: return fields(UInt64(first & 15))
    case 0x90...0x9F: return list(UInt64(first & 15))
    case 0xA0...0xBF: return take(Int(first & 31)).map(Self.quoted)
    case 0xC0: return "nil"
    case 0xC2, 0xC3: return first == 0xC3 ? "true" : "false"
    case 0xCA: return number(4).map { "\(Float(bitPattern: UInt32($0)))" }
    case 0xCB: return number(8).map { "\(Double(bitPattern: $0))" }
    case 0xCC...0xCF: return number(1 << (first - 0xCC)).map { "\($0)" }
    case 0xD0...0xD3: return integer(1 << (first - 0xD0))
    case 0xC4...0xC6, 0xD9...0xDB:
      let size = 1 << Int(first < 0xD9 ? first - 0xC4 : first - 0xD9)
      return number(size).flatMap { take(Int($0)) }.map(Self.quoted)
    case 0xDC, 0xDD: return number(first == 0xDC ? 2 : 4).flatMap { list($0) }
    case 0xDE, 0xDF: return number(first == 0xDE ? 2 : 4).flatMap { fields($0) }
    default: return nil
    }
  }

  private mutating func integer(_ size: Int) -> String? {
    number(size).map { "\(Int64(bitPattern: $0 << (64 - 8 * UInt64(size))) >> (64 - 8 * size))" }
  }

  private mutating func list(_ count: UInt64) -> String? { items(count) { $0.value() } }

  private mutating func fields(_ count: UInt64) -> String? {
    items(count) { reader in
      guard let key = reader.value(), let value = reader.value() else { return nil }
      let isWord = key.first == "\"" && key.dropFirst().dropLast().allSatisfy { $0.isLetter }
      return (isWord ? String(key.dropFirst().dropLast()) : "[\(key)]") + " = " + value
    }
  }

  private mutating func items(
    _ count: UInt64, _ item: (inout MessageText) -> String?
  ) -> String? {
    guard count <= UInt64(bytes.count - at), depth < 100 else { return nil }
    depth += 1
    defer { depth -= 1 }
    var items: [String] = []
    for _ in 0..<count {
      guard let text = item(&self) else { return nil }
      items.append(text)
    }
    return "{" + items.joined(separator: ", ") + "}"
  }
}
