import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What Lua's bindings and the Swift library do alike: both stand on `COperations`.
@Suite struct TwinTests {
  private let session = Session(named: Places.unique("twins"))

  /// Runs the body in a thread of its own, on a view of its own.
  private func onView(
    of name: String, _ body: @escaping @Sendable (borrowing View) throws -> Bool
  ) -> Background<Bool> {
    Background { [session] in
      do {
        let view = try MemoryObject.open(name, in: session).map()
        return try body(view)
      } catch {
        return false
      }
    }
  }

  @Test(arguments: ["low", "high", "packed"])
  func aBitFieldKeepsWhatAnotherStoresBesideIt(one: String) throws {
    let text = """
      struct s {
        unsigned low : 3, high : 29;
        struct { unsigned char first : 4; unsigned packed : 9; unsigned last : 3; }
          __attribute__((packed)) odd;
      };
      """
    let object = try MemoryObject.create(one, size: 64, in: session)
    let fields = one == "packed" ? ["odd.first", "odd.packed", "odd.last"] : ["low", "high"]
    // Each counts in bits of its own; nobody else may change them.
    let threads = fields.map { field in
      onView(of: one) { view in
        let layout = try Layout(text)
        for round in UInt64(0)..<20_000 {
          try view.set(field, .unsigned(round & 7), as: layout)
          if try view.get(field, as: layout) != .unsigned(round & 7) { return false }
        }
        return true
      }
    }
    #expect(threads.map(\.result) == fields.map { _ in true })
    _ = object.close()
  }

  @Test func aFieldOfTwoBytesIsSeenWholeOrNotAtAll() throws {
    let text = "struct s { unsigned short half; };"
    let object = try MemoryObject.create("half", size: 64, in: session)
    let writer = onView(of: "half") { view in
      let layout = try Layout(text)
      for round in 0..<50_000 {
        try view.set("half", .unsigned(round % 2 == 0 ? 0 : 0xFFFF), as: layout)
      }
      return true
    }
    let reader = onView(of: "half") { view in
      let layout = try Layout(text)
      for _ in 0..<50_000 {
        let value = try view.get("half", as: layout)
        if value != .unsigned(0) && value != .unsigned(0xFFFF) { return false }
      }
      return true
    }
    #expect(writer.result && reader.result)
    _ = object.close()
  }

  @Test func aSnapshotThatGivesUpTellsWhetherTheRecordMoved() throws {
    let object = try MemoryObject.create("record", size: 64, in: session)
    let view = try object.map()
    try view.store(UInt32(1), at: 0)  // a writer died in the middle
    #expect(Self.refusal(view).contains("a writer is in the middle of its update"))
    // Always odd: always in the middle, of another update.
    let writer = onView(of: "record") { view in
      for round in UInt32(0)..<20_000_000 {
        if try view.load(UInt32.self, at: 8) != 0 { break }
        try view.store(2 * round + 1, at: 0)
      }
      return true
    }
    while try view.load(UInt32.self, at: 0) < 1_000 {}
    // On a busy machine the writer may stand still all the time of one snapshot.
    let isSeenMoving = poll {
      Self.refusal(view).contains("the record changed all the time; wait longer, or copy less")
    }
    try view.store(UInt32(1), at: 8)
    #expect(isSeenMoving)
    #expect(writer.result)
    _ = object.close()
  }

  private static func refusal(_ view: borrowing View) -> String {
    do {
      _ = try view.snapshot(at: 0, length: 4, timeout: .milliseconds(20))
      return "none"
    } catch {
      return "\(error)"
    }
  }
}
