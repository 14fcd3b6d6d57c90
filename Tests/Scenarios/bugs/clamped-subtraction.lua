-- A total is compared, and then reduced: between the two another process reduces it, and it falls below
-- zero all the same. As in https://github.com/tenstorrent/tt-metal/issues/49304
local statistics = assert(shm.create("statistics", 4))
local total = statistics:atomic(0)

scenario "a total never falls below zero"

setup(function() total:store(10) end)

actors(2, "device", function()
  if total:load() >= 10 then total:sub(10) end
end)

finally(function() expect(total:load() <= 10, "it has wrapped around") end)
