-- Topics: every reader gets every message, losses, places, waits, the end, errors.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused, name = harness.test, harness.equals, harness.misused, harness.name

local function refuses(code, text, ...)
   harness.refused(code, ...)
   equals((select(2, ...)), text)
end

test("every reader gets every message, in order and with its sequence", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 65536))
   local other <close> = assert(shm.open_topic(n, { access = "read" }))
   equals(topic:latest(), nil)
   equals(topic:sequence(), 0)
   equals(topic:publish("text"), 1)
   equals(topic:publish_all { { a = 1 }, 2.5, true }, 4)
   for _, reader in ipairs { topic, other } do
      equals(reader:next(), "text")
      equals(reader:position(), 1)
      equals(select("#", reader:next(0)), 1)
      equals(reader:seek(2), 2)
      equals(reader:next(0).a, 1)
      equals(reader:position(), 2)
      local seen = {}
      for v, s in reader:messages(0) do seen[s] = v end
      equals(seen[3], 2.5)
      equals(seen[4], true)
      equals(table.concat({ tostring((reader:next(0))), (select(2, reader:next(0))) }, " "),
             "false timeout")
   end
   equals(topic:latest(), true)
   equals(tostring(topic), ("topic of %s (4 messages, the last 4 kept in 65536 bytes)"):format(n))
end)

test("messages of all sizes, up to the limit", function()
   local topic <close> = assert(shm.topic(nil, 1 << 16))
   for size = 0, topic:limit(), 37 do
      local text = string.char(size % 256):rep(size)
      local sequence = topic:publish(text)
      equals(topic:next(), text)
      equals((topic:latest()), text)
      equals(sequence, topic:sequence())
   end
   equals(topic:lost(), 0)
   equals(topic:limit(), (1 << 14) - 24)
   equals(#topic:latest() > 1024, true)
end)

test("what was lost is counted exactly, and told once", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 4096))
   local slow <close> = assert(shm.open_topic(n))
   local read = 0
   for lap = 1, 300 do
      for i = 1, lap % 200 do topic:publish { lap, i } end
      if slow:next(0) then
         read = read + 1
         local _, total = slow:lost()
         equals(read + total, slow:position())
      end
   end
   equals(slow:lost(), 0)
   equals(select(2, slow:lost()) > 1000, true)
end)

test("strict: a loss is error 1117, once", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 4096))
   local strict <close> = assert(shm.open_topic(n, { strict = true }))
   for i = 1, 129 do topic:publish(i % 10 .. "") end
   refuses(1117, ("next %s: ERROR_IO_DEVICE (1117): 1 message was lost, written over before this "
                     .. "reader came to read; call again to go on, or create it with more bytes")
              :format(n), strict:next())
   equals((strict:next()), "2")
   equals((strict:lost()), 1)
end)

test("strict: a loss is told once, and whole, however long the messages are", function()
   for _, length in ipairs { 20, 1000, 1100, 1500, 2000 } do
      local topic <close> = assert(shm.topic(nil, 8192, { from = "oldest", strict = true }))
      local function publish() for _ = 1, 300 do topic:publish(("x"):rep(length)) end end
      local function told()
         local _, message, code = topic:next(0)
         equals(code, 1117)
         equals(#topic:next(0), length)
         equals(tonumber(message:match(": (%d+) messages were lost")), topic:position() - 1)
      end
      publish()
      told()
      -- What is sought is gone, and more goes before it is read.
      topic:seek(1)
      publish()
      told()
      while topic:next(0) do end
      equals(topic:position(), 600)
   end
end)

test("places: from, seek, skip", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 4096))
   for i = 1, 200 do topic:publish(i .. "") end
   local function begins(from)
      local reader <close> = assert(shm.open_topic(n, { from = from }))
      local value = reader:next(0)
      return value, (select(2, reader:lost()))
   end
   equals(begins("next"), false)
   equals(begins("latest"), "200")
   equals(begins("oldest"), "73")
   equals(begins(150), "150")
   local value, lost = begins(10)
   equals(value, "73")
   equals(lost, 63)
   equals(topic:seek("oldest"), 73)
   equals(topic:skip(), 128)
   equals(topic:seek("latest"), 200)
   equals(topic:seek("next"), 201)
   equals(topic:seek(100), 100)
   equals((topic:next()), "100")
   equals(topic:lost(), 0)
   misused("bad argument #1 to 'seek' (it must be \"next\", \"latest\", \"oldest\" or a sequence "
              .. "from 1)", function() topic:seek("first") end)
   misused("bad argument #1 to 'seek' (it must be \"next\", \"latest\", \"oldest\" or a sequence "
              .. "from 1)", function() topic:seek(0) end)
   misused("bad argument #2 to 'open_topic' (option 'from' must be \"next\", \"latest\", \"oldest\" "
              .. "or a sequence from 1)", function() shm.open_topic(n, { from = true }) end)
   misused("bad argument #2 to 'open_topic' (unknown option 'form' (known: access, from, strict))",
           function() shm.open_topic(n, { form = "next" }) end)
