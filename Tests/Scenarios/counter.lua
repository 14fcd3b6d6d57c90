-- Several processes count with compare-and-swap; every value is given to one of them only.
local view = assert(shm.create("counter", 8))
local word = view:atomic(0)
local begun = assert(shm.event("begun", { manual = true }))

scenario "a counter gives each number once"

local counter = history {
  init = { value = 0 },
  next = function(state)
    state.value = state.value + 1
    return state.value
  end,
}

local function next_number()
  while true do
    local seen = word:load()
    if word:cas(seen, seen + 1) then return seen + 1 end
    sometimes("another one was faster", true)
  end
end

actors(2, "client", function(number)
  if number == 1 then begun:set() else begun:wait() end
  for _ = 1, 2 do counter.next(next_number) end
end)

-- Stopped between its load and its swap, it comes too late for this number.
fault.freeze("client1", { before = 3, seconds = 0.05 })
expect.linearizable(counter)
finally(function() expect.equal(word:load(), 4, "counted") end)
