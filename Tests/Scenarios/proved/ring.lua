-- An item is written before it is published, and its place given back when it was read.
local memory = assert(shm.create("proved-ring", 16))
local put, taken = memory:atomic(0), memory:atomic(4)

scenario "every item comes once, in order"

actor("producer", function()
  for item = 1, 4 do
    local at = put:load()
    while at - taken:load() == 2 do end
    memory:u32(8 + 4 * (at % 2), item)
    put:store(at + 1)
  end
end)

actor("consumer", function()
  for item = 1, 4 do
    local at = taken:load()
    while put:load() == at do end
    expect.equal(memory:u32(8 + 4 * (at % 2)), item, "item")
    taken:store(at + 1)
  end
end)
