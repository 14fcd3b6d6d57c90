-- shm.wait beside objects: words of cells, and processes.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, refused = harness.test, harness.equals, harness.raises, harness.refused
local misused = harness.misused

local function times_out(value, why)
   equals(value, false, 2)
   equals(why, "timeout", 2)
end

-- A child, and its process.
local function child(command)
   local pipe = assert(io.popen("echo $$; exec " .. command))
   return assert(shm.process(pipe:read("n"))), pipe
end

-- MARK: words

test("a word is waited for while it is as expected", function()
   local view <close> = assert(shm.create(nil, 32))
   local event <close> = assert(shm.event(nil))
   for _, type in ipairs { "u32", "i32", "u64", "i64" } do
      local cell = view:atomic(8, type):store(7)
      times_out(shm.wait({ cell:when(7) }, { timeout = 0 }))
      times_out(shm.wait({ event, cell:when(7) }, { timeout = 0.03 }))
      equals(shm.wait { event, cell:when(6) }, 2)
      equals(shm.wait { cell:when(6), event }, 1)
      event:set()
      equals(shm.wait { event, cell:when(6) }, 1)
      equals(shm.wait { event, cell:when(6) }, 2)
      event:set()
      equals(shm.wait { cell:when(6), event }, 1)
      equals(event:wait(0), true)
   end
end)

test("the high half of eight bytes counts, too", function()
   local view <close> = assert(shm.create(nil, 8))
   local cell = view:atomic(0, "u64"):store(1 << 32)
   equals(shm.wait({ cell:when(0) }, { timeout = 0 }), 1)
   times_out(shm.wait({ cell:when(1 << 32) }, { timeout = 0.01 }))
end)

test("a change by another process ends the wait at once", function()
   local x = harness.name()
   local view <close> = assert(shm.create(x, 8))
   local event <close> = assert(shm.event(nil))
   local cell = view:atomic(0)
   local pipe = io.popen(("%s -e 'local c = shm.open([[%s]]):atomic(0) shm.sleep(0.1) c:add(1) c:wake()'")
      :format(arg[-1], x))
   local before = shm.now()
   equals(shm.wait({ event, cell:when(0) }, { timeout = 20 }), 2)
   assert(shm.now() - before > 0.05)
   pipe:close()
end)

test("a condition says what it waits for, and keeps its view", function()
   local x = harness.name()
   local view <close> = assert(shm.create(x, 8))
   local condition = view:atomic(4, "i32"):when(-1)
   equals(tostring(condition), ("i32 cell at offset 4 of %s is not -1"):format(x))
   collectgarbage()
   equals(shm.wait { condition }, 1)
   view:close()
   equals(tostring(condition), ("i32 cell at offset 4 of %s is not -1 (closed)"):format(x))
   raises("attempt to wait for item 1, i32 cell .* %(closed%)$", function() shm.wait { condition } end)
end)

test("a value that does not fit is misuse", function()
   local view <close> = assert(shm.create(nil, 8))
   local cell = view:atomic(0)
   misused("bad argument #1 to 'when' (-1 does not fit into u32 (0 to 4294967295))",
      function() cell:when(-1) end)
   misused("bad argument #1 to 'wait' (it takes a list: shm.wait{event})",
      function() shm.wait(cell:when(0)) end)
end)

test("memory that is gone ends a wait for its word with an error", function()
   local x = harness.name()
   local view = assert(shm.create(x, 8))
   local condition = view:atomic(0):when(0)
   io.open(shm.path(x), "w"):close()
   raises("wait: the memory of " .. x:gsub("%-", "%%-") .. " is gone",
      function() shm.wait { condition } end)
   view:close()
end)

-- MARK: processes

test("the end of a process ends the wait, by exit and by kill", function()
   for _, how in ipairs { "sleep 0.1", "sh -c 'sleep 0.1; kill -9 $$'" } do
      local process <close>, pipe = child(how)
      times_out(process:wait(0))
      times_out(shm.wait({ process }, { timeout = 0.01 }))
      equals(process:wait(20), true)
      equals(process:wait(), true)
      equals(shm.wait { process }, 1)
      pipe:close()
      equals(process:wait(0), true)
   end
end)

