-- A result that is sent before its job is done comes twice, if its worker dies in between: whoever
-- adds them up has to know which it has.
local jobs = assert(shm.queue("twice.jobs", 4096, { access = "push" }))
local todo = assert(shm.open_queue("twice.jobs", { access = "pop" }))
local results = assert(shm.queue("twice.results", 4096, { access = "push" }))
local answers = assert(shm.open_queue("twice.results", { access = "pop" }))

scenario "the sum is that of all jobs"

actor("boss", function()
  jobs:push(7)
  jobs:finish()
  jobs:drain()
  results:finish()
  local sum = 0
  for value in answers:messages() do sum = sum + value end
  expect.equal(sum, 7, "sum")
end)

actors(2, "worker", { kill = true }, function()
  local job, value = todo:take()
  if not job then return end
  results:push(value)
  job:done()
end)
