import LuaHost
import SharedMemory
import TestSupport
import Testing

/// A collection may begin at any allocation, and a finalizer may then close the very view whose
/// method is running: the method answers as for a closed view, or finishes with what it has.
@Suite struct CollectorTests {
  /// Until the collector has closed the view under each kind of call, several times.
  private static let script = #"""
    collectgarbage("incremental", 1, 1000, 4)
    local size <const> = 1 << 16
    local v, closed = nil, 0
    local function trap()
      setmetatable({}, {__gc = function() v:close(); closed = closed + 1 end})
    end
    local calls = {
      function() return v:read(size) end,
      function() return v:read(200) end,
      function() return v:read() end,
      function() return v:map() end,
      function() for i = 1, 500 do v:write(i + 0.5) end end,
      function() for i = 1, 500 do local s = tostring(v) .. i .. tostring(v:check()) end end,
    }
    for number, call in ipairs(calls) do
      closed = 0
      for round = 1, 2000 do
        collectgarbage("stop")
        if not v or tostring(v):find("closed") then
          v = assert(shm.create("x", size))
          v:write(("x"):rep(size))
        end
        trap()
        collectgarbage("restart")
        local well, result = pcall(call)
        if well and number == 1 then assert(result == ("x"):rep(size)) end
        if not well then assert(result:find("closed view"), result) end
        if closed >= 3 then break end
      end
      assert(closed >= 3, "the collector never came in call " .. number)
    end
    """#

  private final class Quiet: OperationListener {
    func enter(_ operation: Operation) {}
    func leave(_ operation: Operation, outcome: Int32) {}
  }

  @Test(arguments: [false, true])
  func aFinalizerMayCloseTheViewInUse(heard: Bool) throws {
    let interpreter = try Interpreter(
      session: Session(named: Places.unique()), listener: heard ? Quiet() : nil)
    try interpreter.open()
    try interpreter.run(Self.script)
  }
}
