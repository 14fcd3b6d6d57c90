-- Two takers are woken for one item, and neither looks again.
local items = assert(shm.create("no-second-look", 4)):atomic(0)

scenario "nobody takes what is not there"

actors(2, "taker", function()
  if items:load() == 0 then items:wait(0) end
  expect(items:sub(1) > 0, "took an item that is not there")
end)

actor("maker", function()
  items:add(1)
  items:wake(2)
  items:add(1)
  items:wake(2)
end)
