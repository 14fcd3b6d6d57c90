-- shm.layout's options: byte order, macros, files, languages.
package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises
local misused = harness.misused

local function record(text, size, options)
  local view = assert(shm.create(nil, size))
  return view:as(shm.layout(text, options)), view
end

test("types of the network's order are read and written in it", function()
  local cell, view = record("struct c { __be16 a; __be32 b; __be64 c; __le16 d; };", 64)
  cell.a, cell.b, cell.c, cell.d = 0x0102, 0x01020304, 0x0102030405060708, 0x0102
  equals(view:read(2, 0), "\1\2")
  equals(view:read(4, 4), "\1\2\3\4")
  equals(view:read(8, 8), "\1\2\3\4\5\6\7\8")
  equals(view:read(2, 16), "\2\1")
  equals(cell.a, 0x0102)
  equals(cell.c, 0x0102030405060708)
  equals(cell:read().b, 0x01020304)
  cell:write { b = 5 }
  equals(view:read(4, 4), "\0\0\0\5")
end)

test("bits and floats, too, as gcc's scalar_storage_order has them", function()
  local s, view = record([[struct __attribute__((scalar_storage_order("big-endian"))) s {
    int a; float f; short w[2]; unsigned x : 4, y : 12; double d; bool b; };]], 64)
  s.a, s.f, s.w[1], s.x, s.y, s.d, s.b = -2, 1, 2, 5, 3, 1, true
  equals(view:read(4, 0), "\xff\xff\xff\xfe")
  equals(view:read(4, 4), "\x3f\x80\0\0")
  equals(view:read(4, 8), "\0\0\0\2")
  equals(view:read(2, 12), "\x50\3")
  equals(view:read(2, 16), "\x3f\xf0")
  equals(s.a, -2)
  equals(s.f, 1.0)
  equals(s.w[1], 2)
  equals(s.x, 5)
  equals(s.y, 3)
  equals(s.d, 1.0)
end)

test("packed bits that no unit holds are written in their order", function()
  local s, view = record("struct s { uint8_t a : 3; uint64_t b : 62; } __packed;", 16, { order = "big" })
  s.a, s.b = 5, 0x123456789abcdef0
  equals(s.a, 5)
  equals(s.b, 0x123456789abcdef0)
  equals(view:read(1, 0):byte() >> 5, 5)
end)

test("a whole text has an order", function()
  local s, view = record("struct s { uint16_t a; struct { uint32_t b; } in; };", 16, { order = "big" })
  s.a, s["in"].b = 1, 2
  equals(view:read(8), "\0\1\0\0\0\0\0\2")
  raises("option 'order' must be \"little\" or \"big\"", function()
    shm.layout("struct s { int a; };", { order = "middle" })
  end)
end)

test("a cell of a field in the other order is misuse", function()
  local function refused(text, field, why, options)
    local r = record(text, 64, options)
    misused("atomic: " .. why, function() r:atomic(field) end)
  end
  local order = " is big-endian, and a cell counts in this machine's order"
  refused("struct net { __be32 a; };", "a", "net.a" .. order)
  refused("struct net { __be64 a; };", "a", "net.a" .. order)
  refused([[struct __attribute__((scalar_storage_order("big-endian"))) s { int a; };]], "a", "s.a" .. order)
  refused("#pragma scalar_storage_order big-endian\nstruct s { unsigned a; };", "a", "s.a" .. order)
  refused("struct s { unsigned long a; };", "a", "s.a" .. order, { order = "big" })
  refused("struct s { int a[3]; };", "a", "s.a has the type big-endian int[3], and a cell is an integer of 4 or "
    .. "8 bytes", { order = "big" })
  local s = record("struct s { struct { int b[3]; } a; };", 64, { order = "big" })
  misused("atomic: s.a.b[2]" .. order, function() s.a.b:atomic(2) end)
  equals(record("struct net { rte_le32_t a; };", 64, { order = "big" }):atomic("a"):add(1), 0)
end)

