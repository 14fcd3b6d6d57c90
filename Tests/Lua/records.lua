-- view:as: fields, elements and texts of C in memory.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

-- The body raises exactly this, at its own line.
local function misused(expected, body)
   local well, complaint = pcall(body)
   if well then error("no error was raised", 2) end
   local line = debug.getinfo(body, "S").linedefined
   equals(complaint, ("%s:%d: %s"):format(debug.getinfo(1, "S").short_src, line, expected), 2)
end

-- A record of the declarations, in memory of 256 bytes; and its view.
local function new(declarations, options)
   local view = assert(shm.create(nil, 256))
   return view:as(shm.layout(declarations, options)), view
end

local function bytes(format, ...) return string.pack("<" .. format, ...) end

-- ---- numbers ----

local numbers <const> = [[struct n {
   uint8_t u8; int8_t i8; uint16_t u16; int16_t i16; uint32_t u32; int32_t i32;
   uint64_t u64; int64_t i64; float f32; double f64; bool yes; char letter; void *pointer;
};]]

test("each kind of number is read as C writes it", function()
   local n, view = new(numbers)
   view:write(bytes("BbHhxxI4i4I8i8fxxxxdBbxxxxxxI8", 255, -128, 65535, -32768, 0xFFFFFFFF,
      -0x80000000, math.maxinteger, math.mininteger, 0.5, 1e300, 1, -1, 77):sub(1), 0)
   equals(n.u8, 255)
   equals(n.i8, -128)
   equals(n.u16, 65535)
   equals(n.i16, -32768)
   equals(n.u32, 4294967295)
   equals(n.i32, -2147483648)
   equals(n.u64, math.maxinteger)
   equals(n.i64, math.mininteger)
   equals(n.f32, 0.5)
   equals(n.f64, 1e300)
   equals(n.yes, true)
   equals(n.letter, -1)
   equals(n.pointer, 77)
end)

test("each kind of number is written as C reads it", function()
   local n, view = new(numbers)
   n.u8, n.i8, n.u16, n.i16, n.u32, n.i32 = 255, -128, 65535, -32768, 4294967295, -2147483648
   n.u64, n.i64, n.f32, n.f64 = -1, 5.0, 1.5, -2
   n.yes, n.letter, n.pointer = true, "A", 0x7FFFFFFFF000
   equals(view:read(n and 64), bytes("BbHhxxI4i4i8i8fxxxxdBBxxxxxxI8", 255, 128 - 256, 65535,
      -32768, 4294967295, -2147483648, -1, 5, 1.5, -2, 1, 65, 0x7FFFFFFFF000))
   n.yes, n.letter = 0, -5
   equals(n.yes, false)
   equals(n.letter, -5)
   equals(n.u64, -1)
end)

test("a number that does not fit is misuse, and nothing is written", function()
   local n = new(numbers)
   for _, case in ipairs {
      { "u8", 256, "256 does not fit into uint8_t (0 to 255)" },
      { "u8", -1, "-1 does not fit into uint8_t (0 to 255)" },
      { "i8", 128, "128 does not fit into int8_t (-128 to 127)" },
      { "u16", 65536, "65536 does not fit into uint16_t (0 to 65535)" },
      { "i16", -32769, "-32769 does not fit into int16_t (-32768 to 32767)" },
      { "u32", 1 << 32, "4294967296 does not fit into uint32_t (0 to 4294967295)" },
      { "i32", 1 << 31, "2147483648 does not fit into int32_t (-2147483648 to 2147483647)" },
      { "u32", 1.5, "1.5 is no integer" },
      { "u64", 2.0 ^ 64, "1.844674407371e+19 is no integer" },
      { "u32", "1", "an integer is needed, not a string" },
      { "u32", nil, "an integer is needed, not nil" },
      { "i64", true, "an integer is needed, not a boolean" },
      { "f32", 1e300, "1e+300 does not fit into float" },
      { "f64", "1", "a number is needed, not a string" },
      { "yes", 2, "true or false is needed, not a number" },
      { "yes", nil, "true or false is needed, not nil" },
      { "letter", "ab", "an integer is needed, not a string" },
      { "letter", 128, "128 does not fit into char (-128 to 127)" },
      { "pointer", {}, "an integer is needed, not a table" },
   } do
      local key, value, expected = table.unpack(case, 1, 3)
      n[key] = key == "yes" and true or 1
      misused(("n.%s: %s"):format(key, expected), function() n[key] = value end)
      equals(n[key] == 1 or n[key] == true, true)
   end
   n.f32 = math.huge
   equals(n.f32, math.huge)
end)

