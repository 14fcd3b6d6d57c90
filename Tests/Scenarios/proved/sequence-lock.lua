-- The reader looks at the number before and behind.
local memory = assert(shm.create("sequence-lock", 12))
local sequence, a, b = memory:atomic(0), memory:atomic(4), memory:atomic(8)

scenario "both words are of one moment"

actor("writer", function()
  for value = 1, 2 do
    sequence:add(1)
    a:store(value)
    b:store(value)
    sequence:add(1)
  end
end)

actor("reader", function()
  while true do
    local before = sequence:load()
    local one, other = a:load(), b:load()
    if before % 2 == 0 and sequence:load() == before then
      expect.equal(one, other, "b")
      return
    end
  end
end)
