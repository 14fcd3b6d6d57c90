/// Values as JSON text (RFC 8259); only what the commands print.
///
/// What a terminal should not get is escaped, which changes nothing for who parses it: texts are
/// exact.
package enum JSON {
  package static func string(_ text: String) -> String { string(Array(text.utf8))! }

  /// Nil: the bytes are no UTF-8, which no text of JSON's can say.
  package static func string(_ bytes: [UInt8]) -> String? {
    var quoted = "\""
    var rule = Printable()
    var index = 0
    while index < bytes.count {
      guard let (scalar, length) = Printable.character(of: bytes, at: index) else { return nil }
      let following = Printable.character(of: bytes, at: index + length)?.scalar
      let isShown = rule.shows(scalar, before: following)
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where isShown: quoted.unicodeScalars.append(scalar)
      default: quoted += scalar.utf16.map { "\\u" + hex($0, digits: 4) }.joined()
      }
      index += length
    }
    return quoted + "\""
  }

  private static func hex(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// A key, and its value as JSON.
  package typealias Field = (key: String, value: String)

  /// Bytes that are a text as a rule: exact, or null and, under `KEY_hex`, each byte as two digits.
  package static func text(_ key: String, _ bytes: [UInt8]) -> [Field] {
    if let text = string(bytes) { return [(key, text)] }
    return [(key, "null"), (key + "_hex", inHex(bytes))]
  }

  /// The same of several, in a list; if one is no UTF-8, under `KEY_hex` all of them are listed.
  package static func texts(_ key: String, _ values: [[UInt8]]) -> [Field] {
    let texts = values.map { string($0) }
    let list = (key, row(texts.map { $0 ?? "null" }))
    return texts.contains(nil) ? [list, (key + "_hex", row(values.map(inHex)))] : [list]
  }

  private static func inHex(_ bytes: [UInt8]) -> String {
    "\"\(bytes.map { hex($0, digits: 2) }.joined())\""
  }

  private static func row(_ values: [String]) -> String {
    "[" + values.joined(separator: ", ") + "]"
  }

  package static func object(_ fields: [Field]) -> String {
    "{" + fields.map { "\(string($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
  }

  package static func array(_ values: [String]) -> String {
    values.isEmpty ? "[]" : "[\n  " + values.joined(separator: ",\n  ") + "\n]"
  }
}
