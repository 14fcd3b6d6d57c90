import SharedMemory
import Testing

/// What is JSON, what is not, and where.
struct JSONReaderTests {
  private func read(_ text: String) throws -> JSONValue? {
    try JSONReader.value(of: Array(text.utf8))
  }

  private func problem(_ bytes: [UInt8]) -> JSONProblem? {
    do throws(JSONProblem) {
      _ = try JSONReader.value(of: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func values() throws {
    let text = { (text: String) in JSONValue.text(Array(text.utf8)) }
    let cases: [(String, JSONValue?)] = [
      ("", nil), (" \t\r\n", nil), ("null", .null), (" true ", .flag(true)),
      ("false", .flag(false)),
      ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .unsigned(1 << 63)), ("18446744073709551615", .unsigned(.max)),
      ("18446744073709551616", .float(18_446_744_073_709_551_616)), ("0.0", .float(0)),
      ("-0.0", .float(-0.0)), ("1e2", .float(100)), ("1E+2", .float(100)), ("25e-1", .float(2.5)),
      ("1.7976931348623157e308", .float(.greatestFiniteMagnitude)),
      ("5e-324", .float(.leastNonzeroMagnitude)), ("1e-999", .float(0)),
      ("\"\"", text("")), (#""a\"\\\/\b\f\n\r\t""#, text("a\"\\/\u{8}\u{C}\n\r\t")),
      (#""\u00e4\u20AC\ud83d\uDE00\u0000""#, text("ä€😀\0")), ("\"ä€😀\u{7F}\"", text("ä€😀\u{7F}")),
      ("[]", .array([])), ("[ 1 , [ ] ]", .array([.integer(1), .array([])])),
      ("{}", .map([])),
      (
        #"{ "b" : 1 , "a" : { } }"#,
        .map([(Array("b".utf8), .integer(1)), (Array("a".utf8), .map([]))])
      ),
    ]
    for (written, value) in cases { #expect(try read(written) == value, "\(written)") }
  }

  @Test func problemsAndWhereTheyAre() {
    let cases: [(String, Int, String)] = [
      ("nul", 1, "there is no such value"), ("True", 1, "there is no such value"),
      ("[1, NaN]", 5, "there is no such value"), ("'a'", 1, "there is no such value"),
      ("1 2", 3, "something follows the value"), ("\"ä\" x", 5, "something follows the value"),
      ("[1,]", 4, "there is no such value"), ("[1", 3, "a comma or ] is missing"),
      ("[1 2]", 4, "a comma or ] is missing"), ("[", 2, "a value is missing"),
      ("{", 2, "a key in quotes is missing"), ("{a: 1}", 2, "a key in quotes is missing"),
      ("{\"a\" 1}", 6, "a colon is missing"), ("{\"a\": 1", 8, "a comma or } is missing"),
      ("{\"a\": 1,}", 9, "a key in quotes is missing"), ("{\"a\":", 6, "a value is missing"),
      ("{\"a\": 1, \"a\": 2}", 10, "this key is there twice"),
      ("01", 1, "a number begins with 0"), ("-", 2, "a digit is missing"),
      ("1.", 3, "a digit is missing"), (".5", 1, "there is no such value"),
      ("1e", 3, "a digit is missing"), ("+1", 1, "there is no such value"),
      ("0x10", 2, "something follows the value"), ("1e999", 1, "the number is too large"),
      ("\"abc", 1, "a text has no end"), ("[\"ab\\", 2, "a text has no end"),
      ("\"a\tb\"", 3, "a text has a control character; write it as \\u0009"),
      (#""\x41""#, 2, "there is no such escape"),
      (#""\u12g4""#, 2, "four hexadecimal digits are missing"),
      (#""\u12"#, 2, "four hexadecimal digits are missing"),
      (#""\ud800""#, 2, "half of a surrogate pair is missing"),
      (#""\ud800\u0041""#, 2, "half of a surrogate pair is missing"),
      (#""a\udc00""#, 3, "half of a surrogate pair is missing"),
    ]
    for (written, column, what) in cases {
      #expect(
        problem(Array(written.utf8)) == JSONProblem(column: column, what: what), "\(written)")
    }
    #expect(
      problem([0x22, 0xC3, 0xA4, 0xFF, 0x22])
        == JSONProblem(column: 3, what: "a text has a byte that is no UTF-8"))
    #expect(
      problem([0x22, 0xED, 0xA0, 0x80, 0x22])?.what == "a text has a byte that is no UTF-8")
    let deep = { Array(String(repeating: "[", count: $0).utf8) }
    #expect(problem(deep(400)) == JSONProblem(column: 401, what: "a value is missing"))
    #expect(
      problem(deep(100_000)) == JSONProblem(column: 401, what: "it is nested more than 400 deep"))
  }

  @Test func whatIsWrittenIsRead() throws {
    for _ in 0..<3000 {
      let value = Self.value(depth: 0)
      #expect(try read(Self.text(value)) == value)
    }
  }

  @Test func changedTextsAreValuesOrProblems() {
    var (values, problems) = (0, 0)
    for _ in 0..<20_000 {
      var bytes = Array(Self.text(Self.value(depth: 0)).utf8)
      for _ in 0..<Int.random(in: 1...3) where !bytes.isEmpty {
        let at = bytes.indices.randomElement()!
        switch Int.random(in: 0..<3) {
        case 0: bytes[at] = Array("[]{}:,\"\\u019.e-+ \u{1}tnf".utf8).randomElement()!
        case 1: bytes.remove(at: at)
        default: bytes[at] = .random(in: 0...255)
        }
      }
      guard let problem = problem(bytes) else {
        values += 1
        continue
      }
      problems += 1
      #expect((1...bytes.count + 1).contains(problem.column), "\(bytes)")
    }
    #expect(values > 500 && problems > 500, "\(values) values, \(problems) problems")
  }

  private static func value(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 9 : 7)) {
    case 0: .null
    case 1: .flag(.random())
    case 2: .integer(Int64.random(in: .min ... .max) >> Int64.random(in: 0...63))
    case 3: .unsigned(.random(in: 1 << 63 ... .max))
    case 4:
      .float([Double.random(in: -1e6...1e6), 0, -0.0, 1e300, Double.leastNonzeroMagnitude].randomElement()!)
    case 5, 6: .text(text())
    case 7: .array((0..<Int.random(in: 0...4)).map { _ in value(depth: depth + 1) })
    default:
      .map(
        (0..<Int.random(in: 0...4)).map { (Array("\($0)".utf8) + text(), value(depth: depth + 1)) })
    }
  }

  private static func text() -> [UInt8] {
    let characters: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\0", "ä", "€", "😀", "\u{7F}", "/"]
    return (0..<Int.random(in: 0...6)).flatMap { _ in
      Array(String(Character(characters.randomElement()!)).utf8)
    }
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .flag(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .unsigned(let number): "\(number)"
    case .float(let number): "\(number)"
    case .text(let text): JSON.string(text)!
    case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
    case .map(let items):
      "{" + items.map { JSON.string($0.key)! + ":" + text($0.value) }.joined(separator: ", ") + "}"
    }
  }
}
