-- A position of two numbers is written in one call and read in one call: that is two words, and a
-- reader may get one of each.
local view = assert(shm.create("position", 16))

scenario "both halves of a position are of the same moment"

actor("car", function() view:write(("<i8i8"):pack(7, 7)) end)

actor("dashboard", function()
  local x, y = ("<i8i8"):unpack(view:read(16, 0))
  expect.equal(y, x, "y")
end)
