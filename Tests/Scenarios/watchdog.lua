-- A worker beats; a watchdog that hears nothing has it started again, and the work goes on where it was.
local STEPS <const> = 1
local board = assert(shm.create("board", 16))
local beat, done = board:atomic(0), board:atomic(4)

scenario "a worker that died is replaced, and no step is lost"

local function work()
  while done:load() < STEPS do
    beat:add(1)
    beat:wake()
    mark "in the middle of a step"
    done:add(1)
  end
end

actor("worker", { kill = true }, work)
actor("successor", { after = "worker" }, work)         -- starts when the worker has ended or died

actor("watchdog", function()
  local heard = 0
  while done:load() < STEPS do
    if not beat:wait(heard, 0.01) and not alive("worker") then
      sometimes("the watchdog missed the beat", true)
    end
    heard = beat:load()
  end
end)

fault.kill("worker", { at = "in the middle of a step", nth = 1 })
fault.delay("successor", { seconds = 0.03 })

finally(function() expect.equal(done:load(), STEPS, "steps") end)
