-- The prompt's Lua side: how values and errors read, and what is saved.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness, prompter = require "harness", require "prompter"
local test, equals = harness.test, harness.equals
local new, has, lacks = prompter.new, prompter.has, prompter.lacks

-- What the prompt shows for these values.
local function shown(...) return (new().results("x", ...):gsub("\n$", "")) end

-- ---- values ----

test("simple values read as they are written", function()
  equals(shown(1), "1")
  equals(shown(1.5, nil, true), "1.5  nil  true")
  equals(shown("a\nb\"c\0\27"), [["a\nb\"c\0\27"]])
  equals(shown("é"), '"é"')
  equals(shown("\xff\u{85}"), [["\xFF\u{85}"]])
  equals(shown(), "")
end)

test("a table's keys are sorted, numbers first", function()
  equals(shown({ 1, 2, b = 4, a = 3, [10] = 5, [true] = 6, ["x y"] = 7 }),
    '{ 1, 2, [10] = 5, a = 3, b = 4, ["x y"] = 7, [true] = 6 }')
  equals(shown({}), "{}")
  equals(shown({ ["end"] = 1 }), '{ ["end"] = 1 }')
end)

test("a table in itself is marked with the way to it", function()
  local t = { sub = {} }
  t.self, t.sub.up = t, t.sub
  equals(shown(t), "{ self = <cycle: _>, sub = { up = <cycle: _.sub> } }")
  local twice = {}
  equals(shown({ twice, twice }), "{ {}, {} }")
end)

test("nesting ends, and says so", function()
  local text = shown({ { { { { { 1 } } } } } })
  has(text, "{ { { { {…} } } } }")
  has(text, ":all")
end)

test("no line of a table is wider than the terminal", function()
  local list = {}
  for index = 1, 60 do list["name" .. index] = ("value"):rep(20) end
  for index = 1, 100 do list[index] = index end
  for _, columns in ipairs { 40, 80 } do
    for line in new(columns).results("x", list):gmatch("[^\n]+") do
      if utf8.len(line) > columns then error(line) end
    end
  end
end)

-- Tables of tables, with keys and texts of many lengths and bytes that are no text.
local function random_value(depth)
  local function word(most) return ("w"):rep(math.random(most)) end
  local kind = math.random(depth > 0 and 6 or 3)
  if kind == 1 then return math.random(10 ^ math.random(9)) end
  if kind == 2 then return word(120) end
  if kind == 3 then return ("\xFF"):rep(math.random(40)) end
  local made = {}
  for _ = 1, math.random(0, 7) do
    local key = math.random(2) == 1 and #made + 1
      or math.random(4) == 1 and "x " .. word(60) or word(14)
    made[key] = random_value(depth - 1)
  end
  return made
end

test("no line of any table is wider than the terminal", function()
  for _ = 1, 300 do
    local columns, value = ({ 40, 50, 80, 120 })[math.random(4)], { random_value(3) }
    for line in new(columns).results("x", value):gmatch("[^\n]+") do
      if #line > columns and utf8.len(line) > columns then
        error(("%d columns: %s"):format(columns, line))
      end
    end
  end
end)

test("a table takes its line to the last column, closing bracket included", function()
  local prompt = new(40)
  local text = prompt.results("x", { ("a"):rep(13), ("b"):rep(17) })
  equals(text, '{ "aaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbb" }\n')
  equals(utf8.len(text) - 1, 40)
  equals(prompt.results("x", { ("a"):rep(13), ("b"):rep(18) }),
    '{\n  "aaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbb"\n}\n')
  -- Inside of another: the key before it and the comma behind it count, too.
  equals(prompt.results("x", { key = { ("a"):rep(12), 12345678901 }, second = 1 }),
    '{\n  key = { "aaaaaaaaaaaa", 12345678901 },\n  second = 1\n}\n')
  equals(prompt.results("x", { key = { ("a"):rep(12), 123456789012 }, second = 1 }),
    '{\n  key = {\n    "aaaaaaaaaaaa", 123456789012\n  },\n  second = 1\n}\n')
end)

