-- A call begins when it likes, not where its process did something before: the one that begins when
-- the other has returned must see it, and the copy is older.
local memory = assert(shm.create("history-stale", 8))
local word, copy = memory:atomic(0), memory:atomic(4)

scenario "a read is never stale"

local counter = history {
  init = { value = 0 },
  add = function(state) state.value = state.value + 1 end,
  get = function(state) return state.value end,
}

actor("reader", function()
  counter.get(function() return copy:load() end)
end)
actor("writer", function()
  counter.add(function() word:add(1) end)
  copy:store(word:load())
end)

expect.linearizable(counter)