end)

test("it is waited for from each handle's own place", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 4096))
   local reader <close> = assert(shm.open_topic(n, { access = "read" }))
   local stop <close> = assert(shm.event(nil))
   equals((shm.wait({ stop, reader }, { timeout = 0 })), false)
   topic:publish("x")
   equals((shm.wait { stop, reader }), 2)
   equals((shm.wait({ reader, stop }, { all = true, timeout = 0.01 })), false)
   stop:set()
   equals((shm.wait({ reader, stop }, { all = true })), true)
   equals((reader:next()), "x")
   equals((shm.wait({ stop, reader }, { timeout = 0.02 })), false)
   equals((shm.wait { stop, topic }), 2)
end)

test("the end, when all who published are gone", function()
   local n = name("t")
   local reader <close> = assert(shm.topic(n, 4096, { access = "read" }))
   do
      local publisher <close> = assert(shm.open_topic(n, { access = "publish" }))
      publisher:publish_all { "a", "b" }
      refuses(5, ("next %s: ERROR_ACCESS_DENIED (5): the handle was opened without the right to "
                     .. "read; open it with access \"read\" or \"all\""):format(n), publisher:next(0))
   end
   local seen = {}
   for value in reader:messages() do seen[#seen + 1] = value end
   equals(table.concat(seen), "ab")
   refuses(109, ("next %s: ERROR_BROKEN_PIPE (109): the end: all who published have gone, and "
                    .. "everything was read"):format(n), reader:next())
   equals((reader:latest()), "b")
   refuses(5, ("publish %s: ERROR_ACCESS_DENIED (5): the handle was opened without the right to "
                  .. "publish; open it with access \"publish\" or \"all\""):format(n),
           reader:publish("c"))
end)

test("what cannot be published", function()
   local n = name("t")
   local topic <close> = assert(shm.topic(n, 4096))
   misused("bad argument #1 to 'publish' (nil is no message, as next returns it for what is none; "
              .. "publish a table)", function() topic:publish(nil) end)
   misused("bad argument #1 to 'publish' (a.b[3]: cannot send a function)",
           function() topic:publish { a = { b = { 1, 2, print } } } end)
   misused("bad argument #1 to 'publish_all' ([2]: false is no message, as next returns it for what is "
              .. "none; publish a table)", function() topic:publish_all { 1, false } end)
   refuses(24, ("publish %s: ERROR_BAD_LENGTH (24): the message has 1001 bytes, and the largest that "
                   .. "fits has 1000; create it with more bytes"):format(n),
           topic:publish(("x"):rep(1001)))
   local u = name("u")
   refuses(87, ("create %s: ERROR_INVALID_PARAMETER (87): a topic has 1 to 1073741824 bytes")
              :format(u), shm.topic(u, 0))
   equals(topic:sequence(), 0)
   equals(topic:publish_all {}, 0)
   topic:close()
   misused(("attempt to use a closed topic (of %s)"):format(n), function() topic:next() end)
   equals(tostring(topic), ("topic of %s (closed)"):format(n))
end)

test("a finalizer that reads the same topic in the midst harms nothing", function()
   local topic <close> = assert(shm.topic(nil, 65536))
   for i = 1, 200 do topic:publish { i, { i } } end
   local last, seen = 0, 0
   for _ = 1, 200 do
      setmetatable({}, { __gc = function() topic:next(0) end })
      collectgarbage("step", 1)
      local value = topic:next(0)
      if not value then break end
      equals(value[1] > last, true)
      last, seen = value[1], seen + 1
   end
   equals(seen > 10, true)
   equals(topic:lost(), 0)
end)

harness.finish()
