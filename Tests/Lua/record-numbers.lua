-- view:as: numbers and bits of C in memory.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused
local new = harness.record

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

-- ---- enums ----

local job <const> = [[
   enum state { IDLE = 1, RUNNING, DONE, LAST = DONE };
   typedef enum : uint8_t { RED, GREEN } Color;
   struct job {
      enum state state; Color color; enum state low : 2; int count; enum state past[3];
      enum { UP = -1, DOWN = 1 } way; enum : uint64_t { TOP = 0xFFFFFFFFFFFFFFFF } top;
   };
]]

test("enumerators are integers", function()
   local e = new "enum { FIRST = 5, LAST = -1 }; enum big { B = 7 }; struct e { enum big b; };"
   e.b = 9
   equals(e.b, 9)
end)

test("an enum takes an enumerator's name", function()
   local j = new(job)
   local T = shm.layout(job)
   j.state, j.color, j.low, j.way, j.top = "RUNNING", "GREEN", "DONE", "UP", "TOP"
   equals(j.state, 2)
   equals(j.state == T:value("RUNNING"), true)
   equals(j.color, 1)
   equals(j.low, 3)
   equals(j.way, -1)
   equals(j.top, -1)
   j.past = { "IDLE", 7, "LAST" }
   equals(j.past[0], 1)
   equals(j.past[1], 7)
   equals(j.past[2], 3)
   j.past[1] = "RUNNING"
   equals(j:read().past[1], 2)
   j:write { state = "IDLE", past = { [3] = "IDLE" } }
   equals(j.state, 1)
   equals(j.past[2], 1)
end)

test("a name that the enum does not have is misuse", function()
   local j = new(job)
   j.state = "IDLE"
   for _, case in ipairs {
      { "state", "RUNING", "state has no enumerator 'RUNING'; near: RUNNING" },
      { "state", "running", "state has no enumerator 'running'; near: RUNNING" },
      { "state", "GREEN", "state has no enumerator 'GREEN'; it has: IDLE, RUNNING, DONE, LAST" },
      { "state", "", "state has no enumerator ''; it has: IDLE, RUNNING, DONE, LAST" },
      { "color", "BLUE", "Color has no enumerator 'BLUE'; it has: RED, GREEN" },
      { "way", "UPP", "enum has no enumerator 'UPP'; it has: UP, DOWN" },
      { "state", {}, "an integer or an enumerator's name is needed, not a table" },
      { "state", nil, "an integer or an enumerator's name is needed, not nil" },
      { "count", "IDLE", "an integer is needed, not a string" },
      { "color", 256, "256 does not fit into Color (0 to 255)" },
      { "low", 4, "4 does not fit into 2 bits (0 to 3)" },
   } do
      local key, value, expected = table.unpack(case, 1, 3)
      misused(("job.%s: %s"):format(key, expected), function() j[key] = value end)
   end
   misused("job.past[1]: state has no enumerator 'IDEL'; near: IDLE",
      function() j:write { state = "DONE", past = { "IDLE", "IDEL" } } end)
   equals(j.state, 1)
   local narrow = new "enum e { A = 9 }; struct n { enum e e : 3; };"
   misused("n.e: 9 does not fit into 3 bits (0 to 7)", function() narrow.e = "A" end)
end)

-- ---- bytes ----

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

harness.finish()
