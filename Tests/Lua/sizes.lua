-- How big an object is, and which part of it a view shows
-- (facts 1 to 7, 15, 22, 23, 25, 58 to 69, 107, 108).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local refused, name = harness.refused, harness.name

test("facts 1, 107: a new name says that it did not exist", function()
   local results = table.pack(shm.create(name(), 256))
   equals(results.n, 2)
   equals(results[2], false)
   equals(#results[1], 256)
   results[1]:close()
end)

test("facts 2, 107: an existing name gives the same object, and says so", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   local second <close>, existed = shm.create(x, 256)
   equals(existed, true)
   equals(first == second, false)
   first:write("shared")
   equals(second:read(), "shared")
end)

test("fact 107: open, map and close report success with one value", function()
   local x = name()
   local view <close> = assert(shm.create(x, 256))
   equals(select("#", shm.open(x)), 1)
   equals(select("#", view:map {}), 1)
   equals(select("#", view:close()), 1)
end)

test("facts 3, 4: the existing size wins over a larger one", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   local second <close>, existed = shm.create(x, 100000)
   equals(existed, true)
   equals(#second, 256)
   refused(5, second:map { length = 100000 })
   equals(#first, 256)
   refused(5, shm.create(x, 100000, { length = 100000 }))
end)

test("fact 5: the existing size wins over a smaller one", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   local second <close>, existed = shm.create(x, 1)
   equals(existed, true)
   equals(#second, 256)
   first:write("end", 253)
   equals(second:read(3, 253), "end")
end)

test("fact 6: a size of 0 is error 87", function()
   refused(87, shm.create(name(), 0))
   refused(87, shm.create(nil, 0))
   refused(87, shm.create(name(), -1))
   refused(87, shm.create(name(), math.mininteger))
end)

test("fact 7: a size of 0 is error 87 although the name exists", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   refused(87, shm.create(x, 0))
   equals(#first, 256)
end)

test("fact 15: pages that are only reserved are there when they are touched", function()
   local x = name()
   local view <close> = assert(shm.create(x, 1 << 20, { reserve = true }))
   equals(#view, 1 << 20)
   equals(view:read(4, (1 << 20) - 4), "\0\0\0\0")
   view:write("late", 1 << 19)
   local other <close> = assert(shm.open(x))
   equals(other:read(4, 1 << 19), "late")
end)

test("fact 22: sizes are exact, not rounded up to pages", function()
   for _, size in ipairs { 1, 256, 4095, 4096, 4097, 65536, 65537 } do
      local x = name()
      local view <close> = assert(shm.create(x, size))
      equals(#view, size)
      equals(view:size(), size)
      local file <close> = assert(io.open((shm.path(x))))
      equals(file:seek("end"), size)
      raises("is not inside of", function() view:write("x", size) end)
   end
end)

test("fact 23: a size that memory cannot hold is refused at create", function()
   local x = name()
   refused(1455, shm.create(x, 1 << 50))
   refused(1455, shm.create(nil, 1 << 50))
   refused(2, shm.open(x))
end)

test("fact 23: a size that no file has is error 87 or 1455, also for reserved pages", function()
   for _, size in ipairs { math.maxinteger, math.maxinteger - 65535 } do
      local view, _, code = shm.create(name(), size)
      equals(view, nil)
      equals(code == 87 or code == 1455, true)
      view, _, code = shm.create(name(), size, { reserve = true })
      equals(view, nil)
      equals(code == 87 or code == 8, true)
   end
end)

test("fact 25: fresh pages are zero", function()
   local view <close> = assert(shm.create(name(), 1000000))
   equals(view:read(1000000), ("\0"):rep(1000000))
   equals(view:read(), "")
end)

test("fact 58: a reader learns the size", function()
   local x = name()
   local view <close> = assert(shm.create(x, 300))
   local reader <close> = assert(shm.open(x, { access = "r" }))
   equals(#reader, 300)
   equals(#view, 300)
end)

test("facts 59, 64: an offset that is no multiple of 65536 is error 1132", function()
   local x = name()
   local view <close> = assert(shm.create(x, 200000))
   for _, offset in ipairs { 1, 256, 4096, 32768, 65535, 65537 } do
      refused(1132, view:map { offset = offset })
      refused(1132, shm.open(x, { offset = offset }))
   end
   for _, offset in ipairs { 0, 65536, 131072 } do
      local window <close> = assert(view:map { offset = offset, length = 8 })
      window:write("here")
      equals(view:read(4, offset), "here")
   end
end)

test("fact 60: a length of 0, or none, is up to the object's end", function()
   local x = name()
   local view <close> = assert(shm.create(x, 200000))
   equals(#assert(view:map {}), 200000)
   equals(#assert(view:map { length = 0 }), 200000)
   equals(#assert(view:map { offset = 131072 }), 68928)
   equals(#assert(shm.open(x, { offset = 65536 })), 134464)
end)

test("facts 61, 62: a view longer than its object is error 5", function()
   local x = name()
   local view <close> = assert(shm.create(x, 256))
   for _, length in ipairs { 257, 4096, 4097, 65536, math.maxinteger } do
      refused(5, view:map { length = length })
      refused(5, shm.open(x, { length = length }))
   end
   equals(#assert(view:map { length = 256 }), 256)
end)

test("fact 63: a view of ten bytes has ten bytes", function()
   local view <close> = assert(shm.create(name(), 256))
   local window <close> = assert(view:map { length = 10 })
   equals(#window, 10)
   window:write("0123456789")
   raises("is not inside of", function() window:write("x", 10) end)
   raises("is not inside of", function() window:read(11) end)
end)

test("fact 65: an offset at or past the end is error 87", function()
   local view <close> = assert(shm.create(name(), 65536))
   refused(87, view:map { offset = 65536 })
   refused(87, view:map { offset = 131072 })
   refused(87, view:map { offset = math.maxinteger - 65535 })
end)

test("fact 66: a window may end where the object does, not a byte later", function()
   local view <close> = assert(shm.create(name(), 200000))
   equals(#assert(view:map { offset = 131072, length = 68928 }), 68928)
   refused(5, view:map { offset = 131072, length = 68929 })
   refused(5, view:map { offset = 131072, length = 70000 })
end)

test("facts 68, 69: an access past the end is misuse, also inside of the page", function()
   local view <close> = assert(shm.create(name(), 256))
   for _, offset in ipairs { 256, 4095, 4096, 1 << 40, math.maxinteger, -1 } do
      raises("is not inside of", function() view:write("x", offset) end)
      raises("is not inside of", function() view:read(1, offset) end)
   end
   raises("is not inside of", function() view:read(257) end)
   raises("is not inside of", function() view:read(math.maxinteger, 1) end)
   raises("is not inside of", function() view:read(-1) end)
   raises("is not inside of", function() view:read(nil, 257) end)
   raises("is not inside of", function() view:write(("x"):rep(257)) end)
   equals(view:read(256), ("\0"):rep(256))
end)

test("fact 69: nothing at the end is not past it", function()
   local view <close> = assert(shm.create(name(), 256))
   equals(view:read(0, 256), "")
   equals(view:read(nil, 256), "")
   view:write("", 256)
end)

test("fact 108: a text without a terminator ends with the view", function()
   local x = name()
   for _, size in ipairs { 7, 256, 300, 4096 } do
      local view <close> = assert(shm.create(x .. size, size))
      view:write(("x"):rep(size))
      equals(view:read(), ("x"):rep(size))
      equals(view:read(nil, size - 3), "xxx")
   end
end)

harness.finish()
