import CLuaShm
import Glibc
import Latch
import LuaHost
import SharedMemory
import Synchronization
import TestSupport
import Testing

@testable import moonpool

/// A kind that the program does not have works like those it has. Kinds are the process's, so each
/// test is one of its own.
@Suite struct LatchTests {
  /// The latch in a session of its own.
  private static func begin() {
    setenv("MOONPOOL_SESSION", Places.unique("latch"), 1)
    precondition(luashm_add_waitable(latch()))
    WaitableKinds.add(LatchKind())
  }

  private static func run(_ script: String, _ listener: (any OperationListener)? = nil) throws {
    let interpreter = try Interpreter(listener: listener)
    try interpreter.open()
    try interpreter.run(script, name: "=s")
  }

  @Test func itIsMadeOpenedAndWaitedFor() async {
    await #expect(processExitsWith: .success) {
      Self.begin()
      try Self.run(
        """
        local latch, existed = assert(shm.latch("l", 3))
        assert(existed == false and tostring(latch) == "latch of l (3 of 3 to come)")
        local other = assert(shm.open_latch("l"))
        assert(select(2, shm.latch("l", 9)) == true)
        local event = assert(shm.event("e"))
        assert(select(2, shm.wait({ latch, event }, { timeout = 0 })) == "timeout")
        event:set()
        assert(shm.wait { latch, event } == 2)
        assert(select(2, latch:wait(0.01)) == "timeout")
        assert(other:count_down() == 3 and other:count_down(9) == 2)
        assert(tostring(latch) == "latch of l (0 of 3 to come)")
        assert(shm.wait { latch, event } == 1 and latch:wait() and latch:wait(0))
        event:set()
        assert(shm.wait({ event, latch }, { all = true }) == true)
        assert(latch:check() and latch:name() == "l" and latch:close())
        assert(tostring(latch) == "latch of l (closed)")
        assert(tostring(shm.latch(nil, 8, { half = true })):find("4 of 8", 1, true))
        """)
    }
  }

  @Test func whoWaitsGoesOnWhenItOpens() async {
    await #expect(processExitsWith: .success) {
      Self.begin()
      Task.detached {
        usleep(100_000)
        try Self.run("assert(shm.open_latch('l')):count_down()")
      }
      try Self.run("assert(assert(shm.latch('l', 1)):wait(20) == true)")
    }
  }

  @Test func itsMisuseIsWordedAsOfTheOthers() async {
    await #expect(processExitsWith: .success) {
      Self.begin()
      try Self.run(
        """
        local latch = assert(shm.latch("l", 1))
        local function has(text, part) assert(text:find(part, 1, true), text) end
        local function raised(...) return select(2, pcall(...)) end
        has(raised(shm.latch, "x", 1, { quarter = 1 }),
          "unknown option 'quarter' (known: half, mode, exclusive)")
        has(raised(shm.latch, "x"), "bad argument #2 to 'shm.latch' (number expected")
        has(raised(shm.wait, { "x" }), "item 1 is no event, mutex, semaphore, queue, topic, latch, cell's condition or process, but a string")
        has(raised(latch.wait, shm.event(nil)), "shm.latch expected, got shm.event")
        local none, message, code = shm.latch("x", 0)
        assert(code == 87 and message:find("a latch counts from 1", 1, true), message)
        none, message, code = shm.event("l")
        assert(code == 6)
        has(message, "another type (latch), not an event; open it as a latch")
        latch:close()
        has(raised(latch.wait, latch), "attempt to use a closed latch (of l)")
        """)
    }
  }

  @Test func lsAndStatShowIt() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      Self.begin()
      let interpreter = try Interpreter()
      try interpreter.open()
      try interpreter.run("latch = assert(shm.latch('l', 3)) latch:count_down()")
      Moonpool.perform(Words(["moonpool", "ls"]))
      Moonpool.perform(Words(["moonpool", "stat", "l"]))
      Moonpool.perform(Words(["moonpool", "stat", "--json", "l"]))
      try interpreter.run("latch:count_down(2)")
      Moonpool.perform(Words(["moonpool", "stat", "l"]))
      fflush(nil)
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    #expect(output.contains(#/4096  latch  +0600  .* Local\\l\n/#), "\(output)")
    #expect(output.contains("type    latch\nstate   2 of 3 to come\nsize    4096"), "\(output)")
    #expect(output.contains(#""state": {"left": 2, "open": false}"#), "\(output)")
    #expect(output.contains("state   open\n"), "\(output)")
  }

  @Test func explainSaysWhatItIsOnWindows() async {
    await #expect(processExitsWith: .success) {
      Self.begin()
      let lines = Mutex("")
      try Self.run(
        """
        local latch = assert(shm.latch("l", 8, { half = true }))
        latch:count_down(4)
        latch:wait(0.5)
        assert(shm.open_latch("l", { access = "wait" }))
        """, Explanation { text in lines.withLock { $0 += text } })
      let text = lines.withLock { $0 }
      for part in [
        "s:1  shm.latch([[l]], 8, {half = true})\n  Win32  CreateLatch(8, TRUE, TEXT(\"l\"))\n",
        "s:2  latch:count_down(4)\n  Win32  InterlockedAdd(pLatch, -4)\n",
        "  Linux     a compare-and-swap; futex(2) only if somebody sleeps\n  → 4\n",
        "s:3  latch:wait(0.5)\n  Win32  none, wait: 500\n", "  → true\n",
        "s:4  shm.open_latch([[l]], {access = \"wait\"})\n"
          + "  Win32  OpenLatch(SYNCHRONIZE, FALSE, TEXT(\"l\"))\n",
      ] {
        try #require(text.contains(part), "\(part) is not in \(text)")
      }
    }
  }

  @Test func helpTellsIt() async {
    await #expect(processExitsWith: .success) {
      Self.begin()
      let interpreter = try Interpreter()
      try interpreter.open()
      try interpreter.preloadModules()
      try interpreter.run(
        """
        \(PartsTests.helpOfTheLatch)
        local help = require "moonpool.help"
        assert(help.text("latch:count_down"):find("Counts it down.", 1, true))
        assert(help.text(shm.latch):find("shm.latch(name, count [, options])", 1, true))
        assert(#help.options_of(shm.latch, 3) == 3)
        """)
    }
  }
}
