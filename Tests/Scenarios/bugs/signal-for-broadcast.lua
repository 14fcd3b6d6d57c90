-- Two wait for the start, and one is woken.
local start = assert(shm.create("signal-for-broadcast", 4)):atomic(0)

scenario "all start"

actors(2, "runner", function()
  while start:load() == 0 do start:wait(0) end
end)

actor("starter", function()
  start:store(1)
  start:wake()
end)
