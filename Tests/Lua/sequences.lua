-- Records under a sequence word: update and snapshot.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, refused = harness.test, harness.equals, harness.raises, harness.refused
local name = harness.name

-- The body raises an error with exactly this text after its line.
local function says(text, body)
   raises("^[^:]+:%d+: " .. text:gsub("%p", "%%%0") .. "$", body)
end

local pair <const> = { first = 0, last = 4 }

test("a snapshot is what the last update wrote", function()
   local view <close> = assert(shm.create(nil, 64))
   for turn = 1, 3 do
      local same = view:update(8, 24, function(draft, torn)
         equals(torn, false)
         equals(#draft, 24)
         equals(draft:read(20, 4), turn == 1 and ("\0"):rep(20) or (turn - 1 .. ""):rep(20))
         draft:write((turn .. ""):rep(20), 4)
      end)
      equals(same, view)
      equals(view:snapshot(8, 24), string.pack("<I4", 2 * turn) .. (turn .. ""):rep(20))
   end
   equals(view:read(8), ("\0"):rep(8))
   equals(view:read(32, 32), ("\0"):rep(32))
end)

test("the words may be anywhere, and stay the protocol's", function()
   for place, options in ipairs {
      { sequence = 0 }, { sequence = 12 }, { sequence = 28 }, { sequence = 60 },
      { first = 0, last = 4 }, { first = 8, last = 28 }, { first = 28, last = 8 },
      { first = 12, last = 16 }, { first = 60, last = 8 },
   } do
      local view <close> = assert(shm.create(nil, 64))
      local words = { options.sequence or options.first, options.last }
      local function body(draft)
         local own = draft:read(24)
         draft:fill(0xAA)
         for _, word in ipairs(words) do -- they are not the draft's to change
            if word >= 8 and word < 32 then draft:write(own:sub(word - 7, word - 4), word - 8) end
         end
      end
      view:update(8, 24, body, options)
      view:update(8, 24, body, options)
      local expected = ("\0"):rep(8) .. ("\xAA"):rep(24) .. ("\0"):rep(32)
      for _, word in ipairs(words) do
         local value = string.pack("<I4", options.sequence and 4 or 2)
         expected = expected:sub(1, word) .. value .. expected:sub(word + 5)
      end
      equals(view:read(64), expected)
      equals(view:snapshot(8, 24, options), expected:sub(9, 32))
      assert(place)
   end
end)

test("nothing of a draft is seen before fn has returned", function()
   local view <close> = assert(shm.create(nil, 64))
   view:update(0, 16, function(draft)
      draft:write("half", 4)
      equals(view:read(16), ("\0"):rep(16))
      equals(view:snapshot(0, 16), ("\0"):rep(16))
   end)
   equals(view:read(4, 4), "half")
end)

test("an error in fn changes nothing and closes the draft", function()
   local view <close> = assert(shm.create(nil, 64))
   local kept
   raises("^[^:]+:%d+: on the way$", function()
      view:update(0, 16, function(draft)
         kept = draft
         draft:write("half", 4)
         error("on the way")
      end)
   end)
   equals(view:read(16), ("\0"):rep(16))
   equals(tostring(kept), "view of an unnamed object (closed)")
   says("attempt to use a closed view (of an unnamed object)", function() kept:write("x") end)
end)

test("a draft is a view of private memory", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local kept, cell
   view:update(8, 16, function(draft)
      kept, cell = draft, draft:atomic(8, "u64")
      equals(tostring(draft), "draft of " .. x .. " (16 bytes, rw)")
      equals(draft:name(), x)
      equals(draft:access(), "rw")
      cell:store(7)
      equals(draft:u32(4, 9):u32(4), 9) -- as any view's
      says("write of 2 bytes at offset 15 is not inside of " .. x .. " (16 bytes)",
         function() draft:write("xx", 15) end)
      for _, verb in ipairs { "map", "check" } do
         says(verb .. ": a draft of " .. x
            .. " is private memory until the update publishes it",
            function() draft[verb](draft, {}) end)
      end
      equals(draft:close(), true)
   end)
   equals(view:atomic(16, "u64"):load(), 7)
   raises("closed view", function() kept:read() end)
   raises("closed view", function() cell:load() end)
end)

test("an update inside of an update", function()
   local view <close> = assert(shm.create(nil, 64))
   view:update(0, 8, function(outer)
      view:update(0, 8, function(inner) inner:write("inn", 4) end)
      outer:write("out", 4)
   end)
   equals(view:snapshot(0, 8), string.pack("<I4", 4) .. "out\0")
end)

test("a view that fn closes is misuse, and nothing is written", function()
   local x = name()
   local other <close> = assert(shm.create(x, 16))
   local view = assert(shm.open(x))
   says("attempt to use a closed view (of " .. x .. ")", function()
      view:update(0, 8, function(draft)
         draft:write("text", 4)
         view:close()
      end)
   end)
   equals(other:read(16), ("\0"):rep(16))
end)

test("a writer that died in the middle is waited for, then repaired", function()
   local x = name()
   for _, options in ipairs { { sequence = 0 }, pair } do
      local view <close> = assert(shm.create(x, 64))
      view:update(8, 8, function(draft) draft:write("complete") end, options)
      view:atomic(0):add(1) -- as far as a writer came
      view:write("half", 8)
      for _, timeout in ipairs { 0, 0.03 } do
         local limited = { timeout = timeout }
         for key, value in pairs(options) do limited[key] = value end
         local value, message, code = view:snapshot(8, 8, limited)
         refused(1460, value, message, code)
         equals(message, "snapshot " .. x .. ": ERROR_TIMEOUT (1460): a writer is in the middle of "
            .. "its update; if it died there, the next update repairs the record")
      end
      view:update(8, 8, function(draft, torn)
         equals(torn, true)
         equals(draft:read(), "halflete")
         draft:write("repaired")
      end, options)
      equals(view:snapshot(8, 8, options), "repaired")
   end
end)

test("words wrap around", function()
   local view <close> = assert(shm.create(nil, 64))
   view:atomic(0):store(0xFFFFFFFE)
   for _ = 1, 2 do view:update(0, 8, function(draft) draft:write("text", 4) end) end
   equals(view:snapshot(0, 8), string.pack("<I4", 2) .. "text")
   view:atomic(0):store(0xFFFFFFFF)
   view:atomic(4):store(0) -- the next value of the first is the last's
   equals(select(3, view:snapshot(8, 4, { first = 0, last = 4, timeout = 0 })), 1460)
   view:update(8, 4, function(_, torn) equals(torn, true) end, pair)
   equals(view:atomic(0):load(), 1)
   equals(view:atomic(4):load(), 1)
end)

test("misuse is said with its text", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local reader <close> = assert(shm.open(x, { access = "r" }))
   local function nothing() end
   local function update(...)
      local arguments = table.pack(...)
      return function() view:update(table.unpack(arguments, 1, arguments.n)) end
   end
   local inside = " is not inside of " .. x .. " (64 bytes)"
   for text, body in pairs {
      ["update of 8 bytes at offset 60" .. inside] = update(60, 8, nothing),
      ["update of -1 bytes at offset 0" .. inside] = update(0, -1, nothing),
      ["update of 8 bytes at offset -1" .. inside] = update(-1, 8, nothing, { sequence = 0 }),
      ["a sequence word of 4 bytes at offset 64" .. inside] =
         update(0, 8, nothing, { sequence = 64 }),
      ["a sequence word of 4 bytes at offset 61" .. inside] =
         update(0, 8, nothing, { first = 0, last = 61 }),
      ["update: the sequence word's offset 2 is not aligned to 4 bytes"] = update(2, 8, nothing),
      ["bad argument #3 to 'update' (function expected, got no value)"] = update(0, 8),
      ["bad argument #4 to 'update' (table expected, got number)"] = update(0, 8, nothing, 0),
      ["bad argument #4 to 'update' (options are given by name)"] = update(0, 8, nothing, { 0 }),
      ["bad argument #4 to 'update' (unknown option 'timeout' (known: sequence, first, last))"] =
         update(0, 8, nothing, { timeout = 1 }),
      ["bad argument #4 to 'update' (option 'sequence' must be an offset from 0)"] =
         update(0, 8, nothing, { sequence = -4 }),
      ["bad argument #4 to 'update' (option 'sequence' excludes 'first' and 'last')"] =
         update(0, 8, nothing, { sequence = 4, first = 0, last = 8 }),
      ["bad argument #4 to 'update' (options 'first' and 'last' go together)"] =
         update(0, 8, nothing, { last = 4 }),
      ["bad argument #4 to 'update' (options 'first' and 'last' must be two words)"] =
         update(0, 8, nothing, { first = 4, last = 4 }),
      ["snapshot of 8 bytes at offset 60" .. inside] = function() view:snapshot(60, 8) end,
      ["bad argument #3 to 'snapshot' (unknown option 'x' (known: sequence, first, last, timeout))"] =
         function() view:snapshot(0, 8, { x = 1 }) end,
      ["bad argument #3 to 'snapshot' (option 'timeout' must be seconds from 0)"] =
         function() view:snapshot(0, 8, { timeout = -1 }) end,
      ["update: the view of " .. x .. " is read-only"] =
         function() reader:update(0, 8, nothing) end,
   } do
      says(text, body)
   end
   equals(view:read(64), ("\0"):rep(64))
   equals(reader:snapshot(0, 8), ("\0"):rep(8))
end)

test("a draft does not touch the sequence word", function()
   local view <close> = assert(shm.create(nil, 64))
   view:update(0, 16, function(draft) draft:f64(8, 0.1) end)
   local said = "update: the draft changed bytes %d to %d, where the sequence word is; leave them "
      .. "alone, or name another place by 'sequence', or 'first' and 'last'"
   says(said:format(0, 3), function()
      view:update(0, 16, function(draft) draft:u32(0, 7) end)
   end)
   says(said:format(4, 7), function()
      view:update(8, 16, function(draft) draft:u8(7, 1) end, { first = 0, last = 12 })
   end)
   says(said:format(-2, 1), function()
      view:update(2, 16, function(draft) draft:u8(1, 1) end, { sequence = 0 })
   end)
   equals(view:f64(8), 0.1)
   equals(view:u32(0), 2)
end)

test("memory that is gone is an error", function()
   for _, use in ipairs { "update", "snapshot" } do
      local x = name()
      local view <close> = assert(shm.create(x, 8192))
      local file = assert(shm.path(x))
      raises(use .. ": the memory of .* is gone", function()
         if use == "snapshot" then
            io.open(file, "w"):close()
            view:snapshot(4096, 8)
         else
            view:update(4096, 8, function() io.open(file, "w"):close() end)
         end
      end)
   end
end)

harness.finish()
