-- The producer says that there is an item before it has written it.
local memory = assert(shm.create("ring-publishes-first", 16))
local put, taken = memory:atomic(0), memory:atomic(4)

scenario "the consumer reads what was written"

actor("producer", function()
  for item = 1, 2 do
    local at = put:load()
    put:store(at + 1)
    memory:u32(8 + 4 * (at % 2), item)
  end
end)

actor("consumer", function()
  for item = 1, 2 do
    while put:load() == taken:load() do end
    expect.equal(memory:u32(8 + 4 * (taken:load() % 2)), item, "item")
    taken:add(1)
  end
end)
