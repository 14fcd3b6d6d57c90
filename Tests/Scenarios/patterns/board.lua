-- The bundled notice board: lines are pinned under a mutex, and read without it. Who dies while it pins
-- leaves a shorter line at worst; a reader sees the beginning of what hangs there.
local view = assert(shm.create("board", 24))

scenario "a board shows whole beginnings"

local function pin(text)
  local mutex <close> = assert(shm.mutex("board.lock"))
  local _ <close> = assert(mutex:guard())
  view:write(text .. "\n", #view:read())
end

actor("ann", { kill = true }, function() pin "tea at five" end)
actor("bob", { after = "ann" }, function() pin "ok" end)

actor("reader", function()
  local text = view:read()
  local whole = "tea at five\nok\n"
  expect(text == whole:sub(1, #text) or text:find("^[tea five]*ok\n?$"), text)
end)
