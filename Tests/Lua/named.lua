-- Events, mutexes and semaphores (facts S1 to S3, S7 to S11, S13 to S22, S26, S27).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, refused = harness.test, harness.equals, harness.raises, harness.refused
local name = harness.name

-- A wait that ended without the object.
local function times_out(value, why, ...)
   equals(value, false, 2)
   equals(why, "timeout", 2)
   equals(select("#", ...), 0, 2)
end

-- A result that is exactly this, and nothing behind it.
local function is(expected, ...)
   equals((...), expected, 2)
   equals(select("#", ...), 1, 2)
end

local function seconds_of(body)
   local file = assert(io.open("/proc/uptime"))
   local before = file:read("n")
   body()
   file:seek("set")
   local after = file:read("n")
   file:close()
   return after - before
end

-- MARK: events

test("fact S1: a wait for an event that is not set times out", function()
   local event <close> = assert(shm.event(name()))
   times_out(event:wait(0))
   local took = seconds_of(function() times_out(event:wait(0.2)) end)
   assert(took > 0.15 and took < 20, took)
   times_out(event:wait(0.0))
end)

test("fact S2: an event is a flag: set twice, it ends one wait", function()
   local event <close> = assert(shm.event(name()))
   is(true, event:set())
   is(true, event:set())
   is(true, event:wait(0))
   times_out(event:wait(0))
end)

test("a manual event stays set until it is reset", function()
   local event <close> = assert(shm.event(name(), { manual = true, set = true }))
   is(true, event:wait())
   is(true, event:wait(0))
   is(true, event:reset())
   times_out(event:wait(0))
   is(true, event:reset())
   is(true, event:set())
   is(true, event:wait(5))
end)

test("fact S3: an existing event keeps its kind and its state", function()
   local x = name()
   local event <close>, first = assert(shm.event(x, { set = true }))
   local again <close>, second = assert(shm.event(x, { manual = true, set = false }))
   equals(first, false)
   equals(second, true)
   is(true, again:wait(0))
   times_out(event:wait(0))
   event:set()
   is(true, again:wait(0))
   times_out(again:wait(0))
end)

test("fact S7: a handle that may only wait does not set, and the reverse", function()
   local x = name()
   local event <close> = assert(shm.event(x, { manual = true, set = true }))
   local waiter <close> = assert(shm.open_event(x, { access = "wait" }))
   local setter <close> = assert(shm.open_event(x, { access = "modify" }))
   is(true, waiter:wait(0))
   refused(5, waiter:set())
   refused(5, waiter:reset())
   refused(5, setter:wait(0))
   refused(5, setter:wait())
   refused(5, shm.wait { event, setter })
   is(true, setter:reset())
   times_out(event:wait(0))
   is(true, setter:set())
   is(true, waiter:wait())
end)

test("fact S7: semaphores and mutexes have the same rights", function()
   local x, y = name(), name()
   local slots <close> = assert(shm.semaphore(x, 1, 2))
   local waiter <close> = assert(shm.open_semaphore(x, { access = "wait" }))
   local giver <close> = assert(shm.open_semaphore(x, { access = "modify" }))
   refused(5, giver:acquire(0))
   refused(5, waiter:release())
   is(true, waiter:acquire(0))
   is(0, giver:release())
   is(true, slots:acquire(0))
   local mutex <close> = assert(shm.mutex(y))
   local user <close> = assert(shm.open_mutex(y, { access = "wait" }))
   local other <close> = assert(shm.open_mutex(y, { access = "modify" }))
   is(true, user:lock())
   is(true, user:unlock())
   refused(5, other:lock(0))
   refused(5, other:try())
   refused(5, other:guard())
   is(true, mutex:try())
end)

test("fact S8: opening what nobody made is error 2, and no name is misuse", function()
   for _, open in ipairs { shm.open_event, shm.open_mutex, shm.open_semaphore } do
      refused(2, open(name()))
      refused(6, open(""))
      raises("bad argument #1 to 'open' %(string expected, got nil%)$", function()
         open(nil)
      end)
   end
end)

-- MARK: mutexes

test("fact S9: a mutex is locked as often as its owner likes", function()
   local mutex <close> = assert(shm.mutex(name()))
   is(true, mutex:lock())
   is(true, mutex:lock(1))
   is(true, mutex:try())
   for _ = 1, 3 do is(true, mutex:unlock()) end
   refused(288, mutex:unlock())
end)

