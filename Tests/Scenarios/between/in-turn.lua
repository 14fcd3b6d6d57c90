-- Those who sleep on a word are woken in the order in which they fell asleep.
local memory = assert(shm.create("in-turn", 12))
local bell, order = memory:atomic(0), memory:atomic(4)

scenario "first come, first served"

actor("first", function()
  bell:wait(0)
  order:cas(0, 1)
end)
actor("second", { after = "helper" }, function()
  bell:wait(0)
  order:cas(0, 2)
end)
actor("helper", function()
  memory:u32(8, 1)
end)
actor("waker", { after = "helper" }, function()
  bell:wake()
end)
