-- Records and their views: closed, read-only, lost, collected.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused
local new = harness.record

local nested <const> = [[
   typedef struct { float x, y, z; } Vec;
   struct n {
      Vec at, cells[3]; float list[3]; int grid[2][2]; char names[2][4];
      union { uint32_t whole; struct { uint16_t low, high; }; } u;
      union { int i; float f; struct { char first; char second; }; };
   };
]]

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
   local n = new(nested)
   local meta = debug.getmetatable(n)
   local methods = meta.__methods
   for _, other in ipairs { 5, "", false } do
      meta.__methods = other
      local well, complaint = pcall(function() return n.read end)
      meta.__methods = methods
      equals(well, false)
      equals(complaint:match("n has no field 'read'"), "n has no field 'read'")
   end
   equals(n.i, 0)
end)

harness.finish()
