-- A stream has ended when all who pushed have gone. The second sender has not pushed yet when the
-- first one has gone: the reader goes home too early.
local log = assert(shm.queue("first.log", 4096))

scenario "all lines arrive"

actors(2, "sender", function(number) log:push(number) end)

actor("reader", function()
  local lines = 0
  for _ in log:messages() do lines = lines + 1 end
  expect.equal(lines, 2, "lines")
end)