test("recursion counts over all handles of an interpreter", function()
   local x = name()
   local one <close> = assert(shm.mutex(x))
   local two <close> = assert(shm.open_mutex(x))
   is(true, one:lock())
   is(true, two:lock(0))
   is(true, one:unlock())
   is(true, two:unlock())
   refused(288, one:unlock())
   refused(288, two:unlock())
   is(true, two:lock())
   is(true, one:unlock())
   equals(tostring(one), "mutex of " .. x .. " (free)")
end)

test("fact S10: an existing mutex is opened and not owned", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   local again <close>, existed = assert(shm.mutex(x))
   equals(existed, true)
   refused(288, again:unlock())
   equals(mutex:owner(), nil)
end)

test("fact S11: another process neither unlocks a mutex nor locks it", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   mutex:lock()
   local elsewhere = [[
      local mutex = assert(shm.open_mutex(...))
      print(select(3, mutex:unlock()), mutex:try(), mutex:lock(0.02))
   ]]
   equals(harness.elsewhere(elsewhere, x), "288\tfalse\tfalse\ttimeout")
   is(true, mutex:unlock())
   equals(harness.elsewhere(elsewhere, x), "288\ttrue\ttrue")
end)

test("a refused unlock says why", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   local _, message = mutex:unlock()
   equals(message, "unlock " .. x .. ": ERROR_NOT_OWNER (288): "
      .. "this owner does not hold it; unlock once for each lock")
end)

test("an owner is told by its process", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   is(nil, mutex:owner())
   mutex:lock()
   local process, ours = mutex:owner()
   equals(process, math.tointeger(io.open("/proc/self/stat"):read("n")))
   equals(ours, true)
   equals(harness.elsewhere("print(shm.open_mutex(...):owner())", x), process .. "\tfalse")
   mutex:unlock()
   is(nil, mutex:owner())
end)

test("a coroutine shares its interpreter's locks", function()
   local mutex <close> = assert(shm.mutex(name()))
   local co = coroutine.wrap(function()
      is(true, mutex:lock())
      coroutine.yield()
      is(true, mutex:unlock())
   end)
   co()
   is(true, mutex:try())
   is(true, mutex:unlock())
   co()
   refused(288, mutex:unlock())
end)

-- MARK: guards

test("a guard unlocks at the end of its scope, however that is left", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   local free, locked = ("mutex of %s (free)"):format(x),
      ("mutex of %s (locked by this interpreter)"):format(x)
   do
      local guard <close> = assert(mutex:guard())
      equals(tostring(mutex), locked)
      equals(tostring(guard), ("guard of %s (locked)"):format(x))
   end
   equals(tostring(mutex), free)
   raises("in the middle", function()
      local guard <close> = assert(mutex:guard(1))
      equals(select("#", guard), 1)
      error("in the middle")
   end)
   equals(tostring(mutex), free)
   for _ = 1, 2 do
      local guard <close> = assert(mutex:guard(0))
      local inner <close> = assert(mutex:guard(0))
      equals(tostring(inner) == tostring(guard), true)
   end
   equals(tostring(mutex), free)
end)

test("a guard that is unlocked early does nothing more", function()
   local mutex <close> = assert(shm.mutex(name()))
   do
      local guard <close> = assert(mutex:guard())
      is(true, guard:unlock())
      is(true, guard:unlock())
      equals(tostring(guard):match("%b()$"), "(unlocked)")
      is(true, mutex:lock())
   end
   is(true, mutex:unlock())
end)

test("a guard outlives nothing: a closed mutex, an unlocked one", function()
   local mutex = assert(shm.mutex(name()))
   do
      local guard <close> = assert(mutex:guard())
      mutex:close()
      equals(tostring(guard):match("%b()$"), "(locked)")
   end
   local other <close> = assert(shm.mutex(name()))
   do
      local guard <close> = assert(other:guard())
      is(true, other:unlock())
      refused(288, guard:unlock())
   end
   is(true, other:try())
end)

test("a guard that nobody closes is unlocked by the collector", function()
   local mutex <close> = assert(shm.mutex(name()))
   assert(mutex:guard())
   collectgarbage()
   refused(288, mutex:unlock())
end)

