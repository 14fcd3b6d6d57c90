-- The document's first and second process: one writes a text, the other shows it.
local name <const> = [[Global\MyFileMappingObject]]

scenario "first and second process"

actor("first", function()
  local view <close> = assert(shm.create(name, 256))
  local written <close> = assert(shm.event("written"))
  local shown <close> = assert(shm.event("shown"))
  view:write("Message from first process.")
  mark "written"
  written:set()
  shown:wait()                   -- in the document: until a key is pressed
end)

actor("second", function()
  local written <close> = assert(shm.event("written"))
  local shown <close> = assert(shm.event("shown"))
  written:wait()
  local view <close> = assert(shm.open(name))
  mark "opened"
  print(view:read())
  shown:set()
end)

expect.order("first:written", "second:opened")
expect.output("second", "Message from first process.")
expect.gone(name)                -- with its last holder
