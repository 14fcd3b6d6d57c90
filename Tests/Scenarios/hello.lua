-- The document's first and second process: one writes a text, the other shows it.
local name <const> = [[Global\MyFileMappingObject]]

scenario "first and second process"

actor("first", function()
  local view <close> = assert(shm.create(name, 256))
  local ready <close> = assert(shm.event("ready"))
  local shown <close> = assert(shm.event("shown"))
  view:write("Message from first process.")
  ready:set()
  shown:wait()                   -- in the document: until a key is pressed
end)

actor("second", function()
  local ready <close> = assert(shm.event("ready"))
  local shown <close> = assert(shm.event("shown"))
  ready:wait()
  local view <close> = assert(shm.open(name))
  print(view:read())
  shown:set()
end)

expect.output("second", "Message from first process.")
expect.gone(name)