test("a guard that does not come is false", function()
   local x = name()
   local mutex <close> = assert(shm.mutex(x))
   mutex:lock()
   equals(harness.elsewhere([[
      local mutex = assert(shm.open_mutex(...))
      do local guard <close> = mutex:guard(0) end
      print(mutex:guard(0.02))
      print(pcall(assert, mutex:guard(0)))
   ]], x), "false\ttimeout\nfalse\ttimeout")
end)

-- MARK: semaphores

test("fact S13: counts that cannot be are error 87", function()
   for _, counts in ipairs { { 2, 1 }, { -1, 1 }, { 0, 0 }, { 0, -1 }, { 0, 1 << 31 },
      { 1 << 40, 1 << 40 }, { math.mininteger, math.maxinteger } } do
      refused(87, shm.semaphore(name(), counts[1], counts[2]))
      refused(87, shm.semaphore(nil, counts[1], counts[2]))
   end
   local most <close> = assert(shm.semaphore(name(), (1 << 31) - 1, (1 << 31) - 1))
   is(true, most:acquire(0))
   is((1 << 31) - 2, most:release())
   refused(298, most:release())
end)

test("fact S14: a semaphore counts down, and tells the count before", function()
   local slots <close> = assert(shm.semaphore(name(), 2, 5))
   is(true, slots:acquire())
   is(true, slots:acquire(0))
   times_out(slots:acquire(0))
   is(0, slots:release())
   is(1, slots:release(3))
   is(4, slots:release(1))
   is(true, slots:acquire(1))
end)

test("fact S15: past the maximum nothing is released", function()
   local x = name()
   local slots <close> = assert(shm.semaphore(x, 1, 3))
   refused(298, slots:release(3))
   refused(298, slots:release(1 << 40))
   refused(298, slots:release(math.maxinteger))
   equals(tostring(slots), ("semaphore of %s (1 of 3)"):format(x))
   is(1, slots:release(2))
   local _, message = slots:release()
   equals(message, ("release %s: ERROR_TOO_MANY_POSTS (298): "
      .. "1 more would exceed the maximum, 3"):format(x))
end)

test("fact S16: a release of nothing, or of less, is error 87", function()
   local slots <close> = assert(shm.semaphore(name(), 1, 3))
   refused(87, slots:release(0))
   refused(87, slots:release(-1))
   refused(87, slots:release(math.mininteger))
   is(1, slots:release())
end)

test("fact S17: an existing semaphore keeps its counts", function()
   local x = name()
   local slots <close> = assert(shm.semaphore(x, 1, 2))
   local again <close>, existed = assert(shm.semaphore(x, 5, 9))
   equals(existed, true)
   equals(tostring(again), ("semaphore of %s (1 of 2)"):format(x))
   refused(298, again:release(2))
   is(true, again:acquire(0))
   times_out(slots:acquire(0))
end)

-- MARK: several at once

test("fact S18: a view cannot be waited for, nor a cell", function()
   local view <close> = assert(shm.create(name(), 16))
   local event <close> = assert(shm.event(nil, { set = true }))
   local cell = view:atomic(0)
   local ways = {
      [view] = "a view, of which view:atomic%(offset%):wait%(value%) waits for a word%)$",
      [cell] = "a cell; say of which value it is to differ: cell:when%(value%)%)$",
   }
   for object, way in pairs(ways) do
      local item = "bad argument #1 to 'wait' %(item %d is " .. way
      raises(item:gsub("%%d", "1"), function() shm.wait { object } end)
      for _, options in ipairs { { all = true }, { timeout = 0 } } do
         raises(item:gsub("%%d", "2"), function() shm.wait({ event, object }, options) end)
      end
      raises("bad argument #1 to 'wait' %(it is " .. way, function() shm.wait(object) end)
   end
   raises("bad argument #1 to 'wait' %(it takes a list: shm.wait{event}%)$",
      function() shm.wait(event) end)
   is(true, event:wait(0))
end)

