-- view:pack and view:unpack: what string.pack and string.unpack do, in place.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, name = harness.test, harness.equals, harness.name

local function says(expected, body, ...)
   local well, complaint = pcall(body, ...)
   if well then error("no error was raised", 2) end
   equals((complaint:gsub("^[^:]*%.lua:%d+: ", "")), expected, 2)
end

local SIZE <const> = 4096
local background <const> = ("\xA5"):rep(SIZE)

-- ---- random formats ----

local random = math.random
local function pick(list) return list[random(#list)] end

local function bytes(most)
   local length = random(0, most)
   local all = {}
   for place = 1, length do all[place] = string.char(random(0, 255)) end
   return table.concat(all)
end

local function integer()
   local kind = random(6)
   if kind == 1 then return random(-2, 2) end
   if kind == 2 then return pick { math.mininteger, math.maxinteger } end
   if kind == 3 then return random(0) end
   local edge = 1 << (random(1, 8) * 8 - random(0, 1))
   return pick { edge - 1, edge, -edge, -edge - 1 }
end

local function fitting(size, signed)
   if size >= 8 then return random(0) end
   local value = random(0) & ((1 << size * 8) - 1)
   return signed and value - (value >> (size * 8 - 1) << size * 8) or value
end

local function float()
   return pick { 0.0, -0.0, 1 / 0, -1 / 0, 0.1, 1e300, -5e-324, random() * 10.0 ^ random(-40, 40), 7 }
end

local sizes <const> = { b = 1, h = 2, i = 4, l = 8, j = 8, t = 8, s = 8 }

-- An option and its value; `wild`: one that may be refused.
local function option(wild)
   local letter = pick { "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T", "f", "d", "n", "s",
      "z", "c", "x", "X", "<", ">", "=", "!", " " }
   if letter == "f" or letter == "d" or letter == "n" then return letter, float() end
   if letter == "z" then return letter, wild and bytes(9) or (bytes(9):gsub("\0", "")) end
   if letter == "c" then
      local value = bytes(9)
      if wild and random(8) == 1 then return "c ", value end
      return letter .. (wild and random(0, 9) or #value + random(0, 3)), value
   end
   if letter == "X" then
      return letter .. pick(wild and { "", "x", "z", "c4", "i3", "<", "X", "!4", "!4i4" }
         or { "b", "h", "i2", "i4", "d", "s1", "x", "j" })
   end
   if letter == "!" then return letter .. pick(wild and { "", "0", "3", "17", "16" }
      or { "", "1", "2", "4", "8", "16" }) end
   if ("x<>= "):find(letter, 1, true) then return letter end
   local size = sizes[letter:lower()]
   if letter == "i" or letter == "I" or letter == "s" then
      if random(2) == 1 then
         size = random(wild and 0 or 1, wild and 18 or 16)
         letter = letter .. size
      end
      if letter:find("^s") then return letter, bytes(wild and 300 or 20) end
   end
   if wild then return letter, pick { integer(), float(), "x", "12" } end
   return letter, fitting(size, letter:find("^%l") ~= nil)
end

-- A format, and its values with their number.
local function format(wild)
   local options, values = {}, { n = 0 }
   for place = 1, random(0, 12) do
      local value
      options[place], value = option(wild)
      if value ~= nil then
         values.n = values.n + 1
         values[values.n] = value
      end
   end
   if wild and random(8) == 1 then
      options[#options + 1] = pick { "q", "c", "i0", "s17", "\x80", "5", "%" }
   end
   return table.concat(options), values
end

-- The reason in the brackets of "bad argument", or the text.
local function reason(complaint)
   complaint = complaint:gsub("^[^:]*%.lua:%d+: ", "")
   return complaint:match("^bad argument #%d+ to '.-' %((.*)%)$") or complaint
end

-- string.pack as if its result began at this offset.
local function expected_at(offset, text, values)
   local well, packed = pcall(string.pack, ("c%d "):format(offset) .. text, "", table.unpack(values, 1,
      values.n))
   return well, well and packed:sub(offset + 1) or reason(packed)
end

local function same(one, other)
   return one == other and math.type(one) == math.type(other)
      or one ~= one and other ~= other
end

local function agrees(view, offset, text, values)
   view:write(background)
   local well, expected = expected_at(offset, text, values)
   local done, found = pcall(view.pack, view, text, offset, table.unpack(values, 1, values.n))
   local what = ("%q at %d"):format(text, offset)
   if not well then
      assert(not done, what)
      assert(reason(found) == expected, what .. ": " .. reason(found) .. " for " .. expected)
      assert(view:read(SIZE) == background, what)
      return false
   end
   assert(done, what .. ": " .. tostring(found))
   assert(found == offset + #expected, what)
   assert(view:read(SIZE) == background:sub(1, offset) .. expected
      .. background:sub(offset + #expected + 1), what)
   local inside = (background:sub(1, offset) .. expected)
   local wanted = table.pack(string.unpack(text, inside, offset + 1))
   local got = table.pack(view:unpack(text, offset))
   assert(got.n == wanted.n, what)
   for place = 1, got.n - 1 do assert(same(got[place], wanted[place]), what) end
   assert(got[got.n] == wanted[wanted.n] - 1, what)
   return true
end

test("what fits has the bytes and values of string.pack, at any offset", function()
   local view <close> = assert(shm.create(nil, SIZE))
   local done = 0
   for round = 1, 6000 do
      if agrees(view, round % 3 == 0 and 0 or random(0, 40), format(false)) then done = done + 1 end
   end
   assert(done > 4000, done)
end)

test("what string.pack refuses is refused with its words, and writes nothing", function()
   local view <close> = assert(shm.create(nil, SIZE))
   local refused = 0
   for _ = 1, 6000 do
      if not agrees(view, random(0, 40), format(true)) then refused = refused + 1 end
   end
   assert(refused > 2000, refused)
end)

test("random bytes are unpacked or refused as by string.unpack", function()
   local view <close> = assert(shm.create(name(), 64))
   local refused, done = 0, 0
   for _ = 1, 6000 do
      local data = bytes(64)
      if random(2) == 1 then data = data:gsub("[\x80-\xFF]", "\0") end
      data = data .. ("\0"):rep(64 - #data)
      view:write(data)
      local text, offset = format(true), random(0, 64)
      local wanted = table.pack(pcall(string.unpack, text, data, offset + 1))
      local got = table.pack(pcall(view.unpack, view, text, offset))
      local what = ("%q at %d of %q"):format(text, offset, data)
      assert(wanted[1] == got[1], what .. tostring(got[2]) .. tostring(wanted[2]))
      if wanted[1] then
         assert(got.n == wanted.n, what)
         for place = 1, got.n - 1 do assert(same(got[place], wanted[place]), what) end
         assert(got[got.n] == wanted[wanted.n] - 1, what)
         done = done + 1
      else
         refused = refused + 1
      end
   end
   assert(refused > 500 and done > 500, refused .. " " .. done)
end)

-- ---- by hand ----

test("unpack returns the values and then the next offset", function()
   local view <close> = assert(shm.create(nil, 32))
   equals(view:pack("<I4 z s2 !8 d", 0, 7, "name", "text", 0.5), 24)
   local a, b, c, d, next, none = view:unpack("<I4 z s2 !8 d", 0)
   equals(a, 7)
   equals(b, "name")
   equals(c, "text")
   equals(d, 0.5)
   equals(next, 24)
   equals(none, nil)
   equals(view:unpack("", 32), 32)
   equals(view:pack("", 32), 32)
   equals(select("#", view:unpack(("B"):rep(20), 0)), 21)
end)

test("alignment counts from the view's first byte", function()
   local view <close> = assert(shm.create(nil, 32))
   view:fill(0xA5)
   equals(view:pack("!4 B I4", 1, 1, 2), 8)
   equals(view:read(9), "\xA5\x01\0\0\x02\0\0\0\xA5")
   equals(view:pack("!8 Xd", 9), 16)
   equals(view:read(9, 8), "\xA5" .. ("\0"):rep(7) .. "\xA5")
end)

test("pack is all or nothing, and unpack stays inside", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   view:fill(0xA5)
   local function outside(length, offset, call)
      says(("%s of %d bytes at offset %d is not inside of %s (16 bytes)"):format(
         call and "unpack" or "pack", length, offset, x), function()
         if call then return view:unpack(call, offset) end
         return view:pack("<I4 I4 c4", offset, 1, 2, "abcd")
      end)
   end
   for _, offset in ipairs { 5, 16, 17, -1, -12, math.maxinteger, math.mininteger } do
      outside(12, offset)
      outside(12, offset, "<I4 I4 c4")
   end
   outside(0, 17, "")
   outside(1, 16, "z")
   equals(view:read(16), ("\xA5"):rep(16))
   equals(view:pack("<I4 I4 c4", 4, 1, 2, "abcd"), 16)
end)

test("a length in the memory is not believed", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   for _, length in ipairs { 9, 255, 0x7FFFFFFF, math.maxinteger } do
      view:pack("<I8", 0, length)
      says(("unpack of %d bytes at offset 8 is not inside of %s (16 bytes)"):format(length, x),
         function() return view:unpack("<s8", 0) end)
   end
   view:pack("<i8", 0, -1)
   says(("unpack of %d bytes at offset 8 is not inside of %s (16 bytes)"):format(math.maxinteger,
      x), function() return view:unpack("<s8", 0) end)
   view:pack("<I8", 0, 8)
   equals(view:unpack("<s8", 0), ("\0"):rep(8))
   view:fill(0x41)
   says(("unpack: unfinished string for format 'z' at offset 3 of %s"):format(x), function()
      return view:unpack("z", 3)
   end)
   says("unpack: 9-byte integer at offset 0 does not fit into Lua Integer", function()
      return view:unpack("I9", 0)
   end)
end)

test("misuse has string.pack's words", function()
   local view <close> = assert(shm.create(nil, 64))
   local function refuses(expected, ...) says(expected, function(...) view:pack(...) end, ...) end
   refuses("bad argument #1 to 'pack' (string expected, got no value)")
   refuses("bad argument #2 to 'pack' (number expected, got no value)", "b")
   refuses("bad argument #3 to 'pack' (number expected, got no value)", "b", 0)
   refuses("bad argument #4 to 'pack' (integer overflow)", "bb", 0, 1, 128)
   refuses("bad argument #3 to 'pack' (unsigned overflow)", "B", 0, -1)
   refuses("bad argument #3 to 'pack' (string longer than given size)", "c2", 0, "abc")
   refuses("bad argument #3 to 'pack' (string length does not fit in given size)", "s1", 0,
      ("x"):rep(256))
   refuses("bad argument #3 to 'pack' (string contains zeros)", "z", 0, "a\0b")
   refuses("bad argument #1 to 'pack' (invalid next option for option 'X')", "X", 0)
   refuses("bad argument #1 to 'pack' (format asks for alignment not power of 2)", "!4i3", 0, 1)
   refuses("invalid format option 'q'", "q", 0)
   refuses("missing size for format option 'c'", "c", 0, "x")
   refuses("integral size (17) out of limits [1,16]", "i17", 0, 1)
   -- Numbers end where an int does, as in string.pack, which would first make a string of it.
   refuses("invalid format option '7'", "c2147483647", 0, "x")
   refuses("invalid format option '9'", "c9999999999", 0, "x")
   says("invalid format option 'q'", function() view:unpack("q", 0) end)
   says("bad argument #1 to 'unpack' (string expected, got nil)", function() view:unpack(nil, 0) end)
   equals(view:pack("zs1", 0, 12, 1.5), 7)
   equals(view:unpack("z", 0), "12")
end)

test("a read-only view is not packed, and a closed one says so", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   local reader = assert(view:map { access = "r" })
   view:pack("<I4", 4, 9)
   equals(reader:unpack("<I4", 4), 9)
   says(("pack: the view of %s is read-only"):format(x), function() reader:pack("<I4", 4, 1) end)
   reader:close()
   local closed = ("attempt to use a closed view (of %s)"):format(x)
   says(closed, function() reader:pack("<I4", 4, 1) end)
   says(closed, function() reader:unpack("<I4", 4) end)
end)

test("a finalizer that closes the view while it is unpacked is an error", function()
   local view = assert(shm.create(nil, 1 << 20))
   view:fill(0x41)
   local mode = collectgarbage("generational")
   local closed = false
   for _ = 1, 2000 do
      setmetatable({}, { __gc = function() view:close() end })
      local well, complaint = pcall(view.unpack, view, ("c65536"):rep(15), 0)
      if not well then
         assert(complaint:find("attempt to use a closed view", 1, true), complaint)
         closed = true
         break
      end
   end
   collectgarbage(mode)
   assert(closed)
end)

test("bytes that change meanwhile are unpacked inside of the view", function()
   local view <close> = assert(shm.create(name(), 64))
   local pipe <close> = harness.start([[
      local view = assert(shm.open((...)))
      local ends = os.time() + 60
      repeat
         for _ = 1, 1000 do
            view:u8(0, 4):u8(0, 255):u8(0, 60):u64(8, -1):u64(8, 0x41414141):u8(63, 1):u8(63, 0)
         end
         view:u8(62, 1)
      until view:u8(61) == 1 or os.time() > ends
      print("ended")
   ]], view:name())
   local _ <close> = setmetatable({}, { __close = function() view:u8(61, 1) end })
   local ends = os.time() + 30
   while view:u8(62) == 0 do assert(os.time() < ends, "the writer did not begin") end
   for _ = 1, 30000 do
      local well, text, next = pcall(view.unpack, view, "s1", 0)
      if well then assert(#text + 1 == next and next <= 64) end
      well, text, next = pcall(view.unpack, view, "z", 8)
      if well then assert(next == 8 + #text + 1 and next <= 64 and not text:find("\0", 1, true)) end
      well, text = pcall(view.unpack, view, "<s8", 8)
      assert(not well or #text == 0 or text)
   end
   view:u8(61, 1)
   equals(pipe:read("a"), "ended\n")
end)

harness.finish()
