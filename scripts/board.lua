-- A notice board: board --keep holds it, board TEXT… pins a line to it, board alone reads it
-- It is one text in shared memory, there for all of the user's processes while one keeps it.

local NAME <const>, SIZE <const> = [[Local\board]], 65536

-- Only one process can make this object, and it goes with that process: a lock.
local function lock()
  local tries = 0
  while true do
    local held, message, code = shm.create(NAME .. ".lock", 1, { exclusive = true })
    if held then return held end
    if code ~= 183 and code ~= 170 then error(message, 0) end
    tries = tries + 1
    if tries % 100 == 0 then os.execute("sleep 0.001") end
  end
end

local function fail(message)
  io.stderr:write("board: ", message, "\n")
  os.exit(1, true)
end

local function board()
  local view, message, code = shm.open(NAME)
  return view or fail(code == 2 and "nobody keeps a board; start one with: board --keep" or message)
end

local function pin(text)
  local view <close> = board()
  local _ <close> = lock()
  local before = #view:read()
  local line = text:gsub("[\0\n]", " ") .. "\n"
  if before + #line > #view then fail("the board is full") end
  view:write(line, before)
end

if arg[1] == "--keep" then
  local view <close>, existed = assert(shm.create(NAME, SIZE))
  io.write(existed and "the board hangs already; kept once more" or "the board hangs",
    "; a key takes it down\n")
  io.flush()
  console.getch()
  io.write(view:read())
elseif arg[1] then
  pin(table.concat(arg, " "))
else
  local view <close> = board()
  io.write(view:read())
end
