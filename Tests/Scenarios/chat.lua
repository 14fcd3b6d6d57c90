-- Everybody in the room says a line and hears all of them, and all hear them in the same order.
local room = assert(shm.topic("room", 4096))
local heard = assert(shm.create("heard", 16))

scenario "all hear the same chat"

actors(2, "speaker", function(number)
  room:publish { who = number, text = "hello" }
  mark "has spoken"
  for line = 1, 2 do
    local said = assert(room:next())
    expect.equal(room:position(), line, "number of the line")
    heard:u32(8 * (number - 1) + 4 * (line - 1), said.who)
  end
  local _, lost = room:lost()
  expect.equal(lost, 0, "lines lost")
end)

finally(function()
  expect.equal(heard:read(8, 0), heard:read(8, 8), "what both have heard")
  expect.equal(heard:u32(0) + heard:u32(4), 3, "whom both have heard")
end)
