import Glibc
import SharedMemory
import TestSupport
import Testing

/// Ten thousand times in one process of its own: everything is as before.
@Suite struct LeakTests {
  @Test func createAndCloseLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique())
      try Repetition.expectNothingLeft {
        try MemoryObject.create("x", size: 8192, in: session).close()
      }
      #expect(Repetition.directory(session) == [])
    }
  }

  @Test func openMapAndCloseLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique())
      let keeper = try MemoryObject.create("x", size: 8192, in: session)
      try keeper.map().write("kept")
      try Repetition.expectNothingLeft {
        let object = try MemoryObject.open("x", in: session)
        let view = try object.map()
        try #require(try view.read(4) == Array("kept".utf8))
        object.close()
      }
      #expect(Repetition.directory(session) == ["x"])
      keeper.close()
      #expect(Repetition.directory(session) == [])
    }
  }

  @Test func refusalsLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique())
      let keeper = try MemoryObject.create("x", size: 1, in: session)
      try Repetition.expectNothingLeft {
        let missing = Repetition.code { () throws(SharedMemoryError) in
          try MemoryObject.open("y", in: session)
        }
        let existing = Repetition.code { () throws(SharedMemoryError) in
          try MemoryObject.create("x", size: 1, .init(exclusive: true), in: session)
        }
        try #require(missing == .fileNotFound && existing == .alreadyExists)
      }
      keeper.close()
    }
  }
}

private enum Repetition {
  static let count = 10_000

  /// Memory may grow a little before it is used again.
  private static let slack = 2 << 20

  static func expectNothingLeft(_ body: () throws -> Void) throws {
    for _ in 0..<500 { try body() }
    let traces = Traces.now()
    let memory = Traces.residentMemory
    for _ in 0..<count { try body() }
    let after = Traces.now()
    let grown = Traces.residentMemory - memory
    #expect(after == traces, "\(traces) became \(after)")
    #expect(grown < slack, "\(grown) bytes more")
  }

  static func code(_ body: () throws(SharedMemoryError) -> MemoryObject) -> ErrorCode? {
    do throws(SharedMemoryError) {
      _ = try body()
      return nil
    } catch {
      return error.code
    }
  }

  static func directory(_ session: Session) -> [String] {
    let path = String(decoding: (try? session.path(of: Array("x".utf8))) ?? [], as: UTF8.self)
    return Traces.names(String(path.dropLast(2)))
  }
}
