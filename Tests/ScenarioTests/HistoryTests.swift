import TestSupport
import Testing

/// Histories, and whether some order of the calls explains them.
@Suite struct HistoryTests {
  @Test func aLostUpdateIsNotLinearizable() {
    let outcome = play(
      """
      local view = assert(shm.create("c", 8))
      local word, turn = view:atomic(0), view:atomic(4)
      scenario "lost"
      local counter = history { init = 0, next = function(state) return state end }
      actor("a", function()
        counter.next(function() turn:store(1) while turn:load() < 2 do end return 0 end)
      end)
      actor("b", function()
        counter.next(function() while turn:load() < 1 do end turn:store(2) return 1 end)
      end)
      expect.linearizable(counter)
      """)
    #expect(outcome.status == 1)
    let said = outcome.verdict.firstMatch(
      of:
        #/history: no order of its 2 calls explains what they returned; behind the first [01] nothing explains next\(\) → 1/#
    )
    #expect(said != nil, "\(outcome.verdict)")
  }

  /// Of a killed actor's call nobody knows whether it came about: both are right.
  @Test(arguments: [0, 1]) func aCallThatNeverReturnedMayHaveHappened(_ added: Int) {
    let outcome = play(
      """
      local word = assert(shm.create("c", 8)):atomic(0)
      scenario "killed in a call"
      local counter = history {
        init = { value = 0 },
        add = function(state) state.value = state.value + 1 end,
        get = function(state) return state.value end,
      }
      actor("a", function() counter.add(function() word:add(\(added)) mark "m" end) end)
      actor("b", { after = "a" }, function() counter.get(function() return word:load() end) end)
      fault.kill("a", { at = "m" })
      expect.linearizable(counter)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  /// Two hundred operations of four actors, as the contract asks for.
  @Test func longHistoriesAreDecidedOrGivenUp() {
    let outcome = play(
      """
      local memory = assert(shm.create("q", 8 + 8 * 256))
      local lock = assert(shm.mutex("l"))
      local put, taken = memory:atomic(0), memory:atomic(4)
      scenario "long"
      local queue = history {
        init = {},
        push = function(items, item) items[#items + 1] = item end,
        pop = function(items) return table.remove(items, 1) end,
      }
      local function push(item)
        local guard <close> = assert(lock:guard())
        memory:i64(8 + 8 * put:add(1), item)
      end
      local function pop()
        local guard <close> = assert(lock:guard())
        if taken:load() == put:load() then return nil end
        return memory:i64(8 + 8 * taken:add(1))
      end
      actors(4, "client", function(number)
        for item = 1, 25 do
          queue.push(push, 100 * number + item)
          queue.pop(pop)
        end
      end)
      expect.linearizable(queue)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func whatIsNoValueIsRefused() {
    let outcome = play(
      """
      scenario "values"
      local h = history { init = 0, op = function() end }
      actor("a", function() h.op(function() end, print) end)
      """)
    #expect(outcome.verdict.contains("a history notes numbers, strings, booleans, nil and tables"))
  }
}
