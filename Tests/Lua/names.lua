-- What a name may be, what it means, and who shares it (facts 24, 27 to 45).

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, refused = harness.test, harness.equals, harness.refused
local name = harness.name

-- Are these two names one object?
local function same(one, other)
   local first <close> = assert(shm.create(one, 16))
   first:write("mine")
   local second <close> = shm.open(other)
   return second ~= nil and second:read() == "mine"
end

-- Both calls refuse the name with the code.
local function bad(code, text)
   refused(code, shm.create(text, 16))
   refused(code, shm.open(text))
end

-- The name can be created and opened, and comes back as it was written.
local function good(text)
   local view <close> = assert(shm.create(text, 16))
   equals(view:name(), text, 2)
   view:write("kept")
   local other <close>, message = shm.open(text)
   if not other then error(message, 2) end
   equals(other:read(), "kept", 2)
end

test("fact 24: objects without a name are separate", function()
   local one <close> = assert(shm.create(nil, 16))
   local two <close> = assert(shm.create(nil, 16))
   one:write("one")
   equals(two:read(), "")
   equals(one:name(), nil)
end)

test("fact 27: the empty name makes an unnamed object", function()
   local one <close>, existed = shm.create("", 16)
   local two <close>, again = shm.create("", 16)
   one:write("one")
   equals(two:read(), "")
   equals(existed, false)
   equals(again, false)
   refused(6, shm.open(""))
end)

test("fact 28: opening no name is misuse", function()
   harness.raises("bad argument #1 to 'open' %(string expected, got nil%)",
                  function() shm.open(nil) end)
   harness.raises("bad argument #1 to 'open' %(string expected, got no value%)",
                  function() shm.open() end)
end)

test("fact 29: a backslash in a name is error 3", function()
   for _, text in ipairs { [[a\b]], [[Global\a\b]], [[Local\a\b]], [[foo\]] } do
      bad(3, text)
   end
end)

test("fact 30: a leading backslash is error 161", function()
   bad(161, [[\foo]])
   bad(161, [[\BaseNamedObjects\foo]])
   bad(161, [[\]])
end)

test("fact 31: a prefix with nothing behind it is error 123", function()
   bad(123, [[Global\]])
   bad(123, [[Local\]])
end)

test("fact 32: prefixes in another case are no prefixes: error 3", function()
   for _, text in ipairs { [[global\x]], [[GLOBAL\x]], [[local\x]], [[LOCAL\x]] } do
      bad(3, text)
   end
end)

test("fact 33: the words Global, Local and Session are error 6", function()
   for _, text in ipairs { "Global", "Local", "Session" } do bad(6, text) end
   for _, text in ipairs { "Globals", "global", "session" } do good(name(text)) end
end)

test("fact 34: x and Local\\x are one object", function()
   local x = name()
   equals(same(x, [[Local\]] .. x), true)
   equals(same([[Local\]] .. x, x), true)
end)

test("fact 35: x and Global\\x are different objects that live together", function()
   local x = name()
   equals(same(x, [[Global\]] .. x), false)
   equals(same([[Global\]] .. x, x), false)
   local own <close> = assert(shm.create(x, 16))
   local everybodys <close>, existed = shm.create([[Global\]] .. x, 32)
   equals(existed, false)
   equals(#own, 16)
   equals(#everybodys, 32)
end)

test("fact 36: names below Session\\ are refused with error 3", function()
   for _, text in ipairs { [[Session\0\x]], [[Session\1\x]], [[Session\x]] } do
      bad(3, text)
   end
end)

test("fact 37: a prefix behind a prefix is error 3", function()
   for _, text in ipairs { [[Local\Global\x]], [[Global\Global\x]], [[Global\Local\x]] } do
      bad(3, text)
   end
end)

test("fact 38: a forward slash makes an ordinary name of the session", function()
   local x = name()
   good("Global/" .. x)
   equals(same("Global/" .. x, [[Global\]] .. x), false)
   equals(same("Global/" .. x, [[Local\Global/]] .. x), true)
   good("a/b/../c" .. x)
end)

test("fact 39: names are case sensitive", function()
   local x = name("x")
   equals(same(x, x:upper()), false)
end)

test("fact 40: every byte but the backslash is legal", function()
   local x = name()
   for byte = 0, 255 do
      local character = string.char(byte)
      if character ~= "\\" then
         good(x .. character .. "end")
         good([[Local\]] .. character .. x)
      end
   end
   for _, text in ipairs { ":", "*", "?", '"', "<>", "|", "\t", "\n", ".", "..",
                           "...", "./x", "../x", "%2E", "%", "%~" } do
      good([[Local\]] .. text)
      good([[Global\]] .. text .. x)
   end
end)

test("fact 40: names that differ in one byte are different objects", function()
   local x, views <close> = name(), setmetatable({}, { __close = function(all)
      for _, view in pairs(all) do view:close() end
   end })
   for byte = 0, 255 do
      if byte ~= 0x5C then
         local view, existed = assert(shm.create(x .. string.char(byte), 1))
         equals(existed, false)
         views[byte] = view:write(string.char(byte))
      end
   end
   for byte, view in pairs(views) do equals(view:read(1):byte(), byte) end
end)

test("fact 41: a trailing space counts", function()
   local x = name()
   equals(same(x, x .. " "), false)
   good(x .. " ")
   good(" " .. x)
end)

test("facts 42, 43: names have up to 32766 bytes, and 206 from there", function()
   local x = name()
   for _, length in ipairs { 254, 255, 256, 259, 260, 261, 300, 4096, 32766 } do
      local text = x .. ("n"):rep(length - #x)
      good(text)
      good([[Global\]] .. text:sub(8))
      equals(same(text, text:sub(1, -2) .. "m"), false)
   end
   bad(206, x .. ("n"):rep(32767 - #x))
end)

test("fact 44: CJK, astral characters and lone surrogates are names", function()
   local x = name()
   for _, text in ipairs { "\u{5171}\u{6709}", "\u{1F315}", "\xED\xA0\x80", "\xFF\xFE" } do
      good(text .. x)
      good([[Global\]] .. text .. x)
   end
end)

test("fact 45: names are bytes: no code page turns one into another", function()
   local x = name()
   equals(same("\xC3\xA9" .. x, "\xE9" .. x), false)
   equals(same("\u{E9}" .. x, "\xC3\xA9" .. x), true)
   equals(same("e\u{301}" .. x, "\u{E9}" .. x), false)
end)

test("a POSIX name has one slash, and 255 bytes", function()
   for _, text in ipairs { "/", "/.", "/..", "/a/b", "/a\0b" } do bad(123, text) end
   bad(206, "/" .. ("n"):rep(256))
end)

test("a name given as a number is its text", function()
   local view <close> = assert(shm.create(4200 + #name(), 8))
   equals(view:name(), tostring(4200 + #name()))
end)

harness.finish()
