-- Who tries first gets the mutex, and keeps it to the end.
local memory = assert(shm.create("tries", 8))
local lock = assert(shm.mutex("tries.lock"))

scenario "one of them gets it, or both, one behind the other"

actors(2, "client", function(number)
  if lock:try() then memory:u32(4 * (number - 1), 1) end
end)
