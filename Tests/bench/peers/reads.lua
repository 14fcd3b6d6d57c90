-- 1 MiB read again and again in a process of its own: microseconds a read, of the first 400 and of
-- the 400 after them.

local view <close> = assert(shm.create(nil, 1 << 20))
view:write(("x"):rep(1 << 20))
for _, name in ipairs { "first", "later" } do
   local before = shm.now()
   for _ = 1, 400 do view:read(1 << 20) end
   print(name, (shm.now() - before) / 400 * 1e6)
end
