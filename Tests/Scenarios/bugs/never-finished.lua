-- The boss lives and may push more: nobody who pops is told the end before it says so.
local jobs = assert(shm.queue("finish.jobs", 4096))
local home = assert(shm.event("finish.home"))

scenario "all go home in the evening"

actor("boss", function()
  jobs:push("a letter")
  home:wait()
end)

actor("worker", function()
  for _ in jobs:messages() do end
  home:set()
end)
