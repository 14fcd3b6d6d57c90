-- Two queues, three stages, and the one in the middle may be killed at any step: what it had taken
-- goes to the one that takes its place, and what comes out at the end is complete.
local LINES <const> = 2
local raw = assert(shm.queue("raw", 4096))
local ready = assert(shm.queue("ready", 4096))

scenario "a pipeline whose middle is killed loses nothing"

actor("source", function()
  for line = 1, LINES do raw:push(line) end
  raw:finish()
end)

local function work()
  while true do
    local job, line = raw:take()
    if not job then break end
    ready:push(10 * line)
    job:done()
  end
  ready:finish()                              -- all is out: only now the last stage may end
end

actor("stage", { kill = true }, work)
actor("successor", { after = "stage" }, work)

actor("sink", function()
  -- Who reads has it open for pushing, so that the death of a stage is not taken for the end.
  local _ <close> = assert(shm.open_queue("ready", { access = "push" }))
  local seen, told = {}
  while true do
    local value, message, code = ready:pop()
    if not value then
      told = code
      expect.equal(code, 109, message)
      break
    end
    seen[value] = true                        -- the one that was killed may have sent it, too
  end
  expect.equal(told, 109, "the end")
  for line = 1, LINES do expect(seen[10 * line], "line " .. line .. " is lost") end
end)

fault.kill("stage", { after = 1 })
