-- Each says that it wants to enter, and gives way then.
local memory = assert(shm.create("peterson", 16))
local turn, inside = memory:atomic(8), memory:atomic(12)

scenario "one is inside at a time"

actors(2, "runner", function(number)
  local wants, others = memory:atomic(4 * (number - 1)), memory:atomic(4 * (2 - number))
  for _ = 1, 2 do
    wants:store(1)
    turn:store(2 - number)
    while others:load() == 1 and turn:load() == 2 - number do end
    expect.equal(inside:add(1), 0, "others inside")
    inside:sub(1)
    wants:store(0)
  end
end)
