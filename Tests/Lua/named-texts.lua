-- What events, mutexes and semaphores say: texts, what is closed, what is misuse.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, refused = harness.test, harness.equals, harness.raises, harness.refused
local name = harness.name

-- A result that is exactly this, and nothing behind it.
local function is(expected, ...)
   equals((...), expected, 2)
   equals(select("#", ...), 1, 2)
end

test("memory that is gone is an error at every use", function()
   for _, each in ipairs {
      { shm.event, "set", "reset", "wait" }, { shm.mutex, "lock", "try", "unlock", "guard", "owner" },
      { function(x) return shm.semaphore(x, 1, 9) end, "acquire", "release" },
   } do
      for place = 2, #each do
         local x = name()
         local object <close> = assert(each[1](x))
         if each[place] == "unlock" then object:lock() end
         assert(io.open(assert(shm.path(x)), "w")):close()
         raises("gone", function() object[each[place]](object) end)
         raises("gone", function() shm.wait({ object }, { timeout = 0.05 }) end)
      end
   end
end)

test("a name that a stranger removed is told at the close", function()
   local x = name()
   local event = assert(shm.event(x))
   os.remove(assert(shm.path(x)))
   warn("@off")
   local closed, message = event:close()
   equals(closed, true)
   equals(message:match("^close " .. x:gsub("%-", "%%-") .. ": ERROR_FILE_NOT_FOUND %(2%)") ~= nil, true)
end)

test("tostring tells kind, name and state", function()
   local x, y = name(), name()
   local event <close> = assert(shm.event(x))
   equals(tostring(event), ("event of %s (not set)"):format(x))
   event:set()
   equals(tostring(event), ("event of %s (set)"):format(x))
   local manual <close> = assert(shm.event(name() .. "\n", { manual = true }))
   equals(tostring(manual):match("\\x0A %(manual, not set%)$") ~= nil, true)
   local mutex <close> = assert(shm.mutex(y))
   equals(tostring(mutex), ("mutex of %s (free)"):format(y))
   mutex:lock()
   equals(tostring(mutex), ("mutex of %s (locked by this interpreter)"):format(y))
   equals(harness.elsewhere("print(shm.open_mutex(...))", y), ("mutex of %s (locked)"):format(y))
end)

test("what is closed says so, and is closed again without harm", function()
   local x = name()
   local event, mutex = assert(shm.event(x)), assert(shm.mutex(name()))
   local slots = assert(shm.semaphore(name(), 1, 1))
   for _, object in ipairs { event, mutex, slots } do
      is(true, object:close())
      is(true, object:close())
   end
   local closed = "attempt to use a closed %s %%(of "
   for _, use in ipairs { "set", "reset", "wait" } do
      raises(closed:format("event") .. x:gsub("%-", "%%-") .. "%)$", function() event[use](event) end)
   end
   for _, use in ipairs { "lock", "try", "unlock", "guard", "owner" } do
      raises(closed:format("mutex"), function() mutex[use](mutex) end)
   end
   for _, use in ipairs { "acquire", "release" } do
      raises(closed:format("semaphore"), function() slots[use](slots) end)
   end
   equals(event:name(), x)
   equals(tostring(event), ("event of %s (closed)"):format(x))
   equals(tostring(mutex):match("%b()$"), "(closed)")
   equals(tostring(slots):match("%b()$"), "(closed)")
end)

test("an error stands at the caller's line", function()
   local closed = assert(shm.event(nil))
   closed:close()
   local line = debug.getinfo(1, "l").currentline
   raises((":%d: attempt to use a closed event %%(of an unnamed object%%)$"):format(line + 2),
      function() closed:set() end)
end)

test("the collector closes what nobody uses", function()
   local x = name()
   assert(shm.event(x))
   collectgarbage()
   refused(2, shm.open_event(x))
end)

test("timeouts are seconds from 0", function()
   local event <close> = assert(shm.event(nil, { manual = true, set = true }))
   local mutex <close> = assert(shm.mutex(nil))
   local slots <close> = assert(shm.semaphore(nil, 1, 1))
   local text = "a timeout is seconds from 0, or nil for ever"
   for _, value in ipairs { -1, -0.001, 0 / 0, -math.huge, "1", true, {} } do
      raises("bad argument #1 to 'wait' %(" .. text, function() event:wait(value) end)
      raises("bad argument #1 to 'lock' %(" .. text, function() mutex:lock(value) end)
      raises("bad argument #1 to 'guard' %(" .. text, function() mutex:guard(value) end)
      raises("bad argument #1 to 'acquire' %(" .. text, function() slots:acquire(value) end)
      raises("bad argument #2 to 'wait' %(option 'timeout' must be seconds from 0",
         function() shm.wait({ event }, { timeout = value }) end)
   end
   for _, value in ipairs { 0, 1, 0.5, math.huge, math.maxinteger } do
      is(true, event:wait(value))
      is(1, shm.wait({ event }, { timeout = value }))
   end
   refused(288, mutex:unlock())
   is(true, slots:acquire(math.huge))
end)

test("unknown options and wrong arguments are misuse", function()
   local x = name()
   raises("unknown option 'manuel' %(known: manual, set, mode, exclusive%)",
      function() shm.event(x, { manuel = true }) end)
   raises("option 'set' must be true or false", function() shm.event(x, { set = 1 }) end)
   raises("unknown option 'manual' %(known: mode, exclusive%)",
      function() shm.mutex(x, { manual = true }) end)
   raises("unknown option 'set' %(known: mode, exclusive%)",
      function() shm.semaphore(x, 0, 1, { set = true }) end)
   raises("unknown option 'mode' %(known: access%)",
      function() shm.open_event(x, { mode = "0600" }) end)
   raises("option 'access' must be \"all\", \"wait\" or \"modify\"",
      function() shm.open_event(x, { access = "rw" }) end)
   raises("options are given by name", function() shm.event(x, { true }) end)
   raises("options are given by name", function() shm.wait({}, { true }) end)
   raises("unknown option 'any' %(known: all, timeout%)", function() shm.wait({}, { any = true }) end)
   raises("option 'all' must be true or false", function() shm.wait({}, { all = 1 }) end)
   raises("bad argument #1 to 'wait' %(table expected, got no value%)", function() shm.wait() end)
   raises("bad argument #2 to 'semaphore' %(number expected, got no value%)",
      function() shm.semaphore(x) end)
   raises("bad argument #3 to 'semaphore' %(number expected, got no value%)",
      function() shm.semaphore(x, 1) end)
   raises("number has no integer representation", function() shm.semaphore(x, 1.5, 2) end)
   raises("bad argument #1 to 'event' %(string expected, got table%)", function() shm.event {} end)
   local slots <close> = assert(shm.semaphore(nil, 1, 1))
   raises("number expected, got string", function() slots:release("many") end)
   refused(2, shm.open_event(x))
end)

harness.finish()
