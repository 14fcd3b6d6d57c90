-- Two locks, taken in two orders.
local left = assert(shm.mutex("lock-order.left"))
local right = assert(shm.mutex("lock-order.right"))

scenario "both come through"

local function with(one, other)
  one:lock()
  other:lock()
  other:unlock()
  one:unlock()
end

actor("one", function() with(left, right) end)
actor("other", function() with(right, left) end)
