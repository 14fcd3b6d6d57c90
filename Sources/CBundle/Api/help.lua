-- What help() says at the prompt; with types.lua and manual.lua the reader of the API's one
-- description, in the files api_*.lua. Text without side effects: stock Lua loads it, too.

local help = {}

help.synopsis = "named shared memory that you can script"

help.misuse = "Misuse (a closed view, an offset out of range, a wrong type) raises an error at the "
  .. "caller's line. When the world says no, a call returns nil, message, code, so that assert "
  .. "reads well; code is the number that Windows gives for the same situation. A method that is "
  .. "missing is nil, as in all of Lua; the error of a call that nobody catches adds what may have been "
  .. "meant: did you mean view:write?"

-- MARK: the description, from its parts

-- functions: name: also how help finds it; brief: the reference's cell; params and results: { name,
-- type, text }; codes: keys of help.codes; raises: misuse; example: runs, and prints what its
-- "-->" say; family: the name of the entry that speaks for this one, too, in lists; keyword: the
-- method that it is another name of, a word of Lua's; word: it is a global of scenarios only.
-- classes: { owner, class = its type, line = its topic's, text =, operators =, made = the name of
-- the function that makes one, where that is the owner's, too; within: the class that leads to it,
-- which the list of topics has in its place }.
-- A function's entry may be of what is none: field is its type then. meanings: what some of its
-- codes mean for it, by number, where the code's own text says more than it can mean.
-- options: { name, type, of which calls ("all": create, open, map), text, class = of editors }.
-- codes: { number, symbol, text }.
-- subjects: { name, line, text, within = }: paragraphs; a line that begins with a blank stays as
-- it is; within: the subject that leads to it, which the list of topics has in its place; also:
-- other words that find it.
-- Without a text it is made from the other tables; without a line it is no topic of the list.
local given <const> = ... -- the prompt's loader, or the name that was required
local function part_of(name)
  if type(given) == "function" then return given("api_" .. name) end
  return require("moonpool.api_" .. name)
end

for _, list in ipairs { "functions", "classes", "options", "codes", "subjects" } do
  help[list] = {}
