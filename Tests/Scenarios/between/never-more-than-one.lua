-- The sum of two words, each of which has one writer.
local memory = assert(shm.create("never-more", 8))
local one, other = memory:atomic(0), memory:atomic(4)

scenario "the difference is one at most"

actor("one", function() for value = 1, 2 do one:store(value) end end)
actor("other", function() for value = 1, 2 do other:store(value) end end)

always(function() expect(math.abs(one:load() - other:load()) < 2, "they are two apart") end)
