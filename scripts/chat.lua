-- A room for everybody on this machine: chat NAME, in as many terminals as you like
-- What was said before you came is shown; Ctrl-D leaves. The room lives as long as anybody is there.

local ROOM <const>, BYTES <const> = [[Local\chat]], 65536
local name = arg[1]
if not name then
  io.stderr:write("usage: chat NAME\n")
  os.exit(64)
end

local room <close> = assert(shm.topic(ROOM, BYTES, { from = "oldest" }))

local function show()
  for said in room:messages(0) do
    if said.name ~= name then print(("%s: %s"):format(said.name, said.text)) end
  end
  local lost = room:lost()
  if lost > 0 then print(("(%d lines before that are gone)"):format(lost)) end
  io.flush()
end

assert(room:publish { name = name, text = "(is here)" })
show()
for text in io.lines() do -- what others said meanwhile is shown with each line, also an empty one
  if text ~= "" then assert(room:publish { name = name, text = text }) end
  show()
end
assert(room:publish { name = name, text = "(has left)" })
