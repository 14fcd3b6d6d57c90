-- Two writers find the same even sequence number: both make it odd, mix their words, and make it even
-- again. A reader takes the mixture for a whole record.
-- As in https://github.com/sipeed/NanoKVM/pull/842
local state = assert(shm.create("state", 12))
local sequence, width, height = state:atomic(0), state:atomic(4), state:atomic(8)

scenario "width and height are of one refresh"

local function refresh(number)
  local before = sequence:load()
  sequence:store(before | 1)
  width:store(number)
  height:store(number)
  sequence:store((before | 1) + 1)
end

actors(2, "detector", refresh)

actor("reader", function()
  local before = sequence:load()
  local wide, high = width:load(), height:load()
  if before & 1 == 0 and sequence:load() == before then expect.equal(high, wide, "height") end
end)
