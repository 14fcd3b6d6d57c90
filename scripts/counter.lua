-- Counts together with other processes: counter NAME keeps a number, counter NAME TIMES adds to it
-- The keeper holds the number until a key is pressed, and then prints it.

local name, times = arg[1], tonumber(arg[2] or 0)
if not name or not math.tointeger(times) then
  io.stderr:write("usage: counter NAME [TIMES]\n")
  os.exit(64)
end

local function add(view)
  local number = string.unpack("<i8", view:read(8))
  view:write(string.pack("<i8", number + 1))
end

if times == 0 then
  local view <close> = assert(shm.create(name, 8, { exclusive = true }))
  io.write("counting in ", name, "; a key ends it\n")
  io.flush()
  console.getch()
  print((string.unpack("<i8", view:read(8))))
else
  local view <close> = assert(shm.open(name))
  local mutex <close> = assert(shm.mutex(name .. ".lock"))
  for _ = 1, times do
    -- Who dies in here has counted or not, and has left nothing half done: "abandoned" is fine.
    local _ <close> = assert(mutex:guard())
    add(view)
  end
end
