-- shm.layout: what C declarations say, and what is wrong with them.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused

local T <const> = shm.layout [[
   #define ROWS (1 + 2)
   enum state { IDLE = 1, BUSY, GONE = -7 };
   typedef struct { float x, y; } Point;
   struct row { short kind; unsigned low : 3, high : 5; };
   struct link {
      uint32_t version;
      Point at;
      union { int whole; struct { unsigned short first, second; }; };
      struct row rows[ROWS];
      char name[8], names[2][4];
      long wide;
      double grid[2][2];
      int cells[];
   };
]]

test("size and alignment are those of C", function()
   equals(T:size(), 88)
   equals(T:alignment(), 8)
end)

test("offsets of fields, of elements, of anonymous members", function()
   for path, expected in pairs {
      version = "0 4", at = "4 8", ["at.y"] = "8 4", whole = "12 4", first = "12 2",
      second = "14 2", rows = "16 12", ["rows[2]"] = "24 4", ["rows[2].kind"] = "24 2",
      name = "28 8", names = "36 8", ["names[1]"] = "40 4", ["grid[1]"] = "72 16",
      ["grid[1][0]"] = "72 8", ["names[1][3]"] = "43 1", cells = "88 0", ["cells[9]"] = "124 4",
   } do
      equals(("%d %d"):format(T:offset(path), T:size(path)), expected)
      equals(T:bits(path), nil)
   end
end)

-- All results of the three, each by itself.
local function all(layout, path)
   return ("%s | %s | %s"):format(table.concat({ layout:offset(path) }, " "),
      table.concat({ layout:size(path) }, " "), table.concat({ layout:bits(path) }, " "))
end

test("of a bit-field the offset is that of its unit", function()
   equals(all(T, "rows[1].low"), "20 | 4 | 16 3")
   equals(all(T, "rows[1].high"), "20 | 4 | 19 5")
end)

test("an offset in the place of an argument writes nothing", function()
   local layout = shm.layout("struct s { int a; int b; };")
   local view <close> = assert(shm.create(nil, layout:size()))
   view:u32(4, 70000)
   equals(select("#", layout:offset("b")), 1)
   equals(view:u32(layout:offset("b")), 70000)
   equals(view:u32(4), 70000)
   equals(select("#", layout:size("b")), 1)
   equals(select("#", layout:bits("b")), 1)
end)

test("the ABI of Windows", function()
   local text = "struct s { char c; long l; wchar_t w[3]; unsigned a : 3; char b : 2; };"
   equals(shm.layout(text):size(), 32)
   local windows = shm.layout(text, { abi = "windows" })
   equals(windows:size(), 24)
   equals(windows:offset("w"), 8)
   equals(all(windows, "b"), "20 | 1 | 0 2")
   equals(shm.layout(text, { abi = "linux" }):size(), 32)
end)

test("constants: enumerators and #defines", function()
   local constants = T:constants()
   equals(constants.IDLE, 1)
   equals(constants.BUSY, 2)
   equals(constants.GONE, -7)
   equals(constants.ROWS, 3)
   constants.IDLE = nil
   equals(T:constants().IDLE, 1)
end)

test("the value of a constant by its name", function()
   equals(T:value("BUSY"), 2)
   equals(T:value("GONE"), -7)
   equals(T:value("ROWS"), 3)
   misused("bad argument #1 to 'value' (no constant 'BUZY'; near: BUSY)",
      function() T:value("BUZY") end)
   misused("bad argument #1 to 'value' (no constant 'x'; it has: IDLE, BUSY, GONE, ROWS)",
      function() T:value("x") end)
   misused("bad argument #1 to 'value' (no constant 'x'; it has none)",
      function() shm.layout("struct s { int a; };"):value("x") end)
   misused("bad argument #1 to 'value' (string expected, got nil)", function() T:value(nil) end)
   equals(T.BUSY, nil)
end)

test("the type, and the object's name", function()
   local text = "typedef struct { char c; } small; struct large { char c[9]; };"
   equals(shm.layout(text):size(), 9)
   equals(shm.layout(text, { type = "small" }):size(), 1)
   equals(shm.layout(text):object(), nil)
   equals(shm.layout(text, { object = "/x\0y" }):object(), "/x\0y")
end)

test("a layout lists itself", function()
   equals(tostring(T), [[
link (88 bytes, aligned to 8)
  0  uint32_t version
  4  Point at
  4    float x
  8    float y
 12  int whole
 12  unsigned short first
 14  unsigned short second
 16  row[3] rows
 16    short kind
 16    unsigned int low:3 (from bit 16)
 16    unsigned int high:5 (from bit 19)
 28  char[8] name
 36  char[2][4] names
 48  long wide
 56  double[2][2] grid
 88  int[] cells]])
end)

