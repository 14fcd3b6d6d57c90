-- The reader of a sequence lock looks at the number before it reads, and not behind.
local memory = assert(shm.create("sequence-one-look", 12))
local sequence, a, b = memory:atomic(0), memory:atomic(4), memory:atomic(8)

scenario "both words are of one moment"

actor("writer", function()
  sequence:add(1)
  a:store(1)
  b:store(1)
  sequence:add(1)
end)

actor("reader", function()
  while sequence:load() % 2 == 1 do end
  expect.equal(a:load(), b:load(), "b")
end)
