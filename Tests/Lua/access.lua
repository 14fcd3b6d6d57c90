-- What a view may do (facts 10 to 13, 48, 49, 51, 55, 56, 70, 78, 104).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local refused, name = harness.refused, harness.name

local function readable(view)
   equals(view:access(), "r", 2)
   raises("is read%-only", function() view:write("x") end)
end

test("fact 10: objects are made for reading and writing, reading, and copying", function()
   for _, access in ipairs { "rw", "r", "copy" } do
      local view <close> = assert(shm.create(name(), 16, { access = access }))
      equals(view:access(), access)
      equals(view:read(16), ("\0"):rep(16))
   end
end)

test("facts 11, 55: any other access is misuse, execution too", function()
   for _, access in ipairs { "w", "x", "rx", "rwx", "", "RW", "read", 1, true } do
      local expected = [[option 'access' must be "rw", "r" or "copy"]]
      raises(expected, function() shm.create(name(), 16, { access = access }) end)
      raises(expected, function() shm.open(name(), { access = access }) end)
   end
end)

test("fact 12: an existing object made again for reading is only read", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   first:write("text")
   local second <close>, existed = shm.create(x, 256, { access = "r" })
   equals(existed, true)
   readable(second)
   equals(second:read(), "text")
   refused(5, second:map { access = "rw" })
   first:write("more")
   equals(second:read(), "more")
end)

test("facts 13, 56: a read-only object is never written", function()
   for _, access in ipairs { "r", "copy" } do
      local x = name()
      local first <close> = assert(shm.create(x, 256, { access = access }))
      refused(5, shm.create(x, 256))
      refused(5, shm.open(x))
      refused(5, first:map { access = "rw" })
      readable(assert(first:map { access = "r" }))
      readable(assert(shm.open(x, { access = "r" })))
      local own <close> = assert(first:map { access = "copy" })
      own:write("mine")
      equals(own:read(), "mine")
      local reader <close> = assert(shm.open(x, { access = "r" }))
      equals(reader:read(), "")
   end
end)

test("fact 48: a name that nobody made is error 2", function()
   refused(2, shm.open(name()))
   refused(2, shm.open([[Local\]] .. name()))
   refused(2, shm.open([[Global\]] .. name()))
   refused(2, shm.open("/" .. name()))
end)

test("facts 49, 70: what was opened for reading cannot be written", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   local reader <close> = assert(shm.open(x, { access = "r" }))
   readable(reader)
   refused(5, reader:map { access = "rw" })
   equals(first:read(), "")
end)

test("facts 51, 104: what was opened for copying reads and copies, and never gains more", function()
   local x = name()
   local first <close> = assert(shm.create(x, 256))
   local copy <close> = assert(shm.open(x, { access = "copy" }))
   refused(5, copy:map { access = "rw" })
   readable(assert(copy:map { access = "r" }))
   local another <close> = assert(copy:map { access = "copy" })
   another:write("mine")
   equals(copy:read(), "")
   equals(first:read(), "")
end)

test("fact 70: a view for reading of a handle for writing cannot be written", function()
   local view <close> = assert(shm.create(name(), 256))
   readable(assert(view:map { access = "r" }))
   equals(view:read(), "")
end)

test("facts 55, 78: the kernel shows a view with its access, and none executable", function()
   local x = name()
   local view <close> = assert(shm.create(x, 256))
   equals(harness.mappings(x), "rw-s")
   local reader <close> = assert(view:map { access = "r" })
   equals(harness.mappings(x), "r--s rw-s")
   local copy <close> = assert(view:map { access = "copy" })
   equals(harness.mappings(x), "r--s rw-p rw-s")
   view:close()
   reader:close()
   equals(harness.mappings(x), "rw-p")
   equals(copy:access(), "copy")
end)

test("a mode shuts nobody out of what is open", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16, { mode = "0400" }))
   view:write("fine")
   equals(view:read(), "fine")
end)

harness.finish()
