-- view:as: structs, unions and arrays of C in memory; record:read, record:write, pairs.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused
local new = harness.record

local function bytes(format, ...) return string.pack("<" .. format, ...) end

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
   misused("index 3 is outside of n.list (0 to 2): for i = 0, #a - 1, or pairs(a)",
      function() return n.list[3] end)
   misused("index -1 is outside of n.list (0 to 2)", function() n.list[-1] = 1 end)
   misused("index 9223372036854775807 is outside of n.list (0 to 2)",
      function() return n.list[math.maxinteger] end)
   misused("n.list has no field 'x'; its elements have numbers from 0",
      function() return n.list.x end)
   misused("n.list has no field 'n'; its elements have numbers from 0",
      function() n.list.n = 1 end)
   misused("n.list has no field that is a boolean", function() return n.list[true] end)
   misused("n.list has no field that is a number", function() return n.list[0.5] end)
   misused("n has no field that is a number", function() return n[1] end)
   misused("n.at has no field 'w'; it has: x, y, z", function() return n.at.w end)
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
   misused("n.at.x: a number is needed, not a table", function() n.at.x = {} end)
   misused("n.list[1]: a number is needed, not a string", function() n.list[1] = "x" end)
   misused("n is no array and has no length", function() return #n end)
   equals(n.list[0], 1.0)
   equals(n.at.x, 0.0)
   equals(n.cells[0].x, 0.0)
end)

