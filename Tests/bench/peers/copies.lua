-- What copies.py does, by moonpool: nanoseconds a call, of many.

local function report(name, count, body)
   local before = shm.now()
   for _ = 1, count do body() end
   print(name, (shm.now() - before) / count * 1e9)
end

local view <close> = assert(shm.create(nil, 1 << 20))
for _, size in ipairs { 64, 4096, 1 << 20 } do
   local data, count = ("x"):rep(size), size > 4096 and 400 or 200000
   report("write-" .. size, count, function() view:write(data) end)
   report("read-" .. size, count, function() return view:read(size) end)
end
local list = view:numbers("f64", 0, 1000)
report("numbers-read", 1000, function() return view:numbers("f64", 0, 1000) end)
report("numbers-write", 1000, function() view:numbers("f64", 0, list) end)
report("number-read", 300000, function() return view:f64(8) end)
report("number-write", 300000, function() view:f64(8, 0.5) end)
