-- The bundled counter: reads and writes under a mutex. Who dies in there has counted or not.
local view = assert(shm.create("counted", 8))

scenario "each one who lives is counted"

local function add()
  local mutex <close> = assert(shm.mutex("counted.lock"))
  local _ <close> = assert(mutex:guard())
  local number = ("<i8"):unpack(view:read(8))
  view:write(("<i8"):pack(number + 1))
end

actor("one who may die", { kill = true }, add)
actors(2, "other", add)

finally(function()
  local number = ("<i8"):unpack(view:read(8))
  expect(number == 2 or number == 3, "counted " .. number)
end)
