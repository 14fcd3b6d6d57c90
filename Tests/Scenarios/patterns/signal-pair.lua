-- The bundled signal-first and signal-second: started in either order, the second reads the message,
-- and the first holds the name until it has.
local NAME <const> = [[Local\SignalledObject]]
local MESSAGE <const> = "Message from first process."

scenario "the message is read, in whichever order they start"

actor("first", function()
  local written <close> = assert(shm.event(NAME .. ".written"))
  local read <close> = assert(shm.event(NAME .. ".read"))
  local view <close> = assert(shm.create(NAME, 256))
  view:write(MESSAGE)
  written:set()
  read:wait()
end)

actor("second", function()
  local written <close> = assert(shm.event(NAME .. ".written"))
  local read <close> = assert(shm.event(NAME .. ".read"))
  written:wait()
  local view <close> = assert(shm.open(NAME, { access = "r" }))
  expect.equal(view:read(), MESSAGE, "message")
  read:set()
end)

expect.gone(NAME)
