-- Nobody begins before all are prepared: each says so, then one event lets all of them go.
local COUNT <const> = 2
local prepared = assert(shm.semaphore("prepared", 0, COUNT))
local go = assert(shm.event("go", { manual = true }))
local counts = assert(shm.create("counts", 8))
local ready, running = counts:atomic(0), counts:atomic(4)

scenario "all are prepared before the first one runs"

actors(COUNT, "worker", function()
  ready:add(1)
  mark "prepared"
  prepared:release()
  go:wait()
  expect.equal(ready:load(), COUNT, "prepared")
  mark "running"
  running:add(1)
end)

actor("starter", function()
  for _ = 1, COUNT do prepared:acquire() end
  mark "all are"
  go:set()
end)

fault.delay("worker2", { seconds = 0.01 })             -- whoever is slow, all wait for them
expect.order("worker2:prepared", "starter:all are", "worker1:running")
finally(function() expect.equal(running:load(), COUNT, "ran") end)
