-- One client gives its permit back twice: then two are inside.
local permits = assert(shm.semaphore("over-release", 1, 2))
local inside = assert(shm.create("over-release.inside", 4)):atomic(0)

scenario "one is inside at a time"

local function work()
  permits:acquire()
  expect.equal(inside:add(1), 0, "others inside")
  inside:sub(1)
  permits:release()
end

actor("careless", function()
  work()
  permits:release()
end)
actors(2, "client", function() work() end)
