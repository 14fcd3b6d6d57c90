-- Two processes that share nothing, and marks that only sometimes come in this order.
local memory = assert(shm.create("marks-in-order", 8))
local one, other = memory:atomic(0), memory:atomic(4)

scenario "the first one is first"

actor("first", function()
  one:store(1)
  mark "written"
end)
actor("second", function()
  other:store(1)
  mark "written too"
end)

expect.order("first:written", "second:written too")
