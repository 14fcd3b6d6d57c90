-- A writer that dies in the middle leaves the number odd, and readers wait for ever.
local memory = assert(shm.create("sequence-writer-killed", 8))
local sequence, value = memory:atomic(0), memory:atomic(4)

scenario "readers go on, whoever is killed"

actor("writer", { kill = true }, function()
  sequence:add(1)
  value:store(7)
  sequence:add(1)
end)

actor("reader", function()
  local before
  repeat
    before = sequence:load()
    value:load()
  until before % 2 == 0 and sequence:load() == before
end)
