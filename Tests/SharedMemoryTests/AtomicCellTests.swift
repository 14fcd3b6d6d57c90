import Glibc
import SharedMemory
import TestSupport
import Testing

/// Atomic cells without Lua.
@Suite struct AtomicCellTests {
  private func object(_ size: Int = 4096) throws -> MemoryObject {
    try MemoryObject.create(Places.unique(), size: size, in: Session(named: Places.unique()))
  }

  private func operations<Value: AtomicInteger>(_ type: Value.Type) throws {
    let view = try object().map()
    let cell = try view.atomic(at: 8, as: type)
    try cell.store(12)
    #expect(try cell.load() == 12)
    #expect(try cell.add(3) == 12)
    #expect(try cell.sub(1) == 15)
    #expect(try cell.and(6) == 14)
    #expect(try cell.or(9) == 6)
    #expect(try cell.xor(3) == 15)
    #expect(try cell.exchange(7) == 12)
    #expect(try cell.compareExchange(expected: 7, desired: .max) == (true, 7))
    #expect(try cell.compareExchange(expected: 7, desired: 1) == (false, .max))
    #expect(try cell.add(1) == .max)
    #expect(try cell.load() == .min)
    #expect(try view.read(8) == [UInt8](repeating: 0, count: 8))
  }

  @Test func eachOperationReturnsTheValueFromBefore() throws {
    try operations(UInt32.self)
    try operations(Int32.self)
    try operations(UInt64.self)
    try operations(Int64.self)
  }

  @Test func aCellIsAlignedAndInsideOfTheView() throws {
    let view = try object(64).map()
    #expect(throws: SharedMemoryError.self) { _ = try view.atomic(at: 2) as AtomicCell<UInt32> }
    for (offset, fits) in [(60, true), (61, false), (64, false), (-4, false), (Int.max, false)] {
      let found = code { _ = try view.atomic(at: offset) as AtomicCell<UInt32> }
      #expect(found == (fits ? nil : .invalidParameter))
    }
    #expect(code { _ = try view.atomic(at: 60, as: UInt64.self) } == .invalidParameter)
  }

  @Test func aReadOnlyViewsCellLoadsAndWaitsOnly() throws {
    let object = try object()
    let cell = try object.map(access: .read).atomic(at: 0, as: Int32.self)
    #expect(try cell.load() == 0)
    #expect(try cell.wait(while: 1))
    #expect(try cell.wait(while: 0, timeout: .milliseconds(1)) == false)
    #expect(code { try cell.store(1) } == .accessDenied)
    #expect(code { try cell.add(1) } == .accessDenied)
    #expect(code { try cell.compareExchange(expected: 0, desired: 1) } == .accessDenied)
    #expect(code { try cell.wake() } == .accessDenied)
  }

  @Test func aCellKeepsItsPages() throws {
    func make() throws -> AtomicCell<UInt32> { try object().map().atomic(at: 0) }
    let cell = try make()
    #expect(try cell.add(1) == 0)
    #expect(try cell.load() == 1)
  }

  @Test func timeoutsAreKept() throws {
    let cell = try object().map().atomic(at: 0, as: UInt64.self)
    let begun = ContinuousClock.now
    #expect(try cell.wait(while: 0, timeout: .milliseconds(50)) == false)
    #expect(ContinuousClock.now - begun >= .milliseconds(50))
    #expect(try cell.wait(while: 0, timeout: .zero) == false)
    #expect(try cell.wait(while: 0, timeout: .seconds(-1)) == false)
    #expect(try cell.wait(while: 1, timeout: .seconds(Int64.max)))
  }

  @Test("fact S25: a wake through one view reaches a waiter of another view of the process")
  func aWakeReachesAnotherMapping() throws {
    let object = try object()
    let sleeping = try object.map().atomic(at: 4, as: UInt32.self)
    let waking = try object.map().atomic(at: 4, as: UInt32.self)
    let thread = Thread { _ = try? sleeping.wait(while: 0) }
    // Its word stays as it is: only the wake can end that wait.
    #expect(poll { (try? waking.wake()) == 1 })
    thread.join()
  }

