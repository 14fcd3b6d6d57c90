-- How views, options and the modules behave as Lua values.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local refused, name = harness.refused, harness.name

test("the modules are globals and can be required", function()
   equals(require "shm", shm)
   equals(require "console", console)
   equals(package.loaded.shm, shm)
   equals(type(console.getch), "function")
   equals(type(console.message_box), "function")
end)

test("a view says what it is", function()
   local x = name()
   local view = assert(shm.create(x, 300))
   equals(#view, 300)
   equals(view:size(), 300)
   equals(view:name(), x)
   equals(view:access(), "rw")
   equals(tostring(view), ("view of %s (300 bytes, rw)"):format(x))
   equals(type(view), "userdata")
   view:close()
   equals(tostring(view), ("view of %s (closed)"):format(x))
   local unnamed <close> = assert(shm.create(nil, 3, { access = "copy" }))
   equals(tostring(unnamed), "view of an unnamed object (3 bytes, copy)")
end)

test("a name with a NUL is shown whole", function()
   local x = name() .. "\0tail"
   local view = assert(shm.create(x, 8))
   equals(view:name(), x)
   equals(tostring(view), ("view of %s (8 bytes, rw)"):format((x:gsub("\0", "\\x00"))))
   view:close()
   raises("closed view %(of .*\\x00tail%)$", function() view:read() end)
end)

test("all 256 bytes are written and read as they are", function()
   local bytes = {}
   for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
   local text = table.concat(bytes)
   for _, times in ipairs { 1, 2, 5, 64 } do
      local data = text:rep(times)
      local view <close> = assert(shm.create(name(), #data))
      equals(view:write(data):read(#data), data)
      equals(view:read(), "")
      equals(view:read(nil, 1), text:sub(2))
      equals(view:read(10, #data - 10), data:sub(-10))
   end
end)

test("a text ends at its first NUL, a read with a length does not", function()
   local view <close> = assert(shm.create(name(), 1000))
   view:write("one\0two")
   equals(view:read(), "one")
   equals(view:read(nil), "one")
   equals(view:read(nil, 4), "two")
   equals(view:read(8), "one\0two\0")
   view:write(("y"):rep(700) .. "\0z")
   equals(view:read(), ("y"):rep(700))
   equals(view:read(0), "")
end)

test("a shorter text does not end a longer one: no terminator is added", function()
   local view <close> = assert(shm.create(name(), 16))
   view:write("longer"):write("new")
   equals(view:read(), "newger")
   view:write("new\0")
   equals(view:read(), "new")
end)

test("write takes numbers as their text and returns its view", function()
   local view <close> = assert(shm.create(name(), 16))
   equals(view:write(42), view)
   equals(view:read(), "42")
   view:write(1.5, 2)
   equals(view:read(), "421.5")
   view:write("!", 1.0)
   equals(view:read(), "4!1.5")
   equals(view:read("2"), "4!")
end)

test("a write that does not fit writes nothing", function()
   local view <close> = assert(shm.create(name(), 8))
   raises("is not inside of", function() view:write("12345", 4) end)
   raises("is not inside of", function() view:write("123456789") end)
   equals(view:read(8), ("\0"):rep(8))
end)

test("<close> closes at the block's end, by break, return and error, too", function()
   local x = name()
   do local _ <close> = assert(shm.create(x, 8)) end
   refused(2, shm.open(x))
   for round = 1, 2 do
      local _ <close> = assert(shm.create(x, 8))
      if round == 1 then break end
   end
   refused(2, shm.open(x))
   local function early()
      local view <close> = assert(shm.create(x, 8))
      return view:write("said"):read()
   end
   equals(early(), "said")
   refused(2, shm.open(x))
   equals(pcall(function()
      local _ <close> = assert(shm.create(x, 8))
      error "over"
   end), false)
   refused(2, shm.open(x))
end)

test("a view that was closed by hand may stand in <close>", function()
   local view <close> = assert(shm.create(name(), 8))
   view:close()
end)

test("errors come through pcall and xpcall with their line", function()
   local view = assert(shm.create(name(), 8))
   view:close()
   local line = debug.getinfo(1, "l").currentline + 1
   local _, message = pcall(function() view:read() end)
   equals(message:match("values.lua:(%d+): "), tostring(line))
   local _, trace = xpcall(function() view:read() end, debug.traceback)
   equals(trace:find("in method 'read'", 1, true) ~= nil, true)
   local _, direct = pcall(view.read, view)
   equals(direct:match("^attempt to use a closed view") ~= nil, true)
end)

test("views are made, used and closed in coroutines", function()
   local x = name()
   local worker = coroutine.wrap(function()
      local view <close> = assert(shm.create(x, 32))
      while true do
         local text = coroutine.yield(view:read())
         if not text then return "done" end
         view:write(text)
      end
   end)
   equals(worker(), "")
   equals(worker("one"), "one")
   equals(assert(shm.open(x)):read(), "one")
   equals(worker("two"), "two")
   collectgarbage()
   equals(worker(nil), "done")
   refused(2, shm.open(x))
end)

test("closing a coroutine closes its views", function()
   local x = name()
   local thread = coroutine.create(function()
      local _ <close> = assert(shm.create(x, 32))
      coroutine.yield()
   end)
   equals(coroutine.resume(thread), true)
   assert(shm.open(x)):close()
   equals(coroutine.close(thread), true)
   refused(2, shm.open(x))
end)

test("an error in a coroutine ends it and nothing else", function()
   local view <close> = assert(shm.create(name(), 4))
   local thread = coroutine.create(function() view:write("too long") end)
   local well, message = coroutine.resume(thread)
   equals(well, false)
   equals(message:find("is not inside of", 1, true) ~= nil, true)
   equals(coroutine.status(thread), "dead")
   equals(view:write("fine"):read(), "fine")
end)

test("thousands of forgotten views are collected", function()
   local x = name()
   local view <close> = assert(shm.create(x, 8))
   for _ = 1, 2000 do assert(view:map {}) end
   collectgarbage()
   local handles = 0
   for _ in io.popen("ls /proc/" .. io.open("/proc/self/stat"):read("n") .. "/fd"):lines() do
      handles = handles + 1
   end
   equals(handles < 50, true)
   equals(harness.mappings(x), "rw-s")
end)

test("an unknown option, or one of another call, is misuse", function()
   local x = name()
   raises("unknown option 'size'", function() shm.create(x, 8, { size = 8 }) end)
   raises("unknown option 'mode'", function() shm.open(x, { mode = 384 }) end)
   raises("options are given by name", function() shm.create(x, 8, { "rw" }) end)
   raises("table expected, got string", function() shm.create(x, 8, "rw") end)
   refused(2, shm.open(x))
   local view <close> = assert(shm.create(x, 8, nil))
   raises("unknown option 'exclusive'", function() view:map { exclusive = true } end)
   raises("table expected, got number", function() view:map(8) end)
   equals(#assert(view:map()), 8)
end)

test("exclusive refuses a name that exists with error 183", function()
   local x = name()
   local view <close>, existed = shm.create(x, 8, { exclusive = true })
   equals(existed, false)
   refused(183, shm.create(x, 8, { exclusive = true }))
   refused(183, shm.create([[Local\]] .. x, 99, { exclusive = true, access = "r" }))
   equals(select(2, shm.create(x, 8, { exclusive = false })), true)
   equals(#view, 8)
end)

test("a mode is an integer, or octal digits in a string", function()
   for mode, shown in pairs { [420] = "644", ["0644"] = "644", ["600"] = "600", [384] = "600",
                              ["400"] = "400", ["777"] = "777", ["0604"] = "604" } do
      local x = name()
      local view <close> = assert(shm.create(x, 8, { mode = mode }))
      local stat <close> = assert(io.popen("stat -c %a '" .. shm.path(x) .. "'"))
      equals(stat:read("l"), shown)
      equals(view:write("ok"):read(), "ok")
   end
   for _, mode in ipairs { -1, 0, 512, "0377", "1000", "7777", math.mininteger } do
      refused(87, shm.create(name(), 8, { mode = mode }))
   end
   for _, mode in ipairs { "", "8", "rw", "0o644", "12345678", 420.0, true } do
      raises("option 'mode' must be an integer or octal digits",
             function() shm.create(name(), 8, { mode = mode }) end)
   end
end)

test("reserve and exclusive are true or false", function()
   for _, key in ipairs { "reserve", "exclusive" } do
      for _, value in ipairs { 1, "true", 0 } do
         raises(("option '%s' must be true or false"):format(key),
                function() shm.create(name(), 8, { [key] = value }) end)
      end
   end
end)

test("a POSIX name stays until it is unlinked", function()
   local x = "/" .. name("moonpool-test")
   local cleanup <close> = setmetatable({}, { __close = function() shm.unlink(x) end })
   local view, existed = shm.create(x, 16)
   equals(existed, false)
   equals(shm.path(x), "/dev/shm" .. x)
   view:write("posix"):close()
   local again <close> = assert(shm.open(x))
   equals(again:read(), "posix")
   equals(select(2, shm.create(x, 99)), true)
   refused(183, shm.create(x, 16, { exclusive = true }))
   equals(shm.unlink(x), true)
   refused(2, shm.unlink(x))
   refused(2, shm.open(x))
   equals(again:read(), "posix")
   equals(cleanup ~= nil, true)
end)

test("only POSIX names are unlinked", function()
   local x = name()
   local view <close> = assert(shm.create(x, 8))
   refused(87, shm.unlink(x))
   refused(87, shm.unlink([[Global\]] .. x))
   equals(view:check(), true)
end)

test("the path of a name is that of its file, which holds the bytes from 0", function()
   local x = name()
   local path = assert(shm.path(x))
   equals(path:sub(-#x), x)
   equals(shm.path([[Local\]] .. x), path)
   equals(shm.path([[Global\]] .. x), "/dev/shm/moonpool-global/" .. x)
   equals(shm.path("a/b.."):match("[^/]*$"), "a%2Fb..")
   equals(shm.path([[Local\..]]):match("[^/]*$"), "%2E.")
   refused(3, shm.path([[a\b]]))
   local view <close> = assert(shm.create(x, 5))
   view:write("bytes")
   local file <close> = assert(io.open(path, "rb"))
   equals(file:read("a"), "bytes")
end)

test("a foreign writer of the file writes the object", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   local file = assert(io.open(shm.path(x), "r+b"))
   file:write("from outside")
   file:close()
   equals(view:read(), "from outside")
end)

test("a metatable cannot be borrowed", function()
   local view <close> = assert(shm.create(name(), 8))
   local fake = setmetatable({}, getmetatable(view))
   raises("shm.view expected", function() return view.read(fake) end)
   raises("shm.view expected", function() return #fake end)
   raises("attempt to", function() view.field = 1 end)
   equals(view.nothing, nil)
end)

harness.finish()
