-- The waiter looks at one word and sleeps on another; the wake comes between the two.
local memory = assert(shm.create("lost-wakeup", 8))
local ready, bell = memory:atomic(0), memory:atomic(4)

scenario "the waiter is woken"

actor("waiter", function()
  if ready:load() == 0 then bell:wait(0) end
end)

actor("maker", function()
  ready:store(1)
  bell:wake()
end)