  @Test func aChangeOfTheHighWordAloneIsSeen() throws {
    let view = try object().map()
    for wakes in [true, false] {
      let cell = try view.atomic(at: wakes ? 0 : 8, as: Int64.self)
      let thread = Thread { _ = try? cell.wait(while: 0) }
      usleep(20_000)
      try cell.store(1 << 40)
      if wakes { try cell.wake() }
      thread.join()
    }
  }

  @Test func manyThreadsTakeTurns() throws {
    let view = try object().map()
    let turn = try view.atomic(at: 0, as: UInt32.self)
    let (threads, rounds) = (UInt32(3), UInt32(300))
    let all = (0..<threads).map { mine in
      Thread {
        for round in 0..<rounds {
          let wanted = round * threads + mine
          while let now = try? turn.load(), now != wanted { _ = try? turn.wait(while: now) }
          _ = try? turn.add(1)
          _ = try? turn.wake(.max)
        }
      }
    }
    for thread in all { thread.join() }
    #expect(try turn.load() == threads * rounds)
  }
}

/// Records under a sequence word without Lua.
@Suite struct SequenceTests {
  private func object() throws -> MemoryObject {
    try MemoryObject.create(Places.unique(), size: 4096, in: Session(named: Places.unique()))
  }

  @Test(arguments: [nil, .one(at: 128), .pair(first: 4, last: 64)] as [SequenceWords?])
  func aSnapshotIsWhatTheLastUpdateWrote(words: SequenceWords?) throws {
    let view = try object().map()
    for turn in UInt8(1)...3 {
      try view.update(at: 32, length: 64, words: words) { draft, isTorn in
        #expect(!isTorn && draft.count == 64)
        #expect(draft[4...15].allSatisfy { $0 == turn - 1 })
        for place in 4..<32 { draft[place] = turn }
      }
      let record = try view.snapshot(at: 32, length: 64, words: words)
      #expect(record[4...15].allSatisfy { $0 == turn })
    }
    #expect(try view.read(4) == [0, 0, 0, 0])
  }

  @Test func aTornRecordIsRefusedAndRepaired() throws {
    let view = try object().map()
    try view.atomic(at: 0, as: UInt32.self).add(1)
    do throws(SharedMemoryError) {
      _ = try view.snapshot(at: 0, length: 8, timeout: .milliseconds(10))
      Issue.record("half a record was seen")
    } catch {
      #expect(error.code == .timeout)
    }
    var wasTorn = false
    try view.update(at: 0, length: 8) { draft, isTorn in
      wasTorn = isTorn
      draft[4] = 9
    }
    #expect(wasTorn)
    #expect(try view.snapshot(at: 0, length: 8) == [2, 0, 0, 0, 9, 0, 0, 0])
  }

  @Test func whatThrowsChangesNothing() throws {
    let view = try object().map()
    #expect(throws: SharedMemoryError.self) {
      try view.update(at: 0, length: 8) { draft, _ in draft = [1] }
    }
    #expect(throws: SharedMemoryError.self) {
      try view.update(at: 0, length: 8) { draft, _ in draft[3] = 1 }
    }
    #expect(throws: SharedMemoryError.self) {
      try view.update(at: 0, length: 8, words: .pair(first: 8, last: 8)) { _, _ in }
    }
    #expect(throws: SharedMemoryError.self) {
      try view.update(at: 0, length: 8, words: .one(at: 2)) { _, _ in }
    }
    #expect(throws: SharedMemoryError.self) {
      try object().map(access: .read).update(at: 0, length: 8) { _, _ in }
    }
    #expect(try view.read(16) == [UInt8](repeating: 0, count: 16))
  }
}

/// A thread of the test's, as waits block the one that they are called from.
private final class Thread {
  private var thread = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { box in
        Unmanaged<Box>.fromOpaque(box!).takeRetainedValue().body()
        return nil
      }, box)
  }

  func join() { pthread_join(thread, nil) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
