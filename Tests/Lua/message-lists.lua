-- Lists of messages: what is none, which message is too large, and the way to what cannot be sent.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, name = harness.test, harness.equals, harness.name

-- Both senders of lists, on an object of their own.
local function each_sender(body)
   local queue <close> = assert(shm.queue(nil, 4096))
   body("push_all", function(list)
      local count, why, code = queue:push_all(list, 0)
      return count, why, code
   end, queue)
   local topic <close> = assert(shm.topic(nil, 4096))
   body("publish_all", function(list)
      local sequence, why, code = topic:publish_all(list)
      return sequence, why, code
   end, topic)
end

-- The error that a call raises, without its place.
local function misuse(body, ...)
   local well, complaint = pcall(body, ...)
   if well then error("no error was raised", 2) end
   return (complaint:gsub("^%S+:%d+: ", ""))
end

-- Nil, a message in which the text is, and the code.
local function refused(code, text, ...)
   local value, message, found = ...
   equals(value, nil, 2)
   equals(found, code, 2)
   if not message:find(text, 1, true) then error(message, 2) end
end

test("a table that is no list is misuse, and says which key it has", function()
   each_sender(function(word, send, object)
      local text = ("bad argument #1 to '%s' (a list has its messages at 1 to #list, and this has the "
         .. "key %%s)"):format(word)
      for _, case in ipairs { { { a = 1 }, "a" }, { { "x", "y", ["a b"] = 1 }, '["a b"]' },
         { { "x", [1.5] = 2 }, "[1.5]" }, { { [0] = "x" }, "[0]" }, { { "x", [9] = "y" }, "[9]" },
         { { {}, [-1] = {} }, "[-1]" }, { { {}, [false] = {} }, "[false]" },
         { { "x", [{}] = "y" }, nil } } do
         if case[2] then
            equals(misuse(send, case[1]), text:format(case[2]))
         else
            equals(misuse(send, case[1]):find("and this has the key [table: ", 1, true) ~= nil, true)
         end
      end
      equals(word == "push_all" and #object or object:sequence(), 0)
   end)
end)

test("a list is one whatever its keys came about in", function()
   each_sender(function(_, send)
      equals(send {}, 0)
      local backwards = {}
      for i = 9, 1, -1 do backwards[i] = "m" .. i end
      equals(send(backwards), 9)
      local grown = { a = 1 }
      for i = 1, 5 do grown[i] = i end
      grown.a = nil
      assert(send(grown) == 5 or send {} == 14)
   end)
   local queue <close> = assert(shm.queue(nil, 65536))
   local backwards = {}
   for i = 40, 1, -1 do backwards[i] = "m" .. i end
   equals(queue:push_all(backwards), 40)
   for i = 1, 40 do equals(queue:pop(0), "m" .. i) end
end)

test("which of them is too large is said", function()
   local large = ("x"):rep(3000)
   each_sender(function(word, send)
      local limit = word == "push_all" and 2032 or 1000
      refused(24, ("message 2 of 3 has 3000 bytes, and the largest that fits has %d; create it with "
         .. "more bytes"):format(limit), send { "a", large, "b" })
      refused(24, "the message has 3000 bytes", send { large })
      refused(24, "message 2 of 2 has 3004 bytes", send { 1, { large } })
   end)
end)

test("the way to what cannot be sent is as a script writes it", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   for _, case in ipairs {
      { { ["x y"] = { [1.5] = { [true] = print } } }, '["x y"][1.5][true]' },
      { { a = { ["b.c"] = { d_1 = print } } }, 'a["b.c"].d_1' },
      { { ["1"] = print }, '["1"]' }, { { [""] = print }, '[""]' },
      { { ['say "x"\n'] = print }, [=[["say \"x\"\n"]]=] },
      { { ["ä"] = print }, '["ä"]' }, { { { { b = print } } }, "[1][1].b" },
   } do
      equals(misuse(function() queue:push(case[1]) end),
         ("bad argument #1 to 'push' (%s: cannot send a function)"):format(case[2]))
   end
end)

test("a handle that only publishes reads nothing", function()
   local its = name()
   local topic <close> = assert(shm.topic(its, 4096, { access = "publish" }))
   equals(topic:publish_all { "a", "b" }, 2)
   for _, call in ipairs { "next", "latest", "skip", "seek" } do
      refused(5, call .. " ", topic[call](topic, call == "seek" and "oldest" or nil))
   end
   equals(topic:sequence(), 2)
   local reader <close> = assert(shm.open_topic(its, { access = "read", from = "oldest" }))
   equals(reader:skip(), 2)
   equals(reader:seek(1), 1)
end)

harness.finish()
