-- Of a name that cannot be opened as memory the message says what it is; that is all that somebody
-- gets to know.
local done = assert(shm.event("told-what-it-is.done"))

scenario "the name never belongs to a mutex when it is looked for"

actor("looks", function()
  local handle, why = shm.open("told-what-it-is")
  done:wait()
  if handle == nil then expect(not why:find("mutex"), why) end
end)
actor("makes", function()
  for _, make in ipairs { shm.event, shm.mutex, shm.event } do make("told-what-it-is"):close() end
  done:set()
end)
