import Glibc
import TestSupport
import Testing

/// Scripts whose memory a peer takes away, and scripts that are stopped amid a long call.
@Suite struct LostMemoryScriptTests {
  private func start(_ script: String, session: String = Places.unique()) -> Child {
    Child(
      Places.moonpool, ["-e", "io.stdout:setvbuf('no') " + script],
      environment: ["MOONPOOL_SESSION": session])
  }

  /// A write that meets more pages than a process may have mappings, each second one.
  @Test func aRecordIsWrittenIntoMemoryThatIsGone() {
    let child = start(
      #"""
      local n = 40000
      local T = shm.layout(("struct S { struct { int x; char pad[8188]; } e[%d]; };"):format(n))
      local view = assert(shm.create("lost-pages", T:size(), { reserve = true }))
      local record, list = view:as(T), {}
      for i = 0, n - 1 do list[i] = { x = i } end
      os.execute("truncate -s 0 " .. shm.path "lost-pages")
      print(pcall(record.write, record, { e = list }))
      """#)
    #expect(child.wait() == 0)
    #expect(
      child.printed.hasPrefix(
        "false\twrite: the memory of lost-pages is gone: a process truncated its file"))
  }

  @Test func whoSleepsInAWaitIsToldThatTheMemoryIsGone() {
    let session = Places.unique()
    let child = start(
      #"""
      local cell = assert(shm.create("x", 8192)):atomic(4096)
      print((shm.path("x")))
      print(pcall(cell.wait, cell, 0, 60))
      """#, session: session)
    #expect(child.prints("\n"))
    let path = String(child.printed.prefix { $0 != "\n" })
    usleep(50_000)  // into its sleep; before that it is told all the same
    #expect(truncate(path, 0) == 0)
    #expect(poll { child.printed.contains("false\twait: the memory of x is gone") })
    #expect(child.wait() == 0)
  }

  /// Each call works for long, over and over; the signal comes into its midst, and what it has done
  /// then is a part. (It may come at its very end, so that there is more than one try.)
  private func expectStopped(_ prepare: String, _ loop: String, isInMidst: String) {
    let script = """
      \(prepare)
      local value = 0
      os.execute("(sleep 0.1; kill -INT $PPID) &")
      print(pcall(function() while true do value = 1 - value; \(loop) end end))
      print(\(isInMidst) and "in its midst" or "between two")
      """
    let isStopped = (0..<10).contains { _ in
      let child = start(script)
      #expect(child.wait() == 0, "\(child.complained)")
      #expect(child.printed.contains("interrupted!"))
      return child.printed.contains("in its midst")
    }
    #expect(isStopped)
  }

  @Test(arguments: ["v:fill(value)", "v:copy(0, values[value])"])
  func anInterruptStopsALongCallInItsMidst(_ call: String) {
    expectStopped(
      """
      local size <const> = 64 << 20
      local v = assert(shm.create("x", size))
      local values = { [0] = assert(shm.create(nil, size)), assert(shm.create(nil, size)) }
      values[1]:fill(1)
      """, call, isInMidst: "v:u8(0) ~= v:u8(size - 1)")
  }

  private static let record = """
    local n <const> = 500000
    local T = shm.layout(("struct s { struct { int x; } e[%d]; };"):format(n))
    local record = assert(shm.create(nil, T:size())):as(T)
    """

  /// Nothing is written before all is checked.
  @Test func anInterruptStopsTheWritingOfALongTable() {
    expectStopped(
      Self.record + """

        local lists = { [0] = {}, {} }
        for i = 1, n do lists[0][i], lists[1][i] = { x = 0 }, { x = 1 } end
        """, "record:write { e = lists[value] }", isInMidst: "record.e[0].x ~= value")
  }

  /// A part of the table takes a part of the memory.
  @Test func anInterruptStopsTheReadingOfALongRecord() {
    expectStopped(
      Self.record + """

        collectgarbage("stop")
        local before, reads = collectgarbage("count"), false
        record:read()
        local whole <const> = collectgarbage("count") - before
        """,
      """
      reads = false; collectgarbage(); before = collectgarbage("count")
      reads = true; record:read()
      """, isInMidst: "reads and collectgarbage('count') - before < 0.95 * whole")
  }
}
