-- Queues: what a message is, order, waits, the end, jobs, errors.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused, refused, name = harness.test, harness.equals, harness.misused,
   harness.refused, harness.name

local function same(one, other)
   if type(one) ~= "table" or type(other) ~= "table" then
      return one == other and math.type(one) == math.type(other) or (one ~= one and other ~= other)
   end
   for key, value in pairs(one) do if not same(value, other[key]) then return false end end
   for key in pairs(other) do if one[key] == nil then return false end end
   return true
end

local function round_trip(value)
   local queue <close> = assert(shm.queue(nil, 1 << 20))
   assert(queue:push(value))
   local back = queue:pop()
   if not same(value, back) then error("it came back differently", 2) end
   return back
end

test("values come back as they were", function()
   for _, value in ipairs { "", "text", "\0\xff bytes", true, 0, 1, -1, 127, 128, -32, -33, 255, 256,
      65535, 65536, -128, -129, -32768, -32769, 1 << 31, (1 << 32) - 1, 1 << 32, -(1 << 31),
      -(1 << 31) - 1, math.maxinteger, math.mininteger, 0.0, 1.5, -0.0, 1e300, 1 / 0, 2.0 ^ 53,
      ("x"):rep(31), ("x"):rep(32), ("x"):rep(255), ("x"):rep(256), ("x"):rep(70000) } do
      round_trip(value)
      round_trip { value }
      round_trip { key = value, [7] = value }
   end
   local back = round_trip { 0 / 0, -0.0 }
   equals(1 / back[2], -1 / 0)
end)

test("tables: arrays, maps, nesting, any keys but tables", function()
   local long, wide = {}, {}
   for i = 1, 70000 do long[i] = i end
   for i = 1, 40 do wide["key" .. i] = { i, { i } } end
   for _, value in ipairs { {}, { 1, 2, 3 }, { 1, nil, 3 }, { a = 1 }, { [1.5] = "x", [true] = "y" },
      { {}, { {} } }, long, wide, { [-1] = 1, [0] = 2, 3 } } do round_trip(value) end
   local deep = 1
   for _ = 1, 100 do deep = { deep } end
   round_trip(deep)
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push(setmetatable({ 1 }, { __index = error, __pairs = error, __len = error }))
   equals(queue:pop()[1], 1)
end)

