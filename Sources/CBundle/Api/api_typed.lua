-- The API, told once: scalars, packs, texts and bytes of a view. See help.lua for the tables' forms.

local typed = {}

local inside <const> = "bytes that are not all inside of the view, "
local written <const> = "a read-only view, "
local usual <const> = "a closed view, memory that is gone (error 999)"

-- MARK: numbers

local leader <const> = "view:u32"

local atomic <const> = "Little-endian. At an offset that is a multiple of its size it is one "
  .. "sequentially consistent access: no other process sees half of it, and all see one order. "
  .. "(Views begin at multiples of 65,536.) At other offsets it works, and is not atomic."

local u64 <const> = " Above 2^63-1 it appears as Lua's negative integer, as 64 bits do in Lua: "
  .. '("%x"):format(value) and math.ult show and compare it as what it is.'

-- type, what it is, "integer" or "number", what it takes, more text, the example's value and result
local numbers <const> = {
  { "u32", "32 bits without a sign", "integer", "0 to 4294967295", "", "3000000000", "3000000000" },
  { "u8", "one byte", "integer", "0 to 255", "", "255", "255" },
  { "i8", "one byte with a sign", "integer", "-128 to 127", "", "-1", "-1" },
  { "u16", "16 bits without a sign", "integer", "0 to 65535", "", "65535", "65535" },
  { "i16", "16 bits with a sign", "integer", "-32768 to 32767", "", "-2", "-2" },
  { "i32", "32 bits with a sign", "integer", "-2147483648 to 2147483647", "", "-3", "-3" },
  { "u64", "64 bits without a sign", "integer", "any integer", u64, "0xFFFFFFFFFFFFFFFF", "-1" },
  { "i64", "64 bits with a sign", "integer", "any integer", "", "-4", "-4" },
  { "f32", "a float of C", "number", "a number, rounded as C rounds it; what would become infinite does not fit",
    " Infinity and NaN are values; a finite number above 3.4028235e38 is misuse.", "0.1",
    "0.10000000149012" },
  { "f64", "a double of C", "number", "any number", "", "0.1", "0.1" },
}

local function number(type, what, kind, takes, more, value, result)
  local name = "view:" .. type
  local leads = name == leader
  return {
    name = name, signature = name .. "(offset [, value])", family = not leads and leader or nil,
    results = { { "value", kind .. "|shm.view", "what was read; with a value the view" } },
    brief = leads and "one number in the memory, read, or with a value written: `u8 i8 u16 i16 u32 "
        .. "i32 u64 i64 f32 f64`, each a method"
      or what .. ", read, or with a value written",
    params = {
      { "offset", "integer", "its first byte, from 0" },
      { "value", kind .. "?", takes .. "; what is given, nil included, is written" },
    },
    text = atomic .. more,
    raises = inside .. "a value that does not fit, " .. written .. usual,
    example = ([=[
local view <close> = assert(shm.create(nil, 16))
print(view:%s(8, %s):%s(8))  --> %s]=]):format(type, value, type, result),
  }
end

typed.functions = {}
for place, each in ipairs(numbers) do typed.functions[place] = number(table.unpack(each)) end

table.insert(typed.functions, {
  name = "view:numbers", signature = "view:numbers(type, offset [, count|table])",
  results = { { "numbers", "table|shm.view", "what was read, from 1; with a table the view" } },
  brief = "many numbers in one call, read into a plain table from 1, or with a table written from one",
  params = {
    { "type", "string", '`"u8"`, `"i8"`, `"u16"`, `"i16"`, `"u32"`, `"i32"`, `"u64"`, `"i64"`, '
      .. '`"f32"` or `"f64"`, of each' },
    { "offset", "integer", "the first byte of the first, from 0" },
    { "count", "integer|table?", "how many are read, default all to the view's end; or a list, all "
      .. "of which is written" },
  },
  text = "A list of which one number does not fit is not written at all. Each number that is aligned "
    .. "is one access; all of them are no snapshot (view:snapshot makes one).",
  raises = inside .. "an item that is no number or does not fit, another type, " .. written .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 64))
view:numbers("f64", 8, { 1.5, 2, -3 })
print(table.concat(view:numbers("f64", 8, 3), " "))  --> 1.5 2.0 -3.0]=],
})

-- MARK: packs, texts, bytes

local function add(entry) typed.functions[#typed.functions + 1] = entry end

local formats <const> = "The formats are string.pack's: < > = ![n] b B h H i[n] I[n] l L j J T f d n "
  .. "s[n] z c[n] x X and blanks. Alignments (!) count from the view's first byte."

add {
  name = "view:pack", signature = "view:pack(format, offset, …)",
  results = { { "next", "integer", "the offset behind the last byte" } },
  brief = "writes values as `string.pack` does, straight into the memory",
  params = {
    { "format", "string", "as of string.pack" },
    { "offset", "integer", "the first byte, from 0" },
    { "...", "any", "the values" },
  },
  text = formats .. " All or nothing: what does not fit writes no byte; but a number that is too "
    .. "large for f is infinity, as string.pack has it. An aligned number is one access; the whole "
    .. "is not.",
  raises = inside .. "what string.pack refuses, " .. written .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 64))
local next = view:pack("<I4 z", 0, 7, "seven")
print(next, view:unpack("<I4 z", 0))  --> 10	7	seven	10]=],
}

