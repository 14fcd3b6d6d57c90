-- A wait for several names the lowest of those that came about.
local one, other = assert(shm.event("lowest-first")), assert(shm.event("lowest-first.other"))

scenario "the first that is set is always named"

actor("waits", function() expect.equal(shm.wait { one, other }, 1, "which") end)
actor("sets", function()
  one:set()
  other:set()
end)