test("what cannot be sent is misuse, with the way to it", function()
   local queue <close> = assert(shm.queue(nil, 65536))
   local cycle = { {} }
   cycle[1].again = cycle
   local deep = 1
   for _ = 1, 101 do deep = { deep } end
   misused("bad argument #1 to 'push' (nil is no message, as pop returns it for what is none; push a "
              .. "table)", function() queue:push(nil) end)
   misused("bad argument #1 to 'push' (false is no message, as pop returns it for what is none; push "
              .. "a table)", function() queue:push(false) end)
   misused("bad argument #1 to 'push' (cannot send a function)", function() queue:push(print) end)
   misused("bad argument #1 to 'push' (a.b[3]: cannot send a function)",
           function() queue:push { a = { b = { 1, 2, print } } } end)
   misused("bad argument #1 to 'push' ([1].again: cannot send a table that contains itself)",
           function() queue:push(cycle) end)
   misused("bad argument #1 to 'push' (cannot send a table with a key that is none of string, "
              .. "number or boolean)", function() queue:push { [{}] = 1 } end)
   misused("bad argument #1 to 'push_all' ([3][1]: cannot send a function)",
           function() queue:push_all { 1, 2, { print } } end)
   misused("bad argument #1 to 'push_all' ([2]: nil is no message, as pop returns it for what is "
              .. "none; push a table)", function() queue:push_all(setmetatable({ 1, nil, 3 }, {})) end)
   local raised, complaint = pcall(queue.push, queue, deep)
   equals(raised, false)
   equals(complaint:match("cannot send tables nested more than 100 deep") ~= nil, true)
   equals(#queue, 0)
end)

test("messages come in their order, and around the end of the ring", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   local pushed, popped = 0, 0
   for turn = 1, 3000 do
      if queue:push(("%d %s"):format(pushed + 1, ("x"):rep(turn * 7 % 600)), 0) then
         pushed = pushed + 1
      else
         local text = queue:pop()
         popped = popped + 1
         equals(tonumber(text:match("^%d+")), popped)
      end
      equals(#queue, pushed - popped)
   end
   for _, text in ipairs(queue:pop_all()) do
      popped = popped + 1
      equals(tonumber(text:match("^%d+")), popped)
   end
   equals(popped, pushed)
   equals(queue:free(), queue:capacity())
end)

test("a full queue takes no more, and what is too large never fits", function()
   local queue <close> = assert(shm.queue(nil, 1))
   equals(queue:capacity(), 4096)
   equals(queue:limit(), 2032)
   equals(queue:push(("x"):rep(2032)), true)
   equals(queue:push(("x"):rep(2032)), true)
   equals(select("#", queue:push("x", 0)), 2)
   equals(queue:push("x", 0.01), false)
   equals(select(2, queue:push("x", 0.01)), "timeout")
   refused(24, queue:push(("x"):rep(2033)))
   equals(queue:push_all({ "a", "b" }, 0), 0)
   queue:pop()
   local count, why = queue:push_all({ ("y"):rep(1000), ("y"):rep(1000), "z" }, 0)
   equals(count, 2)
   equals(why, "timeout")
end)

test("batches", function()
   local queue <close> = assert(shm.queue(nil, 1 << 20))
   local list = {}
   for i = 1, 5000 do list[i] = i % 2 == 0 and { i } or "text " .. i end
   equals(queue:push_all(list), 5000)
   equals(#queue, 5000)
   local first = queue:pop_all(3)
   equals(#first, 3)
   equals(first[2][1], 2)
   local rest = queue:pop_all()
   equals(#rest, 4997)
   equals(rest[4997][1], 5000)
   equals(queue:pop_all(1, 0), false)
   equals(queue:push_all {}, 0)
   misused("bad argument #1 to 'pop_all' (at least one message is popped)",
           function() queue:pop_all(0) end)
end)

test("large messages", function()
   local queue <close> = assert(shm.queue(nil, 4 << 20))
   local large = ("x"):rep(2 * 1024 * 1024 - 16)
   equals(queue:limit(), #large)
   equals(queue:push(large), true)
   equals(queue:push("small"), true)
   equals(queue:pop() == large, true)
   equals(queue:pop(), "small")
end)

test("finish: the rest, then the end", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push("one")
   equals(queue:finish(), true)
   refused(232, queue:push("two"))
   refused(232, queue:push_all { "two" })
   equals(shm.wait({ queue }, { timeout = 0 }), 1)
   equals(queue:pop(), "one")
   equals(shm.wait({ queue }, { timeout = 0 }), 1)
   refused(109, queue:pop())
   refused(109, queue:pop_all())
   refused(109, queue:take())
   equals(queue:drain(), true)
   for _ in queue:messages() do error("there is none") end
end)

test("the loop ends with the end and with the time, and raises what else is wrong", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push_all { 1, 2 }
   local sum = 0
   for value in queue:messages(0.01) do sum = sum + value end
   equals(sum, 3)
end)

test("producers that close end the stream, unless a worker has something", function()
   local queue_name = name()
   local producer = assert(shm.queue(queue_name, 4096))
   producer:push("job")
   local consumer <close> = assert(shm.open_queue(queue_name))
   local job <close>, value = assert(consumer:take())
   equals(value, "job")
   producer:close()
   equals(consumer:pop(0), false) -- the job may come back
   equals(shm.wait({ consumer }, { timeout = 0 }), false)
   job:close()
   equals(shm.wait({ consumer }, { timeout = 0 }), 1)
   equals(consumer:pop(), "job")
   refused(109, consumer:pop())
   equals(shm.wait({ consumer }, { timeout = 0 }), 1)
   local late <close> = assert(shm.open_queue(queue_name))
   late:push("more")
   equals(consumer:pop(), "more")
   equals(consumer:pop(0), false) -- `late` may push again
end)

test("a queue that nobody has ever pushed into has not ended", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   equals(queue:pop(0), false)
   equals(shm.wait({ queue }, { timeout = 0.01 }), false)
end)

test("full, and all consumers gone", function()
   local queue_name = name()
   local producer <close> = assert(shm.queue(queue_name, 4096, { access = "push" }))
   do
      local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
      equals(consumer:pop(0), false)
   end
   equals(producer:push(("x"):rep(2000)), true)
   equals(producer:push(("x"):rep(2000)), true)
   refused(232, producer:push(("x"):rep(2000)))
   local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
   equals(producer:push(("x"):rep(2000), 0), false)
   equals(#consumer:pop_all(), 2)
end)

test("access says what a handle may do", function()
   local queue_name = name()
   local _ <close> = assert(shm.queue(queue_name, 4096))
   local pushes <close> = assert(shm.open_queue(queue_name, { access = "push" }))
   local pops <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
   refused(5, pushes:pop())
   refused(5, pops:push("x"))
   refused(5, pops:finish())
   equals(pushes:push("x"), true)
   equals(pops:pop(), "x")
   misused('bad argument #2 to \'open_queue\' (option \'access\' must be "all", "push" or "pop")',
           function() shm.open_queue(queue_name, { access = "wait" }) end)
end)

test("jobs: done, given back, tries", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push_all { "a", "b", "c" }
   local first, one = queue:take()
   local second, two = queue:take()
   equals(one .. two, "ab")
   equals(queue:pop(), "c")
   equals(queue:pop(0), false)
   equals(#queue, 3) -- "c" waits behind what is not done
   equals(queue:drain(0), false)
   equals(second:done(), true)
   equals(first:tries(), 1)
   equals(first:close(), true)
   equals(first:close(), true)
   local again, value = queue:take()
   equals(value, "a")
   equals(again:tries(), 2)
   equals(again:done(), true)
   equals(#queue, 0)
   equals(queue:drain(), true)
   equals(queue:free(), queue:capacity())
   harness.raises("attempt to use a settled job", function() again:done() end)
   harness.raises("attempt to use a settled job", function() again:tries() end)
   queue:push("d")
   local late = queue:take()
   queue:close()
   harness.raises("attempt to finish a job whose queue was closed", function() late:done() end)
   equals(late:close(), true)
end)

test("a job goes back at the end of its scope, by an error, and with its handle", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   queue:push("job")
   pcall(function()
      local _ <close> = assert(queue:take())
      error("it fails")
   end)
   local other = assert(shm.open_queue(queue_name))
   local job, value = other:take()
   equals(value, "job")
   equals(job:tries(), 2)
   other:close()
   equals(job:close(), true)
   local last <close>, again = queue:take()
   equals(again, "job")
   equals(last:tries(), 3)
   equals(last:done(), true)
end)

test("the last handle hears of what is left", function()
   local queue_name = name()
   local queue = assert(shm.queue(queue_name, 4096))
   local other = assert(shm.open_queue(queue_name))
   queue:push_all { 1, 2, 3 }
   equals(select("#", queue:close()), 1)
   local closed, warning = other:close()
   equals(closed, true)
   equals(warning:match("3 messages were never taken") ~= nil, true)
   refused(2, shm.open_queue(queue_name))
end)

test("what was popped behind a job is not left", function()
   local queue = assert(shm.queue(name(), 4096))
   queue:push_all { "job", "a", "b", "c" }
   local _ <close> = assert(queue:take())
   equals(table.concat(queue:pop_all(2), " "), "a b")
   equals(#queue, 4)
   local _, warning = queue:close()
   equals(warning:match("2 messages were never taken") ~= nil, true)
end)

test("wait: ready is what pop would not wait for", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   local stop <close> = assert(shm.event(nil))
   equals(shm.wait({ stop, queue }, { timeout = 0 }), false)
   queue:push("x")
   equals(shm.wait { stop, queue }, 2)
   equals(shm.wait { stop, queue }, 2)
   equals(queue:pop(), "x")
   equals(shm.wait({ stop, queue }, { timeout = 0 }), false)
   stop:set()
   equals(shm.wait({ stop, queue }, { all = true, timeout = 0 }), false)
   queue:push("y")
   equals(shm.wait({ stop, queue }, { all = true, timeout = 0 }), true)
   equals(stop:wait(0), false)
   equals(queue:pop(), "y")
end)

test("one name, one type; sizes; options", function()
   local queue_name = name()
   local queue <close>, existed = assert(shm.queue(queue_name, 5000))
   equals(existed, false)
   local again <close>, found = assert(shm.queue(queue_name, 1 << 20))
   equals(found, true)
   equals(again:capacity(), 8192)
   refused(6, shm.open(queue_name))
   refused(6, shm.event(queue_name))
   refused(183, shm.queue(queue_name, 4096, { exclusive = true }))
   refused(87, shm.queue(name(), 0))
   refused(87, shm.queue(name(), (1 << 30) + 1))
   refused(87, shm.queue(name(), 4096, { mode = "0644" }))
   refused(2, shm.open_queue(name()))
   equals(tostring(queue), ("queue of %s (0 messages, 8192 of 8192 bytes free)"):format(queue_name))
   queue:close()
   harness.raises("attempt to use a closed queue", function() queue:push("x") end)
   harness.raises("attempt to use a closed queue", function() queue:pop() end)
   equals(tostring(queue), ("queue of %s (closed)"):format(queue_name))
end)

test("bytes that are no value are error 13, and the next message comes", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   for _, text in ipairs { "\xc1", "\x92\x01", "\xdd\xff\xff\xff\xff", "\x81\xc0\x01", "\x01\x01",
      "\x81\xcb\x7f\xf8\0\0\0\0\0\0\x01", "\xdb\xff\xff\xff\xff", "\xc7\x01\x01x", "\xc0", "\xc2", "" } do
      queue:push(text)
      -- As a program in another language may have pushed it: as a value.
      local file <close> = assert(io.open(shm.path(queue_name), "r+b"))
      file:seek("set", 4224 + 8)
      local head = ("<I4"):unpack(file:read(4)) % 256 * 16
      file:seek("set", 8192 + head + 4)
      file:write("\2")
      file:flush()
      refused(13, queue:pop())
   end
   queue:push("good")
   equals(queue:pop(), "good")
end)

test("between processes", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 65536))
   local printed = harness.elsewhere([[
      local name = ...
      local queue <close> = assert(shm.open_queue(name, { access = "push" }))
      for i = 1, 1000 do assert(queue:push { number = i, text = ("x"):rep(i % 50) }) end
      print("pushed")]], queue_name)
   equals(printed, "pushed")
   local count = 0
   for value in queue:messages() do
      count = count + 1
      equals(value.number, count)
   end
   equals(count, 1000)
end)

harness.finish()
