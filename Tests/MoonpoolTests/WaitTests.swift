import Glibc
import TestSupport
import Testing

/// Waits of scripts that signals come to.
@Suite struct WaitTests {
  private let session = Places.unique("wait")

  /// A script that prints "ready" just before it waits.
  private func start(_ text: String) -> Child {
    let child = Child(
      Places.moonpool, ["-e", "io.stdout:setvbuf('no') " + text],
      environment: ["MOONPOOL_SESSION": session])
    #expect(child.prints("ready"))
    // Into its sleep, where a futex is slept on; an interrupt before that ends it all the same.
    _ = poll(within: 2) { sleeps(child) }
    return child
  }

  private func sleeps(_ child: Child) -> Bool {
    run("/bin/cat", ["/proc/\(child.pid)/wchan"]).output.contains("futex")
  }

  private static let waits = [
    "cell:wait(0)", "cell:wait(0, 1000)", "v:snapshot(0, 8, {sequence = 8, timeout = 1000})",
  ]

  @Test(arguments: waits) func anInterruptEndsAWait(_ wait: String) {
    let child = start(
      "v = shm.create('x', 16) v:write('\\1', 8) cell = v:atomic(0) print('ready') \(wait)")
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!\nstack traceback:\n"))
  }

  @Test(arguments: waits) func anInterruptEndsAWaitOfACoroutine(_ wait: String) {
    let child = start(
      """
      v = shm.create('x', 16) v:write('\\1', 8) cell = v:atomic(0)
      coroutine.wrap(function() print('ready') \(wait) print('went on') end)()
      """)
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!"))
    #expect(!child.printed.contains("went on"))
  }

  @Test func anInterruptOfAWaitCanBeCaught() {
    let child = start(
      """
      cell = shm.create('x', 8):atomic(0)
      print(pcall(function() print('ready') cell:wait(0) end))
      print(cell:wait(0, 0.01))
      """)
    child.kill(SIGINT)
    #expect(child.wait() == 0)
    #expect(child.printed.contains("interrupted!\nfalse\ttimeout\n"))
  }

  @Test func aStoppedWaiterGoesOnWaiting() {
    let child = start("cell = shm.create('x', 8):atomic(0) print('ready') print(cell:wait(0))")
    for _ in 0..<5 {
      child.kill(SIGSTOP)
      usleep(30_000)
      child.kill(SIGCONT)
      usleep(30_000)
    }
    #expect(!child.printed.contains("true"))
    _ = moonpool("-e", "shm.open('x'):atomic(0):store(1):wake()", session: session)
    #expect(child.wait() == 0)
    #expect(child.printed.contains("true\n"))
  }

  @Test func aWaiterThatWasKilledTakesNothingAlong() {
    let first = start("cell = shm.create('x', 8):atomic(0) print('ready') cell:wait(0)")
    let second = start("cell = shm.create('x', 8):atomic(0) print('ready') print(cell:wait(0))")
    first.kill(SIGKILL)
    first.wait()
    _ = moonpool("-e", "shm.open('x'):atomic(0):store(1):wake(1)", session: session)
    #expect(second.wait() == 0)
    #expect(second.printed.contains("true\n"))
  }
}

/// Waits in a `lua5.4` that is not ours, whose handler of SIGINT sets a hook.
@Suite(
  .enabled(if: access("/usr/bin/lua5.4", X_OK) == 0, "lua5.4 is not installed"),
  .enabled(
    if: access("\(Places.binaries)/libshm.so", F_OK) == 0,
    "libshm.so is not built (swift build --product shm)"))
struct StockLuaWaitTests {
  @Test(arguments: [
    "cell:wait(0)", "coroutine.wrap(function() cell:wait(0) print('went on') end)()",
    "v:snapshot(0, 8, {sequence = 8, timeout = 1000})",
  ])
  func anInterruptEndsAWait(_ wait: String) {
    let child = Child(
      "/usr/bin/lua5.4",
      [
        "-e",
        """
        local shm = require 'shm'
        local v = shm.create('x', 16)
        v:write('\\1', 8)
        local cell = v:atomic(0)
        io.stdout:setvbuf('no')
        print('ready') \(wait)
        """,
      ],
      environment: [
        "LUA_CPATH": "\(Places.binaries)/lib?.so", "MOONPOOL_SESSION": Places.unique("wait"),
      ])
    #expect(child.prints("ready"))
    usleep(100_000)
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!"))
    #expect(!child.printed.contains("went on"))
  }
}
