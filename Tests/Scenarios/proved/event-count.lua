-- The waiter remembers the count, looks, and sleeps only if the count is still the same.
local memory = assert(shm.create("event-count", 8))
local ready, count = memory:atomic(0), memory:atomic(4)

scenario "no wake is lost"

actors(2, "waiter", function()
  while true do
    local seen = count:load()
    if ready:load() == 1 then return end
    count:wait(seen)
  end
end)

actor("maker", function()
  ready:store(1)
  count:add(1)
  count:wake(2)
end)
