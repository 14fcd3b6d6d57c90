-- Messages of 64 bytes from one process to another, by a queue: nanoseconds a message, one by one and
-- in batches of 32.

local name, count, size = arg[1], 200000, 32
local queue = assert(shm.queue(name, 65536))
local back = assert(shm.queue(name .. "-back", 4096))
local text = ("x"):rep(64)
if arg[2] then
   back:push("here")
   for _ = 1, count do queue:push(text) end
   local batch = {}
   for i = 1, size do batch[i] = text end
   back:pop()
   for _ = 1, count, size do queue:push_all(batch) end
   back:pop()
   return
end
local _ <close> = io.popen(("%s %s %s partner"):format(arg[-1], arg[0], name))
back:pop()
queue:pop()
local before = shm.now()
for _ = 2, count do queue:pop() end
print("stream", (shm.now() - before) / (count - 1) * 1e9)
back:push("batches")
local got = #queue:pop_all()
before = shm.now()
while got < count do got = got + #queue:pop_all() end
print("batches", (shm.now() - before) / count * 1e9)
back:push("end")
