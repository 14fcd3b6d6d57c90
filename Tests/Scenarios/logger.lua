-- Many write one log: what one of them wrote comes in its order, also of one that is killed. Who
-- keeps the log has it open for pushing, too: so it does not end whenever nobody happens to write.
local LINES = { 2, 1 }
local log = assert(shm.queue("log", 4096))
local written = assert(shm.create("written", 8))

scenario "a log keeps the order of each writer, and loses no line"

actors(2, "writer", { kill = true }, function(number)
  local mine = written:atomic(4 * (number - 1))
  for line = 1, LINES[number] do
    log:push { writer = number, line = line }
    mine:add(1)
  end
end)

actor("keeper", function()
  local _ <close> = assert(shm.open_queue("log", { access = "push" }))
  local last = { 0, 0 }
  for entry in log:messages() do
    expect.equal(entry.line, last[entry.writer] + 1, "the next line of writer " .. entry.writer)
    last[entry.writer] = entry.line
  end
  for number = 1, 2 do
    expect(last[number] >= written:atomic(4 * (number - 1)):load(), "a line was lost")
  end
end)

actor("evening", { after = "writer" }, function() log:finish() end)

fault.kill("writer1", { after = 2 })
