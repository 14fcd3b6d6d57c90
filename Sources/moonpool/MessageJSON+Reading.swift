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
    guard let message = Message(meant(value)) else {
      throw JSONProblem(column: 1, what: "it is nested more than 100 deep")
    }
    return message
  }

  private static func meant(_ value: JSONValue) -> Message.Value {
    switch value {
    case .null: .nil
    case .flag(let flag): .boolean(flag)
    case .integer(let integer): .integer(integer)
    case .unsigned(let integer): .unsigned(integer)
    case .float(let float): .float(float)
    case .text(let text): .string(text)
    case .array(let items): .array(items.map(meant))
    case .map(let items): meant(items, value)
    }
  }

  private static func meant(
    _ items: [(key: [UInt8], value: JSONValue)], _ value: JSONValue
  ) -> Message.Value {
    if let bytes = hex(value, .hex) { return .string(bytes) }
    if let float = float(value) { return .float(float) }
    let pairs = pairs(value) ?? items.map { (.text($0.key), $0.value) }
    return .map(pairs.map { (meant($0.key), meant($0.value)) })
  }

  /// What a map with this one key says.
  private static func said(_ value: JSONValue, _ form: Form) -> JSONValue? {
    guard case .map(let items) = value, items.count == 1,
      items[0].key == Array(form.rawValue.utf8)
    else { return nil }
    return items[0].value
  }

  private static func hex(_ value: JSONValue, _ form: Form) -> [UInt8]? {
    guard case .text(let digits)? = said(value, form), digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[at..<at + 2], as: UTF8.self)
      guard pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func float(_ value: JSONValue) -> Double? {
    guard case .text(let text)? = said(value, .float) else { return nil }
    switch String(decoding: text, as: UTF8.self) {
    case "nan": return .nan
    case "inf": return .infinity
    case "-inf": return -.infinity
    default: return nil
    }
  }

  /// Nil: it is no list of pairs whose keys can be keys.
  private static func pairs(_ value: JSONValue) -> [(key: JSONValue, value: JSONValue)]? {
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
