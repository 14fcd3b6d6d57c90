-- view:as: texts of C in memory.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused
local new = harness.record

local function bytes(format, ...) return string.pack("<" .. format, ...) end

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

harness.finish()
