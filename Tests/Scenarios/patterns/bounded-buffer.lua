-- The bundled bounded buffer of two semaphores and a mutex, with one place.
local PLACES <const> = 1
local view = assert(shm.create("buffer", 16 + 8 * PLACES))
local free = assert(shm.semaphore("buffer.free", PLACES, PLACES))
local full = assert(shm.semaphore("buffer.full", 0, PLACES))
local mutex = assert(shm.mutex("buffer.mutex"))
local put <const>, taken <const> = view:atomic(0, "u64"), view:atomic(8, "u64")

scenario "what is produced is consumed, once"

local function at_place(counter, use)
  local _ <close> = assert(mutex:guard())
  use(16 + 8 * (counter:load() % PLACES))
  counter:add(1)
end

actors(2, "producer", function(number)
  free:acquire()
  at_place(put, function(place) view:i64(place, number) end)
  full:release()
end)

actor("consumer", function()
  local sum = 0
  for _ = 1, 2 do
    full:acquire()
    at_place(taken, function(place) sum = sum + view:i64(place) end)
    free:release()
  end
  print(sum)
end)

expect.output("consumer", "3")
