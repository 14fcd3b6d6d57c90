import TestSupport
import Testing

/// The collector's pace beside `view:read` of many bytes, and long lists of numbers.
@Suite struct BigStringTests {
  /// What the script prints, which must not fail.
  private func lines(_ script: String) -> [String] {
    let outcome = moonpool("-e", script, session: Places.unique("big"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test(arguments: ["generational", "incremental"])
  func aLoopOfReadsTakesTheSameFewBlocks(mode: String) {
    let printed = lines(
      """
      collectgarbage("\(mode)")
      local view <close> = shm.create(nil, 1 << 20)
      local function blocks(read)
        local seen, count = {}, 0
        for _ = 1, 100 do
          local block = ("%p"):format(read())
          if not seen[block] then seen[block] = true count = count + 1 end
        end
        return count
      end
      print(blocks(function() return view:read(1 << 20) end) <= 2)
      local last
      print(blocks(function() last = view:read(1 << 20) return last end) <= 3)
      """)
    #expect(printed == ["true", "true"])
  }

  @Test(arguments: ["generational", "incremental"])
  func stringsThatGrewOldAreCollectedToo(mode: String) {
    let printed = lines(
      """
      collectgarbage("\(mode)")
      local view <close> = shm.create(nil, 1 << 20)
      local ring, most = {}, 0
      for place = 1, 400 do
        ring[place % 10] = view:read(1 << 20)
        most = math.max(most, collectgarbage("count"))
      end
      print(most < 40 * 1024)
      """)
    #expect(printed == ["true"])
  }

  @Test func whoeverDroppedMuchWaitsNotForAsMuchAgain() {
    let printed = lines(
      """
      local view <close> = shm.create(nil, 1 << 20)
      local all = {}
      for place = 1, 60 do all[place] = view:read(1 << 20) end
      all = nil
      collectgarbage()
      local ring, most = {}, 0
      for place = 1, 100 do
        ring[place % 3] = view:read(1 << 20)
        most = math.max(most, collectgarbage("count"))
      end
      print(most < 16 * 1024)
      """)
    #expect(printed == ["true"])
  }

  @Test func aStoppedCollectorStaysStopped() {
    let printed = lines(
      """
      local view <close> = shm.create(nil, 1 << 20)
      view:read(1 << 20)
      collectgarbage("stop")
      local dead = setmetatable({}, { __mode = "k" })
      dead[{}] = true
      for _ = 1, 20 do view:read(1 << 20) end
      print(next(dead) ~= nil, collectgarbage("count") > 20 * 1024)
      collectgarbage("restart")
      for _ = 1, 20 do view:read(1 << 20) end
      print(next(dead), collectgarbage("count") < 8 * 1024)
      """)
    #expect(printed == ["true\ttrue", "nil\ttrue"])
  }

  @Test func aFinalizerMayCloseTheViewBeforeItsBytesAreRead() {
    let printed = lines(
      """
      local view = shm.create(nil, 1 << 20)
      setmetatable({}, { __gc = function() view:close() end })
      for _ = 1, 3 do
        local well, message = pcall(view.read, view, 1 << 20)
        if not well then print(message) break end
      end
      """)
    #expect(printed.first?.contains("closed") == true, "\(printed)")
  }

  @Test(arguments: [0, 1, 15, 16, 17, 1000, 131_072, 131_073, 140_001])
  func listsOfEachLengthAreWhole(count: Int) {
    let printed = lines(
      """
      local count = \(count)
      local view <close> = shm.create(nil, 8 * math.max(count, 1))
      local list = {}
      for place = 1, count do list[place] = place * 3 - 7 end
      view:numbers("i64", 0, list)
      local function check()
        local again = view:numbers("i64", 0, count)
        assert(#again == count and again[count + 1] == nil and again[0] == nil)
        for place = 1, count do assert(again[place] == place * 3 - 7) end
        return true
      end
      local function with(...) return (check()) end
      print(check(), with(table.unpack({}, 1, 900000)))
      print(coroutine.wrap(check)())
      """)
    #expect(printed == ["true\ttrue", "true"], "also where Lua's stack has no room for them")
  }
}
