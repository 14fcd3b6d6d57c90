-- Shows what programs say through OutputDebugString's four objects: debug-monitor [MESSAGES]
-- Each line is a process and its text; without MESSAGES it goes on until Ctrl-C.

local SIZE <const> = 4096
local left = math.tointeger(tonumber(arg[1] or math.maxinteger))
if not left then
  io.stderr:write("usage: debug-monitor [MESSAGES]\n")
  os.exit(64)
end

-- One monitor at a time, as every message is received once.
local view, message, code = shm.create("DBWIN_BUFFER", SIZE, { exclusive = true })
if not view then
  io.stderr:write("debug-monitor: ", code == 183 and "another monitor runs" or message, "\n")
  os.exit(1)
end
local data_ready <close> = assert(shm.event("DBWIN_DATA_READY"))
local buffer_ready <close> = assert(shm.event("DBWIN_BUFFER_READY"))

io.stderr:write("debug-monitor: listening\n")
buffer_ready:set()
for _ = 1, left do
  data_ready:wait()
  local process = string.unpack("<I4", view:read(4))
  local text = console.printable(view:read(SIZE - 4, 4):match("^[^\0]*"), "lines")
  io.write(process, "\t", text, text:sub(-1) == "\n" and "" or "\n")
  io.flush()
  buffer_ready:set()
end
view:close()