test("shm.layouts and what has pairs as it does show their entries", function()
  local prompt = new()
  prompt.configure(80, 60, 0)
  local text = prompt.results("x", shm.layouts)
  has(text, "shm.layouts {\n  afterburner = \"")
  for name in pairs(shm.layouts) do has(text, "\n  " .. name .. " = ") end
  has(prompt.results("x", shm), "layouts = shm.layouts {…}")
  has(prompt.all(), "    rtss_osd = \"")
end)

test("long output is cut and :all shows the rest", function()
  local prompt = new()
  local list = {}
  for index = 1, 3000 do list[index] = "item " .. index end
  local text = prompt.results("x", list)
  has(text, ":all")
  lacks(text, "item 3000")
  has(prompt.all(), "item 3000")
  has(prompt.results("x", ("z"):rep(5000)), "4000 bytes more")
  equals(#prompt.all(), 5003)
end)

test("a million entries are shown at once", function()
  local list = {}
  for index = 1, 1000000 do list[index] = index end
  local before = os.clock()
  has(shown(list), "… more")
  assert(os.clock() - before < 1, "slow")
end)

test("metatables are respected", function()
  equals(shown(setmetatable({}, { __tostring = function() return "I" end })), "I")
  equals(shown(setmetatable({ 1 }, { __name = "Point" })), "Point { 1 }")
  local pairs_of = { __pairs = function() return next, { a = 1 } end }
  equals(shown(setmetatable({}, pairs_of)), "{ a = 1 }")
  equals(shown(setmetatable({ 1 }, { __metatable = false, __index = error })), "{ 1 }")
end)

test("an error in a metamethod is shown in its place", function()
  local bad = setmetatable({}, { __tostring = function() error("broken", 0) end })
  equals(shown({ 1, bad }), "{ 1, <error in __tostring: broken> }")
  local pairs_of = setmetatable({}, { __pairs = function() error("bad", 0) end })
  equals(shown(pairs_of), "{ <error in __pairs: bad> }")
  local nothing = setmetatable({}, { __tostring = function() return {} end })
  has(shown(nothing), "<error in __tostring")
  local objects = setmetatable({}, { __tostring = function() error(setmetatable({}, {
    __tostring = error })) end })
  has(shown(objects), "<error in __tostring")
end)

test("an endless __pairs ends", function()
  local endless = setmetatable({}, { __pairs = function()
    return function(_, key) return (key or 0) + 1, 1 end
  end })
  has(shown(endless), "… more")
end)

test("functions say where they come from", function()
  has(shown(function(a, b, ...) return a, b, ... end), "function(a, b, ...)  ")
  has(shown(new), "prompter.lua:")
  equals(shown(string.format), "function string.format")
end)

test("a view is bytes with its size, access, name and holders", function()
  local name = harness.name()
  local view <close> = assert(shm.create(name, 300))
  view:write("hello")
  prompter.held = "42 tester"
  local text = new().results("x", view)
  has(text, ("view of %s (300 bytes, rw)\nheld by 42 tester\n"):format(name))
  has(text, "0000  68 65 6c 6c 6f 00 00 00  00 00 00 00 00 00 00 00  hello...........")
  has(text, "\n*\n0120  00")
  prompter.held = ""
  lacks(new().results("x", view), "held by")
  for line in new(40).results("x", view):gmatch("[^\n]+") do assert(#line <= 40, line) end
  view:close()
  equals(new().results("x", view), ("view of %s (closed)\n"):format(name))
end)

local link <const> = shm.layout [[
  struct link { int version; struct { float x, y; } at, path[3]; char name[8]; };
]]

test("a record is its listing, and so is a layout", function()
  local name = harness.name()
  local view <close> = assert(shm.create(name, 300))
  local record = view:as(link)
  record.version, record.name = 7, "a\xFFb"
  equals(shown(record), tostring(record))
  equals(shown(link), tostring(link))
  has(shown(record.at), "struct at offset 4 of " .. name .. " (8 bytes)\n 0  float x = 0.0")
  equals(shown({ record, link }),
    ("{ link at offset 0 of %s (44 bytes), link (44 bytes, aligned to 4) }"):format(name))
  equals(shown(record:read().path[1]), "{ x = 0.0, y = 0.0 }")
  local prompt = new()
  prompt.configure(80, 24, 1)
  has(prompt.results("x", record), "\27[90m  0\27[0m  int version = 7")
  view:close()
  equals(shown(record), ("link of %s (closed)"):format(name))
end)

test("a long view is cut", function()
  local view <close> = assert(shm.create(nil, 4096))
  for offset = 0, 4092, 4 do view:write(("%4d"):format(offset), offset) end
  local prompt = new()
  has(prompt.results("x", view), "bytes more")
  lacks(prompt.all(), "bytes more")
end)

test("colours only when asked for", function()
  local prompt = new()
  lacks(prompt.results("x", { 1, "a" }), "\27[")
  prompt.configure(80, 24, 1)
  has(prompt.results("x", { 1, "a" }), "\27[36m1\27[0m, \27[32m\"a\"\27[0m")
end)

test("hex() makes addresses and bytes readable", function()
  local hex = new().hex
  equals(hex(255), "0xff")
  equals(hex(255, 4), "0x00ff")
  equals(hex(-1), "0xffffffffffffffff")
  equals(hex(16.0), "0x10")
  has(tostring(hex("abc")), "0000  61 62 63")
  harness.raises("hex: an integer", function() hex({}) end)
end)

test("the last results have names", function()
  local prompt = new()
  for value = 1, 12 do prompt.results(tostring(value), value) end
  equals(_ENV._, 12)
  equals(_ENV._1, 12)
  equals(_ENV._2, 11)
  equals(_ENV._9, 4)
  prompt.results("_2", 11)
  prompt.results("f()", nil)
  prompt.results("x = 1")
  equals(_ENV._, 12)
end)

-- ---- errors ----

-- The line below the message that shows the caret, without its margin.
local function caret(text) return text:match("\n     | ( *%^+)\n") end

test("a run-time error shows its line and a caret under the name", function()
  local prompt = new()
  local text = prompt.failure("x = foo.bar + 1",
    { "prompt[1]:1: attempt to index a nil value (global 'foo')", "\nstack traceback:" })
  has(text, "attempt to index a nil value (global 'foo')\n   1 | x = foo.bar + 1\n")
  equals(caret(text), "    ^^^")
end)

test("the line of an earlier chunk is found", function()
  local prompt = new()
  prompt.results("function f(a)\n  return a.b.c\nend")
  local text = prompt.failure("f({})",
    { "prompt[1]:2: attempt to index a nil value (field 'b')", "" })
  has(text, "   2 |   return a.b.c\n")
  equals(caret(text), "           ^")
end)

local function misspelled(chunk)
  local prompt = new()
  local _, as_statement = load(chunk, "=prompt[1]", "t")
  local _, as_expression = load("return " .. chunk:gsub("^=", ""), "=prompt[1]", "t")
  return prompt.misspelled(chunk, as_statement, as_expression)
end

test("a syntax error has its caret under the word that is meant", function()
  equals(caret(misspelled("x = = 2")), "    ^")
  equals(caret(misspelled("1 + * 2")), "    ^")
  equals(caret(misspelled("f(a) b(c) )")), "          ^")
  equals(caret(misspelled("= 1 + * 2")), "      ^")
  equals(caret(misspelled("x = 1\ny = = 2")), "    ^")
  equals(caret(misspelled("s = \"abc")), "    ^^^^")
  equals(caret(misspelled("x = 1 é")), "      ^")
end)

test("a long line is cut around the place", function()
  local text = misspelled(("a = 1 "):rep(1000) .. "= 2 " .. ("b = 1 "):rep(1000))
  for line in text:gmatch("[^\n]+") do assert(utf8.len(line) <= 80, line) end
  has(text, "^")
end)

test("a vanished local gets its hint", function()
  local prompt = new()
  prompt.results("local lost, gone <const> = 1, 2")
  has(prompt.results("lost", nil), "a local ends with its line; write lost = …")
  has(prompt.failure("gone + 1",
    { "prompt[3]:1: attempt to perform arithmetic on a nil value (global 'gone')", "" }),
    "write gone = …")
  lacks(prompt.results("other", nil), "a local ends")
  lacks(prompt.results("lost", 1), "a local ends")
end)

test("a traceback is shown when it says more than the line", function()
  local trace = "\nstack traceback:\n\t[C]: in function 'error'\n\tprompt[1]:1: in main chunk\n"
    .. "\t[C]: in ?"
  lacks(new().failure("error('x')", { "prompt[1]:1: x", trace }), "main chunk")
  has(new().failure("f()", { "prompt[1]:1: x", trace:gsub("error'", "f'\n\tx.lua:3: in g") }),
    "x.lua:3: in g")
end)

test("a hint stands below the line", function()
  equals(new().failure("v:x()", { "prompt[1]:1: attempt to call a nil value (method 'x')", "",
    "did you mean view:y?" }), "prompt[1]:1: attempt to call a nil value (method 'x')\n"
    .. "   1 | v:x()\n     |   ^\ndid you mean view:y?\n")
end)

test("a cell is shown with its value", function()
  local view = shm.create(nil, 64)
  local cell = view:atomic(8, "i64"):store(-5)
  equals(shown(cell), "i64 cell at offset 8 of an unnamed object = -5")
  equals(shown({ c = cell }), "{ c = i64 cell at offset 8 of an unnamed object = -5 }")
  view:close()
  equals(shown(cell), "i64 cell at offset 8 of an unnamed object (closed)")
end)

test("any error object is shown", function()
  has(new().failure("error({code = 5})", { { code = 5 }, "" }), "{ code = 5 }")
  has(new().failure("error()", { nil, "" }), "nil")
  has(new().failure("x", "not enough memory"), "not enough memory")
end)

-- ---- saving ----

-- What the script of these chunks prints.
local function saved(...)
  local prompt = new()
  for _, chunk in ipairs { ... } do
    local f = load("return " .. chunk:gsub("^=", "")) or load(chunk)
    prompt.results(chunk, f())
  end
  local script, printed = prompt.script(), {}
  local environment = setmetatable({ print = function(...)
    for _, value in ipairs { ... } do printed[#printed + 1] = tostring(value) end
  end }, { __index = _G })
  assert(load(script:gsub("^#[^\n]*", ""), "=script", "t", environment))()
  return table.concat(printed, " "), script
end

test("what ran becomes a script that runs", function()
  equals((saved("x = 5", "x + 1", "=x")), "6 5")
  equals((saved("local y = 1", "y")), "nil" and "")
  equals((saved("10", "20", "_ + _2")), "10 20 30")
  equals((saved("return 7", "8 -- eight")), "7 8")
  equals((saved("goto done ::done::", "goto done ::done::", "1")), "1")
  equals((saved("(print)", "(1)")):match("%S+$"), "1")
  has(select(2, saved("print()")), "#!/usr/bin/env moonpool\nprint()\n")
end)

test("what failed is not saved", function()
  local prompt = new()
  prompt.failure("error('x')", { "x", "" })
  prompt.misspelled("x = = 1", "prompt[2]:1: unexpected symbol near '='", "")
  lacks(prompt.script(), "error")
  lacks(prompt.script(), "= =")
  equals(prompt.last(), "x = = 1")
end)

test("the prompt lives without the libraries that were broken", function()
  local prompt = new()
  local names, kept = { "table", "pairs", "tostring", "type", "utf8" }, {}
  for index, name in ipairs(names) do kept[index], _G[name] = _G[name], nil end
  local well, text = pcall(prompt.results, "x", { 1, { a = 2 } })
  for index, name in ipairs(names) do _G[name] = kept[index] end
  equals(well, true)
  equals(text, "{ 1, { a = 2 } }\n")
end)

harness.finish()
