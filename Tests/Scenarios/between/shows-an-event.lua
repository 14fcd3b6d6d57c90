-- A look by tostring is no part of the operation before it.
local word = assert(shm.create("shows-an-event.word", 4)):atomic(0)
local event = assert(shm.event("shows-an-event", { manual = true }))

scenario "tostring of an event never says set"

actor("a", function()
  word:store(1)
  local text = tostring(event)
  expect(text:find("not set", 1, true), text)
end)
actor("b", function()
  while word:load() == 0 do end
  event:set()
end)
