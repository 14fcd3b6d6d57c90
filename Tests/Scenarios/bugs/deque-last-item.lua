-- The owner takes from one end and a thief from the other; both get the last item.
local memory = assert(shm.create("deque", 16))
local top, bottom, taken = memory:atomic(0), memory:atomic(4), memory:atomic(8)

scenario "an item is taken once"

setup(function() bottom:store(1) end)

actor("owner", function()
  local at = bottom:load() - 1
  if top:load() <= at then
    bottom:store(at)
    taken:add(1)
  end
end)

actor("thief", function()
  local at = top:load()
  if at < bottom:load() and top:cas(at, at + 1) then taken:add(1) end
end)

finally(function() expect.equal(taken:load(), 1, "taken") end)
