-- Numbers in a view: u8 to f64, their bytes, bounds, refusals and atomicity.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, name = harness.test, harness.equals, harness.raises, harness.name

-- name, bytes, string.pack's option, least, most
local integers <const> = {
   { "u8", 1, "<I1", 0, 0xFF }, { "i8", 1, "<i1", -0x80, 0x7F },
   { "u16", 2, "<I2", 0, 0xFFFF }, { "i16", 2, "<i2", -0x8000, 0x7FFF },
   { "u32", 4, "<I4", 0, 0xFFFFFFFF }, { "i32", 4, "<i4", -0x80000000, 0x7FFFFFFF },
   { "u64", 8, "<i8", math.mininteger, math.maxinteger },
   { "i64", 8, "<i8", math.mininteger, math.maxinteger },
}
local floats <const> = { { "f32", 4, "<f" }, { "f64", 8, "<d" } }
local all <const> = {}
for _, list in ipairs { integers, floats } do table.move(list, 1, #list, #all + 1, all) end

-- The text of an error, which is exactly this one.
local function says(expected, body, ...)
   local well, complaint = pcall(body, ...)
   if well then error("no error was raised", 2) end
   equals((complaint:gsub("^[^:]*:%d+: ", "", 1)), expected, 2)
end

local function interesting(least, most)
   local values = { least, most, 0, 1, least // 2, most // 2, most // 3, 0x5A }
   for _ = 1, 50 do values[#values + 1] = math.random(least, most) end
   return values
end

test("integers have string.pack's bytes, at aligned and unaligned offsets", function()
   local view <close> = assert(shm.create(nil, 64))
   for _, type in ipairs(integers) do
      local access, size, format, least, most = view[type[1]], table.unpack(type, 2)
      for _, value in ipairs(interesting(least, most)) do
         for offset = 8, 17 do
            view:write(("\xA5"):rep(64))
            equals(access(view, offset, value), view)
            equals(access(view, offset), value)
            equals(view:read(64), ("\xA5"):rep(offset) .. format:pack(value)
                   .. ("\xA5"):rep(64 - offset - size))
         end
      end
   end
end)

test("floats have string.pack's bytes, infinities, zeroes and NaN included", function()
   local view <close> = assert(shm.create(nil, 32))
   local values = { 0.0, -0.0, 1.5, -2.25, 1 / 0, -1 / 0, 5e-324, 1.7976931348623157e308, 0.1, 1e39,
      -1e39, 3.4028235677973366e38, 1e-46, 16777217.0, 7, -3, math.maxinteger }
   for _ = 1, 200 do
      values[#values + 1] = (math.random() - 0.5) * 10.0 ^ math.random(-60, 60)
   end
   for _, type in ipairs(floats) do
      local access, size, format = view[type[1]], type[2], type[3]
      for _, value in ipairs(values) do
         local bytes = format:pack(value)
         local packed = format:unpack(bytes)
         local fits = packed - packed == 0 or value - value ~= 0
         for _, offset in ipairs(fits and { 0, 8, 11 } or {}) do
            equals(access(view, offset, value), view)
            equals(view:read(size, offset), bytes)
            equals(access(view, offset), packed)
         end
      end
      access(view, 0, 0 / 0)
      local read = access(view, 0)
      assert(read ~= read)
   end
end)

test("a number that only infinity could stand for does not fit into a float", function()
   local view <close> = assert(shm.create(nil, 8))
   local largest <const> = 0x1.fffffep127
   for _, value in ipairs { largest, -largest, 0x1.fffffefp127, 1 / 0, -1 / 0, 1e-300 } do
      equals(view:f32(0, value):f32(0), (("<f"):unpack(("<f"):pack(value))))
   end
   view:f32(0, 7)
   for value, shown in pairs { [1e39] = "1e+39", [-1e39] = "-1e+39", [2.0 ^ 200] =
      "1.606938044259e+60", [0x1.ffffffp127] = "3.4028235677973e+38" } do
      says(("bad argument #2 to 'f32' (%s does not fit into f32)"):format(shown),
         function() view:f32(0, value) end)
      equals(view:f32(0), 7.0)
   end
   equals(view:f64(0, 1e39):f64(0), 1e39)
   view:pack("<f", 0, 1e39) -- as string.pack
   equals(view:f32(0), 1 / 0)
end)

test("u64 above 2^63-1 is Lua's negative integer", function()
   local view <close> = assert(shm.create(nil, 8))
   view:write(("\xFF"):rep(8))
   equals(view:u64(0), -1)
   equals(view:u64(0, 0x8000000000000000):read(8), ("\0"):rep(7) .. "\x80")
   equals(("%x"):format(view:u64(0)), "8000000000000000")
   equals(math.ult(math.maxinteger, view:u64(0)), true)
end)

test("a value that does not fit is misuse, and writes nothing", function()
   local view <close> = assert(shm.create(nil, 16))
   view:write(("\xA5"):rep(16))
   local function refuses(expected, type, value)
      says(("bad argument #2 to '%s' (%s)"):format(type, expected), function()
         load(("local view, value = ... view:%s(0, value)"):format(type), "=l")(view, value)
      end)
   end
   for place = 1, 6 do
      local type, _, _, least, most = table.unpack(integers[place])
      for _, value in ipairs { least - 1, most + 1, math.mininteger, math.maxinteger } do
         refuses(("%d does not fit into %s (%d to %d)"):format(value, type, least, most), type, value)
      end
   end
   says("bad argument #2 to 'u8' (256 does not fit into u8 (0 to 255))", function()
      view:u8(0, 256)
   end)
   says("bad argument #2 to 'i16' (-32769 does not fit into i16 (-32768 to 32767))", function()
      view:i16(0, -32769)
   end)
   for _, type in ipairs(integers) do
      refuses("number has no integer representation", type[1], 1.5)
      refuses("number has no integer representation", type[1], 2.0 ^ 63)
      refuses("number has no integer representation", type[1], 0 / 0)
   end
   for _, type in ipairs(all) do
      refuses("number expected, got nil", type[1], nil)
      refuses("number expected, got boolean", type[1], true)
      refuses("number expected, got table", type[1], {})
      refuses("number expected, got string", type[1], "x")
   end
   equals(view:read(16), ("\xA5"):rep(16))
end)

test("floats with integral values, and digits, are integers as elsewhere in Lua", function()
   local view <close> = assert(shm.create(nil, 16))
   equals(view:u32(4.0, 3e9):u32(4), 3000000000)
   equals(view:i8("2", "-5"):i8(2), -5)
   equals(view:f64(8, "1.5"):f64(8), 1.5)
   says("bad argument #1 to 'u32' (number has no integer representation)", function()
      view:u32(0.5)
   end)
   says("bad argument #1 to 'u32' (number expected, got no value)", function() view:u32() end)
end)

test("the bounds are exact at every edge", function()
   local x = name()
   local view <close> = assert(shm.create(x, 24))
   for _, type in ipairs(all) do
      local word, size = type[1], type[2]
      equals(view[word](view, 24 - size, 1), view)
      assert(view[word](view, 24 - size) == 1)
      for _, offset in ipairs { 24 - size + 1, 23 + (size == 1 and 1 or 0), 24, 25, -1, -size,
         math.maxinteger, math.maxinteger - size + 1, math.mininteger } do
         local expected = ("%s of %d bytes at offset %d is not inside of %s (24 bytes)"):format(
            word, size, offset, x)
         says(expected, function() return view[word](view, offset) end)
         says(expected, function() return view[word](view, offset, 1) end)
      end
   end
   local tiny <close> = assert(shm.create(nil, 1))
   equals(tiny:u8(0, 9):u8(0), 9)
   says("u16 of 2 bytes at offset 0 is not inside of an unnamed object (1 bytes)", function()
      return tiny:u16(0)
   end)
end)

test("a read-only view reads and is not written", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   local reader <close> = assert(view:map { access = "r" })
   for _, type in ipairs(all) do
      view[type[1]](view, 0, 42)
      assert(reader[type[1]](reader, 0) == 42)
      says(("%s: the view of %s is read-only"):format(type[1], x), function()
         reader[type[1]](reader, 0, 1)
      end)
      says(("%s: the view of %s is read-only"):format(type[1], x), function()
         reader[type[1]](reader, 99, 1)
      end)
      assert(reader[type[1]](reader, 0) == 42)
   end
end)

test("two mappings show one number, and a copy keeps its own", function()
   local x = name()
   local view <close> = assert(shm.create(x, 4096))
   local other <close> = assert(shm.open(x))
   local copy <close> = assert(shm.open(x, { access = "copy" }))
   view:u32(8, 1)
   equals(other:u32(8), 1)
   equals(copy:u32(8), 1)
   copy:u32(8, 2)
   view:u32(8, 3)
   equals(copy:u32(8), 2)
   equals(other:u32(8), 3)
end)

test("a closed view says so, and anything else is no view", function()
   local x = name()
   local view = assert(shm.create(x, 16))
   local methods = {}
   for place, type in ipairs(all) do methods[place] = view[type[1]] end
   view:close()
   for place, type in ipairs(all) do
      says(("attempt to use a closed view (of %s)"):format(x), function()
         view[type[1]](view, 0)
      end)
      says(("attempt to use a closed view (of %s)"):format(x), function()
         view[type[1]](view, 0, 1)
      end)
      for _, value in ipairs { 1, "view", {}, io.stdout, print } do
         raises("shm.view expected, got ", function() methods[place](value, 0) end)
      end
      raises("shm.view expected, got no value", function() methods[place]() end)
   end
end)

-- Two values by turns, until the first process says that it is enough.
local writer <const> = [[
   local view = assert(shm.open((...)))
   local ends = os.time() + 60
   repeat
      for _ = 1, 1000 do
         view:u16(8, 0):u16(8, 0xFFFF):u32(16, 0):u32(16, 0xFFFFFFFF)
         view:u64(24, 0):u64(24, -1):f64(32, 1.0):f64(32, -2.0)
      end
      view:u8(0, 1)
   until view:u8(1) == 1 or os.time() > ends
   print("ended")
]]

test("an aligned number of another process is never seen half written", function()
   local view <close> = assert(shm.create(name(), 64))
   view:f64(32, 1.0)
   local pipe <close> = harness.start(writer, view:name())
   local _ <close> = setmetatable({}, { __close = function() view:u8(1, 1) end })
   local ends = os.time() + 30
   while view:u8(0) == 0 do assert(os.time() < ends, "the writer did not begin") end
   local seen, kinds = {}, 0
   local function see(value, one, other)
      if value ~= one and value ~= other then error(("torn: %s"):format(value)) end
      if not seen[value] then kinds = kinds + 1 end
      seen[value] = true
   end
   local rounds = 0
   repeat
      for _ = 1, 500 do
         see(view:u16(8), 0, 0xFFFF)
         see(view:u32(16), 0, 0xFFFFFFFF)
         see(view:u64(24), 0, -1)
         see(view:f64(32), 1.0, -2.0)
      end
      rounds = rounds + 1
   until rounds >= 100 and kinds == 6 or os.time() > ends
   view:u8(1, 1)
   equals(pipe:read("a"), "ended\n")
   equals(kinds, 6) -- 0, 0xFFFF, 0xFFFFFFFF, -1, 1.0, -2.0
end)

harness.finish()
