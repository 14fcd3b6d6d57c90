-- Several views of one object (facts 67, 71, 72, 76, 79, 81 to 83, 85, 90).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local name = harness.name

test("fact 67: two views of one object are one memory at two addresses", function()
   local x = name()
   local one <close> = assert(shm.create(x, 256))
   local two <close> = assert(one:map {})
   local three <close> = assert(shm.open(x))
   one:write("first", 0)
   two:write("second", 100)
   for _, view in ipairs { one, two, three } do
      equals(view:read(), "first")
      equals(view:read(nil, 100), "second")
   end
   equals(harness.mappings(x), "rw-s rw-s rw-s")
end)

test("fact 67: windows at different offsets meet in the same bytes", function()
   local view <close> = assert(shm.create(name(), 131072))
   local high <close> = assert(view:map { offset = 65536 })
   high:write("high")
   view:write("low", 65534)
   equals(view:read(6, 65534), "lowigh")
   equals(high:read(), "wigh")
end)

test("fact 71: a copy sees what others write until it is written itself", function()
   local view <close> = assert(shm.create(name(), 8192))
   local copy <close> = assert(view:map { access = "copy" })
   view:write("before")
   equals(copy:read(), "before")
   copy:write("x", 4096)
   view:write("after!")
   equals(copy:read(), "after!")
end)

test("fact 72: what a copy wrote is its own, and lost with it", function()
   local view <close> = assert(shm.create(name(), 8192))
   view:write("theirs")
   local copy <close> = assert(view:map { access = "copy" })
   copy:write("mine")
   view:write("theirs", 100)
   equals(copy:read(), "miners")
   equals(copy:read(nil, 100), "")
   equals(view:read(), "theirs")
   copy:close()
   equals(assert(view:map { access = "copy" }):read(), "theirs")
end)

test("fact 76: only a view can be mapped", function()
   local view <close> = assert(shm.create(name(), 16))
   local map = view.map
   for _, value in ipairs { 0, -1, "view", {}, io.stdout, print } do
      raises("shm.view expected", function() map(value, {}) end)
   end
   raises("shm.view expected", function() map(nil, {}) end)
end)

test("fact 79: only a view can be closed", function()
   local view <close> = assert(shm.create(name(), 16))
   for _, value in ipairs { 0, "view", {}, io.stdout, print } do
      raises("shm.view expected", function() view.close(value) end)
   end
   raises("shm.view expected, got no value", function() view.close() end)
   equals(io.type(io.stdout), "file")
end)

test("facts 81, 83: closing again is harmless", function()
   local view = assert(shm.create(name(), 16))
   local other <close> = assert(view:map {})
   equals(view:close(), true)
   equals(view:close(), true)
   other:write("whole")
   equals(other:read(), "whole")
end)

test("fact 82: a closed view says so and is no crash", function()
   local x = name()
   local view = assert(shm.create(x, 16))
   view:close()
   local expected = "attempt to use a closed view %(of " .. x:gsub("%-", "%%-") .. "%)$"
   for _, use in ipairs {
      function() view:read() end, function() view:read(4) end,
      function() view:write("x") end, function() view:size() end,
      function() return #view end, function() view:access() end,
      function() view:check() end,
   } do
      raises(expected, use)
   end
   equals(view:name(), x)
   equals(tostring(view), ("view of %s (closed)"):format(x))
end)

test("fact 85: a closed view cannot be mapped again", function()
   local view = assert(shm.create(name(), 16))
   view:close()
   raises("attempt to use a closed view", function() view:map {} end)
end)

test("fact 90: the content stays while a handle does", function()
   local view <close> = assert(shm.create(name(), 16))
   assert(view:map {}):write("v1"):close()
   equals(assert(view:map {}):read(), "v1")
end)

test("a view of a view has a handle of its own", function()
   local x = name()
   local view = assert(shm.create(x, 16))
   local window <close> = assert(view:map { length = 4 })
   view:close()
   equals(#assert(shm.open(x)), 16)
   equals(#assert(window:map {}), 16)
   equals(window:name(), x)
   equals(#window, 4)
end)

harness.finish()
