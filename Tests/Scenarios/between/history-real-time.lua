-- A register of two copies: who reads the one that is written last may read an older value than the
-- one who has read before.
local memory = assert(shm.create("history-real-time", 8))
local first, last = memory:atomic(0), memory:atomic(4)

scenario "a register never goes back"

local register = history {
  init = { value = 0 },
  write = function(state, value) state.value = value end,
  read = function(state) return state.value end,
}

actor("writer", function()
  register.write(function(value)
    first:store(value)
    last:store(value)
  end, 1)
end)
actor("reader", function()
  register.read(function() return first:load() end)
  register.read(function() return last:load() end)
end)

expect.linearizable(register)
