import Glibc
import TestSupport
import Testing

/// Facts about events, mutexes and semaphores that take several processes, told by scripts.
@Suite struct NamedFactTests {
  let session = Places.unique("named")

  private func start(_ chunk: String) -> Child {
    Child(
      Places.moonpool, ["-e", "io.stdout:setvbuf('line') " + chunk],
      environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private func say(_ chunk: String) -> String {
    let outcome = moonpool("-e", chunk, session: session)
    return outcome.output + outcome.errors
  }

  private func waiters(_ make: String) -> [Child] {
    let children = (0..<2).map { _ in
      start("local e = assert(\(make)) print('ready') print('released', e:wait())")
    }
    for child in children { #expect(child.prints("ready"), "\(child.complained)") }
    return children
  }

  private func released(_ children: [Child]) -> Int {
    children.count { $0.printed.hasSuffix("released\ttrue\n") }
  }

  @Test("fact S4: one of two waiters is released by a set")
  func oneIsReleased() {
    let children = waiters("shm.event('e')")
    for count in 1...2 {
      #expect(say("print(shm.open_event('e'):set())") == "true\n")
      #expect(poll { released(children) == count })
      usleep(60_000)  // time for another one, if the set had been for all
      #expect(released(children) == count)
    }
    for child in children { #expect(child.wait() == 0) }
  }

  @Test("fact S5: all waiters are released by a manual event, which stays set")
  func allAreReleased() {
    let keeper = start("local e = assert(shm.event('e', {manual = true})) print('made') io.read()")
    #expect(keeper.prints("made"))
    let children = waiters("shm.open_event('e')")
    #expect(released(children) == 0)
    #expect(say("print(shm.open_event('e'):set())") == "true\n")
    #expect(poll { released(children) == 2 })
    #expect(say("print(shm.open_event('e'):wait(0))") == "true\n")
    #expect(
      say("local e = shm.open_event('e') print(e:reset(), e:wait(0))")
        == "true\tfalse\ttimeout\n")
  }

  /// A process that has the mutex, and keeps it until it is told to end.
  private func owner(_ ending: String = "") -> Child {
    let child = start(
      "m = assert(shm.mutex('m')) m:lock() m:lock() print('locked') io.read() \(ending)")
    #expect(child.prints("locked"), "\(child.complained)")
    return child
  }

  private let lockTwice = """
    local m = assert(shm.open_mutex("m")) print(m:lock(20)) m:unlock() print(m:lock(0))
    """

  @Test(
    "fact S12: the next one gets the mutex of an owner that ended, and is told once",
    arguments: ["", "os.exit(0)", "os.exit(0, true)", "m:close() io.read()", "error('over')"])
  func anEndedOwner(ending: String) {
    let keeper = start("local m = assert(shm.mutex('m')) print('held') io.read()")
    #expect(keeper.prints("held"))
    let child = owner(ending)
    child.write("end\n")
    if !ending.hasPrefix("m:close") { child.wait() }
    #expect(say(lockTwice) == "true\tabandoned\ntrue\n")
  }

  @Test("fact S12: the next one gets the mutex of an owner that was killed, and is told once")
  func aKilledOwner() {
    let keeper = start("local m = assert(shm.mutex('m')) print('held') io.read()")
    #expect(keeper.prints("held"))
    let child = owner()
    child.kill()
    child.wait()
    #expect(say(lockTwice) == "true\tabandoned\ntrue\n")
  }

  @Test("fact S12: who waits for a mutex gets it when its owner is killed")
  func aWaiterOfAKilledOwner() {
    let child = owner()
    let waiter = start(
      """
      local m = assert(shm.open_mutex("m")) local slots = assert(shm.semaphore("s", 1, 1))
      print("waits") print(shm.wait({m, slots}, {all = true})) print(m:lock(0))
      """)
    #expect(waiter.prints("waits"))
    usleep(30_000)  // into its sleep; before it, it finds the owner dead at once
    child.kill()
    #expect(waiter.wait() == 0)
    #expect(waiter.printed == "waits\ntrue\tabandoned\ntrue\n")
  }

  @Test("fact 99: increments of several processes add up, of a cell and under a mutex")
  func incrementsAddUp() {
    let keeper = start(
      """
      local v, m = assert(shm.create("v", 8)), assert(shm.mutex("m")) print("made") io.read()
      print(v:atomic(0):load(), v:atomic(4):load())
      """)
    #expect(keeper.prints("made"))
    let workers = (0..<4).map { _ in
      start(
        """
        local v, m = assert(shm.open("v")), assert(shm.open_mutex("m"))
        local atomic, plain = v:atomic(0), v:atomic(4) print("ready") io.read()
        for _ = 1, 5000 do
          atomic:add(1)
          m:lock() plain:store(plain:load() + 1) m:unlock()
        end
        """)
    }
    for worker in workers { #expect(worker.prints("ready"), "\(worker.complained)") }
    for worker in workers { worker.write("go\n") }
    for worker in workers { #expect(worker.wait() == 0, "\(worker.complained)") }
    keeper.write("look\n")
    #expect(keeper.wait() == 0)
    #expect(keeper.printed == "made\n20000\t20000\n")
  }

  @Test func aGuardOfADeadOwnersMutexSaysSo() {
    let keeper = start("local m = assert(shm.mutex('m')) print('held') io.read()")
    #expect(keeper.prints("held"))
    let child = owner()
    child.kill()
    child.wait()
    #expect(
      say(
        """
        local m = assert(shm.open_mutex("m"))
        do local guard <close>, why = m:guard() print(guard, why) end
        print(m)
        """) == "guard of m (locked)\tabandoned\nmutex of m (free)\n")
  }

  @Test func aStoppedOwnerLetsOthersTimeOut() {
    let child = owner()
    child.kill(SIGSTOP)
    defer { child.kill(SIGCONT) }
    #expect(
      say(
        """
        local m = assert(shm.open_mutex("m"))
        print(m:lock(0.05)) print(m:try()) print(m:guard(0)) print(m:owner() == \(child.pid))
        """) == "false\ttimeout\nfalse\ttimeout\nfalse\ttimeout\ntrue\n")
  }

  @Test func aWaiterIsReleasedByASetThatAResetFollows() {
    let keeper = start("local e = assert(shm.event('e', {manual = true})) print('made') io.read()")
    #expect(keeper.prints("made"))
    let children = waiters("shm.open_event('e')")
    // Asleep: a wait that begins after the reset is not to end.
    for child in children { #expect(poll { isAsleep(child) }) }
    #expect(say("local e = shm.open_event('e') e:set() e:reset() print(e)").hasSuffix("set)\n"))
    #expect(poll { released(children) == 2 })
  }

  private func isAsleep(_ child: Child) -> Bool {
    run("/bin/cat", ["/proc/\(child.pid)/wchan"]).output.hasPrefix("futex")
  }
}

/// Ctrl-C at a script that waits.
@Suite struct InterruptedWaitTests {
  @Test(
    arguments: [
      "shm.event(nil):wait()", "shm.event(nil):wait(1000)", "shm.semaphore(nil, 0, 1):acquire()",
      "shm.wait {(shm.event(nil)), (shm.event(nil))}",
      "shm.wait({(shm.event(nil)), (shm.event(nil))}, {all = true, timeout = 1000})",
      "coroutine.wrap(function() shm.event(nil):wait() end)()",
    ])
  func anInterruptEndsAWait(call: String) {
    let child = Child(
      Places.moonpool, ["-e", "io.stdout:setvbuf('no') print('ready') \(call)"],
      environment: ["MOONPOOL_SESSION": Places.unique()])
    #expect(child.prints("ready"))
    usleep(60_000)  // into the wait; before it the interrupt stops the script all the same
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!"), "\(child.complained)")
  }

  @Test func anInterruptedLockIsNotHeld() {
    let session = Places.unique()
    func start(_ chunk: String) -> Child {
      Child(
        Places.moonpool, ["-e", "io.stdout:setvbuf('no') \(chunk)"],
        environment: ["MOONPOOL_SESSION": session], input: .open)
    }
    let owner = start("m = shm.mutex('m') m:lock() print('locked') io.read() m:unlock() io.read()")
    #expect(owner.prints("locked"))
    let waiter = start(
      """
      local m = shm.open_mutex('m')
      local well, why = pcall(function() print('ready') m:guard() end)
      print(why) print(m:unlock()) print(m:lock(20)) m:unlock()
      """)
    #expect(waiter.prints("ready"))
    usleep(60_000)
    waiter.kill(SIGINT)
    #expect(waiter.prints("(288)"), "\(waiter.complained)")
    owner.write("unlock\n")
    #expect(waiter.wait() == 0)
    #expect(waiter.printed.hasSuffix("\ntrue\n"), "\(waiter.printed)\(waiter.complained)")
  }
}

/// `--explain` of what waits.
@Test func explainShowsTheWaitsOfAScript() {
  let outcome = moonpool(
    "--explain", "-e",
    """
    local e = shm.event([[Local\\ready]], {manual = true})
    local m = shm.mutex(nil) e:set() e:wait(0.5) m:lock() m:unlock() m:unlock()
    local s = shm.semaphore(nil, 0, 2) s:release(2) s:acquire() s:release(9)
    shm.wait({e, s}, {timeout = 1}) shm.wait({e, s}, {all = true, timeout = 0})
    local w <close> = shm.open_event("ready", {access = "wait"})
    do local g <close> = m:guard() end m:owner() s:close()
    """, session: Places.unique())
  #expect(outcome.status == 0, "\(outcome.errors)")
  let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("  Linux") }
    .filter { !$0.hasPrefix("         ") || $0.contains("(h") }
    .map { $0.replacing("(command line):", with: "") }
  let shown = lines.joined(separator: "\n")
  for expected in [
    """
    1  shm.event([[Local\\ready]], {manual = true})
      Win32  CreateEvent(NULL, TRUE, FALSE, TEXT("Local\\\\ready"))
      → event, false
    """,
    """
    2  shm.mutex(nil)
      Win32  CreateMutex(NULL, FALSE, NULL)
      → mutex, false
    """,
    """
    2  event:set()
      Win32  SetEvent(hEvent)
      → true
    2  event:wait(0.5)
      Win32  WaitForSingleObject(hEvent, 500)
      → true
    2  mutex:lock()
      Win32  WaitForSingleObject(hMutex, INFINITE)
      → true
    2  mutex:unlock()
      Win32  ReleaseMutex(hMutex)
      → true
    2  mutex:unlock()
      Win32  ReleaseMutex(hMutex)
      → nil, "… ERROR_NOT_OWNER …", 288
    3  shm.semaphore(nil, 0, 2)
      Win32  CreateSemaphore(NULL, 0, 2, NULL)
      → semaphore, false
    3  semaphore:release(2)
      Win32  ReleaseSemaphore(hSemaphore, 2, &previous)
      → 0
    3  semaphore:acquire()
      Win32  WaitForSingleObject(hSemaphore, INFINITE)
      → true
    3  semaphore:release(9)
      Win32  ReleaseSemaphore(hSemaphore, 9, &previous)
      → nil, "… ERROR_TOO_MANY_POSTS …", 298
    4  shm.wait({2 objects}, {timeout = 1.0})
      Win32  WaitForMultipleObjects(2, handles, FALSE, 1000)
      → 1
    4  shm.wait({2 objects}, {all = true, timeout = 0.0})
      Win32  WaitForMultipleObjects(2, handles, TRUE, 0)
      → true
    5  shm.open_event([[ready]], {access = "wait"})
      Win32  OpenEvent(SYNCHRONIZE, FALSE, TEXT("ready"))
      → event
    6  mutex:guard()
      Win32  WaitForSingleObject(hMutex, INFINITE)
      → guard
    6  guard:unlock()
      Win32  ReleaseMutex(hMutex)
      → true
    6  mutex:owner()
      Win32  (none)
      → nil
    6  semaphore:close()
      Win32  CloseHandle(hObject)
      → true
    """,
  ] {
    #expect(shown.contains(expected), "\(shown)")
  }
}
