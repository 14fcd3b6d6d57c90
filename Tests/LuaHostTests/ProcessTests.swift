import CLuaShm
import Glibc
import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// `shm.sleep`, `shm.now`, `shm.pid`: what a listener hears, and what a world may make of them.
@Suite struct ProcessTests {
  private func explained(_ script: String) throws -> [String] {
    let text = Mutex("")
    let explanation = Explanation { line in text.withLock { $0 += line } }
    let interpreter = try Interpreter(session: explanation.session(), listener: explanation)
    try interpreter.open()
    try interpreter.run(script, name: "@s.lua")
    return text.withLock { $0 }.split(separator: "\n").map(String.init)
  }

  @Test func sleepingAndAskingAreExplained() throws {
    let lines = try explained("shm.sleep(0.0125) now = shm.now() shm.pid() shm.sleep(0)")
    #expect(
      lines.filter { !$0.hasPrefix("  → ") || $0.hasSuffix("(nothing)") } == [
        "s.lua:1  shm.sleep(0.0125)", "  Win32  Sleep(13)",
        "  Linux     clock_nanosleep(CLOCK_MONOTONIC, …)", "  → (nothing)",
        "s.lua:1  shm.now()", "  Win32  QueryPerformanceCounter(&now)",
        "  Linux     clock_gettime(CLOCK_MONOTONIC): no system call",
        "s.lua:1  shm.pid()", "  Win32  GetCurrentProcessId()", "  Linux     getpid()",
        "s.lua:1  shm.sleep(0.0)", "  Win32  Sleep(0)",
        "  Linux     clock_nanosleep(CLOCK_MONOTONIC, …)", "  → (nothing)",
      ])
    #expect(lines.contains("  → \(getpid())"))
    #expect(try explained("shm.sleep(0) assert(pcall(shm.sleep, -1) == false)").count == 4)
  }

  @Test func waitingForProcessesIsExplained() throws {
    let lines = try explained(
      """
      local us = shm.process(shm.pid())
      us:wait(0) do shm.wait({us, assert(shm.create(nil, 8)):atomic(0):when(1)}) end
      collectgarbage() us:close() shm.list("x") shm.holders("nobody")
      """)
    let us = getpid()
    #expect(
      lines.filter { !$0.hasPrefix("  Linux") && !$0.hasPrefix("         ") } == [
        "s.lua:1  shm.pid()", "  Win32  GetCurrentProcessId()", "  → \(us)",
        "s.lua:1  shm.process(\(us))", "  Win32  OpenProcess(SYNCHRONIZE, FALSE, \(us))",
        "  → process", "s.lua:2  process:wait(0.0)", "  Win32  WaitForSingleObject(hProcess, 0)",
        "  → false, \"timeout\"", "s.lua:2  shm.create(nil, 8)",
        "  Win32  CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 8, NULL)",
        "  → view, false", "s.lua:2  shm.wait({2 objects})",
        "  Win32  WaitForMultipleObjects(2, handles, FALSE, INFINITE)", "  → 2",
        "s.lua:3  view:close()", "  Win32  UnmapViewOfFile(pBuf)", "  → true",
        "s.lua:3  process:close()", "  Win32  CloseHandle(hObject)", "  → true",
        "s.lua:3  shm.list()", "  Win32  (none)", "  → a list", "s.lua:3  shm.holders([[nobody]])",
        "  Win32  (none)", "  → nil, \"… ERROR_FILE_NOT_FOUND …\", 2",
      ])
    #expect(lines.contains { $0.contains("pidfd_open(\(us), 0) = ") })
  }

  @Test func manyNumbersAreOneOperation() throws {
    let lines = try explained(
      """
      local view = assert(shm.create(nil, 64))
      view:numbers("u16", 2, {1, 2, 3})
      local list = view:numbers("u16", 2, 3)
      local record = view:as(shm.layout "struct s { int list[4]; };")
      record.list:numbers {7}
      record.list:numbers()
      """)
    let ours = lines.filter { $0.contains("numbers") || $0.hasPrefix("  → ") }
    #expect(
      ours.dropFirst().prefix(12) == [
        "s.lua:2  view:numbers(\"u16\", 2, {…})", "  Win32  CopyMemory(pBuf + 2, numbers, 6)",
        "  → view", "s.lua:3  view:numbers(\"u16\", 2, 3)",
        "  Win32  CopyMemory(numbers, pBuf + 2, 6)", "  → a table, of 3",
        "s.lua:5  record:numbers({…})", "  Win32  CopyMemory(pBuf, numbers, 4)", "  → record",
        "s.lua:6  record:numbers()", "  Win32  CopyMemory(numbers, pBuf, 16)", "  → a table, of 4",
      ])
  }

  /// A world with a clock of its own: a sleep moves it.
  private final class Clock: @unchecked Sendable {
    let plain = UnsafeMutablePointer<luashm_world>.allocate(capacity: 1)
    private var nanoseconds: Int64 = 1_500_000_000
    var isInterrupted = false

    init() {
      plain.initialize(
        to: luashm_world(
          context: Unmanaged.passUnretained(self).toOpaque(), goes_by_steps: nil
        ) { context, operation in
          Unmanaged<Clock>.fromOpaque(context!).takeUnretainedValue().perform(operation!)
        })
    }

    deinit { plain.deallocate() }

    private func perform(_ operation: UnsafeMutablePointer<luashm_operation>) {
      switch luashm_op(rawValue: UInt32(operation.pointee.op)) {
      case LUASHM_OP_SLEEP:
        if isInterrupted { operation.pointee.answer = LUASHM_ANSWER_INTERRUPTED }
        nanoseconds += operation.pointee.timeout
      case LUASHM_OP_NOW: operation.pointee.result = nanoseconds
      case LUASHM_OP_PID: operation.pointee.result = 7
      default: luashm_perform_real(operation)
      }
    }
  }

  @Test func aWorldMayHaveItsOwnTime() throws {
    let clock = Clock()
    let interpreter = try Interpreter(
      session: Session(named: Places.unique("clock")), world: clock.plain)
    try interpreter.open()
    try interpreter.run(
      """
      assert(shm.now() == 1.5 and shm.pid() == 7)
      shm.sleep(3600)
      assert(shm.now() == 3601.5)
      """)
    clock.isInterrupted = true
    try interpreter.run(
      """
      local well, message = pcall(shm.sleep, 1)
      assert(not well and message == "interrupted!", message)
      """)
    withExtendedLifetime(clock) {}
  }

  @Test func aSleepThatOnlyTriesDoesNotSleep() throws {
    let plain = UnsafeMutablePointer<luashm_world>.allocate(capacity: 1)
    defer { plain.deallocate() }
    plain.initialize(
      to: luashm_world(context: nil, goes_by_steps: nil) { _, operation in
        operation!.pointee.tries = true
        luashm_perform_real(operation)
        let isOver = operation!.pointee.op == LUASHM_OP_SLEEP.rawValue
        #expect(!isOver || operation!.pointee.holds == (operation!.pointee.timeout == 0))
      })
    let interpreter = try Interpreter(session: Session(named: Places.unique("tries")), world: plain)
    try interpreter.open()
    try interpreter.run("shm.sleep(math.huge) shm.sleep(0)")
  }
}
