import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Bytes that pretend to be a message's value.
struct MessageFuzzTests {
  @Test func randomBytesAreAValueOrErrorThirteen() throws {
    let session = Session(named: Places.unique("fuzz"))
    let queue = try NamedQueue.create("q", bytes: 1 << 20, in: session)
    let lua = try Interpreter(session: session)
    try lua.open()
    try lua.run(
      """
      local queue = assert(shm.open_queue("q"))
      values, errors = 0, 0
      function pop_all(count)
        for _ = 1, count do
          local value, message, code = queue:pop(0)
          if value == nil and code == 13 then
            assert(message:find("not a value: ", 1, true), message)
            errors = errors + 1
          else
            assert(value, message)
            values = values + 1
          end
        end
      end
      """)
    for _ in 0..<60 {
      let messages = (0..<500).map { _ in NamedQueue.Message(Self.bytes(), isValue: true) }
      #expect(try queue.pushAll(messages, timeout: .zero) == 500)
      try lua.run("pop_all(500)")
    }
    try lua.run("assert(values + errors == 30000 and values > 500 and errors > 500)")
  }

  /// Begins of arrays, maps and strings more often than others.
  private static func bytes() -> [UInt8] {
    (0..<Int.random(in: 0..<(Bool.random() ? 3 : 40))).map { _ in
      Bool.random()
        ? UInt8.random(in: 0...255) : [0x92, 0x81, 0xA1, 0xDC, 0xDF, 0xD9, 0x00].randomElement()!
    }
  }
}
