-- How long a name lives (facts 26, 86 to 89, 91, 92, 95, 98).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, refused = harness.test, harness.equals, harness.refused
local name, elsewhere = harness.name, harness.elsewhere

local function exists(path)
   local file = io.open(path)
   if file then file:close() end
   return file ~= nil
end

test("fact 89: with the last close the name and its file are gone", function()
   for _, prefix in ipairs { "", [[Local\]], [[Global\]] } do
      local x = prefix .. name()
      local path = assert(shm.path(x))
      local one, two = assert(shm.create(x, 16)), assert(shm.open(x))
      local three = assert(two:map {})
      one:close()
      two:close()
      equals(exists(path), true)
      assert(shm.open(x)):close()
      three:close()
      equals(exists(path), false)
      refused(2, shm.open(x))
   end
end)

test("fact 91: a name that is made again starts with zeroes", function()
   local x = name()
   assert(shm.create(x, 16)):write("old"):close()
   local view <close>, existed = shm.create(x, 16)
   equals(existed, false)
   equals(view:read(16), ("\0"):rep(16))
end)

test("fact 92: the name lives on with whoever opened it", function()
   local x = name()
   local creator = assert(shm.create(x, 16))
   local opener <close> = assert(shm.open(x))
   creator:write("alive")
   creator:close()
   equals(assert(shm.open(x)):read(), "alive")
   equals(opener:read(), "alive")
end)

test("fact 95: the exit of a process closes what it left open", function()
   local x = name()
   for _, ending in ipairs { "", "os.exit(3)", "os.exit(3, true)" } do
      local printed = elsewhere([[
         view = assert(shm.create(..., 16))
         print(shm.open(...) ~= nil)
         io.stdout:flush()
         ]] .. ending, x)
      equals(printed, "true")
      refused(2, shm.open(x))
      equals(exists(shm.path(x)), false)
   end
end)

test("fact 98: another process writes what this one reads, and the reverse", function()
   local x = name()
   local view <close> = assert(shm.create(x, 256))
   view:write("from the parent")
   local printed = elsewhere([[
      local view <close> = assert(shm.open(...))
      io.write(view:read())
      view:write("from the child", 100)]], x)
   equals(printed, "from the parent")
   equals(view:read(nil, 100), "from the child")
end)

test("fact 98: what another process made is read after it opened the way", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   local printed, status = elsewhere([[
      local view <close>, existed = shm.create(..., 4096)
      io.write(tostring(existed), " ", #view)
      os.exit(7)]], x)
   equals(printed, "true 16")
   equals(status, 7)
   equals(#view, 16)
end)

test("the collector and <close> give a name up", function()
   local x = name()
   assert(shm.create(x, 16))
   collectgarbage()
   refused(2, shm.open(x))
   do local _ <close> = assert(shm.create(x, 16)) end
   refused(2, shm.open(x))
end)

test("a name that a stranger removed is noticed and said", function()
   local x = name()
   local view = assert(shm.create(x, 16))
   view:write("kept")
   equals(view:check(), true)
   assert(os.remove((shm.path(x))))
   refused(2, view:check())
   refused(2, shm.open(x))
   equals(view:read(), "kept")
   local closed, message = view:close()
   equals(closed, true)
   equals(message:match("another program removed the name") ~= nil, true)
end)

test("a stranger's removal costs the next object of the name nothing", function()
   local x = name()
   local old = assert(shm.create(x, 16))
   assert(os.remove((shm.path(x))))
   local new <close>, existed = shm.create(x, 32)
   equals(existed, false)
   old:close()
   equals(#assert(shm.open(x)), 32)
   equals(new:check(), true)
end)

test("an object whose memory was lost says so and costs the others nothing", function()
   local x, y = name(), name()
   local view <close> = assert(shm.create(x, 16))
   local other <close> = assert(shm.create(y, 16))
   assert(io.open(shm.path(x), "w")):close()
   harness.raises("the memory of " .. x:gsub("%-", "%%-") .. " is gone",
                  function() view:read(4) end)
   harness.raises("is gone", function() view:write("x") end)
   refused(999, view:check())
   equals(other:write("well"):read(), "well")
end)

harness.finish()
