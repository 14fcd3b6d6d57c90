-- The exact text of every error that a script can get: a changed message is
-- a changed row.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

local x = harness.name("x")
local raw = "/" .. harness.name("moonpool-test")
local view <close> = assert(shm.create(x, 256))
local reader <close> = assert(shm.open(x, { access = "r" }))
local closed = assert(shm.open(x))
closed:close()
local unnamed <close> = assert(shm.create(nil, 3))

-- Misuse: raised, at the line of the call.
local misuse = {
   { "bad argument #1 to 'create' (string expected, got table)",
     function() shm.create({}, 8) end },
   { "bad argument #2 to 'create' (number expected, got no value)",
     function() shm.create("n") end },
   { "bad argument #2 to 'create' (number expected, got string)",
     function() shm.create("n", "big") end },
   { "bad argument #2 to 'create' (number has no integer representation)",
     function() shm.create("n", 1.5) end },
   { "bad argument #3 to 'create' (table expected, got boolean)",
     function() shm.create("n", 8, true) end },
   { "bad argument #3 to 'create' (unknown option 'acces' (known: access, offset, length, "
     .. "mode, exclusive, reserve, wine, hold))",
     function() shm.create("n", 8, { acces = "r" }) end },
   { "bad argument #3 to 'create' (options are given by name)",
     function() shm.create("n", 8, { "r" }) end },
   { [[bad argument #3 to 'create' (option 'access' must be "rw", "r" or "copy")]],
     function() shm.create("n", 8, { access = "w" }) end },
   { "bad argument #3 to 'create' (option 'offset' must be a number of bytes from 0)",
     function() shm.create("n", 8, { offset = -1 }) end },
   { "bad argument #3 to 'create' (option 'length' must be a number of bytes from 0)",
     function() shm.create("n", 8, { length = {} }) end },
   { "bad argument #3 to 'create' (option 'mode' must be an integer or octal digits in a "
     .. [[string, such as "0644")]],
     function() shm.create("n", 8, { mode = "rwx" }) end },
   { "bad argument #3 to 'create' (option 'exclusive' must be true or false)",
     function() shm.create("n", 8, { exclusive = 1 }) end },
   { "bad argument #3 to 'create' (option 'reserve' must be true or false)",
     function() shm.create("n", 8, { reserve = "yes" }) end },
   { "bad argument #1 to 'open' (string expected, got nil)", function() shm.open(nil) end },
   { "bad argument #2 to 'open' (unknown option 'mode' (known: access, offset, length, "
     .. "wine, hold))",
     function() shm.open("n", { mode = 0 }) end },
   { "bad argument #1 to 'unlink' (string expected, got no value)",
     function() shm.unlink() end },
   { "bad argument #1 to 'path' (string expected, got boolean)",
     function() shm.path(true) end },
   { "bad argument #1 to 'map' (unknown option 'reserve' (known: access, offset, length))",
     function() view:map { reserve = true } end },
   { "bad argument #1 to 'map' (table expected, got string)",
     function() view:map "r" end },
   { "bad argument #1 to 'write' (string expected, got no value)",
     function() view:write() end },
   { "bad argument #1 to 'write' (string expected, got table)",
     function() view:write {} end },
   { "bad argument #2 to 'write' (number expected, got string)",
     function() view:write("text", "here") end },
   { "bad argument #2 to 'write' (number has no integer representation)",
     function() view:write("text", 0.5) end },
   { "bad argument #1 to 'read' (number expected, got boolean)",
     function() view:read(true) end },
   { "bad argument #2 to 'read' (number expected, got string)",
     function() view:read(1, "here") end },
   { "calling 'read' on bad self (shm.view expected, got table)",
     function() local fake = { read = view.read }; fake:read() end },
   { "write of 7 bytes at offset 250 is not inside of " .. x .. " (256 bytes)",
     function() view:write("1234567", 250) end },
   { "write of 1 bytes at offset -1 is not inside of " .. x .. " (256 bytes)",
     function() view:write("1", -1) end },
   { "read of 257 bytes at offset 0 is not inside of " .. x .. " (256 bytes)",
     function() view:read(257) end },
   { "read of -1 bytes at offset 0 is not inside of " .. x .. " (256 bytes)",
     function() view:read(-1) end },
   { "read at offset 257 is not inside of " .. x .. " (256 bytes)",
     function() view:read(nil, 257) end },
   { "write of 4 bytes at offset 0 is not inside of an unnamed object (3 bytes)",
     function() unnamed:write("four") end },
   { "write: the view of " .. x .. " is read-only", function() reader:write("text") end },
   { "attempt to use a closed view (of " .. x .. ")", function() closed:read() end },
   { "attempt to use a closed view (of " .. x .. ")", function() closed:write("text") end },
   { "attempt to use a closed view (of " .. x .. ")", function() closed:map {} end },
   { "attempt to use a closed view (of " .. x .. ")", function() closed:check() end },
   { "attempt to use a closed view (of " .. x .. ")", function() return #closed end },
}

for _, row in ipairs(misuse) do
   local text, body = table.unpack(row)
   test("misuse: " .. text, function()
      local place = debug.getinfo(body, "S")
      local _, message = pcall(body)
      equals(message, ("%s:%d: %s"):format(place.short_src, place.linedefined, text))
   end)
end

local wait = "no process holds an object of this name; start the one that creates it first"
local slashes = "a POSIX object is written /name, with no further slash and no NUL; it is not . or .."
local long = ("n"):rep(40000)

-- The world said no: nil, the text, the code.
local refusals = {
   { 2, "open n: ERROR_FILE_NOT_FOUND (2): " .. wait, shm.open("n") },
   { 2, [[open Global\n: ERROR_FILE_NOT_FOUND (2): ]] .. wait, shm.open([[Global\n]]) },
   { 2, [[open n\x00\xFF: ERROR_FILE_NOT_FOUND (2): ]] .. wait, shm.open("n\0\xFF") },
   { 2, "open " .. raw .. ": ERROR_FILE_NOT_FOUND (2, ENOENT): there is no POSIX object of this "
     .. "name; start its creator first", shm.open(raw) },
   { 2, "unlink " .. raw .. ": ERROR_FILE_NOT_FOUND (2, ENOENT): there is no POSIX object of "
     .. "this name", shm.unlink(raw) },
   { 3, [[create a\b: ERROR_PATH_NOT_FOUND (3): a backslash only ends the prefixes Local\, ]]
     .. [[Global\ and Wine\, which are case sensitive]], shm.create([[a\b]], 8) },
   { 5, "map " .. x .. [[: ERROR_ACCESS_DENIED (5): the handle was opened with access "r"]],
     reader:map { access = "rw" } },
   { 5, "map: ERROR_ACCESS_DENIED (5): 10 bytes at offset 0 do not fit into the "
     .. "object's 3 bytes", unnamed:map { length = 10 } },
   { 6, "open: ERROR_INVALID_HANDLE (6): an object without a name cannot be opened; give its "
     .. "name", shm.open("") },
   { 6, "create Global: ERROR_INVALID_HANDLE (6): Global is reserved; an object needs a name of "
     .. "its own", shm.create("Global", 8) },
   { 87, "create n: ERROR_INVALID_PARAMETER (87): the size must be at least 1 byte",
     shm.create("n", 0) },
   { 87, "create: ERROR_INVALID_PARAMETER (87): the size must be at least 1 byte",
     shm.create(nil, 0) },
   { 87, "create n: ERROR_INVALID_PARAMETER (87): the mode must be permission bits, 0 to 0777 "
     .. "(octal)", shm.create("n", 8, { mode = "1777" }) },
   { 87, "map " .. x .. ": ERROR_INVALID_PARAMETER (87): offset 65536 is not inside of 256 bytes",
     view:map { offset = 65536 } },
   { 87, "unlink n: ERROR_INVALID_PARAMETER (87): only POSIX names (/name) are removed; this "
     .. "one goes with its last handle", shm.unlink("n") },
   { 123, [[create Global\: ERROR_INVALID_NAME (123): the name is empty; write something after ]]
     .. "the prefix", shm.create([[Global\]], 8) },
   { 123, "path: ERROR_INVALID_NAME (123): the name is empty", shm.path("") },
   { 123, "open /a/b: ERROR_INVALID_NAME (123): " .. slashes, shm.open("/a/b") },
   { 161, [[open \n: ERROR_BAD_PATHNAME (161): a name does not begin with a backslash]],
     shm.open([[\n]]) },
   { 183, "create " .. x .. ": ERROR_ALREADY_EXISTS (183): an object of this name exists; open "
     .. "it, or choose another", shm.create(x, 8, { exclusive = true }) },
   { 206, "open " .. long:sub(1, 120) .. "…: ERROR_FILENAME_EXCED_RANGE (206): a name has at most "
     .. "32766 bytes", shm.open(long) },
   { 206, "open /" .. long:sub(1, 119) .. "…: ERROR_FILENAME_EXCED_RANGE (206): a POSIX name has "
     .. "at most 255 bytes after the slash", shm.open("/" .. long:sub(1, 256)) },
   { 1132, "map " .. x .. ": ERROR_MAPPED_ALIGNMENT (1132): offset 4096 is not a multiple of "
     .. "65536", view:map { offset = 4096 } },
}

for _, row in ipairs(refusals) do
   local code, text = row[1], row[2]
   test("refused: " .. text, function()
      equals(row[3], nil)
      equals(row[4], text)
      equals(row[5], code)
   end)
end

test("a read-only object says how it can be opened", function()
   local y = harness.name("y")
   local _ <close> = assert(shm.create(y, 8, { access = "r" }))
   local _, message, code = shm.open(y)
   equals(code, 5)
   equals(message, "open " .. y .. [[: ERROR_ACCESS_DENIED (5): the object is read-only; open ]]
          .. [[it with access "r" or "copy"]])
end)

test("an existing POSIX object says so", function()
   local _ <close> = assert(shm.create(raw, 8))
   local _, message, code = shm.create(raw, 8, { exclusive = true })
   assert(shm.unlink(raw))
   equals(code, 183)
   equals(message, "create " .. raw
          .. ": ERROR_ALREADY_EXISTS (183, EEXIST): a POSIX object of this name exists")
end)

test("a directory of this name says so", function()
   local folder = harness.name("folder")
   assert(os.execute("mkdir /dev/shm/" .. folder))
   local _, message, code = shm.open("/" .. folder)
   assert(os.remove("/dev/shm/" .. folder))
   equals(code, 6)
   equals(message, "open /" .. folder .. ": ERROR_INVALID_HANDLE (6): the name belongs to a "
          .. "directory, a link or a pipe, which is no shared memory")
end)

test("a POSIX object without a size says so", function()
   assert(io.open("/dev/shm" .. raw, "w")):close()
   local _, message, code = shm.open(raw)
   assert(shm.unlink(raw))
   equals(code, 1006)
   equals(message, "map " .. raw .. ": ERROR_FILE_INVALID (1006): the object has no size yet; "
          .. "its creator has to set one")
end)

test("memory that is not there says what is needed and what is free", function()
   local _, message, code = shm.create(nil, 1 << 50)
   equals(code, 1455)
   equals((message:gsub("%d+ of %d+ bytes are", "F of T bytes are")),
          "create: ERROR_COMMITMENT_LIMIT (1455, ENOSPC): 1125899906842624 bytes are needed, "
          .. "F of T bytes are free on /dev/shm; close other objects, ask for less, or enlarge "
          .. "it (mount -o remount,size=)")
end)

test("a removed name says who may have done it", function()
   local y = harness.name("y")
   local held = assert(shm.create(y, 8))
   assert(os.remove((shm.path(y))))
   local reason = ": ERROR_FILE_NOT_FOUND (2): another program removed the name although it was "
      .. "held (rm, logind's RemoveIPC, Python's resource tracker); its holders share their "
      .. "memory, but nobody else finds it"
   local _, message = held:check()
   equals(message, "check " .. y .. reason)
   local _, said = held:close()
   equals(said, "close " .. y .. reason)
end)

test("lost memory says what happened to it", function()
   local y = harness.name("y")
   local held <close> = assert(shm.create(y, 8))
   assert(io.open(shm.path(y), "w")):close()
   local reason = "gone: a process truncated its file, or the pages of an object that was only "
      .. "reserved could not be committed; close the view and create the object again"
   local _, message = pcall(held.read, held)
   equals(message, "read: the memory of " .. y .. " is " .. reason)
   _, message = pcall(held.write, held, "text")
   equals(message, "write: the memory of " .. y .. " is " .. reason)
   _, message = held:check()
   equals(message, "check " .. y .. ": ERROR_SWAPERROR (999): the object's memory is " .. reason)
end)

test("a misspelt method has a hint in the traceback, and is nil all the same", function()
   local chunk = "local view <close> = shm.create(nil, 8)\nassert(view.wirte == nil);\n%s"
   local function says(call, hint)
      local pipe = assert(io.popen(("'%s' -e \"%s\" 2>&1"):format(arg[-1], chunk:format(call))))
      local said = pipe:read("a")
      equals(select(3, pipe:close()), 1)
      equals(said:match(":3: (.-)\n\t"), "attempt to call a nil value (method 'wirte')\n"
         .. (hint or "") .. "stack traceback:")
   end
   local hint <const> = "did you mean view:write?\n"
   says("view:wirte('x')", hint)
   says("print(nil, view, view:wirte(nil, view))", hint)
   says("view:wirte(nil, 1, nil)", hint)
   says("io.stdout:wirte('x')")
   -- Other values of the call, and of the one around it, are not what was called.
   says("({}):wirte(nil, view)")
   says("print(nil, view, ({}):wirte())")
   says("print(nil, view, ('x'):wirte())")
   says("print(nil, view, io.stdout:wirte())")
end)

harness.finish()
