-- Two words belong together, and nobody guards them.
local memory = assert(shm.create("torn-pair", 8))
local x, y = memory:atomic(0), memory:atomic(4)

scenario "a point is where it was put"

actor("mover", function()
  x:store(3)
  y:store(3)
end)

actor("viewer", function() expect.equal(x:load(), y:load(), "y") end)