test("fields of packed structs need no alignment", function()
   local p, view = new [[
      #pragma pack(push, 1)
      struct p { char c; uint64_t a; double d; uint16_t b[2]; };
      #pragma pack(pop)
   ]]
   p.a, p.d, p.b[1] = 0x1122334455667788, 0.25, 513
   equals(p.a, 0x1122334455667788)
   equals(p.d, 0.25)
   equals(view:read(21), bytes("xI8dxxH", 0x1122334455667788, 0.25, 513))
end)

test("enumerators are integers", function()
   local e = new "enum { FIRST = 5, LAST = -1 }; enum big { B = 7 }; struct e { enum big b; };"
   e.b = 9
   equals(e.b, 9)
end)

test("what Lua has no number for is its bytes", function()
   local r = new "struct r { long double ld; };"
   equals(r.ld, ("\0"):rep(16))
   r.ld = ("x"):rep(16)
   equals(r.ld, ("x"):rep(16))
   misused("r.ld: a string of 1 bytes is not the 16 bytes of long double",
      function() r.ld = "x" end)
   misused("r.ld: a string of bytes is needed, not a number", function() r.ld = 1 end)
end)

-- ---- bits ----

test("bit-fields are read and written beside their neighbours", function()
   local b, view = new [[struct b {
      unsigned a : 3; int s : 5; unsigned : 4; unsigned long long w : 50; bool t : 1;
   };]]
   view:write(("\xFF"):rep(16))
   equals(b.a, 7)
   equals(b.s, -1)
   equals(b.w, (1 << 50) - 1)
   equals(b.t, true)
   b.s = -16
   b.w = 0
   b.t = false
   equals(b.a, 7)
   equals(b.s, -16)
   equals(b.w, 0)
   equals(b.t, false)
   equals(view:read(1), "\x87")
   equals(view:read(1, 15), "\xFF")
   misused("b.a: 8 does not fit into 3 bits (0 to 7)", function() b.a = 8 end)
   misused("b.s: 16 does not fit into 5 bits (-16 to 15)", function() b.s = 16 end)
   misused("b.s: -17 does not fit into 5 bits (-16 to 15)", function() b.s = -17 end)
end)

test("wide bit-fields have their limits", function()
   local b = new "struct b { unsigned long long u : 63; long long s : 63; long long w : 64; };"
   b.u, b.s, b.w = math.maxinteger, -1 << 62, math.mininteger
   equals(b.u, math.maxinteger)
   equals(b.s, -1 << 62)
   equals(b.w, math.mininteger)
   b.s = (1 << 62) - 1
   equals(b.s, (1 << 62) - 1)
   misused("b.u: -1 does not fit into 63 bits (0 to 9223372036854775807)",
      function() b.u = -1 end)
   misused("b.s: 4611686018427387904 does not fit into 63 bits (-4611686018427387904 to "
      .. "4611686018427387903)", function() b.s = 1 << 62 end)
end)

test("a packed bit-field may cross units, and end with the view", function()
   local T = shm.layout [[
      struct __attribute__((packed)) b { unsigned a : 3; unsigned long long w : 64; unsigned c : 5; };
   ]]
   equals(T:size(), 9)
   local view = assert(shm.create(nil, 9))
   local b = view:as(T)
   b.w = 0x123456789ABCDEF0
   equals(b.w, 0x123456789ABCDEF0)
   equals(b.a, 0)
   b.a, b.c = 7, 31
   equals(b.w, 0x123456789ABCDEF0)
   b.w = -1
   equals(view:read(9), ("\xFF"):rep(9))
   b.w = 0
   equals(b.a, 7)
   equals(b.c, 31)
end)

-- ---- texts ----

