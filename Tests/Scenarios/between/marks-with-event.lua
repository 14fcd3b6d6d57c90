-- The second waits for the first.
local memory = assert(shm.create("marks-with-event", 8))
local one, other = memory:atomic(0), memory:atomic(4)
local written = assert(shm.event("marks-with-event.written"))

scenario "the first one is first"

actor("first", function()
  one:store(1)
  mark "written"
  written:set()
end)
actor("second", function()
  written:wait()
  other:store(1)
  mark "written too"
end)

expect.order("first:written", "second:written too")
