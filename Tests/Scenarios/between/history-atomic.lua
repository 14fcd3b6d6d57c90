-- The same with one instruction.
local word = assert(shm.create("history-atomic", 4)):atomic(0)

scenario "each number is given once"

local counter = history {
  init = { value = 0 },
  next = function(state)
    state.value = state.value + 1
    return state.value
  end,
}

actors(2, "client", function()
  counter.next(function() return word:add(1) + 1 end)
end)

expect.linearizable(counter)
