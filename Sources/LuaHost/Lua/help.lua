-- The API, told once: what help() says at the prompt, what editors complete (types.lua), what the
-- README's tables and the manual page say (manual.lua). Text without side effects: stock Lua
-- loads it, too. Past 600 lines, as it is one table and the few functions that read it.

local help = {}

help.synopsis = "named shared memory that you can script"

help.misuse = "Misuse (a closed view, an offset out of range, a wrong type) raises an error at the "
  .. "caller's line. When the world says no, a call returns nil, message, code, so that assert "
  .. "reads well; code is the number that Windows gives for the same situation."

-- What every call that finds or makes an object may be refused with.
local naming <const> = { 3, 6, 123, 161, 206 }

local function with(list, ...)
  return table.move({ ... }, 1, select("#", ...), #list + 1, table.move(list, 1, #list, 1, {}))
end

-- name: also how help finds it; brief: the README's cell; params and results: { name, type, text };
-- codes: keys of help.codes; raises: misuse; example: runs, and prints what its "-->" say.
help.functions = {
  {
    name = "shm.create", signature = "shm.create(name, size [, options])",
    results = { { "view", "shm.view" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes the object, or opens the one that exists (its size wins); `name` nil: without "
      .. "a name",
    params = {
      { "name", "string?", "`Local\\x` or `x`, `Global\\x`, `/x`; nil for memory without a name" },
      { "size", "integer", "bytes, from 1; an object that exists keeps its own" },
      { "options", "shm.create.options?", "access, offset, length, mode, exclusive, reserve" },
    },
    text = "The memory is zeroed and committed before anybody sees the name. The name lives until "
      .. "the last handle in any process is closed.",
    codes = with(naming, 4, 5, 8, 87, 170, 183, 999, 1006, 1132, 1455),
    raises = "a name that is no string, a size that is no integer, an unknown option",
    example = [=[
local view <close>, existed = assert(shm.create([[Local\greeting]], 256))
view:write("hello")
print(view:read(), existed)  --> hello	false]=],
  },
  {
    name = "shm.open", signature = "shm.open(name [, options])",
    results = { { "view", "shm.view" } },
    brief = "opens an object that exists",
    params = {
      { "name", "string", "as it was created" },
      { "options", "shm.options?", "access, offset, length" },
    },
    text = "The view shows the whole object, or the window that the options name.",
    codes = with(naming, 2, 4, 5, 8, 87, 170, 999, 1006, 1132),
    raises = "a name that is no string, an unknown option",
    example = [=[
local first <close> = assert(shm.create("greeting", 16))
first:write("hello")
local second <close> = assert(shm.open("greeting", { access = "r" }))
print(second:read())  --> hello]=],
  },
  {
    name = "shm.unlink", signature = 'shm.unlink("/name")',
    results = { { "true", "boolean" } },
    brief = "removes a POSIX name; all other names go by themselves",
    params = { { "name", "string", "a name that begins with a slash" } },
    text = "Views that are open keep the memory; nobody else finds it any more.",
    codes = { 2, 3, 5, 87, 123, 161, 206 },
    raises = "a name that is no string",
    example = [=[
local view <close> = assert(shm.create("/moonpool-example", 4096))
assert(shm.unlink("/moonpool-example"))
print(select(3, shm.open("/moonpool-example")))  --> 2]=],
  },
  {
    name = "shm.path", signature = "shm.path(name)",
    results = { { "path", "string" } },
    brief = "the file that a name means, for other programs to map",
    params = { { "name", "string", "it need not exist" } },
    text = "The file holds the object's bytes from offset 0 and nothing else.",
    codes = naming,
    raises = "a name that is no string",
    example = [=[
print(shm.path("/frames"))  --> /dev/shm/frames]=],
  },
  {
    name = "view:write", signature = "view:write(data [, offset])",
    results = { { "view", "shm.view", "the same, for a chain of writes" } },
    brief = "copies the bytes, adds no terminator",
    params = {
      { "data", "string", "any bytes" },
      { "offset", "integer?", "where the first goes, from 0 (the default)" },
    },
    text = "All or nothing: data that does not fit writes no byte.",
    raises = "bytes past the view's end, a read-only view, a closed view, memory that is gone "
      .. "(error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello"):write("J", 0)
print(view:read())  --> Jello]=],
  },
  {
    name = "view:read", signature = "view:read([length [, offset]])",
    results = { { "data", "string" } },
    brief = "`length` bytes; without `length` the text up to the first NUL or the view's end",
    params = {
      { "length", "integer?", "bytes; nil for a text that ends at a NUL" },
      { "offset", "integer?", "the first byte to read, from 0 (the default)" },
    },
    raises = "bytes past the view's end, a closed view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello")
print(view:read(), #view:read(8), view:read(nil, 1))  --> hello	8	ello]=],
  },
  {
    name = "view:close", signature = "view:close()",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "unmaps and closes; again is harmless; `<close>` and the collector do the same",
    text = "With the last handle of all processes the name goes, at once.",
    example = [=[
local view = assert(shm.create("greeting", 16))
view:close()
print(select(3, shm.open("greeting")))  --> 2]=],
  },
  {
    name = "view:map", signature = "view:map{offset=, length=, access=}",
    results = { { "view", "shm.view" } },
    brief = "another window on the same object, with its own handle",
    params = { { "options", "shm.options?", "without access: that of the handle" } },
    text = "Offsets count from the object's beginning, not from this view's.",
    codes = { 4, 5, 8, 87, 1132 },
    raises = "a closed view, an unknown option",
    example = [=[
local view <close> = assert(shm.create(nil, 131072))
local second <close> = assert(view:map { offset = 65536, access = "r" })
view:write("hello", 65536)
print(second:read(), #second)  --> hello	65536]=],
  },
  {
    name = "view:check", signature = "view:check()",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    text = "It says no when another program removed the object's file or cut it short.",
    codes = { 2, 999 },
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view:check())  --> true]=],
  },
  {
    name = "view:size", signature = "view:size()", also = { "#view" },
    results = { { "bytes", "integer" } },
    brief = "how many bytes the window has",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 100))
