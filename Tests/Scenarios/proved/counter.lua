-- A counter that is raised by one instruction.
local n = assert(shm.create("proved-counter", 4)):atomic(0)

scenario "each one is counted"

actors(3, "client", function() n:add(1) n:add(1) end)
finally(function() expect.equal(n:load(), 6, "counted") end)
