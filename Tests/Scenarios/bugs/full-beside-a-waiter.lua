-- Who waits in a pop is a consumer, though nothing came yet: then a full queue only says "timeout",
-- and 232 is for later.
local queue = assert(shm.queue("full", 4096))

scenario "a full queue is a dead one"

setup(function()
  queue:push("x")
  local consumer <close> = assert(shm.open_queue("full"))
  consumer:pop()
end)

actor("consumer", function()
  queue:pop()
  shm.sleep(10)
end)

actor("producer", function()
  local half <const> = ("a"):rep(2000)
  queue:push(half, 0)
  queue:push(half, 0)
  local _, why = queue:push(half, 0)
  expect(why ~= "timeout", "it is full, and somebody is there")
end)
