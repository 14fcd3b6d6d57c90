import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Several threads of one process, over one session.
@Suite struct ThreadTests {
  private static let rounds = 500

  /// Runs the body on four threads at once; what they throw is reported.
  private func onFourThreads(_ body: @escaping @Sendable (Int) throws -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<4 {
        group.addTask {
          do { try body(number) } catch { Issue.record("\(error)") }
        }
      }
    }
  }

  /// One of them makes it, all see one memory, and the first one's size wins.
  @Test func oneNameIsMadeAndOpenedByAll() async throws {
    let session = Session(named: Places.unique())
    await onFourThreads { number in
      for _ in 0..<Self.rounds {
        let object = try MemoryObject.create("x", size: 4096 * (number + 1), in: session)
        let view = try object.map()
        // Whoever opens it while we hold it has what we have.
        try view.write("\(number)", at: number)
        let other = try MemoryObject.open("x", in: session)
        let (size, known) = (other.size, object.size)
        #expect(size == known)
        #expect(try other.map().read(1, at: number) == Array("\(number)".utf8))
        other.close()
      }
    }
    try expectGone("x", session)
  }

  /// No thread's close touches another's object.
  @Test func namesOfTheirOwnDoNotDisturbEachOther() async throws {
    let session = Session(named: Places.unique())
    await onFourThreads { number in
      for round in 0..<Self.rounds {
        let object = try MemoryObject.create("own \(number)", size: 64, in: session)
        let existed = object.existed
        #expect(!existed)
        let view = try object.map()
        #expect(try view.read(64) == [UInt8](repeating: 0, count: 64))
        try view.write("\(number) \(round)")
        let other = try MemoryObject.open("own \(number)", in: session)
        object.close()
        #expect(try other.map().text() == "\(number) \(round)")
      }
    }
    for number in 0..<4 { try expectGone("own \(number)", session) }
  }

  /// Duplicates share one claim, which goes with the last of them on whichever thread.
  @Test func duplicatesAreClosedOnAnyThread() async throws {
    let session = Session(named: Places.unique())
    for _ in 0..<100 {
      let object = try MemoryObject.create("x", size: 64, in: session)
      let copies = Mutex([Copy(object.duplicate()), Copy(object.duplicate()), Copy(object)])
      await onFourThreads { _ in _ = copies.withLock { $0.popLast() } }
      try expectGone("x", session)
    }
  }

  private final class Copy: Sendable {
    let object: MemoryObject
    init(_ object: consuming MemoryObject) { self.object = object }
  }

  private func expectGone(_ name: String, _ session: Session) throws {
    do throws(SharedMemoryError) {
      _ = try MemoryObject.open(name, in: session)
      Issue.record("\(name) is still there")
    } catch {
      #expect(error.code == .fileNotFound)
    }
  }
}
