-- shm.list and shm.holders.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, refused = harness.test, harness.equals, harness.raises, harness.refused

-- The one object whose name ends so, in the list.
local function only(name, list)
   local found
   for _, object in ipairs(list) do
      if object.name and object.name:sub(-#name) == name then
         assert(not found, "twice")
         found = object
      end
   end
   return assert(found, "none")
end

test("an object is listed with what ls knows", function()
   local x = harness.name()
   local _ <close> = assert(shm.create(x, 300, { mode = "0640" }))
   local _ <close> = assert(shm.open(x))
   local object = only(x, assert(shm.list()))
   equals(object.name, "Local\\" .. x)
   equals(object.type, "mapping")
   equals(object.size, 300)
   equals(object.mode, "0640")
   equals(object.path, shm.path(x))
   equals(object.handles, 2)
   equals(math.type(object.owner), "integer")
end)

test("kinds have their types, and a pattern is one of Lua's", function()
   local x = harness.name()
   local _ <close> = assert(shm.create(x .. "-a.b", 8))
   local _ <close> = assert(shm.mutex(x .. "-lock"))
   local _ <close> = assert(shm.event(x .. "-event"))
   local plain = x:gsub("%p", "%%%0")
   equals(#assert(shm.list(plain)), 3)
   equals(assert(shm.list(plain .. "%-lock$"))[1].type, "mutex")
   equals(assert(shm.list(plain .. "%-event$"))[1].type, "event")
   equals(#assert(shm.list(plain .. ".a%.b$")), 1)
   equals(#assert(shm.list("^nobody has such a name$")), 0)
   raises("bad argument #1 to 'list' %(malformed pattern %(ends with '%%'%)%)$",
      function() shm.list("%") end)
   raises("malformed pattern", function() shm.list("[") end)
   raises("bad argument #1 to 'list' %(string expected, got table%)", function() shm.list {} end)
   raises("bad argument #2 to 'list' %(unknown option 'posx'", function() shm.list(nil, { posx = true }) end)
end)

test("names may hold any byte", function()
   local x = harness.name() .. "\xFF\n\x80"
   local _ <close> = assert(shm.create(x, 8))
   equals(only(x, assert(shm.list())).name, "Local\\" .. x)
end)

test("POSIX names are listed apart", function()
   local x = "/" .. harness.name()
   local _ <close> = assert(shm.create(x, 8))
   local object = only(x, assert(shm.list(nil, { posix = true })))
   equals(object.type, "posix")
   equals(object.handles, nil)
   equals(object.size, 8)
   for _, other in ipairs(assert(shm.list())) do assert(other.name ~= x) end
   equals(#assert(shm.holders(x)), 1)
   shm.unlink(x)
end)

test("many objects are listed, all of them", function()
   local x, held = harness.name(), {}
   for number = 1, 150 do held[number] = assert(shm.create(("%s%03d%s"):format(x, number, ("n"):rep(100)), 8)) end
   local list = assert(shm.list((x:gsub("%p", "%%%0"))))
   equals(#list, 150)
   for number = 2, 150 do assert(list[number - 1].name < list[number].name) end
   for _, view in ipairs(held) do view:close() end
end)

test("holders are the processes with a handle", function()
   local x = harness.name()
   local view <close> = assert(shm.create(x, 8))
   local _ <close> = assert(shm.open(x, { access = "r" }))
   local holders, others = assert(shm.holders(x))
   equals(#holders, 1)
   equals(others, nil)
   equals(holders[1].process, shm.pid())
   equals(holders[1].handles, 2)
   equals(holders[1].access, "rw")
   equals(holders[1].arguments[#holders[1].arguments], arg[0])
   equals(math.type(holders[1].user), "integer")
   equals(type(holders[1].command), "string")
   view:close()
   equals(assert(shm.holders(x))[1].access, "r")
end)

test("a name that nobody holds is error 2", function()
   refused(2, shm.holders(harness.name()))
   refused(3, shm.holders("a\\b"))
   refused(123, shm.holders("Local\\"))
   raises("bad argument #1 to 'holders' %(string expected, got nil%)", function() shm.holders(nil) end)
end)

harness.finish()
