-- What always holds is looked at between any two steps, of queues too: one more than may wait does.
local line = assert(shm.queue("one-waits", 4096))

scenario "never more than one waits"

always(function() expect(#line <= 1, "two wait") end)

actors(2, "guest", function(number) line:push(number) end)
actor("host", function()
  for _ = 1, 2 do line:pop() end
end)
