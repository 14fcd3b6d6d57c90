-- The API, told once: layouts of C declarations, and records. See help.lua for the tables' forms.

local layouts = {}

layouts.classes = {
  { "layout", class = "shm.layout", line = "C declarations: sizes, offsets, constants …",
    made = "shm.layout",
    text = "What C declarations say about memory. tostring(layout) lists offsets, types, names." },
  { "record", class = "shm.record", line = "a layout in a view: fields, read, write …",
    made = "view:as",
    text = "A struct, union or array in a view: its fields and elements are those of the memory. "
      .. "tostring(record) lists offsets, types, names, values.",
    operators = { "len: integer" } },
}

layouts.functions = {
  {
    name = "shm.layout", signature = "shm.layout(declarations [, options])",
    results = { { "layout", "shm.layout" } },
    brief = "reads C declarations, as they stand in a header",
    params = {
      { "declarations", "string|table",
        "structs, unions, enums, typedefs, `#define`s …; or the options alone, with `file`" },
      { "options", "shm.layout.options?",
        "abi, compiler, define, file, include, language, object, order, type" },
    },
    text = "Sizes, offsets and bits are those of gcc on x86-64 Linux, of Microsoft's compiler or of "
      .. "mingw's. What nobody defines and could move a member is never guessed: it is an error that "
      .. "says what to add, or to ask a compiler with moonpool layout FILE.h; of a type or constant "
      .. "that nobody declares only what is made of it. Classes of C++ may have "
      .. "base classes, but no virtual ones; functions and templates are stepped over. The layout "
      .. "is that of the last struct or union that the text defines, unless an option names "
      .. 'another. help "records" tells what fields read as. Structs, unions and arrays are in each '
      .. "other up to 100 levels deep; and one byte has at most 1024 values: each level of unions in "
      .. "unions may double what record:read gives.",
    raises = "a declaration that is none or beyond these bounds: the message has its line, its "
      .. "column and a caret; an unknown option",
    example = [=[
local T = shm.layout[[
  enum state { IDLE = 1, BUSY };
  struct link { uint32_t version; float position[3]; wchar_t name[256]; };
]]
print(T:size(), T:offset("name"), T:size("name"))  --> 1040	16	1024]=],
  },
  {
    name = "shm.layouts", signature = "shm.layouts.name", field = "table<string, shm.layout>",
    results = { { "layout", "shm.layout" } },
    brief = "the layout of a well-known program's memory; `pairs` goes through all, "
      .. "`publish` and `show` play and read them",
    text = "mumble_linux, mumble_windows, dbwin, rtss, afterburner, hwinfo, core_temp, gpuz, "
      .. "assetto_corsa_physics, rf2_telemetry, iracing, freetrack and their parts; "
      .. "pairs(shm.layouts) yields each name and what it is, with the names of events and mutexes "
      .. "that go with it. layout:object() is the name of its object. A layout is parsed when it "
      .. "is asked for. moonpool run publish NAME plays the program, moonpool run show NAME reads "
      .. "it.",
    raises = "a name that it does not have",
    example = [=[
local T = shm.layouts.rtss_app
print(T:size(), T:offset("dwFrameTime"))        --> 9184	280
print(shm.layouts.rtss:object())                --> RTSSSharedMemoryV2
for name, what in pairs(shm.layouts) do
  if name:find("^core") then print(name, what) end
end
--> core_temp	Core Temp: temperature and load of each core
--> core_temp_old	Core Temp as it was before the Ex structure, still published]=],
  },
  {
    name = "view:as", signature = "view:as(layout [, offset])",
    results = { { "record", "shm.record" } },
    brief = "the record that begins there, whose fields are those of the memory",
    params = {
      { "layout", "shm.layout", "of `shm.layout`" },
      { "offset", "integer?", "the record's first byte, from 0 (the default)" },
    },
    text = "A last array without a count (`int cells[];`) has as many elements as the view has "
      .. "room for.",
    raises = "a record that is not inside of the view, a closed view",
    example = [=[
local T = shm.layout[[struct point { int32_t x, y; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local point = view:as(T, 16)
point.x, point.name = -1, "here"
print(point.x, point.y, point.name, view:read(nil, 24))  --> -1	0	here	here]=],
  },
  {
    name = "layout:size", signature = "layout:size([path])",
    results = { { "bytes", "integer" } },
    brief = "what `sizeof` says of the whole, or of a field",
    params = { { "path", "string?", "`a.b[3].c`; nil for the whole" } },
    text = "Of a bit-field it is its type's.",
    raises = "a field or an element that is not there",
    example = [=[
local T = shm.layout("struct pair { char kind; double value; };")
print(T:size(), T:size("kind"), T:size("value"))  --> 16	1	8]=],
  },
  {
    name = "layout:alignment", signature = "layout:alignment()",
    results = { { "bytes", "integer" } },
    brief = "what `_Alignof` says",
    example = [=[
print(shm.layout("struct pair { char kind; double value; };"):alignment())  --> 8]=],
  },
  {
    name = "layout:offset", signature = "layout:offset(path)",
    results = { { "offset", "integer" } },
    brief = "the first byte of a field, from the beginning of the whole",
    params = { { "path", "string", "`a.b[3].c`" } },
    text = "Of a bit-field it is its unit's; layout:bits tells which bits of it. layout:size(path) "
      .. "tells how large a field is.",
    raises = "a field or an element that is not there",
    example = [=[
local T = shm.layout[[
  struct table { int count; struct { short kind; unsigned low : 3, high : 5; } rows[4]; };
]]
local view <close> = assert(shm.create(nil, T:size()))
view:u16(T:offset("rows[2].kind"), 7)
print(T:offset("rows[2].kind"), view:as(T).rows[2].kind)  --> 12	7]=],
  },
  {
    name = "layout:bits", signature = "layout:bits(path)",
    results = { { "bit", "integer?", "the lowest, from 0" }, { "width", "integer?", "how many" } },
    brief = "which bits of its unit a bit-field has; nil: the field is none",
    params = { { "path", "string", "`a.b[3].c`" } },
    text = "Bits count from the lowest one of the byte at layout:offset(path).",
    raises = "a field or an element that is not there",
    example = [=[
local T = shm.layout("struct job { short kind; unsigned low : 3, high : 5; };")
print(T:offset("high"), T:bits("high"))  --> 0	19	5
print(T:bits("kind"))  --> nil]=],
  },
  {
    name = "layout:constants", signature = "layout:constants()",
    results = { { "constants", "table<string, integer>" } },
    brief = "the enumerators, and each `#define` of an integer",
    example = [=[
local T = shm.layout[[
  #define LIMIT (4 * 256)
  enum state { IDLE = 1, BUSY };
  struct job { enum state state; };
]]
local constants = T:constants()
print(constants.BUSY, constants.LIMIT)  --> 2	1024]=],
  },
  {
    name = "layout:value", signature = "layout:value(name)",
    results = { { "value", "integer" } },
    brief = "the value of one enumerator or `#define`, to compare a field with",
    params = { { "name", "string", "as the declarations write it" } },
    raises = "a name that is none of them: the message has those that are like it",
    example = [=[
local T = shm.layout[[
  enum state { IDLE = 1, BUSY };
  struct job { enum state state; };
]]
local view <close> = assert(shm.create(nil, 64))
local job = view:as(T)
job.state = "BUSY"
print(job.state, job.state == T:value("BUSY"))  --> 2	true]=],
  },
  {
    name = "layout:object", signature = "layout:object()",
    results = { { "name", "string?" } },
    brief = "the name of the object that has this layout, where one was given",
    example = [=[
local T = shm.layout("struct link { int version; };", { object = "/MumbleLink" })
print(T:object())  --> /MumbleLink]=],
  },
  {
    name = "record:read", signature = "record:read()",
    results = { { "values", "table" } },
    brief = "all fields as a plain table, copied in one go",
    text = "Elements of arrays count from 0, as those of the record. Of a union each member is "
      .. "there. A field whose name is read, write or atomic is found before the method.",
    raises = "a closed view, memory that is gone (error 999)",
    example = [=[
local T = shm.layout[[struct body { float at[2]; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local body = view:as(T)
body.at, body.name = { 0.5, 2 }, "moon"
local now = body:read()
print(now.name, now.at[0], now.at[1])  --> moon	0.5	2.0]=],
  },
  {
    name = "record:write", signature = "record:write(values)",
    results = { { "record", "shm.record", "the same" } },
    brief = "writes the fields that the table names; all are checked first",
    params = { { "values", "table|shm.record|string",
      "values by name; or a record that is laid out alike; or the bytes" } },
    text = "If one does not fit, nothing is written. What the table does not name stays. Arrays "
      .. "are lists, or tables that count from 0.",
    raises = "an unknown field, a value that does not fit, a read-only view, a closed view",
    example = [=[
local T = shm.layout[[struct body { float at[2]; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local body = view:as(T)
body:write { at = { 1, 2 }, name = "moon" }
print(pcall(body.write, body, { at = { 3, 4 }, name = "much too long" }))
--> false	body.name: a text of 13 bytes does not fit into char[8] (8 bytes)
print(body.at[0], body.name)  --> 1.0	moon]=],
  },
  {
    name = "record:atomic", signature = "record:atomic(field)",
    results = { { "cell", "shm.cell" } },
    brief = "an atomic cell of an integer field of 4 or 8 bytes, or of an array's element",
    params = { { "field", "string|integer", "its name, or the element's number from 0" } },
    text = "The cell has the field's size and sign. view:atomic takes an offset, which says nothing "
      .. "of the field that is there: one that is big-endian would be counted in the wrong order.",
    raises = "a field that is big-endian, a bit-field, no integer of 4 or 8 bytes or not aligned; an "
      .. "unknown field, a closed view",
    example = [=[
local T = shm.layout[[struct ring { __be32 magic; uint32_t head; int64_t slots[4]; };]]
local view <close> = assert(shm.create(nil, 64))
local ring = view:as(T)
print(ring:atomic("head"):add(2), ring.head)  --> 0	2
print(ring.slots:atomic(3):add(-1), ring.slots[3])  --> 0	-1
print(pcall(ring.atomic, ring, "magic"))
--> false	atomic: ring.magic is big-endian, and a cell counts in this machine's order]=],
  },
}

table.insert(layouts.functions, {
  name = "record:numbers", signature = "record:numbers([table])",
  results = { { "numbers", "table|shm.record", "what was read, from 1; with a table the record" } },
  brief = "all numbers of an array in one call, read into a plain table from 1, or with a table "
    .. "written from one",
  params = { { "table", "table?", "a list of as many numbers, or fewer: then the first ones" } },
  text = "As view:numbers. The table counts from 1, the array from 0. Arrays of arrays are one list.",
  raises = "what is no array of integers or floats, more numbers than it has, an item that is no "
    .. "number or does not fit, a read-only view, a closed view, memory that is gone (error 999)",
  example = [=[
local T = shm.layout[[struct wave { uint32_t rate; float samples[4]; };]]
local view <close> = assert(shm.create(nil, 64))
local wave = view:as(T)
wave.samples:numbers { 0.5, -0.5 }
print(table.concat(wave.samples:numbers(), " "))  --> 0.5 -0.5 0.0 0.0]=],
})

layouts.options = {
  { "abi", '"linux"|"windows"|"mingw"', "layout",
    '`"linux"` (default), `"windows"` (Microsoft\'s compiler) or `"mingw"`: sizes, bit-fields, bases …',
    class = "shm.layout.options" },
  { "compiler", "boolean|string", "layout",
    "asks an installed compiler, or the one of that name; an error where it and the reader differ",
    class = "shm.layout.options" },
  { "define", "table<string, boolean|integer|string>", "layout",
    "macros; false: the name is not defined", class = "shm.layout.options" },
  { "file", "string", "layout", "the header to read, instead of a text",
    class = "shm.layout.options" },
  { "include", "string|string[]", "layout",
    "folders for `#include`, which does nothing for a file that is in none of them",
    class = "shm.layout.options" },
  { "language", '"c"|"c++"', "layout",
    "default: C, and C++ where the text has what only C++ has", class = "shm.layout.options" },
  { "order", '"little"|"big"', "layout",
    "of the bytes of numbers in what the text defines; `\"little\"` is the default",
    class = "shm.layout.options" },
  { "object", "string", "layout", "the name of the object that has this layout, for `T:object()`",
    class = "shm.layout.options" },
  { "type", "string", "layout", "the struct, union or typedef that is meant; default: the last",
    class = "shm.layout.options" },
}

layouts.subjects = {
  { "headers", "what shm.layout reads of a header, what it asks for, and when to take a compiler",
    within = "record", [[
Sizes, offsets and bits are those of gcc on x86-64 Linux; with abi = "windows" those of Microsoft's
compiler, with abi = "mingw" those of mingw's gcc.

A paste may hold what headers hold: macros with and without parameters, conditions, #pragma pack,
attributes of gcc and Microsoft, cpp's output; of C++ classes with their bases, namespaces, scoped
enums, std::array and std::atomic, while functions and templates are stepped over. Well-known headers'
types and constants are known without them: stdint, limits, endian, POSIX, pthread, sockets, the Linux
uapi, Windows.

Nothing is guessed. What nobody defines and could move a member is an error that says what to add, all
unknown names at once:

  a name whose value an #if needs, or an #ifdef inside of a struct whose headers are not here:
    define = { LEVEL = 3, HAVE_WIDE = true, OLD = false }
  a word that may be a macro (} PACKED;, struct EXPORT s {), also one that the text makes empty where
  nobody else did and whose header is not here; BOOL on Linux, of which there are two
  virtual functions: such objects hold addresses of their own program

A type or constant that nobody declares spoils the structures that are made of it, and no others. A
pointer has 8 bytes, whatever an #include that is not here would say it points to.
Elsewhere an unknown name is undefined, as for a compiler without -D; tostring(layout) lists those.

__be32 and scalar_storage_order("big-endian") are read and written in that order, with order = "big"
all of a text is. shm.layout { file = "game.h", include = { "sdk" } } reads a file with those that it
includes, and needs no compiler.

Headers that include half a system or use templates are for a compiler. moonpool layout game.h
Telemetry --lua > telemetry.lua writes every offset out: dofile it on machines without a compiler, too.
What such a header needs and is not on this machine (windows.h, DWORD) comes from the tables here, and
other names from the one header beside it that declares them; both are reported. --check says whether
shm.layout agrees with the compiler. In a script shm.layout { file = "game.h", compiler = true }
(or a compiler's name) asks the one beside it; where both can answer and differ, that is an error. The
compiler gets 10 seconds and 1 GiB; for windows it is clang, Swift's own where there is no other.]] },
  { "records", "what fields read as, and take", within = "record", [[
What a pasted header may hold, and when a compiler is asked: help "headers".

record.field and record[0] (of arrays) are the memory itself: other processes see what is assigned
at once. Elements count from 0; #record is the number of an array's elements, and pairs goes
through fields in the order of their declaration.

Integers, enums and pointers are integers; an unsigned one of 64 bits is negative above 2^63-1. A
single char is a number, too, and takes a letter. bool is true or false (or 1 or 0), float and
double are numbers, what Lua has no numbers for (long double) is a string of its bytes.

An enum takes an enumerator's name as well: job.state = "BUSY". It reads as the integer, which
layout:value("BUSY") is there to be compared with; tostring(record) shows both, 2 (BUSY).

An array of char is a text: the bytes up to the first NUL or its end. What is assigned is followed
by NULs to the end of the array; it may fill it exactly, then without a NUL, as C does in
char id[4] = "RIFF". Arrays of wchar_t, WCHAR and the like are UTF-16 or UTF-32 in memory and UTF-8
in Lua. Arrays of unsigned char are numbers.

A struct, a union or another array is a record of its own, made at each access: keep it in a local
where it matters. Assigned are a table (what it does not name stays), a record that is laid out
alike (a copy), or a string of exactly its bytes. A value that does not fit is an error, and
nothing is written.

An aligned field of 1, 2, 4 or 8 bytes is read and written by one sequentially consistent access;
texts, tables and whole records are not. Writing a bit-field replaces its unit by compare and swap,
so that its neighbours lose nothing; one that crosses units is written byte by byte.

Field names fill the place of methods: there are record:read(), record:write{} and
record:atomic(field), and a field of such a name is found first.]] },
}

return layouts
