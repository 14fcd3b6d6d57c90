-- A push of more than there is room for goes in step by step; who reads sees any of them.
local line = assert(shm.queue("room-for-some", 4096))
local count = assert(shm.create("room-for-some.count", 8))

scenario "all of a list goes in, as room is made"

actor("sender", function()
  local list = {}
  for number = 1, 3 do list[number] = ("."):rep(1400 + number) end
  count:u32(0, line:push_all(list))
end)

actor("reader", function()
  for number = 1, 3 do expect.equal(#line:pop(), 1400 + number, "length") end
  count:u32(4, line:free())
end)

finally(function()
  expect.equal(count:u32(0), 3, "pushed")
  expect.equal(count:u32(4), line:capacity(), "free in the end")
end)
