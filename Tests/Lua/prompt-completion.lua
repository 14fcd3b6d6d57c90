-- The prompt's Lua side: what Tab offers, the grey hint, indentation, and what help is asked for.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness, prompter = require "harness", require "prompter"
local test, equals = harness.test, harness.equals
local new, has, lacks = prompter.new, prompter.has, prompter.lacks

local link <const> = shm.layout [[
  struct link { int version; struct { float x, y; } at, path[3]; char name[8]; };
]]

-- ---- completion ----

local function completions(text, cursor)
  local answer = new().complete(text, cursor or #text)
  local from, list = answer:match("^(%d+)%z(.*)$")
  return (list:gsub("%z$", ""):gsub("%z", " ")), tonumber(from)
end

test("globals, locals of the text, and keywords complete", function()
  has(completions("collectg"), "collectgarbage")
  equals((completions("local thing = 1; thi")), "thing")
  equals((completions("function f(parameter) return par")), "parameter")
  equals((completions("whi")), "while")
  equals((completions("")), "")
  equals((completions("-- pri")), "")
  equals((completions("'pri")), "")
end)

test("fields and methods complete", function()
  equals((completions("string.for")), "format")
  equals((completions("x = shm.cr")), "create")
  equals((completions("('x'):upp")), "upper")
  equals(select(2, completions("string.for")), 7)
  _ENV.thing = { list = { { deep = 1 } }, ["odd key"] = 1, run = print, value = 2 }
  equals((completions("thing.list[1].")), "deep")
  equals((completions("thing['list'][1].de")), "deep")
  equals((completions("thing:")), "run")
  equals((completions("thing.")), "list run value")
  equals((completions("print.x")), "")
  equals((completions("nothing.x")), "")
end)

test("mutexes are shown, and complete through their metatable", function()
  local mutex <close> = assert(shm.mutex("prompted"))
  _ENV.a_mutex = mutex
  equals(new().results("x", mutex), "mutex of prompted (free)\n")
  equals((completions("a_mutex:unl")), "unlock")
  has(completions("a_mutex:"), "guard")
  _ENV.a_mutex = nil
end)

test("views complete through their metatable", function()
  local view <close> = assert(shm.create(nil, 8))
  _ENV.a_view = view
  has(completions("a_view:"), "close")
  has(completions("a_view:"), "write")
  equals((completions("a_view:wri")), "write")
  _ENV.a_view = nil
end)

test("the fields of records complete, and those of their parts", function()
  local view <close> = assert(shm.create(nil, 300))
  _ENV.a_link, _ENV.a_layout = view:as(link), link
  equals((completions("a_link.")), "at atomic name numbers path read version write")
  equals((completions("a_link.ve")), "version")
  equals((completions("a_link.at.")), "atomic numbers read write x y")
  equals((completions("a_link.path[1].")), "atomic numbers read write x y")
  equals((completions("a_link.path[3].")), "")
  equals((completions("a_link.version.")), "")
  equals((completions("a_link:")), "atomic numbers read write")
  equals((completions("a_layout:")), "alignment bits constants object offset size value")
  view:close()
  equals((completions("a_link.ve")), "version")
  _ENV.a_link, _ENV.a_layout = nil, nil
end)

test("completion calls nothing of the user's", function()
  local calls = 0
  local function count() calls = calls + 1 end
  _ENV.trap = setmetatable({}, { __index = count, __pairs = count, __call = count, __len = count })
  completions("trap.")
  completions("trap.a.b")
  completions("trap:c")
  completions("trap().x")
  equals(calls, 0)
  _ENV.loop = setmetatable({}, {})
  getmetatable(_ENV.loop).__index = _ENV.loop
  equals((completions("loop.x.y")), "")
end)

test("object names complete inside of the string, and the only one ends it", function()
  equals((completions('shm.open("bo')), 'board"')
  equals((completions('shm.mutex("bo')), 'bolt"')
  equals((completions('shm.open_mutex("bo')), 'bolt"')
  equals((completions('shm.event("bo')), "")
  equals((completions('shm.open "bo')), 'board"')
  equals((completions("shm.create('Global")), [[Global\\my board']])
  equals((completions("shm.open[[Global")), [[Global\my board]] .. "]]")
  equals((completions("shm.open[==[Global")), [[Global\my board]] .. "]==]")
  equals((completions([[shm.open("Local\\b]])), [[Local\\board"]])
  has(completions('shm.open("'), 'a\\"b')
  lacks(completions('shm.open("'), 'a\\"b"')
  equals((completions('print("bo')), "")
  _ENV.alias = shm
  equals((completions('alias.open("bo')), 'board"')
  _ENV.alias = nil
end)

test("a string that is closed already is not closed again", function()
  equals((completions('shm.open("bo")', 12)), "board")
  equals((completions("shm.open[[bo]]", 12)), "board")
  equals((completions("shm.open('bo)", 12)), "board'")
end)

test("names that are no text are written as what they are, or not offered", function()
  prompter.objects = { "mapping:Local\\x\xFFy", "mapping:Local\\a\27[1mb", "mapping:Local\\c\xC2\x9Bd" }
  for typed, name in pairs { x = "x\xFFy", a = "a\27[1mb", c = "c\xC2\x9Bd" } do
    local written = '"' .. completions('shm.open("' .. typed)
    equals(load("return " .. written)(), name)
    assert(not written:find("[\x80-\xFF%c]"), written)
  end
  equals((completions("shm.open[[x")), "")
  equals(new().objects("x"), "")
  prompter.objects = nil
end)

test("keys that are texts complete in brackets", function()
  _ENV.thing = { ["odd key"] = 1, other = 2, [1] = 3 }
  equals((completions('thing["od')), 'odd key"')
  equals((completions("thing['")), "odd key other")
  equals((completions('shm.layouts["mumble_l')), 'mumble_linux"')
  equals((completions('nothing["x')), "")
  _ENV.thing = nil
end)

test("modules complete after require", function()
  local path, cpath = package.path, package.cpath
  package.path, package.cpath = "lua/?.lua;lua/?/init.lua", "lib/?.so"
  prompter.listed = { ["lua/"] = { "zip.lua", "zebra", "notes.txt", "zoo" },
    ["lua/zebra"] = { "init.lua" }, ["lua/zoo"] = { "lion.lua" }, ["lua/zoo/"] = { "lion.lua" },
    ["lib/"] = { "zlib.so" } }
  equals((completions('require "z')), "zebra zebra. zip zlib zoo.")
  equals((completions("require('zo")), "zoo.") -- it goes on
  equals((completions("require('zoo.")), "zoo.lion'")
  equals((completions('require("tabl')), 'table"')
  package.path, package.cpath, prompter.listed = path, cpath, {}
end)

test("files complete for the commands", function()
  prompter.listed = { ["."] = { "one.lua", "other" }, ["d/"] = { "two.lua" } }
  equals(new().files("o"), "one.lua\0other\0")
  equals(new().files("d/t"), "d/two.lua\0")
  equals(new().files("none"), "")
  prompter.listed = {}
end)

test("where nothing fits there is no candidate, not an empty one", function()
  for _, text in ipairs { "frobnic", "nothing.x", "x = frobnic", "shm.open('frobnic", "?frobnic" } do
    equals(new().complete(text, #text):match("^%d+%z(.*)$"), "")
  end
  equals(new().objects("frobnic"), "")
  local nameless = { [""] = 1 }
  _ENV.nameless = nameless
  equals(new().complete("nameless['", 10), "10\0'\0")
  _ENV.nameless = nil
end)

test("the options of a call complete in its braces", function()
  equals((completions('shm.create("x", 8, { mo')), "mode = ")
  equals((completions('shm.create("x", 8, {')),
    "access =  offset =  length =  mode =  exclusive =  reserve =  wine =  hold = ")
  equals((completions('shm.open("x", { mo')), "") -- none of its
  equals((completions('shm.event("x", { manual = true, s')), "set = ")
  equals((completions('shm.event("x", { manual = true, ')), "set =  mode =  exclusive = ")
  equals((completions('shm.open_event("x", {ac')), "access = ")
  equals((completions('shm.wait({ a, b }, { ti')), "timeout = ")
  equals((completions("shm.wait({ a, ti")), "")
  equals((completions('shm.layout("struct s {int i;};", {ab')), "abi = ")
  equals((completions('shm.create("x", 8, { mo = 1', 22)), "mode") -- it is assigned already
  equals((completions('shm.create("x", 8, { mode = collectg')), "collectgarbage")
  local view <close> = assert(shm.create(nil, 64))
  _ENV.a_view = view
  equals((completions("a_view:map{off")), "offset = ")
  equals((completions("a_view:snapshot(0, 8, { ti")), "timeout = ")
  equals((completions("a_view:update(0, 8, f, { ti")), "")
  _ENV.a_view = nil
  equals((completions("x = { mo")), "")
  equals((completions("print { mo")), "")
end)

test("what an option may be completes, too", function()
  equals((completions('shm.open("x", { access = "')), "rw r copy")
  equals((completions('shm.open("x", { access = "c')), 'copy"')
  equals((completions('shm.layout([[]], { abi = "win')), 'windows"')
  equals((completions('shm.create("x", 8, { mode = "')), "")
  equals((completions('x = "c')), "")
end)

test("the names of help complete behind ? and in help()", function()
  equals((completions("?view.wri")), "view.write")
  equals((completions("?view:wri")), "view:write")
  equals((completions("?ev")), "event")
  equals((completions("?key")), "keys")
  equals((completions("? shm.op")),
         "shm.open shm.open_event shm.open_mutex shm.open_queue shm.open_semaphore shm.open_topic")
  equals(select(2, completions("?view.wri")), 1)
  equals((completions("?string.for")), "format")
  local prompt, kept = new(), _ENV.help
  _ENV.help = nil
  prompt.start()
  local answer = prompt.complete("help(event.se", 13)
  equals(answer, "5\0event.set\0")
  equals(prompt.complete("help(string.fo", 14), "12\0format\0")
  _ENV.help = kept
end)

-- ---- the hint ----

local function hint(text, cursor) return new().hint(text, cursor or #text) end

test("the hint shows the parameters that are left", function()
  _ENV.three = function(first, second, ...) return first, second, ... end
  equals(hint("three("), "first, second, ...)")
  equals(hint("three(1"), ", second, ...)")
  equals(hint("three(1, "), "second, ...)")
  equals(hint("three({1, 2}, "), "second, ...)")
  equals(hint("three(1, 2, 3, "), "...)")
  equals(hint("x = three(three(1), "), "second, ...)")
  equals(hint("three(1)"), "")
  equals(hint("nothing("), "")
  equals(hint("three(|)", 6), "")
  equals(hint("three('1"), "")
  equals(hint("three('1'"), ", second, ...)")
  _ENV.object = { run = function(self, speed) return self, speed end }
  equals(hint("object:run("), "speed)")
  equals(hint("object.run("), "self, speed)")
  _ENV.three, _ENV.object = nil, nil
end)

test("the hint in an option table tells what it may have", function()
  equals(hint('shm.open("x", {'), "access, offset, length, wine, hold }")
  equals(hint('shm.open("x", { access = "r", '), "offset, length, wine, hold }")
  equals(hint('shm.open("x", { access = "r"'), "")
  equals(hint("print({"), "")
  equals(hint("x = {"), "")
end)

test("built-in functions and views have hints from the help", function()
  has(hint("shm.open("), "name")
  has(hint("string.rep("), "s, n")
  lacks(hint("('x'):rep("), "s, n")
  has(hint("('x'):rep("), "n")
  local view <close> = assert(shm.create(nil, 8))
  _ENV.a_view = view
  has(hint("a_view:write("), "data [, offset])")
  has(hint("a_view:write('x', "), "offset)")
  _ENV.a_view = nil
end)

-- ---- indentation ----

test("the next line is indented by what is open", function()
  local cases = {
    { "for i = 1, 2 do", "-1 2" }, { "for i = 1, 2 do\n  print(i)", "-1 2" },
    { "function f()\n  return {", "-1 4" }, { "f(function()", "-1 2" }, { "x =", "-1 2" },
    { "repeat\n  x()", "-1 2" }, { "if a then\n  b()\n  else", "0 2" },
    { "if a then\n  b()\n  elseif c then", "0 2" }, { "while x do\n  y()\n  end", "0 0" },
    { "x = {\n  1,\n  }", "0 0" }, { "f(function()\n  x()\n  end", "0 2" },
    { "f(function()\n  x()\n  end)", "0 0" }, { "do\n  x()\n  ", "0 2" },
    { "x = [[", "-1 0" }, { "x = [[\n    do", "-1 0" }, { "--[[ do", "-1 0" },
    { "f(function()\n  return 1 end", "-1 2" },
    { "do -- if then", "-1 2" }, { "x = 'do' ..", "-1 2" }, { "    do\n      x()\n    end", "-1 4" },
    { "local a = 1", "-1 0" }, { "do\nend", "-1 0" }, { "end end end", "-1 0" }, { "", "-1 0" },
  }
  for _, case in ipairs(cases) do
    local text, expected = case[1], case[2]
    local found = new().indentation(text, #text)
    if found ~= expected then error(("%q: %s instead of %s"):format(text, found, expected)) end
  end
end)

test("the indentation is that of the cursor's line", function()
  equals(new().indentation("do\n  x()\nend", 2), "-1 2")
  equals(new().indentation("do\n  if x then\n  y()", 14), "-1 4")
end)

test("a long text is indented at once", function()
  local text = ("do x = { f(1), 2 } end\n"):rep(5000) .. "do"
  local before = os.clock()
  equals(new().indentation(text, #text), "-1 2")
  assert(os.clock() - before < 3, "slow")
end)

-- ---- help for what no variable has ----

test("help(kind.method) works for every kind and method that help knows", function()
  local prompt, kept = new(), _ENV.help
  _ENV.help = nil
  prompt.start()
  local function module(name) return assert(load(prompter.source(name), "=" .. name))(module) end
  local help = module("help")
  local count = 0
  for _, entry in ipairs(help.functions) do
    local owner, key = entry.name:match("^(%w+)[.:]([%w_]+)$")
    -- The words of scenarios are no methods: they have one spelling.
    if owner and not entry.word and not package.loaded[owner] then
      count = count + 1
      for _, mark in ipairs { ".", ":" } do
        local text = prompt.asked(("help(%s%s%s)"):format(owner, mark, key))
        has(text, entry.signature)
        equals(text, prompt.help(owner .. mark .. key))
      end
    end
  end
  assert(count > 50, count)
  for _, class in ipairs(help.classes) do
    if class.class then has(prompt.asked("help(" .. class[1] .. ")"), class[1]) end
  end
  has(prompt.asked("help(keys)"), "Alt-Enter")
  has(prompt.asked("help(viev.wirte)"), "no help for 'viev.wirte'")
  equals(prompt.asked("help(shm.open)"), "")
  equals(prompt.asked("help(string.rep)"), "")
  equals(prompt.asked("help('names')"), "")
  equals(prompt.asked("help()"), "")
  _ENV.event = { set = print }
  equals(prompt.asked("help(event.set)"), "") -- a variable of the user's is what is meant
  _ENV.event = nil
  _ENV.help = print
  equals(prompt.asked("help(event.set)"), "")
  _ENV.help = kept
end)

test("?name means a variable where help does not know the name", function()
  local view <close> = assert(shm.create(nil, 8))
  _ENV.board = view
  equals(new().help("board"), new().help("view"))
  equals(new().help("board:write"), new().help("view:write"))
  has(new().help("string.rep"), "string.rep(s, n [, sep])")
  has(new().help("nothing_at_all"), "no help for 'nothing_at_all'")
  _ENV.board = nil
end)

harness.finish()
