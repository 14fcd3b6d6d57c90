-- Who is told that the mover died half way makes it good.
local accounts = assert(shm.create("abandoned-repaired", 12))
local lock = assert(shm.mutex("abandoned-repaired.lock"))
local a, b, moving = accounts:atomic(0), accounts:atomic(4), accounts:atomic(8)

scenario "no coin is lost when the mover is killed"

setup(function() a:store(100) end)

actor("mover", { kill = true }, function()
  lock:lock()
  moving:store(30)
  a:add(-30)
  b:add(30)
  moving:store(0)
  lock:unlock()
end)

actor("auditor", function()
  local _, why = lock:lock()
  if why == "abandoned" and moving:load() > 0 then
    a:store(100 - moving:load())
    b:store(moving:load())
    moving:store(0)
  end
  local sum = a:load() + b:load()
  lock:unlock()
  expect.equal(sum, 100, "coins")
end)
