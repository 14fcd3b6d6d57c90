-- Equal actors that can be killed: it does not matter who of them is, only where.
local memory = assert(shm.create("equal-and-killed", 8))
local lock = assert(shm.mutex("equal-and-killed.lock"))
local first, second = memory:atomic(0), memory:atomic(4)

scenario "both words are raised together"

actors(3, "client", { kill = true }, function()
  lock:lock()
  first:add(1)
  second:add(1)
  lock:unlock()
end)

finally(function() expect(first:load() - second:load() <= 1, "more than one died between") end)
