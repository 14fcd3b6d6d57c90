-- The flag that says "made" is set before the value is.
local memory = assert(shm.create("double-checked", 8))
local lock = assert(shm.mutex("double-checked.lock"))
local made, value = memory:atomic(0), memory:atomic(4)

scenario "whoever finds it made finds its value"

local function get()
  if made:load() == 0 then
    lock:lock()
    if made:load() == 0 then
      made:store(1)
      value:store(42)
    end
    lock:unlock()
  end
  return value:load()
end

actors(2, "user", function() expect.equal(get(), 42, "value") end)
