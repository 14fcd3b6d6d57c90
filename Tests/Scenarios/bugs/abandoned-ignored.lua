-- The mover dies half way; who gets its mutex is told so, and does not care.
local accounts = assert(shm.create("abandoned-ignored", 8))
local lock = assert(shm.mutex("abandoned-ignored.lock"))
local a, b = accounts:atomic(0), accounts:atomic(4)

scenario "no coin is lost when the mover is killed"

setup(function() a:store(100) b:store(0) end)

actor("mover", { kill = true }, function()
  lock:lock()
  a:add(-30)
  b:add(30)
  lock:unlock()
end)

actor("auditor", function()
  lock:lock()
  local sum = a:load() + b:load()
  lock:unlock()
  expect.equal(sum, 100, "coins")
end)