add {
  name = "view:unpack", signature = "view:unpack(format, offset)",
  results = { { "…", "any", "the values" }, { "next", "integer", "the offset behind them" } },
  brief = "reads values as `string.unpack` does, straight from the memory",
  params = {
    { "format", "string", "as of string.unpack" },
    { "offset", "integer", "the first byte, from 0" },
  },
  text = formats .. " A length in the memory (s) is loaded once and checked: another process may "
    .. "change it meanwhile. As of string.unpack the last result is an offset: where the call ends the "
    .. "arguments of another one, parentheses leave the first alone, "
    .. "`view:u32((view:unpack(\"<I4\", 8)))`.",
  raises = inside .. "what string.unpack refuses, " .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 64))
view:pack("<i2 s1 d", 4, -5, "text", 0.5)
print(view:unpack("<i2 s1 d", 4))  --> -5	text	0.5	19]=],
}

-- The three kinds of text: method, what, its unit, the array in C, more text, an example.
local function text(name, what, unit, array, more, example)
  add {
    name = "view:" .. name, signature = ("view:%s(offset [, limit] [, string])"):format(name),
    results = { { "string", "string|shm.view", "what was read; with a string the view" } },
    brief = what,
    params = {
      { "offset", "integer", "the first byte, from 0" },
      { "limit", "integer|string|nil", ("%s at most, as in %s, a NUL included; or the string")
        :format(unit, array) },
      { "string", "string?", "to be written, with a NUL behind it" },
    },
    text = "Reading ends at the first NUL, at the limit or at the view's end. Writing is all or "
      .. "nothing, and leaves what is behind the NUL as it was." .. more,
    raises = "an offset outside of the view, a string that does not fit or has a NUL in it, "
      .. written .. usual,
    example = example,
  }
end

text("text", "a text that ends with a NUL (`char[]`), read or written", "bytes", "char name[16]",
  " The bytes are not looked at.", [=[
local view <close> = assert(shm.create(nil, 32))
view:text(0, 16, "hello")
print(view:text(0), view:text(0, 4), view:text(1))  --> hello	hell	ello]=])

text("utf16", "a text in UTF-16 (Windows' `WCHAR[]`), UTF-8 in Lua", "units of 16 bits",
  "WCHAR name[16]",
  " Little-endian. A surrogate without its partner is three bytes in Lua, as utf8.char makes them, "
    .. "and is written back as it was.", [=[
local view <close> = assert(shm.create(nil, 64))
view:utf16(0, 16, "Grüße")
print(view:utf16(0), view:u16(4))  --> Grüße	252]=])

text("utf32", "a text in UTF-32 (Linux's `wchar_t[]`), UTF-8 in Lua", "units of 32 bits",
  "wchar_t name[16]", " Little-endian. A unit that is no character is read as U+FFFD.", [=[
local view <close> = assert(shm.create(nil, 64))
view:utf32(0, 16, "Grüße")
print(view:utf32(0), view:u32(8))  --> Grüße	252]=])

add {
  name = "view:fill", signature = "view:fill(byte [, offset [, length]])",
  results = { { "view", "shm.view", "the same" } },
  brief = "makes all bytes, or those from `offset` on, the same",
  params = {
    { "byte", "integer", "0 to 255" },
    { "offset", "integer?", "the first, from 0 (the default)" },
    { "length", "integer?", "how many; all that follow by default" },
  },
  raises = inside .. "what is no byte, " .. written .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:fill(0x2E):fill(0x41, 2, 3):read())  --> ..AAA...]=],
}

add {
  name = "view:copy", signature = "view:copy(offset, source [, from [, length]])",
  results = { { "view", "shm.view", "the same, which was written" } },
  brief = "copies bytes of a view into this one, without a string in between",
  params = {
    { "offset", "integer", "where the first goes, from 0" },
    { "source", "shm.view", "another view, or the same" },
    { "from", "integer?", "the first byte of the source, from 0 (the default)" },
    { "length", "integer?", "how many; all that the source has from there by default" },
  },
  text = "The bytes may overlap, of one view and of several views of one object.",
  raises = "bytes that are not all inside of their view, " .. written .. usual,
  example = [=[
local one <close> = assert(shm.create(nil, 8))
local two <close> = assert(shm.create(nil, 8))
one:write("abcdefgh")
print(two:copy(1, one, 4, 3):copy(0, two, 1, 3):read())  --> efgg]=],
}

add {
  name = "view:find", signature = "view:find(bytes [, offset])",
  results = { { "offset", "integer?" } },
  brief = "where the bytes begin, the first time from `offset` on; nil: nowhere",
  params = {
    { "bytes", "string", "as they are, no pattern" },
    { "offset", "integer?", "where to begin, from 0 (the default)" },
  },
  raises = "an offset outside of the view, " .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 32))
view:write("one two one")
print(view:find("one"), view:find("one", 1), view:find("six"))  --> 0	8	nil]=],
}

add {
  name = "view:hex", signature = "view:hex([offset [, length]])",
  results = { { "text", "string" } },
  brief = "the bytes as a text of offsets, hexadecimal and ASCII, as `moonpool dump` prints them",
  params = {
    { "offset", "integer?", "the first byte, from 0 (the default)" },
    { "length", "integer?", "how many; all that follow by default" },
  },
  raises = inside .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 8))
view:write("hello")
print((view:hex():match("|(.-)|")))  --> hello...]=],
}

return typed
