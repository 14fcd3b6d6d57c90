-- Actors of one function are equal until one of them asks which it is.
local memory = assert(shm.create("asks-who-it-is", 8))
local taken, winner = memory:atomic(0), memory:atomic(4)

scenario "somebody is the first"

actors(2, "runner", function()
  if taken:cas(0, 1) then winner:store(me()) end
end)

finally(function() expect(winner:load() > 0, "nobody won") end)