test("arrays of characters are texts", function()
   local t, view = new "struct t { char name[8]; char tail[4]; };"
   equals(t.name, "")
   t.name = "moon"
   equals(t.name, "moon")
   equals(view:read(12), "moon\0\0\0\0\0\0\0\0")
   t.name = "12345678"
   equals(t.name, "12345678")
   equals(view:read(12), "12345678\0\0\0\0")
   t.name = "x"
   equals(view:read(12), "x\0\0\0\0\0\0\0\0\0\0\0")
   t.name = { 77, "o", 0 }
   equals(t.name, "Mo")
   view:write("\xFF\xFE", 8)
   equals(t.tail, "\xFF\xFE")
end)

test("wide characters are UTF-8 in Lua", function()
   local text = "aß€\u{1F311}"
   for _, case in ipairs {
      { "wchar_t", "linux", "I4I4I4I4", { 97, 0xDF, 0x20AC, 0x1F311 } },
      { "char32_t", "linux", "I4I4I4I4", { 97, 0xDF, 0x20AC, 0x1F311 } },
      { "WCHAR", "windows", "HHHHH", { 97, 0xDF, 0x20AC, 0xD83C, 0xDF11 } },
      { "wchar_t", "windows", "HHHHH", { 97, 0xDF, 0x20AC, 0xD83C, 0xDF11 } },
      { "char16_t", "linux", "HHHHH", { 97, 0xDF, 0x20AC, 0xD83C, 0xDF11 } },
   } do
      local kind, abi, format, units = table.unpack(case)
      local t, view = new(("struct t { %s name[6]; };"):format(kind), { abi = abi })
      view:write(("\xFF"):rep(32))
      t.name = text
      equals(t.name, text)
      local expected = bytes(format, table.unpack(units))
      equals(view:read(#expected), expected)
      equals(t.name, text)
      t.name = ""
      equals(view:read(4), "\0\0\0\0")
   end
end)

test("what is no character stays what it was, or is U+FFFD", function()
   local t, view = new "struct t { char16_t half[4]; char32_t whole[4]; };"
   view:write(bytes("HHH", 0xD83C, 65, 0xDF11))
   equals(t.half, "\u{D83C}A\u{DF11}")
   t.half = t.half
   equals(view:read(8), bytes("HHHH", 0xD83C, 65, 0xDF11, 0))
   view:write(bytes("I4I4", 0x110000, 0x7FFFFFFF), 8)
   equals(t.whole, "\u{FFFD}\u{FFFD}")
end)

test("a text that does not fit is misuse", function()
   local t = new "struct t { char name[4]; wchar_t wide[4]; };"
   t.name, t.wide = "old", "old"
   misused("t.name: a text of 5 bytes does not fit into char[4] (4 bytes)",
      function() t.name = "12345" end)
   misused("t.wide: a text of 20 bytes does not fit into wchar_t[4] (16 bytes)",
      function() t.wide = "12345" end)
   misused("t.name: the text contains zeros", function() t.name = "a\0" end)
   misused("t.wide: the text is not UTF-8 (byte 2)", function() t.wide = "a\xFF" end)
   misused("t.wide: the text is not UTF-8 (byte 1)", function() t.wide = "\xC0\x80" end)
   misused("t.name: a string is needed, not a number", function() t.name = 5 end)
   misused("t.name: a string is needed, not nil", function() t.name = nil end)
   misused("t.name: element 5 is outside of char[4]", function() t.name = { 1, 2, 3, 4, 5 } end)
   equals(t.name, "old")
   equals(t.wide, "old")
end)

-- ---- structs, unions, arrays ----

local nested <const> = [[
   typedef struct { float x, y, z; } Vec;
   struct n {
      Vec at, cells[3]; float list[3]; int grid[2][2]; char names[2][4];
      union { uint32_t whole; struct { uint16_t low, high; }; } u;
      union { int i; float f; struct { char first; char second; }; };
   };
]]

test("elements are counted from 0", function()
   local n = new(nested)
   n.list[0], n.list[2] = 1, 3
   equals(n.list[0], 1.0)
   equals(n.list[2.0], 3.0)
   equals(#n.list, 3)
   equals(#n.cells, 3)
   equals(#n.grid[1], 2)
   n.grid[1][0] = 5
   equals(n.grid[1][0], 5)
   n.names[1] = "ab"
   equals(n.names[1], "ab")
   n.cells[2].z = 7
   equals(n.cells[2].z, 7.0)
end)

test("unions share their bytes, and anonymous members are the parent's", function()
   local n = new(nested)
   n.u.whole = 0x00010002
   equals(n.u.low, 2)
   equals(n.u.high, 1)
   n.f = 1
   equals(n.i, 0x3F800000)
   n.second = 65
   equals(n.i, 0x3F804100)
end)

test("a table is assigned to the fields that it names", function()
   local n = new(nested)
   n.at = { x = 1, y = 2, z = 3 }
   n.at = { y = 5 }
   equals(n.at.x, 1.0)
   equals(n.at.y, 5.0)
   n.list = { 1, 2, 3 }
   n.list = { [1] = 9 }
   equals(n.list[0], 9.0)
   n.list = { [0] = 4, 5 }
   equals(n.list[0], 4.0)
   equals(n.list[1], 5.0)
   equals(n.list[2], 3.0)
   n.cells = { { x = 1 }, { x = 2 }, { x = 3 } }
   equals(n.cells[2].x, 3.0)
   n.grid = { { 1, 2 }, { 3, 4 } }
   equals(n.grid[1][0], 3)
   n.names = { "ab", "cd" }
   equals(n.names[1], "cd")
end)

test("a record that is laid out alike is copied, and so are bytes", function()
   local n = new(nested)
   local other, view = new(nested)
   n.cells[1] = { x = 1, y = 2, z = 3 }
   n.at = n.cells[1]
   equals(n.at.z, 3.0)
   n.cells[1].z = 9
   equals(n.at.z, 3.0)
   other:write(n)
   equals(other.at.z, 3.0)
   equals(other.cells[1].z, 9.0)
   other.at = bytes("fff", 7, 8, 9)
   equals(other.at.y, 8.0)
   equals(view:read(12), bytes("fff", 7, 8, 9))
   local alone = new "struct { float x, y, z; } v; struct s { struct { float x, y, z; } inner; };"
   alone.inner = n.at
   equals(alone.inner.z, 3.0)
end)

test("misuse of structs and arrays", function()
   local n = new(nested)
   n.list = { 1, 2, 3 }
   misused("index 3 is outside of float[3] (0 to 2)", function() return n.list[3] end)
   misused("index -1 is outside of float[3] (0 to 2)", function() n.list[-1] = 1 end)
   misused("index 9223372036854775807 is outside of float[3] (0 to 2)",
      function() return n.list[math.maxinteger] end)
   misused("float[3] has no field 'x'; its elements have numbers from 0",
      function() return n.list.x end)
   misused("float[3] has no field 'n'; its elements have numbers from 0",
      function() n.list.n = 1 end)
   misused("float[3] has no field that is a boolean", function() return n.list[true] end)
   misused("float[3] has no field that is a number", function() return n.list[0.5] end)
   misused("n has no field that is a number", function() return n[1] end)
   misused("Vec has no field 'w'; it has: x, y, z", function() return n.at.w end)
   misused("n has no field 'cels'; near: cells", function() n.cels = 1 end)
   misused("n has no field 'gird'; near: grid", function() return n.gird end)
   misused("n.list: a table or a record is needed, not a number", function() n.list = 1 end)
   misused("n.at: a table or a record is needed, not nil", function() n.at = nil end)
   misused("n.list: element 4 is outside of float[3]", function() n.list = { 4, 5, 6, 7 } end)
   misused("n.list: the elements of an array are given by number",
      function() n.list = { x = 1 } end)
   misused("n.list[1]: a number is needed, not a boolean",
      function() n.list = { 4, true, 6 } end)
   misused("n.cells[1].y: a number is needed, not a string",
      function() n:write { cells = { { x = 1 }, { y = "2" } } } end)
   misused("n.at: there is no field 'w'; it has: x, y, z", function() n.at = { w = 1 } end)
   misused("n.at: the fields of a struct are given by name", function() n.at = { 1 } end)
   misused("n.at: a record of float[3] is not laid out as Vec", function() n.at = n.list end)
   misused("n.at: a string of 3 bytes is not the 12 bytes of Vec", function() n.at = "abc" end)
   misused("Vec.x: a number is needed, not a table", function() n.at.x = {} end)
   misused("float[3][1]: a number is needed, not a string", function() n.list[1] = "x" end)
   misused("n is no array and has no length", function() return #n end)
   equals(n.list[0], 1.0)
   equals(n.at.x, 0.0)
   equals(n.cells[0].x, 0.0)
end)

test("a last array without a count goes on to the end of the view", function()
   local view = assert(shm.create(nil, 64))
   local r = view:as(shm.layout "struct r { int count; short cells[]; };", 8)
   equals(#r.cells, 26)
   r.cells[25] = -1
   equals(view:read(2, 62), "\xFF\xFF")
   misused("index 26 is outside of short[] (0 to 25)", function() return r.cells[26] end)
   r.cells = { 1, 2, 3 }
   equals(r:read().cells[25], -1)
   equals(r:read().cells[1], 2)
   local t = view:as(shm.layout "struct t { int count; char text[]; };", 60)
   equals(t.text, "")
   local empty = view:as(shm.layout "struct r { int count; short cells[]; };", 60).cells
   misused("index 0 is outside of short[], which is empty", function() return empty[0] end)
end)

test("what is longer than the names that Lua keeps once is a field, too", function()
   local long = ("field"):rep(20)
   local r = new(("struct r { int %s, short_one; };"):format(long))
   r[long] = 5
   equals(r[long], 5)
   equals(r:read()[long], 5)
   r:write { [long] = 6 }
   equals(r[long], 6)
end)

-- ---- read, write, pairs ----

test("read is a plain table, and write takes it back", function()
   local n = new(nested)
   n.at, n.list, n.names, n.i = { x = 1, y = 2, z = 3 }, { 4, 5, 6 }, { "ab", "cd" }, 77
   local now = n:read()
   equals(getmetatable(now), nil)
   equals(now.at.y, 2.0)
   equals(now.list[0], 4.0)
   equals(now.list[3], nil)
   equals(now.names[1], "cd")
   equals(now.i, 77)
   equals(now.u.low, 0)
   n.at.y = 9
   equals(now.at.y, 2.0)
   local other = new(nested)
   equals(other:write(now), other)
   equals(other.at.y, 2.0)
   equals(other.list[2], 6.0)
   equals(other.i, 77)
   equals(n.list:read()[1], 5.0)
   n.list:write { 7, 8 }
   equals(n.list[1], 8.0)
   equals(n.list[2], 6.0)
end)

test("write checks all before it writes anything", function()
   local r = new "struct r { int a, b, c; char t[4]; unsigned f : 2; };"
   r:write { a = 1, b = 2, c = 3, t = "x", f = 1 }
   for _, values in ipairs {
      { a = 7, b = 7, c = 1 << 40 }, { a = 7, t = "12345" }, { b = 7, nothing = 1 },
      { a = 7, f = 4 }, { a = 7, [1] = 1 }, { a = 7, c = {} },
   } do
      assert(not pcall(r.write, r, values))
      equals(r.a, 1)
      equals(r.b, 2)
      equals(r.c, 3)
      equals(r.t, "x")
      equals(r.f, 1)
   end
   misused("r: there is no field 'd'; it has: a, b, c, t, f", function() r:write { d = 1 } end)
   misused("r: a table or a record is needed, not nil", function() r:write() end)
   r:write {}
   equals(r.a, 1)
   r:write { f = 3 }
   equals(r.f, 3)
end)

test("pairs goes in the order of the declaration", function()
   local r = new [[struct r {
      int z; float a[2]; char m[4]; union { int b; short c; }; unsigned f : 2; };]]
   r:write { z = 1, a = { 2, 3 }, m = "text", b = 4, f = 1 }
   local found = {}
   for name, value in pairs(r) do
      found[#found + 1] = name .. "=" .. (type(value) == "userdata" and #value or value)
   end
   equals(table.concat(found, " "), "z=1 a=2 m=text b=4 c=4 f=1")
   found = {}
   for index, value in pairs(r.a) do found[#found + 1] = index .. "=" .. value end
   equals(table.concat(found, " "), "0=2.0 1=3.0")
end)

test("records are equal where they are the same memory, laid out alike", function()
   local n, view = new(nested)
   equals(n.at == n.at, true)
   equals(n.cells[0] == n.cells[1], false)
   equals(n.at == n.list, false)
   equals(n == view, false)
   equals(view:as(shm.layout(nested)) == n, true)
end)

test("a field named as a method is found first", function()
   local r = new "struct r { int read, write; };"
   r.read = 5
   equals(r.read, 5)
   equals(type(new("struct r { int x; };").read), "function")
   local plain = new "struct r { int x; };"
   misused("r has no field 'write'; it has: x", function() plain.write = 1 end)
end)

-- ---- listings ----

test("a record lists itself", function()
   local x = harness.name()
   local view = assert(shm.create(x, 300))
   local r = view:as(shm.layout [[
      typedef struct { float x, y; } Point;
      struct r { uint32_t version; Point at, path[2]; char name[16]; unsigned low : 3, high : 5;
         int grid[2][2]; short many[20]; bool on; };
   ]], 4)
   r:write { version = 2, at = { x = 1, y = 0.5 }, name = "a\"\n\\é", high = 17, on = true,
      grid = { { 1, 2 }, { 3, 4 } } }
   equals(tostring(r), ([[
r at offset 4 of %s (108 bytes)
   0  uint32_t version = 2
   4  Point at
   4    float x = 1.0
   8    float y = 0.5
  12  Point[2] path
  12    Point [0]
  12      float x = 0.0
  16      float y = 0.0
  20    Point [1]
  20      float x = 0.0
  24      float y = 0.0
  28  char[16] name = "a\"\x0A\\é"
  44  unsigned int low:3 (from bit 0) = 0
  44  unsigned int high:5 (from bit 3) = 17
  48  int[2][2] grid
  48    int[2] [0] = 1, 2
  56    int[2] [1] = 3, 4
  64  short[20] many = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …
 104  bool on = true]]):format(x))
   equals(tostring(r.path[1]), ("Point at offset 24 of %s (8 bytes)\n"
      .. " 0  float x = 0.0\n 4  float y = 0.0"):format(x))
   equals(tostring(r.grid[1]), ("int[2] at offset 60 of %s (8 bytes)\n"
      .. " 0  int [0] = 3\n 4  int [1] = 4"):format(x))
   view:close()
   equals(tostring(r), ("r of %s (closed)"):format(x))
end)

test("of long arrays and texts the beginning is listed", function()
   local view = assert(shm.create(nil, 2000))
   local r = view:as(shm.layout "struct r { char text[200]; struct { int a; } list[100]; };")
   r.text = ("é"):rep(99)
   local listing = tostring(r)
   assert(listing:find(('char[200] text = "%s"…\n'):format(("é"):rep(32)), 1, true), listing)
   assert(listing:find("\n *… 92 more$"), listing)
   assert(utf8.len(listing))
end)

-- ---- the view ----

test("a record is inside of its view", function()
   local x = harness.name()
   local view = assert(shm.create(x, 64))
   local T = shm.layout "struct r { int a[4]; };"
   equals(#view:as(T, 48).a, 4)
   for offset, shown in pairs { [49] = "49", [64] = "64", [-1] = "-1",
      [math.maxinteger] = "9223372036854775807" } do
      misused(("r of 16 bytes at offset %s is not inside of %s (64 bytes)"):format(shown, x),
         function() view:as(T, offset) end)
   end
   misused("bad argument #1 to 'as' (shm.layout expected, got table)",
      function() view:as({}) end)
   misused("bad argument #1 to 'as' (shm.layout expected, got shm.view)",
      function() view:as(view) end)
   misused("bad argument #2 to 'as' (number expected, got string)",
      function() view:as(T, "x") end)
   local text = "typedef short word; typedef int four[4]; struct x { int y; };"
   local word = shm.layout(text, { type = "word" })
   misused("bad argument #1 to 'as' (word is no struct, union or array)",
      function() view:as(word) end)
   equals(#view:as(shm.layout(text, { type = "four" })), 4)
end)

test("a closed view has no records", function()
   local x = harness.name()
   local view = assert(shm.create(x, 256))
   local T = shm.layout(nested)
   local n = view:as(T)
   local list, next_field = n.list, pairs(n)
   local other = new(nested)
   view:close()
   local expected = ("attempt to use a closed view (of %s)"):format(x)
   for _, use in ipairs {
      function() return n.i end, function() n.i = 1 end, function() n.list = {} end,
      function() return n.at end, function() return n.names end, function() n:read() end,
      function() n:write {} end, function() return #list end, function() return list[0] end,
      function() list[0] = 1 end, function() next_field(n) end, function() view:as(T) end,
      function() other.at = n.at end, function() other:write(n) end,
   } do
      misused(expected, use)
   end
end)

test("a read-only view is only read", function()
   local x = harness.name()
   local owner <close> = assert(shm.create(x, 256))
   local view <close> = assert(shm.open(x, { access = "r" }))
   local T = shm.layout(nested)
   owner:as(T).i = 5
   local n = view:as(T)
   equals(n.i, 5)
   equals(n:read().i, 5)
   local expected = ("write: the view of %s is read-only"):format(x)
   for _, use in ipairs {
      function() n.i = 1 end, function() n.list = {} end, function() n:write {} end,
      function() n.at.x = 1 end, function() n.names[0] = "x" end,
   } do
      misused(expected, use)
   end
   equals(n.i, 5)
end)

test("memory that is gone is an error", function()
   local x = harness.name()
   local view <close> = assert(shm.create(x, 70000))
   local n = view:as(shm.layout(nested))
   n.i = 5
   local other = new(nested)
   os.execute("truncate -s 0 '" .. assert(shm.path(x)) .. "'")
   local function expect(verb, use)
      local well, complaint = pcall(use)
      equals(well, false)
      assert(complaint:find(("%s: the memory of %s is gone: "):format(verb, x), 1, true),
         complaint)
   end
   expect("read", function() return n.i end)
   expect("write", function() n.i = 1 end)
   expect("write", function() n.list = { 1 } end)
   expect("write", function() n:write {} end)
   expect("read", function() n:read() end)
   expect("read", function() return n.names[0] end)
   expect("read", function() other:write(n) end)
   expect("read", function() local _ = tostring(n) end)
end)

test("a record keeps its view, and lets go of it", function()
   local x = harness.name()
   local function part()
      local view = assert(shm.create(x, 256))
      return view:as(shm.layout(nested)).cells[1]
   end
   do
      local n = part()
      collectgarbage()
      collectgarbage()
      n.x = 5
      equals(n.x, 5.0)
   end
   collectgarbage()
   collectgarbage()
   harness.refused(2, shm.open(x))
end)

test("methods and metamethods want a record", function()
   local n = new(nested)
   local meta = debug.getmetatable(n)
   for name, method in pairs(meta) do
      if type(method) == "function" and name ~= "__eq" then
         harness.raises("shm.record expected", function() method({}, "x", 1) end)
         harness.raises("shm.record expected, got no value", function() method() end)
         harness.raises("shm.record expected", function() method(io.stdout, "x") end)
      end
   end
   for _, method in pairs(meta.__methods) do
      harness.raises("shm.record expected, got shm.layout",
         function() method(shm.layout(nested), {}) end)
   end
end)

-- ---- finalizers ----

test("a finalizer may close the view at any allocation", function()
   collectgarbage("incremental", 10, 1000, 2)
   local T, closed = shm.layout(nested .. "struct t { Vec v; char text[600]; wchar_t w[200]; };"), 0
   for round = 1, 300 do
      local view = assert(shm.create(nil, 4096))
      local r = view:as(T)
      setmetatable({}, { __gc = function() view:close() end })
      local well, complaint = pcall(function()
         for _ = 1, 40 do
            r.text = ("x"):rep(round)
            r.w = ("é"):rep(round % 200)
            local now = r:read()
            r:write(now)
            r:write(r)
            equals(#r.text, round)
            for _, value in pairs(r) do tostring(value) end
            tostring(r)
         end
      end)
      if not well then
         closed = closed + 1
         assert(complaint:find("attempt to use a closed view", 1, true), complaint)
      end
      view:close()
   end
   collectgarbage("incremental", 200, 100, 13)
   assert(closed > 0, "no finalizer came in between")
end)

-- A script reaches the metatable; what it leaves there must not end the process.
test("a record whose table of methods was replaced has fields only", function()
   local n = new(numbers)
   local meta = debug.getmetatable(n)
   local methods = meta.__methods
   for _, other in ipairs { 5, "", false } do
      meta.__methods = other
      local well, complaint = pcall(function() return n.read end)
      meta.__methods = methods
      equals(well, false)
      equals(complaint:match("n has no field 'read'"), "n has no field 'read'")
   end
   equals(n.u8, 0)
end)

harness.finish()