test("a cell is a field's word", function()
  local r, view = record([[struct r { uint32_t head; int32_t tail; uint64_t sum; int64_t d[2];
    enum { OFF, ON } state; void *at; short s; float f; unsigned bit : 3; } __aligned(8);]], 64)
  equals(tostring(r:atomic("head")):match("^(%w+ cell at offset %d+)"), "u32 cell at offset 0")
  equals(tostring(r:atomic("tail")):match("^(%w+ cell at offset %d+)"), "i32 cell at offset 4")
  equals(tostring(r:atomic("sum")):match("^(%w+ cell at offset %d+)"), "u64 cell at offset 8")
  equals(tostring(r.d:atomic(1)):match("^(%w+ cell at offset %d+)"), "i64 cell at offset 24")
  r:atomic("state"):store(1)
  equals(r.state, 1)
  equals(r:atomic("at"):exchange(-1), 0)
  equals(r:atomic("tail"):add(-3), 0)
  equals(r.tail, -3)
  local word = ", and a cell is an integer of 4 or 8 bytes"
  misused("atomic: r.s has the type short" .. word, function() r:atomic("s") end)
  misused("atomic: r.f has the type float" .. word, function() r:atomic("f") end)
  misused("atomic: r.bit is a bit-field, and a cell is a whole word", function() r:atomic("bit") end)
  misused("r has no field 'none'; it has: head, tail, sum, d, state, at, s, f, …", function() r:atomic("none") end)
  misused("r has no field that is a nil", function() r:atomic() end)
  misused("index 2 is outside of r.d (0 to 1): for i = 0, #a - 1, or pairs(a)",
    function() r.d:atomic(2) end)
  local p = record("struct p { char c; int i; } __packed;", 64)
  misused("atomic: p.i is at offset 1, which is not aligned to its 4 bytes",
    function() p:atomic("i") end)
  view:close()
  raises("closed view", function() r:atomic("head") end)
  local cell = record("struct a { int atomic; };", 64)
  equals(cell.atomic, 0)
end)

test("macros are defined, or known not to be", function()
  local text = "struct s { char a[N]; };\n#ifdef OLD\n#error old\n#endif"
  equals(shm.layout(text, { define = { N = 7, OLD = false } }):size(), 7)
  equals(shm.layout(text, { define = { N = "(2 * 3)" } }):size(), 6)
  equals(shm.layout("#if WIDE\nstruct s { long a; };\n#endif", { define = { WIDE = true } }):size(), 8)
  raises("option 'define': N must be true", function()
    shm.layout(text, { define = { N = 1.5 } })
  end)
end)

test("a file is read with the files that it includes", function()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -p " .. folder .. "/sub"))
  local function put(name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
  end
  put("main.h", '#include "sub/part.h"\n#include <shared.h>\nstruct s { struct part p; word w; };\n')
  put("sub/part.h", '#pragma once\n#include "part.h"\nstruct part { char c; int i; };\n')
  put("sub/shared.h", "typedef unsigned short word;\n")
  local T = shm.layout { file = folder .. "/main.h", include = { folder, folder .. "/sub" } }
  equals(T:size(), 12)
  put("sub/shared.h", "typedef unknown_t word;\n")
  raises("sub/shared.h: line 1, column 9: unknown type name 'unknown_t'", function()
    shm.layout { file = folder .. "/main.h", include = { folder, folder .. "/sub" } }
  end)
  os.execute("rm -r " .. folder)
  raises("layout: cannot read ", function() shm.layout { file = folder .. "/main.h" } end)
end)

test("three ABIs and two languages", function()
  local text = "struct base { int x; char c; private: char d; };\nstruct s : public base { char e; };"
  equals(shm.layout(text):size(), 8)
  equals(shm.layout(text, { abi = "mingw" }):size(), 8)
  equals(shm.layout(text, { abi = "windows" }):size(), 12)
  equals(shm.layout("struct e {};", { language = "c++" }):size(), 1)
  raises("is C%+%+: language", function() shm.layout(text, { language = "c" }) end)
  raises('option \'abi\' must be "linux", "windows" or "mingw"', function()
    shm.layout(text, { abi = "amiga" })
  end)
end)

test("what was taken as undefined is listed", function()
  local T = shm.layout("#ifdef SLIM\nstruct s { char a; };\n#else\nstruct s { int a; };\n#endif")
  equals(T:size(), 4)
  equals(tostring(T):match("\n([^\n]*)$"), "taken as undefined: SLIM")
end)

-- Without a compiler on this machine there is nothing to ask.
if os.execute("command -v gcc >/dev/null") then
  test("a compiler is asked, and agrees", function()
    local text = "#include <pthread.h>\n#define N 3\nstruct s { pthread_mutex_t m; char a[N]; long b; };"
    local T = shm.layout(text, { compiler = true })
    equals(T:size(), 56)
    equals(T:offset("b"), 48)
    equals(T:value("N"), 3)
    raises("there is no compiler 'nocc'", function() shm.layout(text, { compiler = "nocc" }) end)
    raises("moonpool layout FILE.h", function() shm.layout("#include <x.h>\nstruct s { t a; };") end)
  end)

  test("what it and the reader see otherwise is an error", function()
    local text = "struct s { char a;\n#ifdef __OPTIMIZE__\n#else\n int b;\n#endif\n};"
    equals(shm.layout(text, { compiler = true }):size(), 8)
    raises("differ in 's', the size", function()
      shm.layout("#ifdef __gcc_only\n#endif\n#include <sys/cdefs.h>\n"
        .. "#ifdef _SYS_CDEFS_H\nstruct s { long a; };\n#else\nstruct s { int a; };\n#endif",
        { compiler = "gcc" })
    end)
  end)
end

harness.finish()
