-- Who pushes becomes a producer first: killed between that and its first message, it was the only
-- one there has been, and the stream has ended before it began.
local lines = assert(shm.queue("lines", 4096))

scenario "there is a line"

actor("writer", { kill = true }, function()
  lines:push("a line")
end)

actor("reader", function()
  local line, _, code = lines:pop(60)
  expect(line ~= nil, "told the end, " .. tostring(code))
end)
