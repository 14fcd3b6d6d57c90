import Dispatch
import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Lua's bindings and the Swift library stand on `COperations`: asked the same, both say the same.
@Suite struct LanguageTests {
  private let session = Session(named: Places.unique("languages"))

  private func lua(_ script: String) throws {
    let interpreter = try Interpreter(session: session)
    try interpreter.open()
    try interpreter.run(script, name: "=s")
  }

  /// What the script's `error` says; "none" if nothing is raised.
  private func complaint(of script: String) -> String {
    let whole = complaint { try lua(script) }
    return String(whole.prefix { $0 != "\n" })
  }

  private func complaint(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch {
      return "\(error)"
    }
  }

  /// Runs the script in a thread while the body runs; true: neither found a fault.
  private func together(_ script: String, _ body: () throws -> Bool) throws -> Bool {
    let writer = Parallel { [session] in
      do {
        let interpreter = try Interpreter(session: session)
        try interpreter.open()
        try interpreter.run(script, name: "=s")
        return true
      } catch {
        return false
      }
    }
    let well = try body()
    return writer.result && well
  }

  @Test func neitherLanguageUndoesTheOthersBitField() throws {
    let text = "struct s { unsigned low : 3, high : 29; };"
    let object = try MemoryObject.create("bits", size: 64, in: session)
    let view = try object.map()
    let layout = try Layout(text)
    let well = try together(
      """
      local record = shm.open("bits"):as(shm.layout "\(text)")
      for round = 0, 19999 do
        record.high = round
        assert(record.high == round)
      end
      """
    ) {
      for round in UInt64(0)..<20_000 {
        try view.set("low", .unsigned(round & 7), as: layout)
        if try view.get("low", as: layout) != .unsigned(round & 7) { return false }
      }
      return true
    }
    #expect(well)
    withExtendedLifetime(object) {}
  }

  @Test func aFieldOfTwoBytesIsSeenWholeByTheOtherLanguage() throws {
    let text = "struct s { unsigned char first; unsigned short half; };"
    let object = try MemoryObject.create("half", size: 64, in: session)
    let view = try object.map()
    let layout = try Layout(text)
    let well = try together(
      """
      local record = shm.open("half"):as(shm.layout "\(text)")
      for round = 1, 50000 do record.half = round % 2 == 0 and 0 or 0xFFFF end
      """
    ) {
      for _ in 0..<50_000 {
        let value = try view.get("half", as: layout)
        if value != .unsigned(0) && value != .unsigned(0xFFFF) { return false }
      }
      return true
    }
    #expect(well)
    withExtendedLifetime(object) {}
  }

  @Test func aSnapshotGivesUpWithTheSameWords() throws {
    let object = try MemoryObject.create("record", size: 64, in: session)
    let view = try object.map()
    try view.store(UInt32(1), at: 0)
    let ours = complaint { _ = try view.snapshot(at: 0, length: 4, timeout: .zero) }
    #expect(ours.contains("ERROR_TIMEOUT (1460): a writer is in the middle of its update"))
    #expect(
      complaint(
        of: "error(select(2, shm.open('record'):snapshot(0, 4, {timeout = 0})), 0)") == ours)
    let writer = Parallel { [session] in
      guard let view = try? MemoryObject.open("record", in: session).map() else { return }
      for round in UInt32(0)..<50_000_000 {
        if (try? view.load(UInt32.self, at: 8)) != 0 { break }
        try? view.store(2 * round + 1, at: 0)
      }
    }
    while try view.load(UInt32.self, at: 0) < 1_000 {}
    let moved = complaint { _ = try view.snapshot(at: 0, length: 4, timeout: .milliseconds(20)) }
    let movedToo = complaint(
      of: "error(select(2, shm.open('record'):snapshot(0, 4, {timeout = 0.02})), 0)")
    try view.store(UInt32(1), at: 8)
    _ = writer.result
    #expect(moved.contains("the record changed all the time; wait longer, or copy less"))
    #expect(movedToo == moved)
    withExtendedLifetime(object) {}
  }

  @Test func exclusiveMeansTheSameForEveryKind() throws {
    let event = try NamedEvent.create("event", exclusive: true, in: session)
    let mutex = try NamedMutex.create("mutex", exclusive: true, in: session)
    let semaphore = try NamedSemaphore.create(
      "semaphore", initial: 1, maximum: 2, exclusive: true, in: session)
    let memory = try MemoryObject.create("memory", size: 8, .init(exclusive: true), in: session)
    let refused = [
      complaint { _ = try NamedEvent.create("event", exclusive: true, in: session) },
      complaint { _ = try NamedMutex.create("mutex", exclusive: true, in: session) },
      complaint {
        _ = try NamedSemaphore.create(
          "semaphore", initial: 0, maximum: 1, exclusive: true, in: session)
      },
      complaint {
        _ = try MemoryObject.create("memory", size: 8, .init(exclusive: true), in: session)
      },
    ]
    let calls = [
      "shm.event('event', {exclusive = true})", "shm.mutex('mutex', {exclusive = true})",
      "shm.semaphore('semaphore', 0, 1, {exclusive = true})",
      "shm.create('memory', 8, {exclusive = true})",
    ]
    for (call, refusal) in zip(calls, refused) {
      #expect(
        refusal.hasSuffix(
          "ERROR_ALREADY_EXISTS (183): an object of this name exists; open it, or choose another"))
      #expect(complaint(of: "error(select(2, \(call)), 0)") == refusal)
    }
    // Whoever is refused was no user: the last handle that there is ends the name.
    withExtendedLifetime((event, mutex, semaphore)) {}
    _ = memory.close()
  }

  @Test func aCellWaitsAlikeInBothLanguages() throws {
    let object = try MemoryObject.create("cell", size: 8, in: session)
    let view = try object.map()
    let cell = try view.atomic(at: 0, as: UInt32.self)
    #expect(try !cell.wait(while: 0, timeout: .zero) && cell.wait(while: 1, timeout: .zero))
    #expect(try !cell.wait(while: 0, timeout: .milliseconds(5)))
    try lua(
      """
      local cell = shm.open("cell"):atomic(0)
      assert(not cell:wait(0, 0) and cell:wait(1, 0) and not cell:wait(0, 0.005))
      """)
    // Each wakes the other, which sleeps without an end.
    let well = try together(
      """
      local cell = shm.open("cell"):atomic(0)
      assert(cell:wait(0) and cell:load() == 5)
      cell:store(6):wake(99)
      """
    ) {
      try cell.store(5)
      try cell.wake(.max)
      while try cell.wait(while: 5), try cell.load() == 5 {}
      return try cell.load() == 6
    }
    #expect(well)
    withExtendedLifetime(object) {}
  }
}

/// What runs beside the test, in a thread of its own.
private final class Parallel<Result: Sendable>: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let value = Mutex<Result?>(nil)

  init(_ body: @escaping @Sendable () -> Result) {
    DispatchQueue(label: "parallel").async { [self] in
      let result = body()
      value.withLock { $0 = result }
      done.signal()
    }
  }

  /// Waits for its end; asked once.
  var result: Result {
    done.wait()
    return value.withLock { $0! }
  }
}
