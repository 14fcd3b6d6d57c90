-- A counter of a load and a store gives a number twice.
local word = assert(shm.create("history-counter", 4)):atomic(0)

scenario "each number is given once"

local counter = history {
  init = { value = 0 },
  next = function(state)
    state.value = state.value + 1
    return state.value
  end,
}

actors(2, "client", function()
  counter.next(function()
    local seen = word:load()
    word:store(seen + 1)
    return seen + 1
  end)
end)

expect.linearizable(counter)
