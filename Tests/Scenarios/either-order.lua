-- Two processes take two locks; each tries both orders. Who cannot have the second gives back the first.
local one, other = assert(shm.mutex("one")), assert(shm.mutex("other"))
local view = assert(shm.create("work", 8))
local done = view:atomic(0)
local begun = assert(shm.event("begun"))

scenario "two locks in either order, without a deadlock"

local function with_both(first, second)
  while true do
    assert(first:lock())
    if second:try() then break end
    sometimes("the second was taken", true)
    first:unlock()
    shm.sleep(0.001)
  end
  done:add(1)
  second:unlock()
  first:unlock()
end

actors(2, "worker", function(number)
  if number == 1 then begun:set() else begun:wait() end
  local turned = any(false, true)                      -- every alternative has a run of its own
  local first, second = one, other
  if turned then first, second = other, one end
  for _ = 1, 2 do with_both(first, second) end
end)

fault.freeze("worker1", { before = 3, seconds = 0.05 }) -- it has the first, and not the second
finally(function() expect.equal(done:load(), 4, "worked") end)
