-- A mutex keeps the other one out.
local inside = assert(shm.create("mutex-always", 8))
local lock = assert(shm.mutex("mutex-always.lock"))

scenario "one is inside at a time"

actors(2, "client", function(number)
  local here = inside:atomic(4 * (number - 1))
  lock:lock()
  here:store(1)
  here:store(0)
  lock:unlock()
end)

always(function() expect(inside:u32(0) + inside:u32(4) < 2, "both are inside") end)
