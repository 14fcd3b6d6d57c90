-- Whoever gets the only permit keeps it: the other one waits for ever.
local permits = assert(shm.semaphore("keeps.permits", 1, 1))
local owner = assert(shm.create("keeps.owner", 4)):atomic(0)

scenario "both get a permit"

actors(2, "client", function(number)
  permits:acquire()
  owner:store(number)
end)
