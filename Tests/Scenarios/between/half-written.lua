-- Who is killed while it writes several words leaves some of them, of either end.
local view = assert(shm.create("record", 24))

scenario "a killed writer leaves half of a record"

actor("writer", { kill = true }, function() view:write(("x"):rep(24)) end)

actor("heir", { after = "writer" }, function()
  local found = view:read(24, 0)
  sometimes("the beginning", found:find("^x+\0") ~= nil)
  sometimes("the end", found:find("\0x+$") ~= nil)
end)
