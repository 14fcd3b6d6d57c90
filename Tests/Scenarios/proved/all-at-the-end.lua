-- The end of a queue counts as something to pop, also of a wait for all: a worker that waits for work
-- and for a permit is told of it.
local jobs = assert(shm.queue("all.jobs", 4096))
local permits = assert(shm.semaphore("all.permits", 1, 1))

scenario "a wait for all ends with the queue"

actor("boss", function()
  jobs:push(1)
  jobs:finish()
end)

actors(2, "worker", function()
  while true do
    shm.wait({ jobs, permits }, { all = true })
    local job, _, code = jobs:pop(0)
    permits:release()
    if job == nil then
      expect.equal(code, 109, "why nothing comes")
      return
    end
  end
end)
