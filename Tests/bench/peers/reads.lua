-- 1 MiB read again and again in a process of its own: microseconds a read, of the first 400 on
-- average; and of the 400 after them the median of ten averages, so that one that the machine
-- disturbs does not count.

local view <close> = assert(shm.create(nil, 1 << 20))
view:write(("x"):rep(1 << 20))

local function average(count)
   local before = shm.now()
   for _ = 1, count do view:read(1 << 20) end
   return (shm.now() - before) / count * 1e6
end

print("first", average(400))
local later = {}
for place = 1, 10 do later[place] = average(40) end
table.sort(later)
print("later", later[5])
