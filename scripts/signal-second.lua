-- The document's second process: waits until signal-first has written, and shows it
-- signal-second [SECONDS]: the exit status is 124 when nothing was written in that time.

local szName <const> = [[Local\SignalledObject]]

local seconds <const> = tonumber(arg[1] or math.huge)
if not seconds or seconds < 0 then
  io.stderr:write("usage: signal-second [SECONDS]\n")
  os.exit(64)
end

local written <close> = assert(shm.event(szName .. ".written"))
local read <close> = assert(shm.event(szName .. ".read"))

if not written:wait(seconds) then
  io.stderr:write("signal-second: nobody has written a message\n")
  os.exit(124, true)
end

local view <close> = assert(shm.open(szName, { access = "r" }))
print(console.printable(view:read(), "lines"))
read:set()
