-- What hooks and finalizers do in the midst of an operation on messages.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, name = harness.test, harness.equals, harness.raises, harness.name

-- A hook that raises at the call or return number `at` of a function of C.
local function raise_at(event, at)
   debug.sethook(function()
      if debug.getinfo(2, "S").what ~= "C" then return end
      at = at - 1
      if at == 0 then
         debug.sethook()
         error("stopped by a hook", 0)
      end
   end, event)
end

test("what a hook raises is not lost in pop_all", function()
   local queue <close> = assert(shm.queue(nil, 1 << 20))
   local list = {}
   for i = 1, 3000 do list[i] = ("%08d"):format(i) end
   -- The first call is pop_all's own, the first return sethook's; then come the later batches.
   for at = 2, 6 do
      for _, event in ipairs { "c", "r" } do
         queue:push_all(list)
         raises("^stopped by a hook$", function()
            raise_at(event, at)
            queue:pop_all()
         end)
         queue:clear()
      end
   end
   queue:push_all(list)
   equals(#queue:pop_all(), 3000)
end)

-- Messages whose values take long enough to make for the collector to come.
local function long_message(number)
   local message = {}
   for i = 1, 20000 do message[i] = { number } end
   return message
end

-- Called when so much was made that the collector has looked at all there is: not yet for the bytes
-- of such a message, but before all of its value is there.
local much = {} --luacheck: ignore 241
for i = 1, 20000 do much[i] = { i } end
local function finalize_soon(finalizer)
   assert(#much == 20000)
   collectgarbage()
   collectgarbage("incremental", 200, 8)
   collectgarbage("stop")
   setmetatable({}, { __gc = finalizer })
   collectgarbage("restart")
end

test("a finalizer cannot move a topic's handle in the midst of its next", function()
   local attempts = {
      next = function(topic) return topic:next(0) end,
      messages = function(topic) return topic:messages(0)(topic) end,
      seek = function(topic) return topic:seek("oldest") end,
      skip = function(topic) return topic:skip() end,
   }
   local readers = {
      function(topic) return topic:next(0) end,
      function(topic) return (topic:messages(0)(topic)) end,
   }
   for what, attempt in pairs(attempts) do
      for _, read in ipairs(readers) do
         local topic <close> = assert(shm.topic(nil, 1 << 20, { from = "oldest" }))
         for number = 1, 3 do topic:publish(long_message(number)) end
         local outcome
         finalize_soon(function() outcome = { pcall(attempt, topic) } end)
         local first = read(topic)
         equals(outcome ~= nil, true)
         equals(outcome[1], false)
         equals(outcome[2]:match(": (.*)") or outcome[2],
                ("attempt to %s in a finalizer, in the midst of a read of the same topic")
                   :format((what == "next" or what == "messages") and "read" or what))
         equals(first[1][1], 1)
         equals(read(topic)[1][1], 2)
         equals(attempt(topic) ~= nil, true) -- outside of a read it may
      end
   end
end)

test("what only looks may look, and another handle may read", function()
   local topic_name = name()
   local topic <close> = assert(shm.topic(topic_name, 1 << 20, { from = "oldest" }))
   local other <close> = assert(shm.open_topic(topic_name, { from = "oldest" }))
   for number = 1, 3 do topic:publish(long_message(number)) end
   local seen
   finalize_soon(function()
      seen = { other:next(0)[1][1], topic:latest()[1][1], topic:sequence(), topic:position() }
   end)
   equals(topic:next(0)[1][1], 1)
   equals(table.concat(seen or {}, " "), "1 3 3 0")
   equals(topic:next(0)[1][1], 2)
end)

harness.finish()
