-- The prompt's memory and its texts. C calls these functions with strings and integers and takes
-- a string back; results and errors of chunks come here to be shown and remembered.

local host <const> = ...
local globals <const> = _G

-- Copies of the libraries: what the user does to the globals does not break the prompt.
local _ENV <const> = (function()
  local copy = {}
  for name, value in next, globals do
    if type(value) == "table" and globals.package.loaded[name] == value and name ~= "package" then
      value = {}
      for key, item in globals.next, globals[name] do value[key] = item end
    end
    copy[name] = value
  end
  return copy
end)()

local loaded <const> = {}

local function module(name)
  if loaded[name] == nil then
    local source = assert(host.source(name), "no module '" .. name .. "' in this program")
    loaded[name] = assert(load(source, "=" .. name .. ".lua", "t", _ENV))(module, host, globals)
  end
  return loaded[name]
end

local show <const> = module("show")
local lexer <const> = module("lexer")
local failure <const> = module("failure")
local texts <const> = module("text")
local paint <const> = texts.paint

local HISTORY <const> = 9

local style <const> = {
  colour = false, columns = 80, rows = 40, depth = 4, entries = 100, length = 1000,
  holders = host.holders,
}
-- Each chunk of this prompt: text, whether it ran without an error, the count of its results, and
-- whether it is an expression.
local chunks <const> = {}
local history <const> = {}
-- The chunk that declared a local of this name.
local locals <const> = {}
local last_results = table.pack()
-- The global help that is ours.
local helper

local prompt = {}

function prompt.configure(columns, rows, colour)
  style.colour = colour ~= 0
  style.columns, style.rows = math.max(columns, 20), math.max(rows - 4, 10)
end

-- The prompt before a first line, and before the lines that continue it.
function prompt.mark(continued)
  local mark = rawget(globals, continued ~= 0 and "_PROMPT2" or "_PROMPT")
  if mark == nil then return continued ~= 0 and ">> " or "> " end
  return tostring(mark)
end