test("errors of parts say the whole way from the record", function()
   local T = shm.layout [[
      struct c { int c, d; }; struct b { int x; struct c list[4]; };
      struct link {
         int version;
         struct { struct b b[4]; } a;
         struct { int filler; struct c last; };
         union { struct c one; struct { int p; struct c two; } s; float f; } u;
         union { struct c x; struct c y; } same;
         struct c grid[2][3], tail[];
      };
   ]]
   local view = assert(shm.create(nil, 512))
   local link = view:as(T, 8)
   misused("link.a.b[3].list[1].c: an integer is needed, not a string",
      function() link.a.b[3].list[1].c = "x" end)
   misused("link.a.b[0].list[0].d: an integer is needed, not a string",
      function() link.a.b[0].list[0].d = "x" end)
   misused("link.a.b[3].list[2].d: 0.5 is no integer",
      function() link.a.b[3]:write { list = { [3] = { d = 0.5 } } } end)
   misused("link.a.b[2].list[3] has no field 'x'; it has: c, d",
      function() return link.a.b[2].list[3].x end)
   misused("index 4 is outside of link.a.b[1].list (0 to 3): for i = 0, #a - 1, or pairs(a)",
      function() return link.a.b[1].list[4] end)
   misused("link.a.b[1] is no array and has no length", function() return #link.a.b[1] end)
   misused("link.last.c: an integer is needed, not nil", function() link.last.c = nil end)
   misused("link.u.one.c: an integer is needed, not nil", function() link.u.one.c = nil end)
   misused("link.u.s.two.c: an integer is needed, not nil", function() link.u.s.two.c = nil end)
   misused("link.u.s.p: an integer is needed, not nil", function() link.u.s.p = nil end)
   misused("link.same.x.c: an integer is needed, not nil", function() link.same.x.c = nil end)
   misused("link.same.x.c: an integer is needed, not nil", -- the first of two alike
      function() link.same.y.c = nil end)
   misused("link.grid[1][2].d: an integer is needed, not nil",
      function() link.grid[1][2].d = nil end)
   misused("link.grid[1]: a table or a record is needed, not nil",
      function() link.grid[1] = nil end)
   misused("link.tail[20].d: an integer is needed, not nil",
      function() link.tail[20].d = nil end)
   local rows = view:as(shm.layout("typedef struct { int x[2]; } row; typedef row rows[3]; "
      .. "struct s { int a; };", { type = "rows" }), 64)
   misused("row[3][2].x[1]: an integer is needed, not nil", function() rows[2].x[1] = nil end)
end)

test("a last array without a count goes on to the end of the view", function()
   local view = assert(shm.create(nil, 64))
   local r = view:as(shm.layout "struct r { int count; short cells[]; };", 8)
   equals(#r.cells, 26)
   r.cells[25] = -1
   equals(view:read(2, 62), "\xFF\xFF")
   misused("index 26 is outside of r.cells (0 to 25): for i = 0, #a - 1, or pairs(a)",
      function() return r.cells[26] end)
   r.cells = { 1, 2, 3 }
   equals(r:read().cells[25], -1)
   equals(r:read().cells[1], 2)
   local t = view:as(shm.layout "struct t { int count; char text[]; };", 60)
   equals(t.text, "")
   local empty = view:as(shm.layout "struct r { int count; short cells[]; };", 60).cells
   misused("index 0 is outside of r.cells, which is empty", function() return empty[0] end)
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

test("unions in unions are read as far as a layout may go", function()
   local lines = { "union u0 { int a; float b; };" }
   for i = 1, 9 do lines[#lines + 1] = ("union u%d { union u%d a, b; };"):format(i, i - 1) end
   local u = new(table.concat(lines))
   u.a.b.a.b.a.b.a.b.a.a = 5
   local function count(value)
      if type(value) ~= "table" then return value == 5 and 1 or 0 end
      return count(value.a) + count(value.b)
   end
   equals(count(u:read()), 512)
   for i = 10, 30 do lines[#lines + 1] = ("union u%d { union u%d a, b; };"):format(i, i - 1) end
   harness.raises("one place holds more than 1024 values, as unions in unions do",
      function() shm.layout(table.concat(lines)) end)
end)

test("structs in structs are read as far as a layout may go", function()
   local lines = { "struct s0 { int a; };" }
   for i = 1, 99 do lines[#lines + 1] = ("struct s%d { struct s%d a; };"):format(i, i - 1) end
   local s = new(table.concat(lines))
   local part, now = s, s:read()
   for _ = 1, 99 do part, now = part.a, now.a end
   equals(now.a, 0)
   misused("s99" .. (".a"):rep(100) .. ": an integer is needed, not nil",
      function() part.a = nil end)
   for i = 100, 60000 do lines[i + 1] = ("struct s%d { struct s%d a; };"):format(i, i - 1) end
   harness.raises("nested deeper than 100 levels",
      function() shm.layout(table.concat(lines)) end)
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

-- 2^40 pairs of parts, if each were walked.
test("records of equal layouts that share their parts are compared at once", function()
   local function layout(last)
      local text = { "struct S0 { char a; };" }
      for i = 1, 40 do text[#text + 1] = ("struct S%d { struct S%d a, b; };"):format(i, i - 1) end
      return shm.layout((table.concat(text):gsub("char a", last)))
   end
   local view <close> = assert(shm.create(nil, 1 << 40, { reserve = true }))
   equals(view:as(layout("char a")) == view:as(layout("char a")), true)
   equals(view:as(layout("char a")) == view:as(layout("char b")), false)
   equals(view:as(layout("char a")).b == view:as(layout("char a")).b, true)
   equals(view:as(layout("char a")).a == view:as(layout("char a")).b, false)
end)

test("types that are alike count once, whatever they are called", function()
   local one = shm.layout("struct A { int x; }; struct T { struct A a, b, c[2]; };")
   local two = shm.layout("struct A { int x; }; struct B { int x; }; struct C { int x; };"
      .. "struct T { struct A a; struct B b; struct C c[2]; };")
   local other = shm.layout("struct A { int x; }; struct B { int y; };"
      .. "struct T { struct A a; struct B b; struct A c[2]; };")
   local view <close> = assert(shm.create(nil, 64))
   equals(view:as(one) == view:as(two), true)
   equals(view:as(two) == view:as(one), true)
   equals(view:as(one) == view:as(other), false)
   equals(view:as(other) == view:as(one), false)
   view:as(one):write(view:as(two))
   misused("T: a record of T is not laid out as T", function() view:as(one):write(view:as(other)) end)
end)

-- ipairs and table.concat are C functions, which have no line of their own.
test("who counts an array from 1 is told how to count, at the line", function()
   local array = harness.record("struct s { int list[4]; };").list
   local told = "index 4 is outside of s.list (0 to 3): for i = 0, #a - 1, or pairs(a)"
   misused(told, function() for i = 1, #array do local _ = array[i] end end)
   misused(told, function() for _ in ipairs(array) do end end)
   misused(told, function() return table.concat(array, " ", 0, 4) end)
   misused(told, function() return table.unpack(array, 0, 4) end)
   misused("index 5 is outside of s.list (0 to 3)", function() return table.unpack(array, 5, 5) end)
   misused("index 4 is outside of s.list (0 to 3): for i = 0, #a - 1, or pairs(a)",
      function() table.insert(array, 4, 1) end)
   local sum = 0
   for i = 0, #array - 1 do sum = sum + array[i] + 1 end
   for _ in pairs(array) do sum = sum + 1 end
   equals(sum, 8)
end)

test("fields and enumerators are found among many, by names of any length", function()
   for _, stem in ipairs { "f", ("long"):rep(15) } do
      local text, values = { "struct s {" }, {}
      for i = 1, 3000 do
         text[#text + 1] = ("int %s%d;"):format(stem, i * 7919 % 3001)
         values[stem .. i] = i
      end
      local T = shm.layout(table.concat(text) .. "};")
      local view <close> = assert(shm.create(nil, T:size()))
      local record = view:as(T)
      record:write(values)
      for i = 1, 3000 do
         equals(record[stem .. i], i)
         equals(view:i32(T:offset(stem .. i)), i)
      end
      harness.raises(("s has no field '%s0'; "):format(stem), function() return record[stem .. 0] end)
   end
   local names = {}
   for i = 0, 999 do names[i + 1] = ("E%d = %d"):format(i, i * 617 % 1000 // 2) end
   local T = shm.layout(("enum e { %s }; struct s { enum e all[1000]; };"):format(
      table.concat(names, ",")))
   local view <close> = assert(shm.create(nil, T:size()))
   local record, list = view:as(T), {}
   for i = 0, 999 do list[i] = "E" .. i end
   record.all = list
   for i = 0, 999 do
      equals(record.all[i], i * 617 % 1000 // 2)
      equals(T:value("E" .. i), record.all[i])
   end
   -- The first enumerator of a value gives it its name: E0 and E953 are 0.
   record.all[0] = "E953"
   assert(tostring(record):find("= 0 (E0), 308 (E1),", 1, true), tostring(record))
end)

harness.finish()
