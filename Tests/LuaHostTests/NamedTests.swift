import Glibc
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Events, mutexes and semaphores of several interpreters in one process.
@Suite struct NamedTests {
  private let session = Session(named: Places.unique("named"))

  private func interpreter() throws -> Interpreter {
    let made = try Interpreter(session: session)
    try made.open()
    return made
  }

  @Test func twoInterpretersDoNotOwnEachOthersLocks() throws {
    let one = try interpreter()
    let two = try interpreter()
    try one.run("m = assert(shm.mutex('m')); assert(m:lock()); assert(m:lock())")
    try two.run(
      """
      m = assert(shm.mutex('m'))
      assert(m:try() == false and select(3, m:unlock()) == 288)
      assert(select(2, m:lock(0.01)) == "timeout" and m:guard(0) == false)
      local process, ours = m:owner()
      assert(process > 0 and ours == false and tostring(m) == "mutex of m (locked)")
      """)
    try one.run("assert(m:unlock() and m:unlock()); assert(select(3, m:unlock()) == 288)")
    try two.run("assert(select('#', m:lock(5)) == 1)")
    try one.run("assert(m:try() == false)")
  }

  @Test func anInterpreterThatEndsLeavesItsLock() throws {
    let next = try interpreter()
    try next.run("m = assert(shm.mutex('m'))")
    do {
      let ending = try interpreter()
      try ending.run("m = assert(shm.mutex('m')); m:lock(); m:lock()")
    }
    try next.run(
      """
      local locked, why = m:lock(5)
      assert(locked and why == "abandoned", why)
      assert(m:unlock() and select('#', m:lock(5)) == 1)
      """)
  }

  @Test func aSemaphoreAndAnEventAreSharedByInterpreters() throws {
    let one = try interpreter()
    let two = try interpreter()
    try one.run("s = assert(shm.semaphore('s', 1, 2)); e = assert(shm.event('e'))")
    try two.run("s = assert(shm.open_semaphore('s')); e = assert(shm.open_event('e'))")
    try one.run("assert(s:acquire(0)); e:set()")
    try two.run("assert(not s:acquire(0) and e:wait(0) and s:release(2) == 0)")
    try one.run("assert(not e:wait(0) and s:acquire(0))")
  }

  @Test func objectsOfAClosedStateAreGone() throws {
    do {
      let interpreter = try interpreter()
      try interpreter.run(
        """
        e, m, s = shm.event('e'), shm.mutex('m'), shm.semaphore('s', 0, 1)
        g = m:guard()
        setmetatable({}, {__gc = function() late = shm.event('late'); late:set() end})
        """)
    }
    for name in ["e", "m", "s", "late"] {
      let entry = try? session.find(Array(name.utf8))
      #expect(entry == nil, "\(name)")
    }
  }

  /// With what it inherits: a copied guard does not unlock what the child has locked either.
  @Test func aForkedChildHoldsNothingOfItsParents() async {
    await #expect(processExitsWith: .success) {
      let interpreter = try Interpreter(session: Session(named: Places.unique("fork")))
      try interpreter.open()
      func child(_ script: String) -> pid_t {
        forked { _exit((try? interpreter.run(script)) == nil ? 1 : 0) }
      }
      try interpreter.run("m = assert(shm.mutex('m')) m:lock() g = m:guard()")
      let meanwhile = child(
        """
        assert(select(3, m:unlock()) == 288 and m:try() == false and m:guard(0) == false)
        local process, ours = m:owner()
        assert(process > 0 and not ours and tostring(m) == "mutex of m (locked)")
        assert(tostring(g) == "guard of m (unlocked)" and g:unlock())
        """)
      #expect(ended(meanwhile) == 0)
      let afterwards = child(
        """
        assert(select(2, m:lock(20)) == "abandoned" and m:lock() and g:unlock())
        assert(m:unlock() and tostring(m):find("by this interpreter") and m:unlock())
        assert(select(3, m:unlock()) == 288)
        """)
      try interpreter.run("assert(m:unlock()) m:close()")
      #expect(ended(afterwards) == 0)
    }
  }

  @Test func aMethodWhoseObjectAFinalizerClosesSaysSo() throws {
    let interpreter = try interpreter()
    try interpreter.run(
      """
      collectgarbage("incremental", 1, 1000, 4)
      local closed = 0
      local m
      local function trap() setmetatable({}, {__gc = function() m:close() closed = closed + 1 end}) end
      local calls = {
        function() local g <close> = m:guard() end,
        function() local t = tostring(m) .. ("x"):rep(200) end,
        function() return shm.wait({m}, {timeout = 0}) end,
      }
      for _, call in ipairs(calls) do
        for _ = 1, 300 do
          m = assert(shm.mutex("m"))
          trap()
          local before = closed
          for _ = 1, 200 do
            local well, message = pcall(call)
            assert(well or message:find("closed", 1, true), message)
            if closed > before then break end
          end
          m:close()
        end
      end
      assert(closed > 100, closed)
      """)
  }
}
