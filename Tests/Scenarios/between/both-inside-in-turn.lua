-- The same two, one after the other.
local memory = assert(shm.create("both-inside-in-turn", 8))
local one, other = memory:atomic(0), memory:atomic(4)

scenario "never are both inside"

actor("one", function() one:store(1) one:store(0) end)
actor("other", { after = "one" }, function() other:store(1) other:store(0) end)

always(function() expect(one:load() + other:load() < 2, "both are inside") end)
