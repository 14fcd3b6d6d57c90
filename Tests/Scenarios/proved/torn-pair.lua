-- bugs/torn-pair.lua with a topic: both numbers are one message.
local point = assert(shm.topic("point", 4096))

scenario "a point is where it was put"

actor("mover", function()
  point:publish { x = 0, y = 0 }
  point:publish { x = 3, y = 3 }
end)

actor("viewer", function()
  local now = point:latest()
  if now then expect.equal(now.x, now.y, "y") end
end)