end
local function take(part)
  for list, items in pairs(part_of(part)) do
    table.move(items, 1, #items, #help[list] + 1, help[list])
  end
end
for _, part in ipairs { "memory", "limits", "typed", "layouts", "atomics" } do take(part) end
for _, kind in ipairs(part_of("kinds")) do take(kind) end
for _, part in ipairs { "named", "process", "wine", "scenarios", "prompt" } do take(part) end
table.sort(help.codes, function(a, b) return a[1] < b[1] end)

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

-- Of the program itself.
help.options_of_program = {
  { "--help", "show the options and the commands, as -h; behind a command what that takes" },
  { "help WORD", "show what a command, a function, a topic or an error's number is" },
  { "--version", "show Moonpool's version" },
  { "--generate-completion-script SHELL",
    "print the completions for bash, zsh or fish; those that are installed know living names, too" },
  { "--complete KIND [WORD]",
    "what the installed ones ask: the names, memory, messages (queues and topics), files or posix "
      .. "names that begin with WORD" },
}

-- The second column is the command's own abstract.
help.commands = {
  { "demo [--scripts FOLDER]", "Run the document's two programs as two processes, shown side by side." },
  { "ls [--posix] [--json]", "List the objects that live, and remove what the dead left." },
  { "stat [--json] NAME",
    "Show what an object is, and the state of one that can be waited for." },
  { "who [--json] NAME",
    "List the processes that hold an object, or have a POSIX object open." },
  { "path NAME", "Print the file that a name means, for other programs to map." },
  { "rm /NAME…", "Remove POSIX names (/name); all others go by themselves." },
  { "dump [--layout L [--type T]|--raw] [--offset N] [--length N] NAME",
    "Show an object's bytes, or the fields of a FILE.h or a known layout, or copy them." },
  { "watch [--layout L [--type T]] [--interval S] [--offset N] [--length N] NAME",
    "Show an object's lines, fields or state that change, until its last holder goes." },
  { "write [--offset N] [--length N] NAME", "Copy standard input into an object that exists." },
  { "send [--lines|--json] [--size N] [--no-wait] NAME",
    "Push standard input into a queue or topic, as messages." },
  { "receive [--lines|--json] [--wait] [--timeout S] NAME",
    "Take the messages of a queue or topic and print them." },
  { "doctor", "Check what shared memory needs on this machine." },
  { "scripts", "List the scripts and scenarios that are inside the binary." },
  { "run [--explain] NAME [ARG…], run --show NAME",
    "Run a script that is inside the binary, or print it." },
  { "play [--times N] [--seed N] [--sweep] [--kill ACTOR:N] FILE…",
    "Run scenarios: several processes, one memory, faults included." },
  { "explore [--kills N] [--budget SECONDS] [--save FILE] FILE…",
    "Explore scenarios: every interleaving, every kill, the smallest schedule that fails." },
  { "replay [--times N] [--save FILE] FILE SCHEDULE",
    "Follow a schedule, step by step, on real processes." },
  { "types",
    "Print the API as a definition file for editors (moonpool types > shm.d.lua)." },
  { "manual", "Print the manual page (moonpool manual | man -l -)." },
  { "layout [--abi ABI] [--include FOLDER] [--define NAME=TEXT] [--json|--lua|--check] FILE [TYPE]",
    "Ask an installed compiler how a header's structures lie in memory." },
}

help.environment = {
  { "MOONPOOL_SESSION", "a word that narrows Local\\ names to those who have the same" },
  { "MOONPOOL_WINE", "the prefix that names under Wine\\ mean; without it all that run" },
  { "MOONPOOL_GLOBAL=strict", "only root creates in Global\\" },
  { "LUA_INIT, LUA_PATH, LUA_CPATH", "as of lua5.4, with their _5_4 variants" },
}

help.statuses = {
  { "0", "all went well" },
  { "1", "the script or the command failed" },
  { "64", "the words after a command are none of its" },
  { "124", "the time was over that --timeout gives" },
  { "130", "Ctrl-C stopped a bundled script, which says nothing and ends by the signal" },
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

-- The methods of a class: the list of all metatables is an upvalue of the module's functions, so
-- that no value has to be made to see them.
local function methods_of(class)
  local shm = package.loaded.shm
  local open = type(shm) == "table" and rawget(shm, "open")
  local _, types
  if type(open) == "function" then _, types = debug.getupvalue(open, 3) end
  local metatable = type(types) == "table" and types[class]
  return metatable and (rawget(metatable, "__methods") or rawget(metatable, "__index"))
end

local function class_of(owner)
  for _, each in ipairs(help.classes) do
    if each[1] == owner then return each.class, each end
  end
end

local function resolve(entry)
  if entry.global then return _G[entry.name] end
  local owner, key = entry.name:match("^(%w+)[.:]([%w_]+)$")
  local class = class_of(owner)
  local from = class and methods_of(class) or package.loaded[owner]
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

-- What stands before the dot of several words of scenarios, such as fault.
local function words_of(owner)
  local found = {}
  for _, entry in ipairs(help.functions) do
    if entry.word and entry.name:match("^(%w+)%.") == owner then found[#found + 1] = entry end
  end
  return found
end

-- All that help knows by name: functions under both spellings and their last word, topics, commands.
local function index()
  local known = {}
  for _, entry in ipairs(help.functions) do
    known[#known + 1] = { entry.name, entry = entry }
    local last = entry.name:match("[.:]([%w_]+)$")
    if last then known[#known + 1] = { last, entry = entry } end
  end
  for _, subject in ipairs(help.subjects) do
    known[#known + 1] = { subject[1], subject = subject }
    for _, word in ipairs(subject.also or {}) do known[#known + 1] = { word, subject = subject } end
  end
  for _, command in ipairs(help.commands) do
    known[#known + 1] = { command[1]:match("^%w+"), command = command }
  end
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

-- Whether help has a text for exactly this name, which may have arguments behind it.
function help.knows(name)
  local wanted = name:match("^%s*(.-)%s*$"):gsub("%(.*$", "")
  if math.tointeger(tonumber(wanted)) or class_of(wanted) or select(2, class_of(wanted)) then
    return true
  end
  local dotted = wanted:gsub(":", ".")
  for _, item in ipairs(index()) do
    if item[1]:gsub(":", ".") == dotted then return true end
  end
  return #words_of(wanted) > 0
end

-- The names that begin with the typed text: topics, and behind a dot or a colon functions.
function help.names(typed)
  local found, owner = {}, typed:match("^(%w+)[.:]")
  if owner then
    local mark = typed:sub(#owner + 1, #owner + 1)
    for _, entry in ipairs(help.functions) do
      local name = entry.name:gsub("[.:]", mark, 1)
      if name:sub(1, #typed) == typed then found[#found + 1] = name end
    end
  else
    for _, list in ipairs { help.classes, help.subjects } do
      for _, topic in ipairs(list) do
        if topic[1]:sub(1, #typed) == typed then found[#found + 1] = topic[1] end
      end
    end
    for _, entry in ipairs(help.functions) do
      if entry.word and entry.name:sub(1, #typed) == typed then found[#found + 1] = entry.name end
    end
  end
  table.sort(found)
  return found
end

-- MARK: options

-- Those that name no class of their own are of create, open and map.
function help.option_class(option)
  return option.class or option[3] == "create" and "shm.create.options" or "shm.options"
end

-- A class has the options of its parent, too.
help.option_parents = {
  ["shm.create.options"] = "shm.options", ["shm.options"] = "shm.wine.options",
}
for _, kind in ipairs(part_of("kinds")) do
  help.option_parents["shm." .. kind .. ".options"] = "shm.named.options"
end

-- Is a class of options this one, or one of its parents?
local function is_inherited(class, by)
  while by and by ~= class do by = help.option_parents[by] end
  return by == class
end

-- Whether an option is one of this function's: its calls are named, or are "all", or "open_x …".
local function is_of(option, entry)
  local calls = option[3]
  return calls == "all" or calls:find("…", 1, true)
    or (" " .. calls:gsub(",", " ") .. " "):find(" " .. entry.name:match("[%w_]+$") .. " ", 1, true)
end

-- The options that a function takes in a table as its argument at a place; nil: none is known.
function help.options_of(f, place)
  local entry = entry_of(f)
  local param = entry and entry.params and entry.params[place]
  local class = param and param[2]:match("^(shm%.[%w.]*options)%??$")
  if not class then return nil end
  local found = {}
  for _, option in ipairs(help.options) do
    if is_inherited(help.option_class(option), class) and is_of(option, entry) then
      found[#found + 1] = option
    end
  end
  return found
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

help.fill = fill

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
      local meaning = entry.meanings and entry.meanings[number] or code_line(number)[3]
      out[#out + 1] = fill(plain(meaning), width, ("  %4d  "):format(number))
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

local function listed(entry, lines, width)
  lines[#lines + 1] = heading(entry)
  lines[#lines + 1] = fill(plain(entry.brief), width, "    ")
end

-- What a module or a class has; those that are like another one by their names only.
local function overview(owner, width)
  local lines, also = {}, {}
  local _, class = class_of(owner)
  for _, entry in ipairs(help.functions) do
    local makes = class and class.made == entry.name
    if makes or entry.name:match("^%w+") == owner and not entry.family then
      listed(entry, lines, width)
    elseif entry.name:match("^%w+") == owner then
      also[#also + 1] = entry.name:match("[%w_]+$")
    end
  end
  if #also > 0 then lines[#lines + 1] = fill(table.concat(also, ", "), width, "also ") end
  return table.concat(lines, "\n")
end

-- The words behind a dot, below the text of the one that has no dot, if there is one; nil: neither.
local function words_text(owner, text, width)
  local lines = { text and text .. "\n" }
  for _, entry in ipairs(words_of(owner)) do listed(entry, lines, width) end
  return #lines > (text and 1 or 0) and table.concat(lines, "\n") or text
end

local function command_text(command, width)
  local name = command[1]:match("^%w+")
  local usage = fill("moonpool " .. command[1]:gsub(", ", ", moonpool "), width, "")
  return ("%s\n\n%s"):format(usage, fill(
    ("%s In a shell: moonpool %s --help tells the rest."):format(command[2], name), width, ""))
end

-- The names and one line each: { name, line }.
function help.topics()
  local topics = {}
  for _, class in ipairs(help.classes) do
    if not class.within then topics[#topics + 1] = { class[1], class.line } end
  end
  for _, subject in ipairs(help.subjects) do
    if subject[2] and not subject.within then topics[#topics + 1] = { subject[1], subject[2] } end
  end
  return topics
end

local function topics_text(width)
  local lines = { 'help "names" or help(shm.open) or ?view.write; the topics:' }
  for _, topic in ipairs(help.topics()) do
    lines[#lines + 1] = fill(topic[2], width, ("  %-10s "):format(topic[1]))
  end
  local more = {}
  for _, list in ipairs { help.classes, help.subjects } do
    for _, topic in ipairs(list) do
      if topic.within then more[#more + 1] = topic[1] end
    end
  end
  lines[#lines + 1] = fill(table.concat(more, ", "), width, "  and        ")
  return table.concat(lines, "\n")
end

-- A word that is the last one of several names, a subject's, or a command's.
local function several(items, width)
  local lines = {}
  for _, item in ipairs(items) do
    if item.subject then return subject_text(item.subject, width) end
    if item.entry then listed(item.entry, lines, width) end
  end
  if #lines == 0 then return command_text(items[1].command, width) end
  return table.concat(lines, "\n")
end

local function code_text(number, width)
  local code = code_line(number)
  if code then return fill(("%d is %s: %s."):format(number, code[2], plain(code[3])), width, "") end
  return ('%d is no error code of shm; help "errors" lists them.'):format(number)
end

local function name_text(name, width)
  local wanted = name:match("^%s*(.-)%s*$"):gsub("%(.*$", "")
  if wanted == "" then return topics_text(width) end
  if math.tointeger(tonumber(wanted)) then return code_text(math.tointeger(tonumber(wanted)), width) end
  local dotted = wanted:gsub("^(%w+)[.:]", function(owner)
    local class, known = class_of(owner)
    return known and owner .. (class and ":" or ".") or nil
  end)
  if select(2, class_of(dotted)) then return overview(dotted, width) end
  local found = {}
  for _, item in ipairs(index()) do
    if item[1] == dotted or item[1] == wanted then found[#found + 1] = item end
  end
  if #found == 0 and #words_of(wanted) > 0 then return words_text(wanted, nil, width) end
  if found[1] and found[1].entry and (not found[2] or found[2].command) then
    return words_text(wanted, entry_text(found[1].entry, width), width)
  end
  if #found > 0 then return several(found, width) end
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
  if x == nil then return topics_text(width) end
  if kind == "function" then return function_text(x, width) end
  if kind == "string" then return name_text(x, width) end
  if math.type(x) == "integer" then return code_text(x, width) end
  local entry = kind == "userdata" and entry_of(x)
  if entry then return entry_text(entry, width) end
  local meta = kind == "userdata" and debug.getmetatable(x)
  for _, each in ipairs(help.classes) do
    local is = each.class and meta and rawget(meta, "__name") == each.class
      or not each.class and x == package.loaded[each[1]]
    if is then return overview(each[1], width) end
  end
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
