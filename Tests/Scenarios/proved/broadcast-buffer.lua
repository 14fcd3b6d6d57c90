-- One writes, and goes on when all have read.
local memory = assert(shm.create("broadcast-buffer", 12))
local round, value, readers = memory:atomic(0), memory:atomic(4), memory:atomic(8)

scenario "each reader gets each value"

actor("writer", function()
  for item = 1, 2 do
    value:store(item * 10)
    readers:store(2)
    round:store(item)
    while readers:load() > 0 do end
  end
end)

actors(2, "reader", function()
  for item = 1, 2 do
    while round:load() < item do end
    expect.equal(value:load(), item * 10, "value")
    readers:sub(1)
  end
end)
