-- A test harness: tests run where they stand, a failing one prints one line,
-- and `finish` sums up and sets the exit status.

local harness = {}
local passed, failed = 0, 0

function harness.test(name, body)
   local well, complaint = pcall(body)
   collectgarbage() -- what the test left open is closed before the next one
   if well then
      passed = passed + 1
   else
      failed = failed + 1
      print(("FAILED %s: %s"):format(name, complaint))
   end
end

-- Exits with 0 only if there were tests and all of them passed.
function harness.finish()
   print(("%d passed, %d failed"):format(passed, failed))
   os.exit(failed == 0 and passed > 0)
end

local function show(value)
   return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

function harness.equals(found, expected, level)
   if found ~= expected or math.type(found) ~= math.type(expected) then
      error(("%s instead of %s"):format(show(found), show(expected)),
            (level or 1) + 1)
   end
end

-- The body raises an error whose text matches the pattern.
function harness.raises(pattern, body)
   local well, complaint = pcall(body)
   if well then error("no error was raised", 2) end
   if not tostring(complaint):find(pattern) then
      error(("raised %s"):format(show(complaint)), 2)
   end
end

-- The body raises exactly this, at the line where it begins.
function harness.misused(expected, body)
   local well, complaint = pcall(body)
   if well then error("no error was raised", 2) end
   local place = debug.getinfo(body, "S")
   harness.equals(complaint, ("%s:%d: %s"):format(place.short_src, place.linedefined, expected), 2)
end

-- A record of the declarations, in memory of 256 bytes; and its view.
function harness.record(declarations, options)
   local view = assert(shm.create(nil, 256))
   return view:as(shm.layout(declarations, options)), view
end

-- What a call returned is nil, a message that names the code, and the code.
function harness.refused(code, ...)
   local value, message, found = ...
   harness.equals(value, nil, 2)
   harness.equals(found, code, 2)
   harness.equals(select("#", ...), 3, 2)
   if not message:find(("%%(%d[,)]"):format(code)) then
      error(("a message without its code: %s"):format(message), 2)
   end
end

-- Containers that share a /dev/shm count their processes each from 1.
local process = ("%d-%x"):format(assert(io.open("/proc/self/stat")):read("n"),
                                 math.random(0, 0xFFFF))
local names = 0

-- A name that no other test or process has.
function harness.name(stem)
   names = names + 1
   return ("%s-%s-%d"):format(stem or "t", process, names)
end

local function quoted(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

-- Starts a chunk in a process of its own, with `...` as its arguments; returns
-- a pipe that reads what it prints.
function harness.start(chunk, ...)
   local words = { quoted(arg[-1]), "-" }
   for _, word in ipairs { ... } do words[#words + 1] = quoted(word) end
   return assert(io.popen("printf %s " .. quoted(chunk) .. " | "
                          .. table.concat(words, " ")))
end

-- Runs it to its end; returns what it printed, without the last newline, and
-- its exit status.
function harness.elsewhere(chunk, ...)
   local pipe = harness.start(chunk, ...)
   local printed = pipe:read("a")
   local _, _, status = pipe:close()
   return (printed:gsub("\n$", "")), status
end

-- The protections of this process's mappings of an object, sorted. Its file is
-- known by its number: the kernel shows the path that it had when it was made.
function harness.mappings(name)
   local stat = assert(io.popen("stat -c %i " .. quoted(assert(shm.path(name)))))
   local inode, found = stat:read("l"), {}
   stat:close()
   for line in io.lines("/proc/self/maps") do
      local protection, number = line:match("^%S+ (%S+) %S+ %S+ (%d+)")
      if number == inode then found[#found + 1] = protection end
   end
   table.sort(found)
   return table.concat(found, " ")
end

return harness
