-- Two senders and one receiver share a queue of one place, which a mutex and two semaphores guard.
local PLACES <const>, EACH <const> = 1, 1
local memory = assert(shm.create("queue", 8 + 8 * PLACES))
local free = assert(shm.semaphore("queue.free", PLACES, PLACES))
local full = assert(shm.semaphore("queue.full", 0, PLACES))
local lock = assert(shm.mutex("queue.lock"))
local put, taken = memory:atomic(0), memory:atomic(4)

scenario "a queue of many senders is first in, first out"

local queue = history {                                -- what a queue is, without processes
  init = {},
  push = function(items, item) items[#items + 1] = item end,
  pop = function(items) return table.remove(items, 1) end,
}

local function push(item)
  if not free:acquire(0) then
    mark "full"
    free:acquire()
  end
  local _ <close> = lock:guard()
  memory:i64(8 + 8 * (put:load() % PLACES), item)
  put:add(1)
  assert(full:release())
end

local function pop()
  full:acquire()
  local _ <close> = lock:guard()
  local item = memory:i64(8 + 8 * (taken:load() % PLACES))
  taken:add(1)
  assert(free:release())
  return item
end

actors(2, "sender", function(number)
  for item = 1, EACH do queue.push(push, 10 * number + item) end
end)

actor("receiver", function()
  local sum = 0
  for _ = 1, 2 * EACH do sum = sum + queue.pop(pop) end
  print(sum)
end)

fault.delay("receiver", { seconds = 0.004 })           -- so that the senders find it full
expect.linearizable(queue)
expect.output("receiver", "32")
