-- Waits until an object appears, or with --gone until it goes: wait-for [--gone] NAME [SECONDS]
-- Memory, an event, a mutex or a semaphore: whatever has the name.
-- Exit status 0: it did; 124: not within the time; 1: the name is none, or not ours to open.

local gone = arg[1] == "--gone"
if gone then table.remove(arg, 1) end
local name, seconds = arg[1], tonumber(arg[2] or math.huge)
if not name or not seconds then
  io.stderr:write("usage: wait-for [--gone] NAME [SECONDS]\n")
  os.exit(64)
end

-- Opens it as what it is; 6 says that it is something else.
local function open()
  local object, message, code = shm.open(name, { access = "r" })
  for _, kind in ipairs { "event", "mutex", "semaphore" } do
    if code ~= 6 then break end
    object, message, code = shm["open_" .. kind](name)
  end
  return object, message, code
end

-- Does a process hold the name? Looking holds it, too, but not longer than this call.
local function lives()
  local object, message, code = open()
  if object then return object:close() end
  -- 1006: a POSIX object that has no size yet; 170: its fate is open.
  if code == 2 then return false end
  if code == 1006 or code == 170 then return gone end
  io.stderr:write("wait-for: ", message, "\n")
  os.exit(1)
end

local pause <const> = 0.02
local waited = 0
while lives() == gone do
  if waited >= seconds then os.exit(124) end
  shm.sleep(pause)
  waited = waited + pause
end
