import PrintableText
import SharedMemory

/// A message as JSON: a string, or its value; and back again.
///
/// What JSON cannot say is said in a map with one key, so that it can be read back: bytes that are
/// no UTF-8 as two digits each in `{"hex": "ff"}`, `{"float": "nan"}` (`inf`, `-inf`), a map with
/// other keys than texts as `{"map": [[1, "one"]]}`, and bytes that are no value, all of them, in
/// `{"invalid": "c1"}`. A map that looks like one of these is said as `{"map": …}`, too.
enum MessageJSON {
  enum Form: String, CaseIterable { case hex, float, map, invalid }

  static func text(_ message: Message) -> String {
    message.value.map(text) ?? form(.invalid, hex(message.bytes))
  }

  private static func text(_ value: Message.Value) -> String {
    switch value {
    case .nil: "null"
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .unsigned(let integer): "\(integer)"
    case .float(let float): text(float)
    case .string(let bytes): JSON.string(bytes) ?? form(.hex, hex(bytes))
    case .array(let items): list(items.map(text))
    case .map(let pairs): text(pairs.map { (text($0.key), text($0.value)) })
    }
  }

  private static func form(_ form: Form, _ text: String) -> String {
    "{\"\(form.rawValue)\": \(text)}"
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    "\"" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
  }

  private static func text(_ number: Double) -> String {
    if number.isFinite { return "\(number)" }
    return form(.float, number.isNaN ? "\"nan\"" : number < 0 ? "\"-inf\"" : "\"inf\"")
  }

  private static func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ", "))]" }

  private static func text(_ pairs: [(key: String, value: String)]) -> String {
    let isForm =
      pairs.count == 1 && Form.allCases.contains { pairs[0].key == "\"\($0.rawValue)\"" }
    if pairs.contains(where: { $0.key.first != "\"" }) || isForm {
      return form(.map, list(pairs.map { list([$0.key, $0.value]) }))
    }
    return "{\(pairs.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
  }
}
