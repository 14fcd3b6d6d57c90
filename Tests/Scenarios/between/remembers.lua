-- What always remembers belongs to the schedule: the word goes up, and never down.
local word = assert(shm.create("remembers", 4)):atomic(0)
local before = 0

scenario "the word never goes down"

actor("up", function() word:store(1) word:store(2) end)
actor("once", function() word:store(1) end)

always(function()
  expect(word:load() >= before, "it went down")
  before = word:load()
end)
