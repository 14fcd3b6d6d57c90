import SharedMemory

/// A message as JSON: a string, or the value that its MessagePack is; and back again.
///
/// What JSON cannot say is said in a map with one key, so that it can be read back: bytes that are
/// no UTF-8 as two digits each in `{"hex": "ff"}`, `{"float": "nan"}` (`inf`, `-inf`), a map with
/// other keys than texts as `{"map": [[1, "one"]]}`, and bytes that are no value, all of them, in
/// `{"invalid": "c1"}`. A map that looks like one of these is said as `{"map": …}`, too.
struct MessageJSON {
  enum Form: String, CaseIterable { case hex, float, map, invalid }

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  static func text(_ message: Message) -> String {
    if !message.isValue { return string(message.bytes[...]) }
    var reader = MessageJSON(bytes: message.bytes)
    if let text = reader.value(), reader.at == message.bytes.count { return text }
    return form(.invalid, hex(message.bytes[...]))
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private static func form(_ form: Form, _ text: String) -> String {
    "{\"\(form.rawValue)\": \(text)}"
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    "\"" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
  }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String {
    JSON.string(Array(bytes)) ?? form(.hex, hex(bytes))
  }

  // MARK: Reading; nil: the bytes are no value

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
    case 0x80...0x8F: return map(UInt64(first & 15))
    case 0x90...0x9F: return array(UInt64(first & 15))
    case 0xA0...0xBF: return take(Int(first & 31)).map(Self.string)
    case 0xC0: return "null"
    case 0xC2, 0xC3: return first == 0xC3 ? "true" : "false"
    case 0xC4...0xC6: return text(1 << (first - 0xC4))
    case 0xCA: return number(4).map { Self.float(Double(Float(bitPattern: UInt32($0)))) }
    case 0xCB: return number(8).map { Self.float(Double(bitPattern: $0)) }
    case 0xCC...0xCF: return number(1 << (first - 0xCC)).map { "\($0)" }
    case 0xD0...0xD3: return integer(1 << (first - 0xD0))
    case 0xD9...0xDB: return text(1 << (first - 0xD9))
    case 0xDC, 0xDD: return number(first == 0xDC ? 2 : 4).flatMap { array($0) }
    case 0xDE, 0xDF: return number(first == 0xDE ? 2 : 4).flatMap { map($0) }
    default: return nil
    }
  }

  private mutating func text(_ size: Int) -> String? {
    number(size).flatMap { take(Int($0)) }.map(Self.string)
  }

  private mutating func integer(_ size: Int) -> String? {
    number(size).map { "\(Int64(bitPattern: $0 << (64 - 8 * UInt64(size))) >> (64 - 8 * size))" }
  }

  private static func float(_ number: Double) -> String {
    if number.isFinite { return "\(number)" }
    return form(.float, number.isNaN ? "\"nan\"" : number < 0 ? "\"-inf\"" : "\"inf\"")
  }

  private mutating func array(_ count: UInt64) -> String? {
    items(count) { reader in reader.value() }.map(Self.list)
  }

  private static func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ", "))]" }

  private mutating func map(_ count: UInt64) -> String? {
    guard
      let items = items(
        count,
        { reader -> (key: String, value: String)? in
          guard let key = reader.value(), let value = reader.value() else { return nil }
          return (key, value)
        })
    else { return nil }
    let isForm =
      items.count == 1 && Form.allCases.contains { items[0].key == "\"\($0.rawValue)\"" }
    if items.contains(where: { $0.key.first != "\"" }) || isForm {
      return Self.form(.map, Self.list(items.map { Self.list([$0.key, $0.value]) }))
    }
    return "{\(items.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
  }

  private mutating func items<Item>(
    _ count: UInt64, _ item: (inout MessageJSON) -> Item?
  ) -> [Item]? {
    guard count <= UInt64(bytes.count - at), depth < 100 else { return nil }
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
