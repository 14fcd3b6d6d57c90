-- 0: free, 1: held, 2: held, and somebody may sleep (Drepper, Futexes Are Tricky, 2011).
local memory = assert(shm.create("futex-mutex", 8))
local lock, inside = memory:atomic(0), memory:atomic(4)

scenario "everybody gets the lock, one at a time"

actors(3, "client", function()
  if not lock:cas(0, 1) then
    while lock:exchange(2) ~= 0 do lock:wait(2) end
  end
  expect.equal(inside:add(1), 0, "others inside")
  inside:sub(1)
  if lock:exchange(0) == 2 then lock:wake() end
end)
