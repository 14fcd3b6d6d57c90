-- Many numbers a call: view:numbers and record:numbers.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused

local function same(found, expected)
   equals(#found, #expected, 2)
   for place, value in ipairs(expected) do equals(found[place], value, 2) end
end

local kinds <const> = {
   u8 = { 1, 0, 255 }, i8 = { 1, -128, 127 }, u16 = { 2, 0, 65535 }, i16 = { 2, -32768, 32767 },
   u32 = { 4, 0, 4294967295 }, i32 = { 4, -2147483648, 2147483647 },
   u64 = { 8, 0, -1 }, i64 = { 8, math.mininteger, math.maxinteger },
   f32 = { 4, -0.5, 3.5 }, f64 = { 8, -1e300, 0.1 },
}

test("each type is read and written as its scalar method does", function()
   local view <close> = assert(shm.create(nil, 512))
   for type, kind in pairs(kinds) do
      local size, least, most = table.unpack(kind)
      for _, offset in ipairs { 0, 64, 65, 67 } do
         equals(view:numbers(type, offset, { least, most, 1 }), view)
         for place, value in ipairs { least, most, type:find("f") and 1.0 or 1 } do
            equals(view[type](view, offset + (place - 1) * size), value)
         end
         same(view:numbers(type, offset, 3), { least, most, type:find("f") and 1.0 or 1 })
      end
      same(view:numbers(type, 500, 0), {})
      equals(view:numbers(type, 0, {}), view)
   end
end)

test("without a count all are read that are whole to the end", function()
   local view <close> = assert(shm.create(nil, 35))
   view:u64(16, 7)
   same(view:numbers("u64", 0), { 0, 0, 7, 0 })
   same(view:numbers("u64", 24), { 0 })
   same(view:numbers("u64", 28), {})
   same(view:numbers("u8", 34), { 0 })
   same(view:numbers("u8", 35), {})
end)

test("many numbers are many", function()
   local view <close> = assert(shm.create(nil, 800000))
   local list = {}
   for place = 1, 100000 do list[place] = place * 0.5 end
   view:numbers("f64", 0, list)
   same(view:numbers("f64", 0, 100000), list)
   equals(view:f64(799992), 50000.0)
end)

test("all are written or none", function()
   local view <close> = assert(shm.create("numbers", 64))
   view:fill(7)
   local from <const> = "bad argument #3 to 'numbers' "
   for _, case in ipairs {
      { "u8", { 1, 2, 256 }, "item 3 is 256, which does not fit into u8" },
      { "i8", { 1, -129 }, "item 2 is -129, which does not fit into i8" },
      { "u64", { 1, 1.5 }, "item 2 is 1.5, and no integer" },
      { "u32", { 1, "2" }, "item 2 is a string, and no number" },
      { "u32", { -1 }, "item 1 is -1, which does not fit into u32" },
      { "i64", { 2.0 ^ 63 }, "item 1 is 9.2233720368548e+18, which does not fit into i64" },
      { "f32", { 1, 2, 1e39 }, "item 3 is 1e+39, which does not fit into f32" },
      { "f64", { 0, true }, "item 2 is a boolean, and no number" },
   } do
      misused(from .. "(" .. case[3] .. ")", function() view:numbers(case[1], 0, case[2]) end)
   end
   equals(view:read(64), ("\7"):rep(64))
   view:numbers("f32", 0, { math.huge, 2, 3 })
   same(view:numbers("f32", 0, 3), { math.huge, 2.0, 3.0 })
   view:numbers("u8", 0, { 5.0 })
   equals(view:u8(0), 5)
end)

test("what is not inside, or no type, is misuse", function()
   local view <close> = assert(shm.create("numbers", 64))
   local tail <const> = " is not inside of numbers (64 bytes)"
   misused("numbers of 16 bytes at offset 56" .. tail, function() view:numbers("f64", 56, 2) end)
   misused("numbers of 8 bytes at offset 57" .. tail, function() view:numbers("f64", 57, { 1 }) end)
   misused("numbers of 8 bytes at offset -8" .. tail, function() view:numbers("f64", -8, 1) end)
   misused("numbers of 0 bytes at offset 65" .. tail, function() view:numbers("u8", 65) end)
   misused("numbers of 9223372036854775807 bytes at offset 0" .. tail,
      function() view:numbers("u64", 0, math.maxinteger) end)
   misused("bad argument #3 to 'numbers' (a number of numbers from 0)",
      function() view:numbers("u64", 0, -1) end)
   misused("bad argument #1 to 'numbers' ('float' is none of u8, i8, u16, i16, u32, i32, u64, i64, "
      .. "f32 and f64)", function() view:numbers("float", 0, 1) end)
   misused("bad argument #2 to 'numbers' (number expected, got no value)",
      function() view:numbers("u8") end)
   local reader <close> = assert(shm.open("numbers", { access = "r" }))
   same(reader:numbers("u8", 0, 2), { 0, 0 })
   misused("numbers: the view of numbers is read-only", function() reader:numbers("u8", 0, { 1 }) end)
   view:close()
   misused("attempt to use a closed view (of numbers)", function() view:numbers("u8", 0, 0) end)
end)

test("an array of a record is read and written", function()
   local record, view = harness.record [[
      struct wave { uint32_t rate; float samples[4]; int16_t deltas[3]; double grid[2][2];
                    __be16 ports[2]; char name[4]; int last; struct { int x; } points[2]; };]]
   equals(rawequal(record.samples:numbers { 1, 2, 3, 4 }, nil), false)
   same(record.samples:numbers(), { 1.0, 2.0, 3.0, 4.0 })
   equals(record.samples[3], 4.0)
   record.deltas:numbers { -1, -2 }
   same(record.deltas:numbers(), { -1, -2, 0 })
   record.grid:numbers { 1, 2, 3, 4 }
   equals(record.grid[1][0], 3.0)
   same(record.grid[1]:numbers(), { 3.0, 4.0 })
   record.ports:numbers { 80, 0x1234 }
   equals(record.ports[1], 0x1234)
   same(record.ports:numbers(), { 80, 0x1234 })
   misused("bad argument #1 to 'numbers' (4 numbers are given, and int16_t[3] has 3)",
      function() record.deltas:numbers { 1, 2, 3, 4 } end)
   misused("bad argument #1 to 'numbers' (item 2 is 40000, which does not fit into i16)",
      function() record.deltas:numbers { 1, 40000 } end)
   same(record.deltas:numbers(), { -1, -2, 0 })
   misused("numbers: wave.points has the type struct[2], which is no array of numbers",
      function() record.points:numbers() end)
   misused("numbers: wave has the type wave, which is no array of numbers",
      function() record:numbers() end)
   view:close()
   misused("attempt to use a closed view (of an unnamed object)",
      function() record.samples:numbers() end)
end)

test("memory that is gone is an error", function()
   local x = harness.name()
   local view = assert(shm.create(x, 64))
   io.open(shm.path(x), "w"):close()
   harness.raises("numbers: the memory of .* is gone", function() view:numbers("u8", 0) end)
   view:close()
end)

harness.finish()
