-- Two processes that wake each other in turns, by events: nanoseconds a round trip.

local name, turns = arg[1], 2000
local ping, pong = assert(shm.event(name .. "-ping")), assert(shm.event(name .. "-pong"))
if arg[2] then
   for _ = 1, turns + 1 do
      ping:wait()
      pong:set()
   end
   return
end
local _ <close> = io.popen(("%s %s %s partner"):format(arg[-1], arg[0], name))
ping:set()
pong:wait()
local before = shm.now()
for _ = 1, turns do
   ping:set()
   pong:wait()
end
print("turns", (shm.now() - before) / turns * 1e9)
