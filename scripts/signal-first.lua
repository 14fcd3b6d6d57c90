-- The document's first process with signals instead of a key: signal-first [SECONDS]
-- It holds the name until signal-second has read the message. Start the two in either order.

local BUF_SIZE <const> = 256
local szName <const> = [[Local\SignalledObject]]
local szMsg <const> = "Message from first process."

local seconds <const> = tonumber(arg[1] or math.huge)
if not seconds or seconds < 0 then
  io.stderr:write("usage: signal-first [SECONDS]\n")
  os.exit(64)
end

local written <close> = assert(shm.event(szName .. ".written"))
local read <close> = assert(shm.event(szName .. ".read"))
local view <close> = assert(shm.create(szName, BUF_SIZE))

view:write(szMsg)
written:set()
if not read:wait(seconds) then
  io.stderr:write("signal-first: nobody has read the message\n")
  os.exit(124, true)
end