-- The name of the next chunk in messages.
function prompt.name()
  return ("=prompt[%d]"):format(#chunks + 1)
end

local function remember(chunk, ran, count)
  local kept = { text = chunk, ran = ran, count = count }
  kept.expression = load("return " .. chunk:gsub("^=", "", 1), "=chunk", "t") ~= nil
  chunks[#chunks + 1] = kept
  for _, name in ipairs(lexer.declared(lexer.tokens(chunk))) do locals[name] = #chunks end
end

-- ---- results ----

-- `_` and `_1` are the last result, `_2` the one before it, to `_9`.
local function keep(chunk, value)
  if value == nil or chunk:find("^%s*=?%s*_%d?%s*$") then return end
  table.insert(history, 1, value)
  history[HISTORY + 1] = nil
  rawset(globals, "_", value)
  for index, item in ipairs(history) do rawset(globals, "_" .. index, item) end
end

local function lost_local(name)
  if not locals[name] or rawget(globals, name) ~= nil then return nil end
  return paint(style, "grey", ("'%s' was a local of an earlier line: a local ends with its line; "
    .. "write %s = … without local"):format(name, name))
end

-- A chunk ran and gave these results.
function prompt.results(chunk, ...)
  local list = table.pack(...)
  remember(chunk, true, list.n)
  if list.n == 0 then return "" end
  last_results = list
  keep(chunk, list[1])
  local text, cut = show.values(list, style)
  if cut then text = text .. "\n" .. paint(style, "grey", "(cut; :all shows everything)") end
  local hint = list.n == 1 and list[1] == nil and lost_local(chunk:match("^%s*=?%s*([%w_]+)%s*$"))
  return text .. "\n" .. (hint and hint .. "\n" or "")
end

-- The last results, whole.
function prompt.all()
  local whole = setmetatable(
    { rows = false, entries = false, length = false, depth = 100, whole = true }, { __index = style })
  if last_results.n == 0 then return "" end
  return (show.values(last_results, whole)) .. "\n"
end

-- ---- errors ----

local function message_of(value)
  if type(value) == "string" then return texts.printable(value, "lines") end
  return "(error object) " .. show.values(table.pack(value), style)
end

local function lines_of(first, more)
  return first .. "\n" .. (#more > 0 and table.concat(more, "\n") .. "\n" or "")
end

-- A chunk raised: { value, traceback, hint or nil }, or a text when there was no memory for that.
function prompt.failure(chunk, report)
  remember(chunk, false)
  if type(report) ~= "table" then report = { report, "" } end
  local value, traceback = report[1], report[2] or ""
  local lines = {}
  if type(value) == "string" then
    local which, number = value:match("^prompt%[(%d+)%]:(%d+): ")
    local source = which and chunks[math.tointeger(which)]
    local line = source and failure.line(source.text, math.tointeger(number))
    if line and not value:find("interrupted!$") then
      local offset, length = failure.mention(line, value)
      lines = failure.excerpt(number, line, offset, length, style)
    end
    lines[#lines + 1] = lost_local(value:match("%(global '([%w_]+)'%)"))
    lines[#lines + 1] = report[3] and paint(style, "grey", report[3])
  end
  for _, level in ipairs(failure.levels(traceback)) do
    lines[#lines + 1] = paint(style, "grey", texts.printable(level))
  end
  return lines_of(paint(style, "error", message_of(value)), lines)
end

-- A chunk does not compile: why it is no statement, and why it is no expression. The one whose
-- place is farther in the text is what the writer meant.
function prompt.misspelled(chunk, as_statement, as_expression)
  local equals = chunk:match("^=") or ""
  local message, number, line, offset, length = as_statement, failure.place(chunk, as_statement, "")
  local text = chunk:sub(#equals + 1)
  local other, beside, place, size = failure.place(text, as_expression, "return ")
  if other == 1 and place then place, beside = place + #equals, equals .. beside end
  if other and (not number or other > number
    or other == number and (place or 0) > (offset or 0) or equals ~= "") then
    message, number, line, offset, length = as_expression, other, beside, place, size
  end
  remember(chunk, false)
  local lines = line and failure.excerpt(number, line, offset, length, style) or {}
  return lines_of(paint(style, "error", message_of(message)), lines)
end

-- What the prompt itself has to complain about.
function prompt.complaint(message)
  return paint(style, "error", texts.printable(message, "lines")) .. "\n"
end

-- ---- questions of the editor ----

-- A list as one text: a NUL behind each item, so that none and one that is empty differ.
local function listed(items)
  return #items > 0 and table.concat(items, "\0") .. "\0" or ""
end

-- The number of the bytes before those that are replaced, and the candidates.
function prompt.complete(text, cursor)
  local from, candidates = module("complete").candidates(text, cursor)
  return from - 1 .. "\0" .. listed(candidates)
end

function prompt.hint(text, cursor) return module("calls").hint(text, cursor) or "" end

-- Enter at the cursor: the indentation that its line should have, -1 for the one that it has, and
-- that of the line after it.
function prompt.indentation(text, cursor)
  local this, following = module("indent")(text, cursor)
  return ("%d %d"):format(this or -1, following)
end

function prompt.objects(typed) return listed(module("complete").objects(typed)) end

function prompt.files(typed) return listed(module("complete").files(typed)) end

-- ---- help ----

local function help_text(topic)
  local known, help = pcall(module, "help")
  if not known or type(help) ~= "table" or not help.text then return "there is no help in this program" end
  local well, text = pcall(help.text, topic, style.columns - 2)
  return tostring(text) .. (well and "" or " (help)")
end

-- The value of a name or chain that stands alone; runs nothing of the user's.
local function value_of(name)
  local tokens = lexer.tokens(name)
  return module("values").at(tokens, #tokens)
end

-- ?name: what help knows under this name, or else the value of the variable.
function prompt.help(topic)
  if topic == "" then topic = nil end
  local help = topic and module("help")
  if help and not help.knows(topic) then
    local value = value_of(topic)
    if value ~= nil then topic = value end
  end
  return (help_text(topic):gsub("\n*$", "\n"))
end

-- A line "help(event.set)" asks for the name where no variable has a value under it; "help(v:set)"
-- is no Lua, but clear. The text of help, or "": the line is a chunk as any other.
--
-- The same for words that a person tries: they are no variables, or still the prompt's.
function prompt.asked(line)
  local word = line:match("^%s*(%l+)%s*$")
  if word == "help" and helper ~= nil and globals.help == helper then return prompt.help("") end
  if (word == "exit" or word == "quit") and globals[word] == nil then
    return "Ctrl-D leaves, as :q does; : lists the commands\n"
  end
  local name = line:match("^%s*help%s*%(%s*([%a_][%w_]*[.:]?[%w_]*)%s*%)%s*$")
  if not name or globals.help ~= helper or helper == nil then return "" end
  local value = value_of(name)
  if value == nil then return prompt.help(name) end
  return name:find(":", 1, true) and help_text(value):gsub("\n*$", "\n") or ""
end

-- ---- :save ----

local prologue <const> = [[
-- What the prompt shows and remembers.
local function hex(n) return math.type(n) == "integer" and ("0x%x"):format(n) or n end
local history = {}
local function show(value, ...)
  if value ~= nil then table.insert(history, 1, value) end
  _, _1, _2, _3, _4, _5, _6, _7, _8, _9 = history[1], table.unpack(history, 1, 9)
  print(value, ...)
end

]]

local function mentions(chunk)
  for _, token in ipairs(lexer.tokens(chunk)) do
    if token.kind == "name" and (token.text:find("^_%d?$") or token.text == "hex") then
      return true
    end
  end
end

-- A chunk as statements that may stand in the middle of a script.
local function statement(chunk, shower)
  local text = chunk.text:gsub("^=", "", 1)
  local final = text:find("%-%-[^\n]*$") and "\n" or ""
  if chunk.count == 0 and load(text .. "\nlocal _", "=chunk", "t") and chunk.expression then
    return text
  end
  if chunk.expression then return shower .. "(" .. text .. final .. ")" end
  if not load(text .. "\nlocal _", "=chunk", "t") then -- it returns
    return "do local function chunk()\n" .. text .. "\nend " .. shower .. "(chunk()) end"
  end
  if #lexer.declared(lexer.tokens(text)) > 0 or text:find("::") then
    return "do\n" .. text .. "\nend"
  end
  return text
end

-- The chunks that ran without an error, as a script.
function prompt.script()
  local special = false
  for _, chunk in ipairs(chunks) do special = special or chunk.ran and mentions(chunk.text) end
  local lines = {}
  for _, chunk in ipairs(chunks) do
    if chunk.ran and chunk.text:find("%S") and not chunk.text:find("^%s*help%f[%W]") then
      lines[#lines + 1] = statement(chunk, special and "show" or "print") .. "\n"
    end
  end
  return "#!/usr/bin/env moonpool\n" .. (special and prologue or "") .. table.concat(lines)
end

-- The text of the last chunk.
function prompt.last()
  return chunks[#chunks] and chunks[#chunks].text or ""
end

-- ---- globals of the prompt ----

-- hex(255) -> "0xff"; hex(view or string [, offset [, length]]) -> its bytes
function prompt.hex(value, offset, length)
  if math.type(value) == "float" and math.tointeger(value) then value = math.tointeger(value) end
  if math.type(value) == "integer" then
    return ("0x%0" .. (math.tointeger(offset) or 1) .. "x"):format(value)
  end
  local read, size
  if show.is_view(value) then
    size = #value
    read = function(count, from) return value:read(count, from) end
  elseif type(value) == "string" then
    size = #value
    read = function(count, from) return value:sub(from + 1, from + count) end
  else
    error("hex: an integer, a string or a view is needed, not " .. type(value), 2)
  end
  offset = math.max(offset or 0, 0)
  local stop = math.min(size, offset + (length or size))
  return show.verbatim(table.concat(module("dump")(read, offset, stop, style), "\n"))
end

-- The prompt is there for a person: its helpers become globals, unless a script has such names.
function prompt.start()
  if globals.hex == nil then globals.hex = prompt.hex end
  if globals.help == nil then
    helper = function(topic) return show.verbatim((help_text(topic):gsub("\n*$", ""))) end
    globals.help = helper
  end
end

return prompt
