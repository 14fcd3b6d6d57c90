-- A notice board: board --keep holds it, board TEXT… pins a line to it, board alone reads it
-- It is one text in shared memory, there for all of the user's processes while one keeps it.
-- As a lesson: for messages there are shm.queue and shm.topic.

local NAME <const>, SIZE <const> = [[Local\board]], 65536

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
  local mutex <close> = assert(shm.mutex(NAME .. ".lock"))
  -- Who dies in here leaves a shorter line at worst: "abandoned" is fine.
  local _ <close> = assert(mutex:guard())
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
  io.write(console.printable(view:read(), "lines"))
elseif arg[1] then
  pin(table.concat(arg, " "))
else
  local view <close> = board()
  io.write(console.printable(view:read(), "lines"))
end
