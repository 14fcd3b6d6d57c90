import Glibc
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// The rule of `Printable` as C and Lua ask for it.
@Suite struct WhatATerminalMayGetFromLua {
  private let session = Session(named: Places.unique("printable"))

  private func interpreter() throws -> Interpreter {
    let made = try Interpreter(session: session)
    try made.open()
    return made
  }

  /// A literal of Lua's, of nothing but digits.
  private static func literal(_ bytes: [UInt8]) -> String {
    "\"" + bytes.map { "\\" + String(1000 + Int($0)).dropFirst() }.joined() + "\""
  }

  @Test func isTheSameThroughEveryDoor() throws {
    let lua = try interpreter()
    try lua.openPrompt()
    try lua.run(
      """
      local T = shm.layout "struct S { char t[64]; };"
      local function has(text, part, what) assert(text:find(part, 1, true), what .. text) end
      function doors(bytes, shown)
        assert(console.printable(bytes) == shown, console.printable(bytes))
        for _, make in ipairs { shm.event, shm.mutex } do
          local named <close> = assert(make(bytes .. tostring(make)))
          has(tostring(named), " of " .. shown, "tostring: ")
        end
        local view <close> = assert(shm.create(bytes, 64))
        has(tostring(view), "view of " .. shown .. " (64", "tostring: ")
        has(tostring(view:atomic(0)), " of " .. shown, "cell: ")
        has(select(2, pcall(view.u8, view, 1000)), "inside of " .. shown .. " (", "C's error: ")
        has(select(2, shm.event(bytes)), "create " .. shown .. ": ERROR", "Swift's error: ")
        local record = view:as(T)
        has(tostring(record), " of " .. shown .. " (", "record: ")
        -- Its quotes add escapes of their own.
        local text = bytes:match("^[^\\0]*")
        record.t = text
        has(tostring(record), 't = "' .. console.printable(text, "quoted") .. '"', "record: ")
        view:close()
        has(tostring(view), "view of " .. shown .. " (closed)", "tostring: ")
        has(select(2, pcall(view.read, view)), "(of " .. shown .. ")", "C's error: ")
      end
      """)
    for text in CodePoints.all where text.shown != #"<\>"# {
      let shown = Self.literal(Array(text.shown.utf8))
      try lua.run("doors(\(Self.literal(text.bytes)), \(shown))")
      let quoted = SharedMemory.shown(text.bytes, .quoted)
      let result = lua.evaluate(Array(Self.literal(text.bytes).utf8))
      guard case .done(let answer) = result else {
        Issue.record("\(text): \(result)")
        continue
      }
      #expect(String(decoding: answer, as: UTF8.self) == "\"\(quoted)\"\n")
    }
  }

  /// All that C and Lua get is what Swift says, for each code point of the planes that have any.
  @Test func isTheSameForEveryCodePoint() throws {
    let lua = try interpreter()
    try lua.run("parts = {}")
    for first in [0, 0x1_0000, 0xE_0000] as [UInt32] {
      let last = first == 0xE_0000 ? first + 0x1FFF : first + 0xFFFF
      for start in stride(from: first, to: last, by: 0x2000) {
        var bytes: [UInt8] = []
        for value in start..<start + 0x2000 {
          guard let scalar = Unicode.Scalar(value) else { continue }
          bytes += Array("a\(scalar)".utf8)
        }
        let expected = shown(bytes)
        try lua.run(
          """
          local list = {}
          for code = \(start), \(start + 0x1FFF) do
            if code < 0xD800 or code > 0xDFFF then list[#list + 1] = "a" .. utf8.char(code) end
          end
          found = console.printable(table.concat(list))
          """)
        try lua.run("assert(found == \(Self.literal(Array(expected.utf8))), 'from \(start)')")
      }
    }
  }

  @Test func isAskedForByName() throws {
    let lua = try interpreter()
    try lua.run(
      #"""
      assert(console.printable("a\n\t\27") == [[a\x0A\x09\x1B]])
      assert(console.printable("a\n\t\27", "line") == [[a\x0A\x09\x1B]])
      assert(console.printable("a\n\t\27", "lines") == "a\n\t\\x1B")
      assert(console.printable("a\n\t\27\"", "quoted") == [[a\n\t\27\"]])
      assert(console.printable("") == "" and #console.printable(("\xff"):rep(10000)) == 40000)
      assert(select(2, pcall(console.printable, "", "html")):find("invalid option 'html'"))
      assert(not pcall(console.printable))
      for _, text in ipairs { "\0" .. "1", "\27" .. "2", "\u{9b}3", "\xff4", '"\\' } do
        local shown = console.printable(text, "quoted")
        assert(load('return "' .. shown .. '"')() == text, shown)
      end
      """#)
  }
}
