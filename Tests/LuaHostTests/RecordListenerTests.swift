import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Accesses to records' fields at the gate.
@Suite struct RecordListenerTests {
  private final class Text: Sendable {
    private let kept = Mutex("")
    var taken: String {
      kept.withLock { text in
        defer { text = "" }
        return text
      }
    }
    func add(_ text: String) { kept.withLock { $0 += text } }
  }

  private static let setUp = """
    view = assert(shm.create(nil, 256))
    record = view:as(shm.layout[[
      struct r { int version; float x; char name[8]; int list[3]; bool on; unsigned bits : 3;
        struct { uint64_t large; } inner; long double odd; };
    ]], 16)
    """

  @Test func textsAndFloatsAreShown() throws {
    let text = Text()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("gate")), listener: Explanation { text.add($0) })
    try interpreter.open()
    try interpreter.run(
      """
      record = assert(shm.create(nil, 4096)):as(shm.layout[[ struct r {
        char name[8], long_name[400]; uint16_t wide[90]; double d; int list[2]; long double odd; };
      ]])
      """)
    _ = text.taken
    try interpreter.run(
      """
      record.name, record.d = "boiler", -0.25
      local _ = record.name, record.d
      record.long_name = ("n"):rep(100)
      local _ = record.long_name
      record.list = { [0] = 1, 2 }
      record.odd = ("o"):rep(16)
      local _ = record.odd
      """, name: "@s.lua")
    let lines = text.taken.split(separator: "\n").filter {
      !$0.hasPrefix("  Linux") && !$0.hasPrefix("  Win32") && $0 != "  → (nothing)"
    }
    let many = String(repeating: "n", count: 64)
    #expect(
      lines == [
        "s.lua:1  record.d = -0.25", "s.lua:1  record.name = \"boiler\"",
        "s.lua:2  record.name", "  → \"boiler\"", "s.lua:2  record.d", "  → -0.25",
        "s.lua:3  record.long_name = \"\(many)…\"",
        "s.lua:4  record.long_name", "  → \"\(many)…\"", "s.lua:5  record.list = …",
        "s.lua:6  record.odd = \"oooooooooooooooo\"",
        "s.lua:7  record.odd", "  → \"oooooooooooooooo\"",
      ])
  }

  @Test func aTextIsNotCutInsideOfACharacter() throws {
    let text = Text()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("gate")), listener: Explanation { text.add($0) })
    try interpreter.open()
    try interpreter.run(
      """
      view = assert(shm.create(nil, 4096))
      record = view:as(shm.layout[[ struct r { char long_name[400]; }; ]])
      """)
    _ = text.taken
    try interpreter.run(
      """
      record.long_name = ("長"):rep(30)
      view:write(("長"):rep(30))
      """, name: "@s.lua")
    let lines = text.taken.split(separator: "\n").filter { $0.hasPrefix("s.lua") }
    let whole = String(repeating: "長", count: 21)
    #expect(
      lines == [
        "s.lua:1  record.long_name = \"\(whole)…\"", "s.lua:2  view:write(\"\(whole)…\")",
      ])
  }

  @Test func eachAccessIsToldByItsName() throws {
    let text = Text()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("gate")), listener: Explanation { text.add($0) })
    try interpreter.open()
    try interpreter.run(Self.setUp)
    _ = text.taken
    try interpreter.run(
      """
      record.version = -5
      local _ = record.version
      record.x = 0.5
      local _ = record.name
      record.list[2] = 7
      local _ = record.list[2]
      record.on = true
      local _ = record.on
      record.bits = 5
      record.inner.large = -1
      local _ = record:read()
      record:write { version = 1 }
      """, name: "@s.lua")
    let lines = text.taken.split(separator: "\n").filter { !$0.hasPrefix("  Linux") }
    #expect(
      lines == [
        "s.lua:1  record.version = -5", "  Win32  pRecord->version = -5", "  → (nothing)",
        "s.lua:2  record.version", "  Win32  pRecord->version", "  → -5",
        "s.lua:3  record.x = 0.5", "  Win32  pRecord->x = 0.5", "  → (nothing)",
        "s.lua:4  record.name", "  Win32  pRecord->name", "  → \"\"",
        "s.lua:5  record[2] = 7", "  Win32  pRecord[2] = 7", "  → (nothing)",
        "s.lua:6  record[2]", "  Win32  pRecord[2]", "  → 7",
        "s.lua:7  record.on = 1", "  Win32  pRecord->on = 1", "  → (nothing)",
        "s.lua:8  record.on", "  Win32  pRecord->on", "  → 1",
        "s.lua:9  record.bits = 5", "  Win32  pRecord->bits = 5", "  → (nothing)",
        "s.lua:10  record.large = -1", "  Win32  pRecord->large = -1", "  → (nothing)",
        "s.lua:11  record:read()", "  Win32  CopyMemory(&record, pRecord, 64)", "  → a table",
        "s.lua:12  record:write()", "  Win32  *pRecord = record", "  → record",
      ])
  }

  @Test func recordsAreTheSameWithAListener() throws {
    let calls =
      Self.setUp + """

        record:write { version = 3, x = 2, name = "text", list = { 1, 2, 3 }, on = true, bits = 6,
          inner = { large = -9 }, odd = ("o"):rep(16) }
        record.name, record.list[1] = "other", -1
        record.inner = record.inner
        result = tostring(record)
        for name, value in pairs(record) do
          result = result .. name .. (type(value) == "userdata" and "" or tostring(value))
        end

        """
    var results: [String] = []
    for listener in [nil, Explanation { _ in }] {
      let interpreter = try Interpreter(
        session: Session(named: Places.unique("gate")), listener: listener)
      try interpreter.open()
      try interpreter.run(calls)
      do { try interpreter.run("error(result, 0)") } catch {
        results.append(error.description)
      }
    }
    #expect(results[0].contains("uint64_t large = -9") && results[0].contains("on" + "true"))
    #expect(results[0] == results[1])
  }

  @Test func misuseIsRaisedBeforeTheListenerHearsIt() throws {
    let text = Text()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("gate")), listener: Explanation { text.add($0) })
    try interpreter.open()
    try interpreter.run(Self.setUp)
    _ = text.taken
    for misuse in [
      "record.nothing = 1", "record.version = 1.5", "record:write{version = {}}", "_ = record.none",
      "record.name = 'much too long'", "record.list[3] = 1", "_ = #record", "record.list = 5",
    ] {
      #expect(throws: Interpreter.ScriptError.self) { try interpreter.run(misuse) }
    }
    #expect(text.taken == "")
  }
}
