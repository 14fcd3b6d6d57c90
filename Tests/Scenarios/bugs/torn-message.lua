-- The length is there before the letters.
local memory = assert(shm.create("torn-message", 16))
local length = memory:atomic(0)

scenario "a message is read whole"

actor("sender", function()
  length:store(2)
  memory:u8(4, 0x68)
  memory:u8(5, 0x69)
end)

actor("receiver", function()
  local count = length:load()
  if count == 0 then return end
  expect.equal(memory:read(count, 4), "hi", "message")
end)