print(view:size(), #view)  --> 100	100]=],
  },
  {
    name = "view:name", signature = "view:name()",
    results = { { "name", "string?" } },
    brief = "the object's name as it was given; nil without one",
    text = "A closed view tells it, too.",
    example = [=[
local view <close> = assert(shm.create([[Local\greeting]], 16))
print(view:name())  --> Local\greeting]=],
  },
  {
    name = "view:access", signature = "view:access()",
    results = { { "access", '"rw"|"r"|"copy"' } },
    brief = "what the view allows",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
print(view:access())  --> rw]=],
  },
  {
    name = "tostring", signature = "tostring(view)", global = true,
    results = { { "text", "string" } },
    brief = "name, size and access in words",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view)  --> view of greeting (16 bytes, rw)]=],
  },
  {
    name = "console.getch", signature = "console.getch()",
    results = { { "key", "string?" } },
    brief = "one key of the terminal, or one byte of standard input; nil at its end",
    text = "On a terminal it waits for no Enter and shows nothing.",
    example = [=[
local key = console.getch()
print(key == nil or #key == 1)  --> true]=],
  },
  {
    name = "console.message_box", signature = "console.message_box(text [, title])",
    results = {},
    brief = "a box that waits for Enter on a terminal, otherwise a line",
    params = {
      { "text", "any", "shown as tostring does" },
      { "title", "string?", "on the box's frame; not shown in a line" },
    },
    raises = "a title that is no string",
    example = [=[
console.message_box("Message from first process.", "Process2")]=],
  },
}

-- of: which calls know it, in the order create, open, map.
help.options = {
  { "access", '"rw"|"r"|"copy"', "all",
    '`"rw"` (default), `"r"`, `"copy"` (what is written stays private)' },
  { "offset", "integer", "all",
    "the window's first byte, a multiple of 65,536; default 0" },
  { "length", "integer", "all", "the window's bytes; 0, the default, is all to the end" },
  { "mode", "integer|string", "create",
    'permission bits, an integer or octal digits: `mode = "0644"`; default 0600' },
  { "exclusive", "boolean", "create", "an existing name is error 183" },
  { "reserve", "boolean", "create", "do not commit the pages at once" },
}

-- In the order of their numbers.
help.codes = {
  { 2, "ERROR_FILE_NOT_FOUND", "nobody holds an object of this name" },
  { 3, "ERROR_PATH_NOT_FOUND", "a stray backslash in the name, or a missing folder" },
  { 4, "ERROR_TOO_MANY_OPEN_FILES",
    "no descriptors left; an object takes two (`ulimit -n`)" },
  { 5, "ERROR_ACCESS_DENIED",
    "the mode, the directory's owner or the handle's access forbids it; a length past the end" },
  { 6, "ERROR_INVALID_HANDLE", "the name belongs to another type of object, or is reserved" },
  { 8, "ERROR_NOT_ENOUGH_MEMORY", "no memory left" },
  { 87, "ERROR_INVALID_PARAMETER", "a size or mode that cannot be, or an offset past the end" },
  { 123, "ERROR_INVALID_NAME", "nothing after a prefix, or a second slash in a POSIX name" },
  { 161, "ERROR_BAD_PATHNAME", "a backslash first" },
  { 170, "ERROR_BUSY",
    "another process, perhaps a stopped one, keeps the name's fate open; try again" },
  { 183, "ERROR_ALREADY_EXISTS", "the name exists, and `exclusive` was asked for" },
  { 206, "ERROR_FILENAME_EXCED_RANGE", "the name is too long" },
  { 999, "ERROR_SWAPERROR",
    "the object's memory is gone; close the view and create the object again" },
  { 1006, "ERROR_FILE_INVALID",
    "a POSIX object to which its creator has given no size yet" },
  { 1117, "ERROR_IO_DEVICE", "the kernel refused for a reason that the message names" },
  { 1132, "ERROR_MAPPED_ALIGNMENT", "an offset that is no multiple of 65,536" },
  { 1455, "ERROR_COMMITMENT_LIMIT",
    "`/dev/shm` has no room for it; the message says how much is needed and free" },
}

-- Paragraphs; a line that begins with a blank stays as it is. Without a text it is made from the
-- tables above.
help.subjects = {
  { "names", "where a name lives and who sees it", [=[
Local\x, or x, is one of the user's objects; MOONPOOL_SESSION=word narrows it to one session.
It lives in /dev/shm/moonpool-<uid>/.

Global\x is for every user; the mode decides who may open it. It lives in
/dev/shm/moonpool-global/. With MOONPOOL_GLOBAL=strict only root creates there.

/x is the POSIX object shm_open("/x") in /dev/shm/x, with POSIX's lifetime: it stays until
shm.unlink.

Names are bytes (text is UTF-8) and case sensitive; all but a further backslash is legal. In Lua
write them in long brackets, so that a backslash is one:
  shm.open([[Global\MyFileMappingObject]])]=] },
  { "lifetime", "when objects come and go", [[
A name exists while at least one handle in any process is open. The moment the last one goes, by
close, by exit or by kill -9, shm.open says error 2. A view keeps its memory, not the name.

An object is never visible before it has its whole size, is zeroed and is committed. No process
that is stopped or killed makes another one wait for more than 0.3 s (then: error 170).

POSIX names (/x) are the exception: they stay until shm.unlink or moonpool rm.]] },
  { "errors", "what goes wrong, and the codes" },
  { "options", "the last argument of create, open and map" },
  { "prompt", "what can be typed here", [[
A line is an expression, whose values are shown, or a statement; one that is not complete goes on
in the next line. local ends with its line: leave it out for names that are to stay.

  ?name          help, as help(name); help() lists the topics
  _, _1, _2      the last results
  hex(number)    an integer in hexadecimal
  :all           the last result whole
  :time EXPR     run it, and say how long it took
  :ls, :who NAME what lives on this machine, and who holds it
  :edit          the last chunk in $VISUAL or $EDITOR
  :save FILE     what ran as a script; :load FILE runs one
  :              these commands, with what they do
  :q, Ctrl-D     leave

Tab completes globals, fields, methods, modules and, inside shm.open("…"), the names that live.
Ctrl-R searches the history, Ctrl-C stops what runs or clears the line.]] },
  { "scripts", "the scripts inside the binary", [[
moonpool scripts lists them, moonpool run NAME [ARG…] runs one, moonpool run --show NAME prints
one: a beginning for scripts of your own.]] },
}

-- MARK: the command, for the manual page

help.usage = { "[options] [script [args]]", "command …" }
help.description = [[
moonpool runs Lua 5.4 programs as lua5.4 does, with two more modules: shm, for memory that several
processes share by a name, and console. An object lives exactly as long as some process holds it.

Without a script it is a prompt on a terminal; otherwise it runs standard input. A word that is a
command is one; a script of that name is run as ./ls.]]

-- Of lua5.4, but for the first.
help.arguments = {
  { "--explain", "show each call of the script beside its Win32 and its system calls" },
  { "-e stat", "run the text stat" },
  { "-i", "start the prompt after the script" },
  { "-l mod, -l g=mod", "require the module into a global" },
  { "-v", "show the version" },
  { "-E", "ignore the environment's variables" },
  { "-W", "turn warnings on" },
  { "--", "stop handling options" },
  { "-", "run standard input, and stop handling options" },
}

-- The second column is the command's own abstract.
help.commands = {
  { "demo", "Run the document's two programs as two processes, shown side by side." },
  { "ls [--json]", "List the objects that live, and remove what the dead left." },
  { "stat [--json] NAME", "Show what an object is." },
  { "who [--json] NAME", "List the processes that hold an object." },
  { "path NAME", "Print the file that a name means, for other programs to map." },
  { "rm /NAME…", "Remove POSIX names (/name); all others go by themselves." },
  { "dump [--offset N] [--length N] NAME", "Show an object's bytes." },
  { "watch [--interval SECONDS] NAME",
    "Show the lines of an object's bytes that change, until its last other holder goes." },
  { "doctor", "Check what shared memory needs on this machine." },
  { "scripts", "List the scripts that are inside the binary." },
  { "run [--explain] NAME [ARG…], run --show NAME",
    "Run a script that is inside the binary, or print it." },
  { "types",
    "Print the API as a definition file for editors (moonpool types > shm.d.lua)." },
  { "manual", "Print the manual page (moonpool manual | man -l -)." },
}

help.environment = {
  { "MOONPOOL_SESSION", "a word that narrows Local\\ names to those who have the same" },
  { "MOONPOOL_GLOBAL=strict", "only root creates in Global\\" },
  { "LUA_INIT, LUA_PATH, LUA_CPATH", "as of lua5.4, with their _5_4 variants" },
}

help.statuses = {
  { "0", "all went well" },
  { "1", "the script or the command failed" },
  { "64", "the words after a command are none of its" },
}

-- MARK: standard library: signatures only; the manual tells the rest.

local library <const> = {
  _G = [=[assert(v [, message]) collectgarbage([opt [, arg]]) dofile([filename])
    error(message [, level]) getmetatable(object) ipairs(t)
    load(chunk [, chunkname [, mode [, env]]]) loadfile([filename [, mode [, env]]])
    next(table [, index]) pairs(t) pcall(f [, arg1, ···]) print(···) rawequal(v1, v2) rawget(table, index)
    rawlen(v) rawset(table, index, value) require(modname) select(n, ···)
    setmetatable(table, metatable) tonumber(e [, base]) tostring(v) type(v) warn(msg1, ···)
    xpcall(f, msgh [, arg1, ···])]=],
  coroutine = [=[close(co) create(f) isyieldable([co]) resume(co [, val1, ···]) running() status(co)
    wrap(f) yield(···)]=],
  debug = [=[debug() gethook([thread]) getinfo([thread,] f [, what]) getlocal([thread,] f, local)
    getmetatable(value) getregistry() getupvalue(f, up) getuservalue(u, n)
    setcstacklimit(limit) sethook([thread,] hook, mask [, count]) setlocal([thread,] level, local, value)
    setmetatable(value, table) setupvalue(f, up, value) setuservalue(udata, value, n)
    traceback([thread,] [message [, level]]) upvalueid(f, n) upvaluejoin(f1, n1, f2, n2)]=],
  io = [=[close([file]) flush() input([file]) lines([filename, ···]) open(filename [, mode])
    output([file]) popen(prog [, mode]) read(···) tmpfile() type(obj) write(···)]=],
  math = [=[abs(x) acos(x) asin(x) atan(y [, x]) ceil(x) cos(x) deg(x) exp(x) floor(x) fmod(x, y)
    log(x [, base]) max(x, ···) min(x, ···) modf(x) rad(x) random([m [, n]]) randomseed([x [, y]])
    sin(x) sqrt(x) tan(x) tointeger(x) type(x) ult(m, n)
    cosh(x) frexp(x) ldexp(m, e) log10(x) pow(x, y) sinh(x) tanh(x)]=],
  os = [=[clock() date([format [, time]]) difftime(t2, t1) execute([command])
    exit([code [, close]]) getenv(varname) remove(filename) rename(oldname, newname)
    setlocale(locale [, category]) time([table]) tmpname()]=],
  package = "loadlib(libname, funcname) searchpath(name, path [, sep [, rep]])",
  string = [=[byte(s [, i [, j]]) char(···) dump(function [, strip])
    find(s, pattern [, init [, plain]]) format(formatstring, ···) gmatch(s, pattern [, init])
    gsub(s, pattern, repl [, n]) len(s) lower(s) match(s, pattern [, init]) pack(fmt, v1, v2, ···)
    packsize(fmt) rep(s, n [, sep]) reverse(s) sub(s, i [, j]) unpack(fmt, s [, pos]) upper(s)]=],
  table = [=[concat(list [, sep [, i [, j]]]) insert(list, [pos,] value) move(a1, f, e, t [, a2])
    pack(···) remove(list [, pos]) sort(list [, comp]) unpack(list [, i [, j]])]=],
  utf8 = [=[char(···) codepoint(s [, i [, j [, lax]]]) codes(s [, lax]) len(s [, i [, j [, lax]]])
    offset(s, n [, i])]=],
}
local file_methods <const> = [=[close() flush() lines(···) read(···) seek([whence [, offset]])
  setvbuf(mode [, size]) write(···)]=]

-- MARK: finding

-- The methods of views: the metatable is an upvalue of the module's functions, so that no view
-- has to be made to see it.
local function view_methods()
  local shm = package.loaded.shm
  local open = type(shm) == "table" and rawget(shm, "open")
  for index = 1, 8 do
    local name, value = nil, nil
    if type(open) == "function" then name, value = debug.getupvalue(open, index) end
    if not name then return {} end
    if type(value) == "table" and rawget(value, "__name") == "shm.view" then
      return rawget(value, "__index") or {}
    end
  end
  return {}
end

local function resolve(entry)
  if entry.global then return _G[entry.name] end
  local owner, key = entry.name:match("^(%w+)[.:]([%w_]+)$")
  local from = owner == "view" and view_methods() or package.loaded[owner]
  return type(from) == "table" and rawget(from, key) or nil
end

local function entry_of(f)
  for _, entry in ipairs(help.functions) do
    if resolve(entry) == f then return entry end
  end
end

local function standard(f)
  for owner, signatures in pairs(library) do
    local module = package.loaded[owner]
    for name, params in signatures:gmatch("(%w+)(%b())") do
      if type(module) == "table" and rawget(module, name) == f then
        local full = owner == "_G" and name or owner .. "." .. name
        return full .. params:gsub("%s+", " "), full
      end
    end
  end
  local methods = getmetatable(io.stdout).__index
  for name, params in file_methods:gmatch("(%w+)(%b())") do
    if methods[name] == f then return "file:" .. name .. params, "file:" .. name end
  end
end

-- The parameters of a function that is written in Lua.
local function parameters(f)
  local what = debug.getinfo(f, "uS")
  if what.what == "C" then return nil end
  local names = {}
  for index = 1, what.nparams do names[index] = debug.getlocal(f, index) end
  if what.isvararg then names[#names + 1] = "..." end
  return "function(" .. table.concat(names, ", ") .. ")", what
end

-- Letters to add, drop, change or swap.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

-- All that help knows by name: functions under both spellings and their last word, topics.
local function index()
  local known = {}
  for _, entry in ipairs(help.functions) do
    known[#known + 1] = { entry.name, entry = entry }
    local last = entry.name:match("[.:]([%w_]+)$")
    if last then known[#known + 1] = { last, entry = entry } end
  end
  for _, subject in ipairs(help.subjects) do known[#known + 1] = { subject[1], subject = subject } end
  return known
end

-- Up to three names that are like this one, the nearest first.
function help.nearest(name)
  local near, seen = {}, {}
  name = name:sub(1, 64)
  for _, item in ipairs(index()) do
    local far = distance(name:lower(), item[1])
    local shown = item.entry and item.entry.name or item[1]
    if far <= math.max(1, #item[1] // 3) and not seen[shown] then
      seen[shown] = true
      near[#near + 1] = { shown, far }
    end
  end
  table.sort(near, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
  local names = {}
  for place = 1, math.min(3, #near) do names[place] = near[place][1] end
  return names
end

-- MARK: text

-- Paragraphs filled to the width; lines that begin with a blank stay. The first line begins with
-- the label, the others below its end.
local function fill(text, width, label)
  local lines, line = {}, nil
  local margin = (" "):rep(utf8.len(label))
  local function flush()
    if line then lines[#lines + 1] = (#lines == 0 and label or margin) .. line end
    line = nil
  end
  for source in (text .. "\n"):gmatch("(.-)\n") do
    if source == "" or source:find("^ ") then
      flush()
      lines[#lines + 1] = source
    else
      for word in source:gmatch("%S+") do
        if line and #margin + utf8.len(line) + 1 + utf8.len(word) > width then flush() end
        line = line and line .. " " .. word or word
      end
    end
  end
  flush()
  return table.concat(lines, "\n")
end

local function plain(text) return (text:gsub("`", "")) end

-- A brief as a sentence; a name at its beginning stays as it is.
function help.sentence(text)
  return plain(text:gsub("^%l", string.upper)) .. (text:find("?$") and "" or ".")
end

local function code_line(number)
  for _, code in ipairs(help.codes) do
    if code[1] == number then return code end
  end
end

-- "view, existed"; in brackets what is not always there.
function help.returned(entry)
  local text = ""
  for place, result in ipairs(entry.results) do
    local sometimes = place > 1 and result[2]:find("?", 1, true)
    text = text .. (sometimes and " [, %s]" or place > 1 and ", %s" or "%s"):format(result[1])
  end
  return text
end

local function heading(entry)
  local returned = help.returned(entry)
  local also = entry.also and ", " .. table.concat(entry.also, ", ") or ""
  return entry.signature .. also .. (returned == "" and "" or " → " .. returned)
end

local function described(list, out, width)
  for _, item in ipairs(list or {}) do
    out[#out + 1] = fill(plain(item[3]) .. " (" .. item[2] .. ")", width,
      ("  %-8s "):format(item[1]))
  end
end

local function entry_text(entry, width)
  local about = help.sentence(entry.brief) .. (entry.text and " " .. entry.text or "")
  local out = { heading(entry), "", fill(about, width, "") }
  if entry.params then
    out[#out + 1] = ""
    described(entry.params, out, width)
  end
  if entry.raises then
    out[#out + 1] = ""
    out[#out + 1] = fill("Raises for " .. entry.raises .. ".", width, "")
  end
  if entry.codes then
    out[#out + 1] = ""
    out[#out + 1] = "Returns nil, message, code:"
    local codes = table.move(entry.codes, 1, #entry.codes, 1, {})
    table.sort(codes)
    for _, number in ipairs(codes) do
      out[#out + 1] = fill(plain(code_line(number)[3]), width, ("  %4d  "):format(number))
    end
  end
  out[#out + 1] = ""
  for line in entry.example:gmatch("[^\n]+") do out[#out + 1] = "  " .. line end
  return table.concat(out, "\n")
end

local subjects_made <const> = {}

function subjects_made.errors(width)
  local out = { fill(help.misuse, width, ""), "" }
  for _, code in ipairs(help.codes) do
    out[#out + 1] = fill(plain(code[3]), width, ("  %4d  "):format(code[1]))
  end
  return table.concat(out, "\n")
end

function subjects_made.options(width)
  local out = {}
  for _, option in ipairs(help.options) do
    local name, _, of, text = table.unpack(option)
    text = (of == "all" and "" or "only " .. of .. ": ") .. text
    out[#out + 1] = fill(plain(text), width, ("  %-10s "):format(name))
  end
  out[#out + 1] = '\n  shm.create("x", 4096, { mode = "0644", exclusive = true })'
  return table.concat(out, "\n")
end

local function subject_text(subject, width)
  if subject[3] then return fill(subject[3], width, "") end
  return subjects_made[subject[1]](width)
end

local function overview(owner, width)
  local lines = {}
  for _, entry in ipairs(help.functions) do
    if entry.name:match("^%w+") == owner then
      lines[#lines + 1] = heading(entry)
      lines[#lines + 1] = fill(plain(entry.brief), width, "    ")
    end
  end
  return table.concat(lines, "\n")
end

-- The names and one line each: { name, line }.
function help.topics()
  local topics = { { "shm", "objects: create, open, unlink, path" },
    { "view", "what views can do: read, write, map, close …" },
    { "console", "a key, and a box with a text in it" } }
  for _, subject in ipairs(help.subjects) do topics[#topics + 1] = { subject[1], subject[2] } end
  return topics
end

local function topics_text()
  local lines = { 'help "names" or help(shm.open) or ?view.write; the topics:', "" }
  for _, topic in ipairs(help.topics()) do
    lines[#lines + 1] = ("  %-10s %s"):format(topic[1], topic[2])
  end
  return table.concat(lines, "\n")
end

local function code_text(number, width)
  local code = code_line(number)
  if code then return fill(("%d is %s: %s."):format(number, code[2], plain(code[3])), width, "") end
  return ('%d is no error code of shm; help "errors" lists them.'):format(number)
end

local function name_text(name, width)
  local wanted = name:match("^%s*(.-)%s*$"):gsub("%(.*$", "")
  if wanted == "" then return topics_text() end
  if math.tointeger(tonumber(wanted)) then return code_text(math.tointeger(tonumber(wanted)), width) end
  local dotted = wanted:gsub("^(view)[.]", "%1:"):gsub("^(%w+):", function(owner)
    return owner ~= "view" and owner .. "." or nil
  end)
  if dotted == "shm" or dotted == "view" or dotted == "console" then return overview(dotted, width) end
  for _, item in ipairs(index()) do
    if item[1] == dotted or item[1] == wanted then
      if item.entry then return entry_text(item.entry, width) end
      return subject_text(item.subject, width)
    end
  end
  local near = help.nearest(dotted)
  return #near > 0 and ("no help for '%s'; near: %s"):format(wanted, table.concat(near, ", "))
    or ("no help for '%s'; help() lists the topics"):format(wanted)
end

local function function_text(f, width)
  local entry = entry_of(f)
  if entry and not entry.global then return entry_text(entry, width) end
  local signature, name = standard(f)
  if signature then
    return ("%s\n\nLua's own: https://www.lua.org/manual/5.4/manual.html#pdf-%s"):format(signature,
      name)
  end
  local written, what = parameters(f)
  if written then return ("%s\n\nfrom %s:%d"):format(written, what.short_src, what.linedefined) end
  return "a function of C; no help for it"
end

-- help(x): of a function, an error's number, a name, a module or a view; without x the topics.
function help.text(x, width)
  width = math.max(width or 76, 20)
  local kind = type(x)
  if x == nil then return topics_text() end
  if kind == "function" then return function_text(x, width) end
  if kind == "string" then return name_text(x, width) end
  if math.type(x) == "integer" then return code_text(x, width) end
  if x == package.loaded.shm then return overview("shm", width) end
  if x == package.loaded.console then return overview("console", width) end
  local meta = kind == "userdata" and debug.getmetatable(x)
  if meta and rawget(meta, "__name") == "shm.view" then return overview("view", width) end
  return ("no help for a %s; help() lists the topics"):format(kind)
end

-- The parameters of a function, on one line; nil: they are not known.
function help.signature(f)
  if type(f) ~= "function" then return nil end
  local entry = entry_of(f)
  if entry and not entry.global then return entry.signature end
  return (standard(f)) or (parameters(f))
end

return help
