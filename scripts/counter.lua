-- Counts together with other processes: counter NAME keeps a number, counter NAME TIMES adds to it
-- The keeper holds the number until a key is pressed, and then prints it.

local name, times = arg[1], tonumber(arg[2] or 0)
if not name or not math.tointeger(times) then
  io.stderr:write("usage: counter NAME [TIMES]\n")
  os.exit(64)
end

-- An object that only one process can make is a lock. It goes with its holder, so a process that
-- is killed in between leaves no lock behind.
local function locked(change)
  local lock, message, code
  local tries = 0
  repeat
    lock, message, code = shm.create(name .. ".lock", 1, { exclusive = true })
    tries = tries + 1
    if not lock and tries % 100 == 0 then os.execute("sleep 0.001") end
  until lock or code ~= 183 and code ~= 170
  assert(lock, message)
  local _ <close> = lock
  change()
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
  for _ = 1, times do locked(function() add(view) end) end
end
