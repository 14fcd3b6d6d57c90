-- Atomic cells: what they do to a word, and waiting for one (facts S23, S24).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local name = harness.name

local function cell_of(kind)
   local view = assert(shm.create(nil, 64))
   return view:atomic(8, kind), view
end

-- The body raises an error with exactly this text after its line.
local function says(text, body)
   raises("^[^:]+:%d+: " .. text:gsub("%p", "%%%0") .. "$", body)
end

local function values(...) return table.concat({ ... }, " ") end

local function quoted(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

-- A chunk in a process of its own; what it printed is read from the result.
local function start(chunk, ...)
   local words = { quoted(arg[-1]), "-" }
   for _, word in ipairs { ... } do words[#words + 1] = quoted(tostring(word)) end
   return assert(io.popen("printf %s " .. quoted(chunk) .. " | " .. table.concat(words, " ")))
end

-- Seconds, in hundredths; of the whole machine, so only for generous bounds.
local function uptime()
   local file <close> = assert(io.open("/proc/uptime"))
   return file:read("n")
end

local kinds <const> = {
   { "u32", 0, 0xFFFFFFFF }, { "i32", -0x80000000, 0x7FFFFFFF },
   { "u64", math.mininteger, math.maxinteger }, { "i64", math.mininteger, math.maxinteger },
}

test("each operation returns the value from before", function()
   for _, kind in ipairs(kinds) do
      local cell = cell_of(kind[1])
      equals(values(cell:add(12), cell:sub(2), cell:load()), "0 12 10")
      equals(values(cell:band(6), cell:bor(9), cell:bxor(3), cell:load()), "10 2 11 8")
      equals(values(cell:exchange(7), cell:load()), "8 7")
      cell:store(12)
      equals(values(cell["and"](cell, 6), cell["or"](cell, 9), cell:xor(3), cell:load()),
         "12 4 13 14")
   end
end)

test("cas says whether, and what was there", function()
   for _, kind in ipairs(kinds) do
      local cell = cell_of(kind[1]):store(5)
      local swapped, before = cell:cas(5, 6)
      equals(swapped, true)
      equals(before, 5)
      swapped, before = cell:cas(5, 7)
      equals(swapped, false)
      equals(before, 6)
      equals(cell:load(), 6)
   end
end)

test("arithmetic wraps at both ends", function()
   for _, kind in ipairs(kinds) do
      local cell = cell_of(kind[1])
      local lowest, highest = kind[2], kind[3]
      cell:store(highest):add(1)
      equals(cell:load(), lowest)
      equals(cell:sub(1), lowest)
      equals(cell:load(), highest)
   end
end)

test("operands may be written with or without a sign", function()
   local cell = cell_of("u32"):store(5)
   cell:add(-1)
   equals(cell:load(), 4)
   cell:add(0xFFFFFFFF)
   equals(cell:load(), 3)
   cell:band(~1)
   equals(cell:load(), 2)
   cell = cell_of("i32"):store(-1)
   cell:band(0xFFFFFFF0)
   equals(cell:load(), -16)
end)

test("a cell touches its own bytes only", function()
   for _, kind in ipairs(kinds) do
      local cell, view = cell_of(kind[1])
      local size = kind[1]:find("64") and 8 or 4
      view:write(("\xFF"):rep(64))
      cell:store(0):add(1)
      equals(view:read(64), ("\xFF"):rep(8) .. "\1" .. ("\0"):rep(size - 1)
         .. ("\xFF"):rep(64 - 8 - size))
   end
end)

test("what does not fit is misuse", function()
   local u32, i32 = cell_of("u32"), cell_of("i32")
   for text, body in pairs {
      ["bad argument #1 to 'store' (-1 does not fit into u32 (0 to 4294967295))"] =
         function() u32:store(-1) end,
      ["bad argument #1 to 'exchange' (4294967296 does not fit into u32 (0 to 4294967295))"] =
         function() u32:exchange(1 << 32) end,
      ["bad argument #1 to 'cas' (2147483648 does not fit into i32 (-2147483648 to 2147483647))"] =
         function() i32:cas(1 << 31, 0) end,
      ["bad argument #2 to 'cas' (-2147483649 does not fit into i32 (-2147483648 to 2147483647))"] =
         function() i32:cas(0, -(1 << 31) - 1) end,
      ["bad argument #1 to 'wait' (-1 does not fit into u32 (0 to 4294967295))"] =
         function() u32:wait(-1) end,
      ["bad argument #1 to 'add' (4294967296 does not fit into u32 (-2147483648 to 4294967295))"] =
         function() u32:add(1 << 32) end,
      ["bad argument #1 to 'band' (-2147483649 does not fit into i32 (-2147483648 to 4294967295))"] =
         function() i32:band(-(1 << 31) - 1) end,
      ["bad argument #1 to 'store' (number has no integer representation)"] =
         function() u32:store(1.5) end,
      ["bad argument #1 to 'wake' (wakes a number of waiters from 1)"] =
         function() u32:wake(0) end,
   } do
      says(text, body)
   end
   equals(u32:load(), 0)
   equals(i32:load(), 0)
end)

test("a cell is aligned and inside of its view", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   says("atomic: offset 2 is not aligned to 4 bytes, as u32 needs it",
      function() view:atomic(2) end)
   says("atomic: offset 4 is not aligned to 8 bytes, as i64 needs it",
      function() view:atomic(4, "i64") end)
   says("atomic of 4 bytes at offset 64 is not inside of " .. x .. " (64 bytes)",
      function() view:atomic(64) end)
   says("atomic of 8 bytes at offset 60 is not inside of " .. x .. " (64 bytes)",
      function() view:atomic(60, "u64") end)
   says("atomic of 4 bytes at offset -4 is not inside of " .. x .. " (64 bytes)",
      function() view:atomic(-4) end)
   equals(view:atomic(60):load(), 0)
   equals(tostring(view:atomic(56, "u64")), "u64 cell at offset 56 of " .. x .. " = 0")
   equals(tostring(view:atomic(4, "i32"):store(-7)), "i32 cell at offset 4 of " .. x .. " = -7")
   equals(tostring(view:atomic(4, "u32")), "u32 cell at offset 4 of " .. x .. " = 4294967289")
end)

test("a cell keeps its view, and ends with it", function()
   local cell = cell_of("u32")
   collectgarbage()
   collectgarbage()
   equals(cell:add(1), 0)
   local x = name()
   local view = assert(shm.create(x, 8))
   cell = view:atomic(0)
   view:close()
   for _, use in ipairs { "load", "store", "add", "cas", "exchange", "wait", "wake" } do
      says("attempt to use a closed view (of " .. x .. ")", function() cell[use](cell, 1, 1) end)
   end
   equals(tostring(cell), "u32 cell at offset 0 of " .. x .. " (closed)")
   raises("shm.cell expected, got shm.view", function() cell.load(view) end)
   raises("shm.cell expected, got no value", function() cell.load() end)
end)

test("a cell of a read-only view can load and wait only", function()
   local x = name()
   local view <close> = assert(shm.create(x, 8))
   local reader <close> = assert(shm.open(x, { access = "r" }))
   local cell = reader:atomic(0)
   view:atomic(0):store(3)
   equals(cell:load(), 3)
   equals(cell:wait(2), true)
   equals(cell:wait(3, 0.02), false)
   for _, use in ipairs { "store", "add", "sub", "and", "or", "xor", "exchange", "cas", "wake" } do
      says(use .. ": the view of " .. x .. " is read-only", function() cell[use](cell, 1, 1) end)
   end
end)

test("memory that is gone is an error, not a hang", function()
   local x = name()
   local view <close> = assert(shm.create(x, 8192))
   local cell = view:atomic(4096)
   io.open(assert(shm.path(x)), "w"):close()
   raises("^.*: wait: the memory of " .. x:gsub("%-", "%%-") .. " is gone", function()
      cell:wait(0)
   end)
   raises("load: the memory of", function() cell:load() end)
end)

-- MARK: waiting

test("fact S23: a value that differs is seen at once", function()
   local cell = cell_of("u32"):store(3)
   equals(cell:wait(2), true)
   equals(cell:wait(2, 0), true)
   equals(select("#", cell:wait(2)), 1)
end)

test("fact S23: a wait ends when its time is over", function()
   for _, kind in ipairs(kinds) do
      local cell = cell_of(kind[1])
      local begun = uptime()
      local woken, reason = cell:wait(0, 0.05)
      equals(woken, false)
      equals(reason, "timeout")
      local taken = uptime() - begun
      assert(taken > 0.03 and taken < 20, taken)
      equals(cell:wait(0, 0), false)
   end
end)

test("fact S23: a word of another size cannot be asked for", function()
   local view <close> = assert(shm.create(nil, 8))
   for _, kind in ipairs { "u8", "u16", "u24", "f32", "U32", "" } do
      says("bad argument #2 to 'atomic' (a cell is \"u32\", \"i32\", \"u64\" or \"i64\")",
         function() view:atomic(0, kind) end)
   end
end)

test("a timeout is seconds from 0, or nil", function()
   local cell = cell_of("u32")
   for _, timeout in ipairs { -1, -1e-9, 0 / 0, -math.huge, "1", {}, false } do
      says("bad argument #2 to 'wait' (a timeout is seconds from 0, or nil for ever)",
         function() cell:wait(0, timeout) end)
   end
   for _, timeout in ipairs { math.huge, math.maxinteger, 1e300, 1 } do
      equals(cell:wait(1, timeout), true)
   end
end)

test("fact S24: a wake reaches a waiter in another process", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local cell = view:atomic(0)
   local waiter = start([[
      local cell = assert(shm.open(...)):atomic(0)
      print(cell:wait(0))
   ]], x)
   -- The word stays what it is: only the wake can end that wait.
   local tries = 0
   while cell:wake() == 0 do
      tries = tries + 1
      assert(tries < 10000)
      cell:wait(0, 0.001)
   end
   equals(waiter:read("a"), "true\n")
   assert(waiter:close())
end)

test("as many are woken as were asked for", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local cell, asleep = view:atomic(0), view:atomic(4)
   local waiters = {}
   for place = 1, 3 do
      waiters[place] = start([[
         local view = assert(shm.open(...))
         local cell = view:atomic(0)
         view:atomic(4):add(1)
         while cell:load() == 0 do cell:wait(0) end
         print("woken")
      ]], x)
   end
   while asleep:load() < 3 do asleep:wait(asleep:load(), 0.01) end
   local woken, tries = cell:wake(), 0
   assert(woken <= 1)
   repeat
      asleep:wait(3, 0.01) -- who is woken looks, and sleeps again
      woken = cell:wake(math.maxinteger)
      tries = tries + 1
   until woken >= 3 or tries == 1000
   cell:store(1):wake(3)
   equals(woken, 3)
   for _, waiter in ipairs(waiters) do
      equals(waiter:read("a"), "woken\n")
      assert(waiter:close())
   end
end)

test("two processes take turns", function()
   local x, turns = name(), 2000
   local view <close> = assert(shm.create(x, 256))
   local ping, pong = view:atomic(0), view:atomic(64, "i64")
   local other = start([[
      local x, turns = ...
      local view = assert(shm.open(x))
      local ping, pong = view:atomic(0), view:atomic(64, "i64")
      for turn = 1, tonumber(turns) do
         while ping:load() < turn do ping:wait(turn - 1) end
         pong:store(-turn):wake()
      end
      print("done")
   ]], x, turns)
   for turn = 1, turns do
      ping:store(turn):wake()
      while pong:load() ~= -turn do pong:wait(1 - turn) end
   end
   equals(other:read("a"), "done\n")
   assert(other:close())
end)

test("additions of several processes are all there", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local chunk <const> = [[
      local view = assert(shm.open(...))
      local sum, swaps = view:atomic(0, "u64"), view:atomic(8)
      for _ = 1, 50000 do
         sum:add(3)
         repeat local now = swaps:load() until swaps:cas(now, now + 1)
      end
   ]]
   local one, two = start(chunk, x), start(chunk, x)
   assert(one:close() and two:close())
   equals(view:atomic(0, "u64"):load(), 300000)
   equals(view:atomic(8):load(), 100000)
end)

test("a change of the high word alone ends a wait", function()
   for _, wakes in ipairs { 1, 0 } do
      local x = name()
      local view <close> = assert(shm.create(x, 64))
      local cell, ready = view:atomic(0, "u64"), view:atomic(8)
      local waiter = start([[
         local view = assert(shm.open(...))
         view:atomic(8):store(1):wake()
         print(view:atomic(0, "u64"):wait(0, 20))
      ]], x)
      while ready:load() == 0 do ready:wait(0) end
      ready:wait(1, 0.02) -- into its sleep
      cell:store(1 << 32)
      if wakes == 1 then cell:wake() end
      equals(waiter:read("a"), "true\n")
      assert(waiter:close())
   end
end)

test("a waker that is killed before its wake hangs nobody", function()
   local x = name()
   local view <close> = assert(shm.create(x, 64))
   local cell, ready = view:atomic(0), view:atomic(8)
   local waiter = start([[
      local view = assert(shm.open(...))
      view:atomic(8):store(1):wake()
      print(view:atomic(0):wait(0))
   ]], x)
   while ready:load() == 0 do ready:wait(0) end
   ready:wait(1, 0.05)
   cell:store(1) -- and no wake
   equals(waiter:read("a"), "true\n")
   assert(waiter:close())
end)

harness.finish()
