import SharedMemory

/// A message as a report shows it: a string in quotes, or its value as a script would write it; cut
/// where it becomes long.
enum MessageText {
  static let most = 24

  static func text(_ message: Message) -> String {
    let whole = message.value.map(text) ?? "no value"
    return whole.count <= most ? whole : String(whole.prefix(most - 1)) + "…"
  }

  private static func text(_ value: Message.Value) -> String {
    switch value {
    case .nil: "nil"
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .unsigned(let integer): "\(integer)"
    case .float(let float): "\(float)"
    case .string(let bytes): quoted(bytes)
    case .array(let items): "{" + items.map(text).joined(separator: ", ") + "}"
    case .map(let pairs):
      "{" + pairs.map { "\(field($0.key)) = \(text($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    let isText = bytes.allSatisfy { $0 >= 32 && $0 < 127 && $0 != 34 && $0 != 92 }
    if isText { return "\"" + String(decoding: bytes, as: UTF8.self) + "\"" }
    return "\(bytes.count) byte\(bytes.count == 1 ? "" : "s")"
  }

  private static func field(_ key: Message.Value) -> String {
    let text = text(key)
    guard case .string(let bytes) = key, !bytes.isEmpty, text.first == "\"",
      text.dropFirst().dropLast().allSatisfy(\.isLetter)
    else { return "[\(text)]" }
    return String(text.dropFirst().dropLast())
  }
}
