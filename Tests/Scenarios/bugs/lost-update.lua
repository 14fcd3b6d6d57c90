-- Two processes raise a number by a load and a store; one of the two is lost.
local n = assert(shm.create("lost-update", 4)):atomic(0)

scenario "both are counted"

actors(2, "client", function()
  local seen = n:load()
  n:store(seen + 1)
end)

finally(function() expect.equal(n:load(), 2, "counted") end)
