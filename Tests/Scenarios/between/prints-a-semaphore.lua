-- What print shows of a semaphore is a look at what others change.
local permits = assert(shm.semaphore("prints-a-semaphore", 0, 5))

scenario "it is printed before anybody releases"

actor("a", function() print(permits) end)
actor("b", function() permits:release(3) end)

expect.output("a", "semaphore of prints-a-semaphore (0 of 5)")
