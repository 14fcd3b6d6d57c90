-- Words of a script, which may come from another process, in the messages of misuse.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

local word <const>, shown <const> = "b\u{9b}2J\27m\u{202e}\xff", [[b\u{9B}2J\x1Bm\u{202E}\xFF]]
local T <const> = shm.layout "enum kind { A = 1 }; struct S { enum kind kind; int list[2]; };"

-- The message has the word as it may be shown, and is otherwise plain, too.
local function misuse(f, ...)
   local well, message = pcall(f, ...)
   equals(well, false)
   if not message:find(shown, 1, true) then error(("%q"):format(message), 2) end
   equals(console.printable(message), message)
end

test("words in messages command no terminal", function()
   local view <close> = assert(shm.create(nil, 64))
   local record = view:as(T)
   misuse(shm.create, nil, 8, { [word] = 1 })
   misuse(shm.event, nil, { [word] = 1 })
   misuse(shm.layout, "struct S { int x; };", { [word] = 1 })
   misuse(view.snapshot, view, 0, 8, { [word] = 1 })
   misuse(T.offset, T, word)
   misuse(T.value, T, word)
   misuse(function() return record[word] end)
   misuse(function() return record.list[word] end)
   misuse(function() record.kind = word end)
   misuse(record.write, record, { [word] = 1 })
   misuse(function() return shm.layouts[word] end)
end)

harness.finish()
