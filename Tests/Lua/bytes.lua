-- Texts, and many bytes at once: text, utf16, utf32, fill, copy, find, hex.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises, name = harness.test, harness.equals, harness.raises, harness.name

local function says(expected, body, ...)
   local well, complaint = pcall(body, ...)
   if well then error("no error was raised", 2) end
   equals((complaint:gsub("^[^:]*%.lua:%d+: ", "")), expected, 2)
end

-- ---- texts ----

test("text reads up to the first NUL, the limit or the view's end", function()
   local view <close> = assert(shm.create(nil, 16))
   view:write("hello\0rest")
   equals(view:text(0), "hello")
   equals(view:text(0, 3), "hel")
   equals(view:text(0, 5), "hello")
   equals(view:text(0, 99), "hello")
   equals(view:text(0, 0), "")
   equals(view:text(0, nil), "hello")
   equals(view:text(2), "llo")
   equals(view:text(5), "")
   equals(view:text(16), "")
   equals(view:text(16, 4), "")
   view:fill(0xFF)
   equals(view:text(0), ("\xFF"):rep(16))
   equals(view:text(12), "\xFF\xFF\xFF\xFF")
end)

test("texts of all lengths are read whole", function()
   local view <close> = assert(shm.create(nil, 9000))
   for _, length in ipairs { 0, 1, 39, 40, 41, 255, 256, 257, 1023, 1024, 1025, 4000 } do
      local text = ("a"):rep(length)
      equals(view:text(7, text), view)
      equals(view:text(7), text)
      equals(view:utf16(1, text), view)
      equals(view:utf16(1), text)
   end
end)

test("text writes a string and its NUL, and nothing else", function()
   local view <close> = assert(shm.create(nil, 16))
   view:fill(0xA5)
   equals(view:text(4, "abc"), view)
   equals(view:read(16), "\xA5\xA5\xA5\xA5abc\0" .. ("\xA5"):rep(8))
   equals(view:text(0, 4, "xyz"):text(0), "xyz")
   equals(view:text(0, nil, "uvw"):text(0, 2), "uv")
   equals(view:text(15, ""):read(1, 15), "\0")
   equals(view:text(0, 8, 12):text(0), "12")
end)

test("a text that does not fit is misuse, and nothing is written", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   view:fill(0xA5)
   says("bad argument #3 to 'text' (its 4 units and a NUL do not fit into 4)", function()
      view:text(0, 4, "abcd")
   end)
   says("bad argument #3 to 'text' (its 0 units and a NUL do not fit into 0)", function()
      view:text(0, 0, "")
   end)
   says(("text of 17 bytes at offset 0 is not inside of %s (16 bytes)"):format(x), function()
      view:text(0, ("x"):rep(16))
   end)
   says(("utf16 of 10 bytes at offset 7 is not inside of %s (16 bytes)"):format(x), function()
      view:utf16(7, "abcd")
   end)
   says(("utf32 of 4 bytes at offset -4 is not inside of %s (16 bytes)"):format(x), function()
      view:utf32(-4, "")
   end)
   says("bad argument #2 to 'text' (string contains zeros)", function() view:text(0, "a\0b") end)
   says("bad argument #3 to 'text' (string expected, got nil)", function() view:text(0, 9, nil) end)
   says("bad argument #2 to 'text' (a limit is not negative)", function() view:text(0, -1) end)
   says("bad argument #2 to 'text' (number expected, got table)", function() view:text(0, {}) end)
   says("bad argument #1 to 'utf16' (number expected, got no value)", function() view:utf16() end)
   for _, word in ipairs { "text", "utf16", "utf32" } do
      for _, offset in ipairs { 17, -1, math.maxinteger, math.mininteger } do
         says(("%s at offset %d is not inside of %s (16 bytes)"):format(word, offset, x), function()
            return view[word](view, offset)
         end)
      end
   end
   equals(view:read(16), ("\xA5"):rep(16))
end)