test("fact S19: what is closed, or no object, is misuse", function()
   local x = name()
   local event <close> = assert(shm.event(nil))
   local closed = assert(shm.mutex(x))
   closed:close()
   raises("attempt to wait for item 2, mutex of " .. x:gsub("%-", "%%-") .. " %(closed%)$",
      function() shm.wait { event, closed } end)
   for _, value in ipairs { "x", {}, io.stdout, print } do
      raises("bad argument #1 to 'wait' %(item 1 is no event, mutex, semaphore, queue, topic, cell's condition "
         .. "or process, but a %l+%)$",
         function() shm.wait { value } end)
   end
   raises("item 1 is a number; of a process, wait for shm.process%(number%)", function()
      shm.wait { 4711 }
   end)
   raises("item 1 is nil, as shm.process gives of a process that has ended; assert it", function()
      shm.wait { nil, event }
   end)
   raises("item 2 is no event, mutex, semaphore, queue, topic, cell's condition or process, but a userdata", function()
      shm.wait { event, io.stdout }
   end)
   for _, value in ipairs { 0, "x", {}, io.stdout, shm } do
      raises("shm.event expected, got ", function() event.wait(value) end)
   end
   raises("shm.event expected, got shm.mutex", function() event.wait(closed) end)
end)

test("fact S20: from 1 to 64 objects are waited for", function()
   local event <close> = assert(shm.event(nil, { manual = true, set = true }))
   local list = {}
   for _, options in ipairs { {}, { all = true } } do
      raises("bad argument #1 to 'wait' %(the list is empty; give 1 to 64 events, mutexes, semaphores, queues, topics, "
         .. "cell:when%(value%) and shm.process%(pid%): shm.wait{event, mutex}%)$",
         function() shm.wait(list, options) end)
   end
   for _, option in ipairs { "all", "timeout" } do
      raises(("bad argument #1 to 'wait' %%('%s' stands in a table of its own: "
         .. "shm.wait%%({event}, {%s = …}%%)%%)$"):format(option, option),
         function() shm.wait { event, [option] = 1 } end)
   end
   for place = 1, 64 do list[place] = event end
   is(1, shm.wait(list))
   list[65] = event
   refused(87, shm.wait(list, { all = true, timeout = 0 }))
   list[100] = event
   for place = 66, 99 do list[place] = event end
   local _, message, code = shm.wait(list)
   equals(code, 87)
   equals(message,
      "wait: ERROR_INVALID_PARAMETER (87): 100 objects are given; wait for 1 to 64")
end)

test("fact S21: of several the lowest is taken, and no other", function()
   local event <close> = assert(shm.event(nil))
   local mutex <close> = assert(shm.mutex(nil))
   local slots <close> = assert(shm.semaphore(nil, 1, 1))
   local list <const> = { event, mutex, slots }
   is(2, shm.wait(list))
   is(true, mutex:unlock())
   event:set()
   is(1, shm.wait(list))
   is(2, shm.wait { event, slots, mutex })
   times_out(shm.wait({ event, slots }, { timeout = 0.02 }))
   refused(288, mutex:unlock())
end)

test("fact S21: all are taken at once, or none", function()
   local event <close> = assert(shm.event(nil))
   local mutex <close> = assert(shm.mutex(nil))
   local slots <close> = assert(shm.semaphore(nil, 1, 1))
   local list, all <const> = { event, mutex, slots }, { all = true, timeout = 0.02 }
   times_out(shm.wait(list, all))
   refused(288, mutex:unlock())
   is(true, slots:acquire(0))
   event:set()
   times_out(shm.wait(list, all))
   slots:release()
   is(true, shm.wait(list, all))
   times_out(event:wait(0))
   times_out(slots:acquire(0))
   is(true, mutex:unlock())
   refused(288, mutex:unlock())
end)

test("fact S22: the same object twice is error 87 for all, and well for one", function()
   local x = name()
   local event <close> = assert(shm.event(x, { manual = true, set = true }))
   refused(87, shm.wait({ event, event }, { all = true }))
   is(1, shm.wait { event, event })
end)

-- MARK: names

test("fact S26: names are those of mappings", function()
   for _, make in ipairs { shm.event, shm.mutex, function(x) return shm.semaphore(x, 0, 1) end } do
      refused(3, make([[a\b]]))
      refused(123, make([[Local\]]))
      refused(161, make([[\a]]))
      refused(123, make("/a"))
      refused(206, make(("x"):rep(100000)))
      local long = name() .. ("x"):rep(300)
      local object <close> = assert(make(long))
      equals(object:name(), long)
      local again <close>, existed = assert(make([[Local\]] .. long))
      equals(existed, true)
      equals(again:name(), [[Local\]] .. long)
      local unnamed <close> = assert(make(""))
      equals(tostring(unnamed):match("of an unnamed object") ~= nil, true)
   end
end)

