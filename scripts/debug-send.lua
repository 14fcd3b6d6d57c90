-- Sends a text to debug-monitor as OutputDebugString does: debug-send TEXT…
-- Without a monitor it does nothing, as on Windows: programs need not know whether one listens.

local SIZE <const> = 4096
local text = table.concat(arg, " ")

local mutex <close> = assert(shm.mutex("DBWinMutex"))

local function send(part)
  -- A sender that died in here has left nothing that the next one does not overwrite.
  local _ <close> = assert(mutex:guard())
  local view <close> = shm.open("DBWIN_BUFFER")
  local data_ready <close> = shm.open_event("DBWIN_DATA_READY")
  local buffer_ready <close> = shm.open_event("DBWIN_BUFFER_READY")
  if not (view and data_ready and buffer_ready) then return end
  -- Ten seconds, then the text is dropped: the monitor hangs.
  if not buffer_ready:wait(10) then return end
  local process = mutex:owner()
  view:write(string.pack("<I4", process) .. part .. "\0")
  data_ready:set()
end

-- What is too long for the buffer goes in parts.
local longest <const> = SIZE - 5
for at = 1, math.max(#text, 1), longest do send(text:sub(at, at + longest - 1)) end
