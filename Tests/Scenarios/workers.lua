-- Two workers, of which one may be killed at any step. What it had taken goes to the other at the
-- instant of its death: no job is lost, and none is done by two that live.
local JOBS <const> = 2
local jobs = assert(shm.queue("jobs", 4096))
local results = assert(shm.queue("results", 4096))
local done = assert(shm.create("done", 4 * JOBS))

scenario "no job is lost when a worker is killed"

actor("boss", function()
  -- Open for pushing here, too: the death of the only worker that has sent anything is no end.
  local _ <close> = assert(shm.open_queue("results", { access = "push" }))
  for number = 1, JOBS do jobs:push(number) end
  jobs:finish()
  -- A result may come twice: from one who died before its job was done, and from the next.
  local known, count = {}, 0
  while count < JOBS do
    local result = assert(results:pop())
    if not known[result.job] then known[result.job], count = true, count + 1 end
    expect.equal(result.square, result.job * result.job, "a job's result")
  end
end)

actors(2, "worker", { kill = true }, function()
  while true do
    local job, number = jobs:take()
    if not job then break end
    results:push { job = number, square = number * number }
    if job:done() then done:atomic(4 * (number - 1)):add(1) end
  end
end)

finally(function()
  for number = 1, JOBS do
    expect(done:atomic(4 * (number - 1)):load() <= 1, "a job was done twice")
  end
end)

fault.kill("worker1", { after = 1 })
