import Actors
import Testing

/// A world may say "later" wherever an operation comes from: two actors on C stacks of their own
/// take turns, an operation each, and give what one alone gives.
@Suite struct LaterTests {
  struct Place: CustomTestStringConvertible {
    let testDescription: String
    let script: String
    /// What the script returns.
    let result: String
    /// How often it adds 1 to the word that both have.
    let adds: Int

    init(_ place: String, _ script: String, _ result: String, _ adds: Int) {
      testDescription = place
      self.script = script
      self.result = result
      self.adds = adds
    }
  }

  static let places: [Place] = [
    .init("a method", "c:add(1) c:add(1) return v:u32(4, 7):u32(4)", "7", 2),
    .init(
      "__index",
      "local t = setmetatable({}, {__index = function(_, k) c:add(1) return k end}) return t[1] + t[2]",
      "3", 2),
    .init(
      "__newindex",
      """
      local t = setmetatable({}, {__newindex = function(t, k, x) c:add(x) rawset(t, k, x) end})
      t.a = 1 t.b = 1 return t.a + t.b
      """, "2", 2),
    .init(
      "__len",
      "local t = setmetatable({}, {__len = function() c:add(1) return 3 end}) return #t + #t", "6",
      2
    ),
    .init(
      "__tostring",
      """
      local t = setmetatable({}, {__tostring = function() c:add(1) return "t" end})
      return tostring(t) .. string.format("%s", t)
      """, "tt", 2),
    .init(
      "__gc",
      """
      local n = 0
      for _ = 1, 3 do setmetatable({}, {__gc = function() c:add(1) n = n + 1 end}) end
      collectgarbage() return n
      """, "3", 3),
    .init(
      "__close",
      """
      local n = 0
      do local a <close> = setmetatable({}, {__close = function() c:add(1) n = n + 1 end}) end
      return n
      """, "1", 1),
    .init(
      "pcall",
      "local ok, m = pcall(function() c:add(1) error('at') end) return tostring(ok) .. m",
      "falses:1: at", 1),
    .init(
      "an iterator",
      """
      local n = 0
      for i in function(_, i) i = (i or 0) + 1 c:add(1) return i < 4 and i or nil end do n = n + i end
      return n
      """, "6", 4),
    .init(
      "table.sort",
      """
      local t = {5, 3, 9, 1}
      table.sort(t, function(a, b) c:add(1) return a < b end) return table.concat(t, ",")
      """, "1,3,5,9", 7),
    .init(
      "string.gsub", "return (('a b'):gsub('%a', function(x) c:add(1) return x:upper() end))",
      "A B", 2),
    .init(
      "a hook",
      """
      local n = 0
      debug.sethook(function() c:add(1) n = n + 1 end, "l")
      local x = 1
      debug.sethook()
      return n
      """, "2", 2),
    .init(
      "a coroutine of the script's own",
      """
      local co = coroutine.create(function(a)
        c:add(1)
        local b = coroutine.yield(a + 1)
        c:add(1)
        error("in " .. b)
      end)
      local _, x = coroutine.resume(co, 1)
      local status = coroutine.status(co)
      local ok, m = coroutine.resume(co, "two")
      return x .. status .. tostring(ok) .. m .. coroutine.status(co)
      """, "2suspendedfalses:5: in twodead", 2),
    .init(
      "coroutine.wrap",
      "local f = coroutine.wrap(function() c:add(1) coroutine.yield(2) end) return f()", "2", 1),
    .init(
      "an update of a record",
      """
      v:update(64, 16, function(draft) c:add(1) draft:u32(8, 5) end)
      return v:u32(72)
      """, "5", 1),
  ]

  @Test(arguments: places) func anOperationMayBePerformedLater(_ place: Place) {
    var alone = actors_outcome()
    var both = actors_outcome()
    #expect(actors_run(place.script, true, &alone) && actors_run(place.script, false, &both))
    #expect(Self.results(&alone)[0] == place.result)
    #expect(alone.sum == place.adds && alone.operations == 0)
    #expect(Self.results(&both) == [place.result, place.result])
    #expect(both.sum == 2 * place.adds, "each adds once for each operation")
    // Each has made its view, too; between two operations of the one is one of the other.
    #expect(both.operations >= 2 * (place.adds + 1))
    #expect(both.switches >= both.operations)
  }

  private static let notWhole: Comment =
    "needs ASAN_OPTIONS=detect_stack_use_after_return=0, so that images have all variables"

  /// In a process of its own: the table of handles is put back with the image.
  @Test(.enabled(if: actors_stacks_are_whole(), Self.notWhole))
  func anImageIsPutBackAHundredThousandTimes() async {
    await #expect(processExitsWith: .success) {
      var outcome = image_outcome()
      #expect(
        actors_put_back(
          """
          local d, m = v:atomic(8, "u64"), shm.mutex(nil)
          local layout = shm.layout("struct s { uint32_t number; };")
          local r = v:as(layout, 512)
          local g = m:guard()
          r.number = 5
          local t = {9, 4, 6}
          table.sort(t, function(a, b) c:add(1) d:add(a) return a < b end)
          v:update(64, 32, function(draft) draft:text(8, "kept") end)
          assert(v:text(72) == "kept" and v:snapshot(64, 32):find("kept"))
          g:unlock()
          r.number = r.number + 1
          local again = v:as(shm.layout("struct s { uint32_t number; };"), 512)
          assert(again == r and again:read().number == 6 and layout:size() == 4)
          local s = tostring(c) .. tostring(d) .. tostring(m) .. tostring(g) .. tostring(r)
          again = nil
          collectgarbage()
          assert(r.number == 6 and tostring(layout):find("number"))
          return #s .. t[1] .. t[2] .. t[3] .. v:hex(64, 16)
          """, 4, 100_000, &outcome))
      #expect(outcome.restored == 100_000 && outcome.differences == 0)
    }
  }

  @Test(.enabled(if: actors_stacks_are_whole(), Self.notWhole))
  func everyOperationOfAScriptMayBeWhereItsImageIsTaken() async {
    await #expect(processExitsWith: .success) {
      for place in LaterTests.places {
        for operation in 1...place.adds {
          var outcome = image_outcome()
          #expect(actors_put_back(place.script, Int32(operation), 50, &outcome))
          #expect(outcome.restored == 50 && outcome.differences == 0, "\(place.testDescription)")
        }
      }
    }
  }

  private static func results(_ outcome: inout actors_outcome) -> [String] {
    withUnsafeBytes(of: &outcome.result) { all in
      (0..<2).map { number in
        let one = all[(number * all.count / 2)...].prefix { $0 != 0 }
        return String(decoding: one, as: UTF8.self)
      }
    }
  }
}
