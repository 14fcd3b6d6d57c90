-- What always remembers decides later: who was first, when the third one comes.
local memory = assert(shm.create("remembers-first", 12))
local first

scenario "the first one is first"

actors(2, "runner", function(number) memory:u32(4 * (number - 1), 1) end)
actor("third", { after = "runner" }, function() memory:u32(8, 1) end)

always(function()
  if not first and memory:u32(0) == 1 then first = "one" end
  if not first and memory:u32(4) == 1 then first = "other" end
  expect(memory:u32(8) == 0 or first ~= "other", "the other one was first")
end)