-- A text's bytes as an array of units, by Lua's own means.
local function units(text, format)
   local out = {}
   for _, code in utf8.codes(text, true) do
      if format == "<I2" and code >= 0x10000 then
         code = code - 0x10000
         out[#out + 1] = format:pack(0xD800 + (code >> 10))
         code = 0xDC00 + (code & 0x3FF)
      end
      out[#out + 1] = format:pack(code)
   end
   return table.concat(out)
end

test("UTF-16 and UTF-32 have the bytes of Windows and of Linux", function()
   local view <close> = assert(shm.create(nil, 256))
   local texts = { "", "a", "Grüße", "日本語", "𝄞", "a𝄞b", "\u{10FFFF}", "\u{FFFF}\u{10000}",
      "\u{7F}\u{80}\u{7FF}\u{800}" }
   for _, text in ipairs(texts) do
      for offset = 0, 5 do
         view:fill(0xA5)
         equals(view:utf16(offset, text), view)
         local bytes = units(text, "<I2") .. "\0\0"
         equals(view:read(#bytes + 1, offset), bytes .. "\xA5")
         equals(view:utf16(offset), text)
         view:fill(0xA5)
         equals(view:utf32(offset, text), view)
         bytes = units(text, "<I4") .. "\0\0\0\0"
         equals(view:read(#bytes + 1, offset), bytes .. "\xA5")
         equals(view:utf32(offset), text)
      end
   end
end)

test("every character comes back", function()
   local view <close> = assert(shm.create(nil, 0x2000))
   for first = 1, 0x10FFFF, 0x400 do
      local codes = {}
      for code = first, math.min(first + 0x3FF, 0x10FFFF) do
         if code & 0xFFFFF800 ~= 0xD800 then codes[#codes + 1] = code end
      end
      if #codes > 0 then
         local text = utf8.char(table.unpack(codes))
         equals(view:utf16(0, text):utf16(0), text)
         equals(view:utf32(0, text):utf32(0), text)
      end
   end
end)

test("surrogates without a partner come back as they were", function()
   local view <close> = assert(shm.create(nil, 64))
   for _, list in ipairs { { 0xD800 }, { 0xDC00 }, { 0xDBFF, 0x41 }, { 0xDC00, 0xD800 },
      { 0xD800, 0xD800, 0xDC00 }, { 0xD83D, 0xDE00, 0xDE00 }, { 0x41, 0xDFFF, 0xDBFF } } do
      local bytes = ""
      for _, unit in ipairs(list) do bytes = bytes .. ("<I2"):pack(unit) end
      view:fill(0):write(bytes)
      local text = view:utf16(0)
      assert(utf8.len(text, 1, -1, true))
      equals(view:fill(0xA5):utf16(0, text):read(#bytes + 3), bytes .. "\0\0\xA5")
   end
   view:write("\x3D\xD8\x00\xDE\0\0")
   equals(view:utf16(0), "😀")
   view:utf32(0, "\u{D800}")
   equals(view:u32(0), 0xD800)
   equals(view:utf32(0), "\u{D800}")
   view:pack("<I4I4I4I4", 0, 0x41, 0x110000, 0xFFFFFFFF, 0)
   equals(view:utf32(0), "A\u{FFFD}\u{FFFD}")
end)

test("limits of wide texts count units, as their declarations do", function()
   local view <close> = assert(shm.create(nil, 17))
   view:utf16(0, 8, "abcdefg")
   equals(view:utf16(0, 3), "abc")
   equals(view:utf16(0, 8), "abcdefg")
   says("bad argument #3 to 'utf16' (its 8 units and a NUL do not fit into 8)", function()
      view:utf16(0, 8, "abcdefgh")
   end)
   says("bad argument #3 to 'utf16' (its 2 units and a NUL do not fit into 2)", function()
      view:utf16(0, 2, "😀")
   end)
   view:utf16(0, 3, "😀")
   equals(view:utf16(0, 1), "\u{D83D}")
   view:fill(0x41)
   equals(view:utf16(0), ("\u{4141}"):rep(8)) -- the odd byte at the end is no unit
   equals(view:utf16(16), "")
   equals(view:utf32(13), "\u{FFFD}")
end)

test("what is no UTF-8 is not written as UTF-16", function()
   local view <close> = assert(shm.create(nil, 64))
   for _, each in ipairs { { "ab\xFF", 3 }, { "\x80", 1 }, { "\xC3", 1 }, { "a\xC3(", 2 },
      { "\xC0\x80", 1 }, { "\xC1\xBF", 1 }, { "\xE0\x80\x80", 1 }, { "\xF0\x80\x80\x80", 1 },
      { "\xF4\x90\x80\x80", 1 }, { "é\xF8\x88\x80\x80\x80", 3 }, { "\xE2\x82", 1 } } do
      says(("bad argument #2 to 'utf16' (no UTF-8 at byte %d of it)"):format(each[2]), function()
         view:utf16(0, each[1])
      end)
      says(("bad argument #2 to 'utf32' (no UTF-8 at byte %d of it)"):format(each[2]), function()
         view:utf32(0, each[1])
      end)
      equals(view:text(0, each[1]):text(0), each[1])
      view:fill(0)
   end
   equals(view:read(64), ("\0"):rep(64))
end)

-- ---- bytes ----

test("fill fills the view, or a part of it", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   equals(view:fill(0x41), view)
   equals(view:read(16), ("A"):rep(16))
   equals(view:fill(0x42, 12):read(16), ("A"):rep(12) .. "BBBB")
   equals(view:fill(0x43, 2, 3):read(16), "AACCCAAAAAAABBBB")
   equals(view:fill(0, 16):fill(0, 16, 0):fill(255, 15, 1):read(2, 14), "B\xFF")
   says("bad argument #1 to 'fill' (256 does not fit into a byte (0 to 255))", function()
      view:fill(256)
   end)
   says("bad argument #1 to 'fill' (-1 does not fit into a byte (0 to 255))", function()
      view:fill(-1)
   end)
   for _, each in ipairs { { 16, 1 }, { 0, 17 }, { -1, 1 }, { 0, -1 }, { math.maxinteger, 1 },
      { 1, math.maxinteger }, { math.mininteger, math.mininteger } } do
      says(("fill of %d bytes at offset %d is not inside of %s (16 bytes)"):format(each[2], each[1],
         x), function() view:fill(0, each[1], each[2]) end)
   end
   says(("fill at offset 17 is not inside of %s (16 bytes)"):format(x), function() view:fill(0, 17) end)
end)

test("copy copies between views, and inside of one", function()
   local x, y = name(), name()
   local one <close> = assert(shm.create(x, 8))
   local two <close> = assert(shm.create(y, 16))
   one:write("12345678")
   two:fill(0x2E)
   equals(two:copy(4, one), two)
   equals(two:read(16), "....12345678....")
   equals(two:copy(0, one, 6):read(4), "78..")
   equals(two:copy(0, one, 1, 3):read(4), "234.")
   equals(two:copy(16, one, 8):copy(16, one, 0, 0):read(4), "234.")
   two:write("abcdefghijklmnop")
   equals(two:copy(2, two, 0, 10):read(16), "ababcdefghijmnop")
   two:write("abcdefghijklmnop")
   equals(two:copy(0, two, 2, 10):read(16), "cdefghijklklmnop")
   local reader <close> = assert(two:map { access = "r" })
   equals(one:copy(0, reader, 0, 2):read(3), "cd3")
   says(("copy: the view of %s is read-only"):format(y), function() reader:copy(0, one) end)
end)

-- Bytes at two addresses are one: what a table says of a list that is moved is what must come.
test("views of one object may overlap", function()
   local x = name()
   local size <const> = 2 * 65536
   local one <close> = assert(shm.create(x, size))
   local again <close> = assert(shm.open("Local\\" .. x))
   local window <close> = assert(one:map { offset = 65536 })
   local content = {}
   for i = 1, size / 8 do content[i] = ("<I8"):pack(i * 0x9E3779B97F4A7C15) end
   content = table.concat(content)
   -- Offsets in the object, before and behind the border of a piece.
   local function check(to, from, first, second, length)
      one:write(content)
      local start, stop = first - (to == window and 65536 or 0), second - (from == window and 65536 or 0)
      equals(to:copy(start, from, stop, length), to)
      local moved = content:sub(1, first) .. content:sub(second + 1, second + length)
         .. content:sub(first + length + 1)
      if one:read(size, 0) ~= moved then
         error(("%d bytes from %d to %d went wrong"):format(length, second, first), 2)
      end
   end
   local base <const> = 65536 + 100
   for _, length in ipairs { 0, 1, 7, 64, 4095, 4096, 4097, 8192, 12345, 40000 } do
      for _, distance in ipairs { 0, 1, 2, 8, 63, 4095, 4096, 4097, 10000 } do
         for _, pair in ipairs { { one, again }, { again, one }, { one, window }, { window, one },
            { window, again }, { one, one } } do
            check(pair[1], pair[2], base + distance, base, length)
            check(pair[1], pair[2], base, base + distance, length)
         end
      end
   end
   local other <close> = assert(shm.create(nil, size))
   one:write(content)
   other:copy(0, one):copy(1, one, 0, 9000)
   equals(other:read(size, 0), content:sub(1, 1) .. content:sub(1, 9000) .. content:sub(9002))
end)

test("a copy that does not fit, or has no source, is misuse", function()
   local x, y = name(), name()
   local one <close> = assert(shm.create(x, 8))
   local two <close> = assert(shm.create(y, 16))
   two:fill(0x2E)
   says(("copy of 8 bytes at offset 9 is not inside of %s (16 bytes)"):format(y), function()
      two:copy(9, one)
   end)
   for _, offset in ipairs { -1, 17, math.maxinteger, math.mininteger } do
      says(("copy of 8 bytes at offset %d is not inside of %s (16 bytes)"):format(offset, y),
         function() two:copy(offset, one) end)
   end
   for _, each in ipairs { { 0, 9 }, { 8, 1 }, { -1, 1 }, { 0, -1 }, { math.maxinteger, 1 },
      { math.mininteger, 1 }, { 1, math.maxinteger }, { 9, 0 } } do
      says(("copy of %d bytes from offset %d is not inside of %s (8 bytes)"):format(each[2], each[1],
         x), function() two:copy(0, one, each[1], each[2]) end)
   end
   says(("copy of 0 bytes from offset 9 is not inside of %s (8 bytes)"):format(x), function()
      two:copy(0, one, 9)
   end)
   says("bad argument #2 to 'copy' (shm.view expected, got string)", function() two:copy(0, "x") end)
   says("bad argument #2 to 'copy' (shm.view expected, got FILE*)", function()
      two:copy(0, io.stdout)
   end)
   one:close()
   says(("attempt to use a closed view (of %s)"):format(x), function() two:copy(0, one) end)
   equals(two:read(16), ("."):rep(16))
end)

test("find finds the first place, or nil", function()
   local x = name()
   local view <close> = assert(shm.create(x, 32))
   view:write("....needle..needle\0\xFFend")
   equals(view:find("needle"), 4)
   equals(view:find("needle", 4), 4)
   equals(view:find("needle", 5), 12)
   equals(view:find("needle", 13), nil)
   equals(select("#", view:find("none")), 1)
   equals(view:find("\0\xFFe"), 18)
   equals(view:find(("\0"):rep(9)), 23)
   equals(view:find(("\0"):rep(10)), nil)
   equals(view:find(""), 0)
   equals(view:find("", 32), 32)
   equals(view:find("x", 32), nil)
   equals(view:find(("x"):rep(100)), nil)
   for _, offset in ipairs { 33, -1, math.maxinteger } do
      says(("find at offset %d is not inside of %s (32 bytes)"):format(offset, x), function()
         return view:find("x", offset)
      end)
   end
   says("bad argument #1 to 'find' (string expected, got no value)", function() view:find() end)
end)

test("find agrees with string.find", function()
   local view <close> = assert(shm.create(nil, 300))
   for _ = 1, 2000 do
      local text = {}
      for place = 1, 300 do text[place] = math.random(3) == 1 and "b" or "a" end
      text = table.concat(text)
      view:write(text)
      local length, first = math.random(1, 40), math.random(0, 300)
      local from = math.random(1, 300)
      local wanted = text:sub(from, from + length - 1)
      if math.random(4) == 1 then wanted = wanted .. "c" end
      local place = text:find(wanted, first + 1, true)
      equals(view:find(wanted, first), place and place - 1)
   end
end)

test("hex shows offset, bytes and text, and a star for rows that repeat", function()
   local x = name()
   local view <close> = assert(shm.create(x, 70))
   view:write("Message from first process.\xFF\x7F\x20")
   equals(view:hex(), [[
00000000  4d 65 73 73 61 67 65 20  66 72 6f 6d 20 66 69 72  |Message from fir|
00000010  73 74 20 70 72 6f 63 65  73 73 2e ff 7f 20 00 00  |st process... ..|
00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040  00 00 00 00 00 00                                 |......|
00000046]])
   equals(view:hex(3, 5), [[
00000003  73 61 67 65 20                                    |sage |
00000008]])
   equals(view:hex(8, 9), [[
00000008  66 72 6f 6d 20 66 69 72  73                       |from firs|
00000011]])
   equals(view:hex(70), "00000046")
   equals(view:hex(70, 0), "00000046")
   equals(view:hex(nil, 0), "00000000")
   says(("hex of 71 bytes at offset 0 is not inside of %s (70 bytes)"):format(x), function()
      view:hex(0, 71)
   end)
   says(("hex of -1 bytes at offset 0 is not inside of %s (70 bytes)"):format(x), function()
      view:hex(0, -1)
   end)
   says(("hex at offset 71 is not inside of %s (70 bytes)"):format(x), function() view:hex(71) end)
end)

test("hex is what moonpool dump prints", function()
   local x = name()
   local view <close> = assert(shm.create(x, 100000))
   for _ = 1, 300 do view:u8(math.random(0, 99999), math.random(0, 255)) end
   local pipe <close> = assert(io.popen(("'%s' dump '%s'"):format(arg[-1], x)))
   equals(view:hex() .. "\n", pipe:read("a"))
end)

test("a read-only view refuses what writes, a closed one everything", function()
   local x = name()
   local view <close> = assert(shm.create(x, 16))
   local reader = assert(view:map { access = "r" })
   view:text(0, "ok")
   equals(reader:text(0), "ok")
   equals(reader:find("k"), 1)
   assert(reader:hex():find("ok", 1, true))
   for word, call in pairs {
      text = function() reader:text(0, "x") end, utf16 = function() reader:utf16(0, 4, "x") end,
      utf32 = function() reader:utf32(0, "x") end, fill = function() reader:fill(0) end,
      copy = function() reader:copy(0, view) end,
   } do
      says(("%s: the view of %s is read-only"):format(word, x), call)
   end
   reader:close()
   for _, call in ipairs {
      function() reader:text(0, "x") end, function() reader:text(0) end,
      function() reader:utf16(0) end, function() reader:utf32(0, 3, "x") end,
      function() reader:fill(0) end, function() reader:fill(0, 0, 0) end,
      function() reader:copy(0, view) end, function() view:copy(0, reader) end,
      function() reader:find("") end, function() reader:hex() end, function() reader:hex(0, 0) end,
   } do
      says(("attempt to use a closed view (of %s)"):format(x), call)
   end
   raises("shm.view expected, got table", function() view.hex({}) end)
   equals(view:text(0), "ok")
end)

test("a copy on write keeps what was written to itself", function()
   local view <close> = assert(shm.create(name(), 16))
   local copy <close> = assert(view:map { access = "copy" })
   copy:text(0, "mine"):fill(0x2A, 8):copy(12, view, 0, 4)
   equals(copy:read(16), "mine\0\0\0\0****\0\0\0\0")
   equals(view:read(16), ("\0"):rep(16))
end)

harness.finish()
