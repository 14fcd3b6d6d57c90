-- tostring(record): offsets, types, names, values.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

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
  28  char[16] name = "a\"\n\\é"
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

test("an enum's value has its name beside it where one matches", function()
   local view = assert(shm.create(nil, 64))
   local T = shm.layout [[
      enum state { IDLE = 1, RUNNING, ALSO = 2 };
      struct job { enum state state, other; enum state low : 2; enum state past[3]; int n; };
   ]]
   local job = view:as(T)
   job:write { state = "RUNNING", other = 7, low = "IDLE", past = { "IDLE", 9, "ALSO" }, n = 1 }
   equals(tostring(job), [[
job at offset 0 of an unnamed object (28 bytes)
  0  state state = 2 (RUNNING)
  4  state other = 7
  8  state low:2 (from bit 0) = 1 (IDLE)
 12  state[3] past = 1 (IDLE), 9, 2 (RUNNING)
 24  int n = 1]])
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

harness.finish()
