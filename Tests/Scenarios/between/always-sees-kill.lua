-- A process that dies inside stays inside: the property looks at memory, and at who lives.
local inside = assert(shm.create("always-sees-kill", 4)):atomic(0)

scenario "nobody who is dead is inside"

actor("worker", { kill = true }, function()
  inside:store(1)
  inside:store(0)
end)

always(function() expect(inside:load() == 0 or alive "worker", "the dead one is inside") end)