test("a listing has an end", function()
   local text = { "struct s0 { char a, b; };" }
   for depth = 1, 20 do
      text[#text + 1] = ("struct s%d { struct s%d a, b; };"):format(depth, depth - 1)
   end
   local listing = tostring(shm.layout(table.concat(text)))
   local _, lines = listing:gsub("\n", "")
   assert(lines > 10000 and lines < 10100, lines)
   equals(listing:sub(-4), "\n…")
end)

test("a bad declaration has its line, its column and a caret", function()
   misused([[
layout: line 2, column 3: unknown type name 'foo'
  foo bar;
  ^]], function() shm.layout("struct x {\n  foo bar;\n};") end)
   misused("layout: line 1, column 1: no struct or union is defined here",
      function() shm.layout("") end)
   local long = "struct x { unknown_" .. ("y"):rep(5000) .. " z; };"
   local well, complaint = pcall(shm.layout, long)
   equals(well, false)
   assert(#complaint < 1100 and utf8.len(complaint), complaint)
end)

test("misuse of shm.layout", function()
   misused("bad argument #1 to 'layout' (string expected, got no value)",
      function() shm.layout() end)
   misused("bad argument #2 to 'layout' (table expected, got number)",
      function() shm.layout("struct x { int y; };", 1) end)
   misused("bad argument #1 to 'layout' (a text stands before its options: "
      .. 'shm.layout(text, { abi = "windows" }))',
      function() shm.layout { "struct x { int y; };", abi = "windows" } end)
   misused("bad argument #2 to 'layout' (options are given by name)",
      function() shm.layout("", { "windows" }) end)
   misused("bad argument #2 to 'layout' (unknown option 'abj' (known: abi, compiler, define, file, "
      .. "include, language, object, order, type))",
      function() shm.layout("", { abj = "windows" }) end)
   misused([[bad argument #2 to 'layout' (option 'abi' must be "linux", "windows" or "mingw")]],
      function() shm.layout("", { abi = "win32" }) end)
   misused("bad argument #2 to 'layout' (option 'type' must be a string)",
      function() shm.layout("", { type = 1 }) end)
   misused("bad argument #2 to 'layout' (option 'object' must be a string)",
      function() shm.layout("", { object = {} }) end)
end)

test("misuse of offset", function()
   for path, expected in pairs {
      versoin = "link has no field 'versoin'; near: version",
      verson = "link has no field 'verson'; near: version",
      zzz = "link has no field 'zzz'; it has: version, at, whole, first, second, rows, name, "
         .. "names, …",
      ["at.z"] = "Point has no field 'z'; it has: x, y",
      ["version.x"] = "uint32_t has no fields",
      ["at[0]"] = "Point is no array",
      ["rows[3]"] = "index 3 is outside of row[3]",
      ["rows[99999999999999999999]"] = "between [ and ] stands a number",
      ["rows[-1]"] = "between [ and ] stands a number",
      ["rows["] = "between [ and ] stands a number",
      ["rows[1"] = "between [ and ] stands a number",
      [""] = "link has no field ''; it has: version, at, whole, first, second, rows, name, "
         .. "names, …",
   } do
      local calls = {
         offset = function() T:offset(path) end, size = function() T:size(path) end,
         bits = function() T:bits(path) end,
      }
      for name, call in pairs(calls) do
         misused(("bad argument #1 to '%s' (%s)"):format(name, expected), call)
      end
   end
end)

test("methods want a layout", function()
   for _, method in pairs {
      T.size, T.alignment, T.offset, T.bits, T.constants, T.object, T.value,
   } do
      harness.raises("shm.layout expected, got table", function() method({}) end)
      harness.raises("shm.layout expected, got no value", function() method() end)
   end
end)

test("layouts that nobody holds are collected", function()
   collectgarbage()
   collectgarbage()
   local before = collectgarbage("count")
   for _ = 1, 100 do shm.layout("struct x { int a[100]; };") end
   collectgarbage() -- calls their finalizers
   collectgarbage()
   assert(collectgarbage("count") < before + 20)
end)

-- As of records: the table of what was parsed lies where a script can reach it.
test("shm.layouts finds its layouts again when its tables were replaced", function()
   local meta = debug.getmetatable(shm.layouts)
   local size = shm.layouts.mumble_linux:size()
   for _, other in ipairs { 5, "", false } do
      meta.parsed = other
      equals(shm.layouts.mumble_linux:size(), size)
   end
   equals(rawequal(shm.layouts.mumble_linux, shm.layouts.mumble_linux), true)
end)

harness.finish()
