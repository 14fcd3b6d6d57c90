-- Lamport's bakery, but that nobody says that he is just drawing a number.
local memory = assert(shm.create("bakery", 12))
local inside = memory:atomic(8)

scenario "one is served at a time"

actors(2, "customer", function(number)
  local mine, other = memory:atomic(4 * (number - 1)), memory:atomic(4 * (2 - number))
  mine:store(other:load() + 1)
  while true do
    local theirs = other:load()
    if theirs == 0 or theirs > mine:load() or theirs == mine:load() and number == 1 then break end
  end
  expect.equal(inside:add(1), 0, "others inside")
  inside:sub(1)
  mine:store(0)
end)
