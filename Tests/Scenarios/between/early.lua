-- A wait that times out early is taken for the signal.
local done = assert(shm.event("early.done"))
local value = assert(shm.create("early", 4)):atomic(0)

scenario "the value is there when it is signalled"

actor("maker", function()
  value:store(1)
  done:set()
end)
actor("user", function()
  done:wait(1)
  expect.equal(value:load(), 1, "value")
end)
