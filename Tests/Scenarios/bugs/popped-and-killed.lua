-- What was popped is its taker's alone: it dies with it. take and done are for jobs.
local jobs = assert(shm.queue("popped.jobs", 4096))
local results = assert(shm.queue("popped.results", 4096))

scenario "every job has a result"

actor("boss", function()
  jobs:push("a letter")
  jobs:finish()
  expect.equal(results:pop(), "a letter, sent", "result")
end)

actor("worker", { kill = true }, function()
  for job in jobs:messages() do results:push(job .. ", sent") end
end)
