import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Values that a Swift program and a script exchange.
struct MessageValueTests {
  private let session = Session(named: Places.unique("values"))

  private func interpreter() throws -> Interpreter {
    let lua = try Interpreter(session: session)
    try lua.open()
    return lua
  }

  @Test func swiftReadsWhatAScriptSends() throws {
    let queue = try NamedQueue.create("q", bytes: 65536, in: session)
    try interpreter().run(
      """
      local queue = assert(shm.open_queue("q"))
      assert(queue:push_all { "text", 7, -1.5, true, {}, { 1, { 2, "\\255" } }, { kmh = 88 },
        { [2] = false }, math.mininteger, 1 / 0 } == 10)
      """)
    let values = try queue.popAll().map { $0.value.map(Self.shown) ?? "none" }
    #expect(
      values == [
        "text", "7", "-1.5", "true", "[]", "[1 [2 <255>]]", "{kmh: 88}", "{2: false}",
        "-9223372036854775808", "inf",
      ])
  }

  @Test func aScriptReadsWhatSwiftSends() throws {
    let queue = try NamedQueue.create("q", bytes: 65536, in: session)
    let value = Message.Value.map([
      (.string(Array("list".utf8)), .array((0..<20).map { .integer($0) })),
      (.integer(-200), .float(0.5)), (.boolean(true), .string([255])), (.integer(1), .nil),
      (.integer(2), .unsigned(1 << 63)),
    ])
    let text = Message.Value.string(Array("text".utf8))
    #expect(try queue.pushAll([Message(value), Message(text)].compactMap { $0 }) == 2)
    try interpreter().run(
      """
      local queue = assert(shm.open_queue("q"))
      local value = queue:pop(0)
      assert(#value.list == 20 and value.list[20] == 19 and value[-200] == 0.5)
      assert(value[true] == "\\255" and value[1] == nil and value[2] == 2.0 ^ 63)
      assert(queue:pop(0) == "text")
      """)
  }

  @Test func whatNoScriptCanSendIsNoMessage() {
    #expect(Message(Message.Value.nil) == nil && Message(.boolean(false)) == nil)
    #expect(Message(Self.nested(100)) != nil && Message(Self.nested(101)) == nil)
    #expect(Message(Self.nested(100))?.value.map(Self.shown)?.hasPrefix("[[[") == true)
  }

  @Test(
    arguments: [
      [], [0xC1], [0x92, 0x01], [0xA2, 0x61], [0xDD, 255, 255, 255, 255],
      [0xDF, 255, 255, 255, 255],
      [0xDB, 255, 255, 255, 255, 0], [0xCB, 0], [0x01, 0x02], [UInt8](repeating: 0x91, count: 101),
    ] as [[UInt8]])
  func brokenBytesAreNoValue(_ bytes: [UInt8]) {
    #expect(Message(bytes, isValue: true).value == nil)
    #expect(Message(bytes).value.map(Self.shown) != nil)
  }

  private static func nested(_ depth: Int) -> Message.Value {
    (1..<depth).reduce(Message.Value.array([])) { value, _ in .array([value]) }
  }

  private static func shown(_ value: Message.Value) -> String {
    switch value {
    case .nil: "nil"
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .unsigned(let integer): "\(integer)u"
    case .float(let float): "\(float)"
    case .string(let bytes): String(validating: bytes, as: UTF8.self) ?? "<\(bytes[0])>"
    case .array(let items): "[\(items.map(shown).joined(separator: " "))]"
    case .map(let pairs):
      "{\(pairs.map { "\(shown($0.key)): \(shown($0.value))" }.joined(separator: " "))}"
    }
  }
}
