import SharedMemory
import TestSupport
import Testing

@Suite struct ViewsAsLayouts {
  private let session = Session(named: Places.unique("layout"))

  private let declaration = """
    struct Cell { uint8_t kind; double value; };
    struct S {
      uint32_t version; int64_t big; float ratio; _Bool on; char name[8]; char16_t wide[4];
      int low : 3; unsigned high : 5; struct Cell cells[2]; short s; char32_t far[3]; void *p;
    };
    """

  @Test("members are written and read back", arguments: [0, 3])
  func roundTrip(offset: Int) throws {
    let object = try MemoryObject.create("x", size: 256, in: session)
    let view = try object.map()
    let layout = try Layout(declaration)
    let values: [(String, LayoutValue)] = [
      ("version", .unsigned(0xffff_ffff)), ("big", .integer(-5)), ("ratio", .float(0.5)),
      ("on", .boolean(true)), ("name", .text("péro")), ("wide", .text("a\u{1f30d}")),
      ("low", .integer(-4)), ("high", .unsigned(31)), ("cells[1].value", .float(-2.25)),
      ("cells[0].kind", .unsigned(200)), ("s", .integer(-32_768)), ("far", .text("\u{1f30d}!")),
      ("p", .unsigned(UInt64.max)), ("name[0]", .integer(112)),
    ]
    for (path, value) in values { try view.set(path, value, as: layout, at: offset) }
    for (path, value) in values {
      #expect(try view.get(path, as: layout, at: offset) == value, "\(path)")
    }
    let cells = try layout.offset(of: "cells")
    #expect(
      try view.get("cells", as: layout, at: offset)
        == .bytes(view.read(32, at: offset + cells)))
  }

  @Test(
    "a value that does not fit is refused",
    arguments: [
      ("version", .integer(-1)), ("version", .unsigned(1 << 32)), ("s", .integer(32_768)),
      ("low", .integer(4)), ("high", .unsigned(32)), ("on", .unsigned(2)), ("on", .float(1)),
      ("name", .text("123456789")), ("wide", .text("12345")), ("ratio", .text("1")),
      ("cells", .bytes([1])), ("version", .float(1)), ("cells", .text("x")),
      ("ratio", .float(1e39)), ("ratio", .float(-3.5e38)),
    ] as [(String, LayoutValue)])
  func unfit(path: String, value: LayoutValue) throws {
    let object = try MemoryObject.create("x\(path)\(value)", size: 256, in: session)
    let view = try object.map()
    let layout = try Layout(declaration)
    do {
      try view.set(path, value, as: layout)
      Issue.record("it is taken")
    } catch {
      #expect(
        "\(error.code.rawValue) \(error.advice)" == "87 the value does not fit into \"\(path)\"")
    }
  }

  @Test(
    "infinity and what is no number are values of a float", arguments: [0.0, 2, -.infinity, .nan])
  func float(value: Double) throws {
    let object = try MemoryObject.create(nil, size: 256, in: session)
    let view = try object.map()
    let layout = try Layout(declaration)
    try view.set("ratio", .float(value), as: layout)
    try view.set("cells[0].value", .float(1e300), as: layout)
    let found = try view.get("ratio", as: layout)
    #expect(found == .float(value) || "\(found)" == "float(nan)" && value.isNaN)
  }

  @Test("what is not in the layout or the view is refused")
  func outside() throws {
    let object = try MemoryObject.create("y", size: 64, in: session)
    let view = try object.map()
    let layout = try Layout(declaration)
    var messages: [String] = []
    for (path, offset) in [("none", 0), ("version", 61), ("version", -1), ("version", Int.max)] {
      do {
        _ = try view.get(path, as: layout, at: offset)
      } catch {
        messages.append("\(error.code.rawValue) \(error.advice)")
      }
    }
    #expect(
      messages == [
        "87 path \"none\": no member 'none' in 'S'",
        "87 4 bytes at offset 61 are not inside of the view's 64 bytes",
        "87 4 bytes at offset -1 are not inside of the view's 64 bytes",
        "87 4 bytes at offset \(Int.max) are not inside of the view's 64 bytes",
      ])
  }

  @Test("a read-only view is not written")
  func readOnly() throws {
    let object = try MemoryObject.create("z", size: 256, in: session)
    let view = try object.map(access: .read)
    let layout = try Layout(declaration)
    for (path, value) in [("version", LayoutValue.unsigned(1)), ("name", .text("x"))] {
      do {
        try view.set(path, value, as: layout)
        Issue.record("it is written")
      } catch {
        #expect(error.code == .accessDenied)
      }
    }
  }

  @Test("a cell is a member's word, in the machine's order")
  func cells() throws {
    let object = try MemoryObject.create("c", size: 256, in: session)
    let view = try object.map()
    let layout = try Layout(
      "struct S { __be32 magic; uint32_t head; int64_t slots[2]; unsigned low : 3; float f; };")
    _ = try view.atomic("head", in: layout, at: 8).add(3)
    #expect(try view.get("head", as: layout, at: 8) == .unsigned(3))
    _ = try view.atomic("slots[1]", in: layout, as: Int64.self).add(-2)
    #expect(try view.get("slots[1]", as: layout) == .integer(-2))
    var whole = Layout.Options()
    whole.order = .big
    let other = try Layout("struct S { int64_t a; };", options: whole)
    let swapped = try Layout(
      "struct __attribute__((scalar_storage_order(\"big-endian\"))) S { int a; };")
    var messages: [String] = []
    func refused(_ body: () throws(SharedMemoryError) -> Void) {
      do {
        try body()
        messages.append("none")
      } catch {
        messages.append("\(error.code.rawValue) \(error.advice)")
      }
    }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("magic", in: layout) }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("a", in: other, as: Int64.self) }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("a", in: swapped, as: Int32.self)
    }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("low", in: layout) }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("f", in: layout) }
    refused { () throws(SharedMemoryError) in
      _ = try view.atomic("head", in: layout, as: Int32.self)
    }
    refused { () throws(SharedMemoryError) in _ = try view.atomic("head", in: layout, at: 1) }
    #expect(
      messages == [
        "87 \"magic\" is big-endian, and a cell counts in this machine's order",
        "87 \"a\" is big-endian, and a cell counts in this machine's order",
        "87 \"a\" is big-endian, and a cell counts in this machine's order",
        "87 \"low\" is a bit-field, and a cell is a whole word", "87 \"f\" is no UInt32",
        "87 \"head\" is no Int32", "87 offset 5 is not aligned to 4 bytes",
      ])
  }
}