test("fact S27: an event x and a mapping Global\\x are two", function()
   local x = name()
   local event <close>, first = assert(shm.event(x))
   local view <close>, second = assert(shm.create([[Global\]] .. x, 16))
   equals(first, false)
   equals(second, false)
   view:write("mine")
   equals(event:wait(0), false)
   equals(view:read(), "mine")
end)

test("one name belongs to one type at a time", function()
   local x = name()
   local event <close> = assert(shm.event(x))
   refused(6, shm.mutex(x))
   refused(6, shm.semaphore(x, 0, 1))
   refused(6, shm.create(x, 16))
   refused(6, shm.open(x))
   refused(6, shm.open_mutex(x))
   refused(6, shm.open_semaphore(x))
   refused(6, shm.mutex(x, { exclusive = true }))
   refused(183, shm.event(x, { exclusive = true }))
   event:close()
   local view <close> = assert(shm.create(x, 16))
   refused(6, shm.event(x))
   refused(6, shm.open_event(x))
   view:close()
   assert(shm.mutex(x, { exclusive = true })):close()
   refused(2, shm.open_mutex(x))
end)

test("a mode that cannot be is error 87, and one that can is the file's", function()
   local x = name()
   refused(87, shm.event(name(), { mode = 0x1000 }))
   local event <close> = assert(shm.event(x, { mode = "0660" }))
   local pipe = assert(io.popen("stat -c %a '" .. assert(shm.path(x)) .. "'"))
   equals(pipe:read("l"):sub(-3), "660")
   pipe:close()
   equals(event:name(), x)
end)

test("who may only read could block: such a mode is error 87", function()
   local makers = {
      ["an event"] = shm.event, ["a mutex"] = shm.mutex,
      ["a semaphore"] = function(x, options) return shm.semaphore(x, 1, 1, options) end,
   }
   for one, make in pairs(makers) do
      for _, mode in ipairs { "0644", "0640", "0604", "0664", "0646", "0755" } do
         local x = name()
         refused(87, make(x, { mode = mode }))
         local _, message = make(x, { mode = mode })
         equals(message, ("create %s: ERROR_INVALID_PARAMETER (87): who may only read %s could block "
            .. 'it and not use it; mode = "0666" or "0600"'):format(x, one))
      end
      for _, mode in ipairs { "0600", "0666", "0660", "0606", "0622" } do
         assert(make(name(), { mode = mode })):close()
      end
   end
   assert(shm.create(name(), 16, { mode = "0644" })):close()
end)

test("check tells whether the name is still there", function()
   local made = { shm.event(name()), (shm.mutex(name())), (shm.semaphore(name(), 1, 1)) }
   for _, object in pairs(made) do
      is(true, object:check())
      assert(os.remove(shm.path(object:name())))
      refused(2, object:check())
      local _, message = object:check()
      equals(message:match("^check (%S+): ERROR_FILE_NOT_FOUND %(2%): "), object:name() )
      equals(message:find("another program removed the name although it was held", 1, true) ~= nil, true)
      object:close()
      raises("attempt to use a closed %l+ %(of ", function() object:check() end)
   end
end)

test("a mutex whose file was removed says so when it is locked for the first time", function()
   for _, lock in ipairs {
      function(mutex) return mutex:lock() end, function(mutex) return mutex:lock(1) end,
      function(mutex) return mutex:try() end, function(mutex) return shm.wait({ mutex }, { all = true }) end,
      function(mutex) return (shm.wait { mutex } == 1), select(2, shm.wait { mutex }) end,
   } do
      local mutex = assert(shm.mutex(name()))
      assert(os.remove(shm.path(mutex:name())))
      local locked, why = lock(mutex)
      equals(locked, true)
      equals(why == "removed" or why == nil and mutex:owner() ~= nil, true)
      mutex:close()
   end
   local mutex = assert(shm.mutex(name()))
   assert(os.remove(shm.path(mutex:name())))
   local guard <close>, why = mutex:guard()
   equals(why, "removed")
   equals(tostring(guard):match("%b()$"), "(locked)")
   mutex:close()
end)

test("what has no name is its own", function()
   local one <close> = assert(shm.event(nil))
   local two <close> = assert(shm.event(nil))
   one:set()
   times_out(two:wait(0))
   equals(one:name(), nil)
   equals(tostring(two), "event of an unnamed object (not set)")
   local mutex <close> = assert(shm.mutex(nil))
   is(true, mutex:lock())
   is(true, mutex:unlock())
end)

harness.finish()
