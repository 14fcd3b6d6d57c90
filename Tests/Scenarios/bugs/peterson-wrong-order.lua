-- Peterson's lock, but that each gives way before it says that it wants to enter.
local memory = assert(shm.create("peterson-wrong-order", 16))
local turn, inside = memory:atomic(8), memory:atomic(12)

scenario "one is inside at a time"

actors(2, "runner", function(number)
  local wants, others = memory:atomic(4 * (number - 1)), memory:atomic(4 * (2 - number))
  turn:store(2 - number)
  wants:store(1)
  while others:load() == 1 and turn:load() == 2 - number do end
  expect.equal(inside:add(1), 0, "others inside")
  inside:sub(1)
  wants:store(0)
end)
