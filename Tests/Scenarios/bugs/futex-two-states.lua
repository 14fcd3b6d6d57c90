-- A lock of two states wakes nobody if it was taken anew meanwhile: who waits is forgotten.
local lock = assert(shm.create("futex-two-states", 4)):atomic(0)

scenario "everybody gets the lock"

actors(2, "client", function()
  while not lock:cas(0, 1) do
    lock:wait(1)
  end
  lock:store(0)                                        -- whether somebody waits, nobody knows
end)