test("a wait for objects, words and processes ends with the first that comes about", function()
   local view <close> = assert(shm.create(nil, 8))
   local stop <close> = assert(shm.event(nil))
   local cell = view:atomic(0)
   local process <close>, pipe = child("sleep 0.2")
   local list = { stop, cell:when(0), process }
   times_out(shm.wait(list, { timeout = 0.05 }))
   local before = shm.now()
   equals(shm.wait(list, { timeout = 60 }), 3)
   assert(shm.now() - before < 30) -- it looked, and not at the end only
   cell:store(1)
   equals(shm.wait(list), 2)
   stop:set()
   equals(shm.wait(list), 1)
   equals(shm.wait(list), 2)
   pipe:close()
end)

test("a dead owner's mutex comes before a word that is met behind it", function()
   local x = harness.name()
   local lock <close> = assert(shm.mutex(x))
   local view <close> = assert(shm.create(nil, 8))
   local cell = view:atomic(0)
   local owner = harness.start("l = shm.mutex(...) l:lock() print('has it') io.stdout:flush() "
      .. "os.execute('kill -9 ' .. shm.pid())", x)
   equals(owner:read("l"), "has it")
   owner:close()
   local place, how = shm.wait { lock, cell:when(1) }
   equals(place, 1)
   equals(how, "abandoned")
   lock:unlock()
   equals(shm.wait { cell:when(1), lock }, 1)
end)

test("a process says its number, and is closed once", function()
   local us = assert(shm.process(shm.pid()))
   equals(us:pid(), shm.pid())
   equals(tostring(us), "process " .. shm.pid())
   equals(us:close(), true)
   equals(us:close(), true)
   equals(us:pid(), shm.pid())
   equals(tostring(us), "process " .. shm.pid() .. " (closed)")
   misused("attempt to use a closed process (" .. shm.pid() .. ")", function() us:wait(0) end)
   misused("attempt to wait for item 1, process " .. shm.pid() .. " (closed)",
      function() shm.wait { us } end)
end)

test("a number of no process is error 87", function()
   local _, message = refused(87, shm.process(0x7FFFFFFF))
   equals(message or select(2, shm.process(0x7FFFFFFF)), "process 2147483647: ERROR_INVALID_PARAMETER (87, ESRCH): "
      .. "no process has this number now")
   refused(87, shm.process(1 << 40))
   misused("bad argument #1 to 'process' (a process has a number from 1)",
      function() shm.process(0) end)
   misused("bad argument #1 to 'wait' (a timeout is seconds from 0, or nil for ever)",
      function() assert(shm.process(shm.pid())):wait(-1) end)
end)

test("descriptors of processes go with them", function()
   local function open()
      local count = 0
      local list <close> = io.popen("ls /proc/" .. shm.pid() .. "/fd")
      for _ in list:lines() do count = count + 1 end
      return count
   end
   collectgarbage()
   local before = open()
   for _ = 1, 50 do assert(shm.process(shm.pid())):close() end
   for _ = 1, 50 do shm.process(shm.pid()) end
   collectgarbage()
   assert(open() < before + 10) -- files of the tests before it may come and go
end)

test("all at once are those that can be taken", function()
   local view <close> = assert(shm.create(nil, 8))
   local event <close> = assert(shm.event(nil, { set = true, manual = true }))
   local us <close> = assert(shm.process(shm.pid()))
   for item, what in pairs { [us] = "process", [view:atomic(0):when(1)] = "cell's condition" } do
      misused("bad argument #1 to 'wait' (item 2 is a " .. what .. ", which nobody can take, as a "
         .. "wait for all does with each; wait for one)",
         function() shm.wait({ event, item }, { all = true }) end)
   end
end)

test("at most 64 are waited for, of whatever sort", function()
   local view <close> = assert(shm.create(nil, 8))
   local us <close> = assert(shm.process(shm.pid()))
   local list = {}
   for place = 1, 63 do list[place] = place % 2 == 0 and us or view:atomic(0):when(0) end
   list[64] = view:atomic(0):when(1)
   equals(shm.wait(list), 64)
   list[65] = us
   refused(87, shm.wait(list))
end)

harness.finish()
