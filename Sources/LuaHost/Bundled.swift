// swift-format-ignore-file
// Written by scripts/embed from scripts/*.lua and Sources/LuaHost/Lua/*.lua; not by hand.

/// The Lua texts inside the binary. Static: they cost nothing before somebody asks for one.
package enum Bundled {
  /// The scripts, each with its first comment line.
  package static let scripts: [(name: String, summary: String)] = [
    ("first", "The document's first process: writes a message and holds the name."),
    ("second", "The document's second process: shows the message of the first."),
  ]

  /// The text of scripts/NAME.lua.
  package static func script(_ name: String) -> StaticString? {
    switch name {
    case "first": script_first
    case "second": script_second
    default: nil
    }
  }

  private static let script_first: StaticString = #"""
-- The document's first process: writes a message and holds the name.
-- It ends, and the name with it, when a key is pressed.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]
local szMsg <const> = "Message from first process."

local hMapFile, _, failure = shm.create(
                 szName,                 -- name of mapping object
                 BUF_SIZE)               -- maximum object size

if not hMapFile then
   print(("Could not create file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

pBuf:write(szMsg)
console.getch()

pBuf:close()

hMapFile:close()

"""#

  private static let script_second: StaticString = #"""
-- The document's second process: shows the message of the first.
-- It finds the object by its name, which must be held at that time.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]

local hMapFile, _, failure = shm.open(
                 szName)                 -- name of mapping object

if not hMapFile then
   print(("Could not open file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

console.message_box(pBuf:read(), "Process2")

pBuf:close()

hMapFile:close()

"""#

  /// The text of Sources/LuaHost/Lua/NAME.lua.
  package static func module(_ name: String) -> StaticString? {
    switch name {
    case "complete": module_complete
    case "dump": module_dump
    case "failure": module_failure
    case "help": module_help
    case "lexer": module_lexer
    case "prompt": module_prompt
    case "show": module_show
    case "text": module_text
    default: nil
    }
  }

  private static let module_complete: StaticString = #"""
-- What Tab offers, and the grey hint: looks at values, never runs anything of the user's.

local module <const>, host <const>, globals <const> = ...
local lexer <const> = module("lexer")
local show <const> = module("show")

local complete = {}

local getmetatable <const> = debug.getmetatable
local DEEP <const> = 16

-- The table in which a value's fields are looked up after its own: __index, if it is a table.
local function fallback(value)
  local meta = getmetatable(value)
  local index = meta and rawget(meta, "__index")
  return type(index) == "table" and index or nil
end

-- A field as far as no function has to run for it.
local function field(value, key)
  for _ = 1, DEEP do
    if type(value) == "table" then
      local found = rawget(value, key)
      if found ~= nil then return found end
    end
    value = fallback(value)
    if value == nil then return nil end
  end
end

-- ---- what stands before the cursor ----

local function literal(token)
  if token.kind == "number" then return tonumber(token.text) end
  if token.kind == "string" and not token.open then
    local chunk = load("return " .. token.text, "=literal", "t", {})
    return chunk and chunk()
  end
end

local step

-- The value of the name or chain that ends at `index`: a.b, a.b["c"], "text".
local function value_at(tokens, index)
  local token = tokens[index]
  if not token then return nil end
  if token.kind == "name" then
    local before = tokens[index - 1]
    if before and (before.text == "." or before.text == ":") then
      return step(value_at(tokens, index - 2), token.text)
    end
    if show.keywords[token.text] then return nil end
    return field(globals, token.text)
  end
  if token.kind == "string" then return literal(token) end
  if token.text == "]" and tokens[index - 2] and tokens[index - 2].text == "[" then
    local key = literal(tokens[index - 1])
    if key ~= nil then return step(value_at(tokens, index - 3), key) end
  end
  if token.text == ")" and tokens[index - 2] and tokens[index - 2].text == "(" then
    local caller = tokens[index - 3]
    if not caller or caller.kind == "mark" and caller.text ~= "]" and caller.text ~= ")" then
      return value_at(tokens, index - 1)
    end
  end
end

function step(value, key)
  if value ~= nil then return field(value, key) end
end

-- ---- candidates ----

local function add(found, seen, name)
  if not seen[name] then
    seen[name] = true
    found[#found + 1] = name
  end
end

local function begins(text, prefix) return text:sub(1, #prefix) == prefix end

local function fits(name, prefix)
  return show.is_name(name) and begins(name, prefix)
    and (prefix ~= "" or name:sub(1, 1) ~= "_")
end

local function callable(value)
  local meta = getmetatable(value)
  return type(value) == "function" or meta ~= nil and rawget(meta, "__call") ~= nil
end

local function fields(value, prefix, methods)
  local found, seen = {}, {}
  for _ = 1, DEEP do
    if type(value) == "table" then
      for key, item in next, value do
        if fits(key, prefix) and (not methods or callable(item)) then add(found, seen, key) end
      end
    end
    value = fallback(value)
    if value == nil then break end
  end
  table.sort(found)
  return found
end

local function words(tokens, prefix)
  local found, seen = fields(globals, prefix), {}
  for _, name in ipairs(found) do seen[name] = true end
  for _, name in ipairs(lexer.locals(tokens)) do
    if fits(name, prefix) then add(found, seen, name) end
  end
  for word in pairs(show.keywords) do
    if begins(word, prefix) then add(found, seen, word) end
  end
  table.sort(found)
  return found
end

-- ---- inside strings ----

local function items(list)
  return (list or ""):gmatch("([^\0]*)\0")
end

-- A name as it has to be written between these quotes; nil: it cannot be.
local function written(name, token)
  if token.long then return not name:find("]" .. token.long .. "]", 1, true) and name or nil end
  return (name:gsub("[%c\\" .. token.quote .. "]", function(byte)
    if byte:find("%c") then return ("\\%03d"):format(byte:byte()) end
    return "\\" .. byte
  end))
end

local function object_names(typed, token)
  local found, seen = {}, {}
  for name in items(host.objects()) do
    local short = name:match("^Local\\(.*)$")
    for _, candidate in ipairs { short or name, name } do
      local text = written(candidate, token)
      -- Without a letter the short form is offered once.
      if text and begins(text, typed) and not (typed == "" and seen[name]) then
        add(found, seen, text)
        seen[name] = true
      end
    end
  end
  table.sort(found)
  return found
end

local function holds(directory, fits_name)
  for name in items(host.files(directory)) do
    if fits_name(name) then return true end
  end
end

-- Modules in the directory that one template of package.path names.
local function modules_at(template, typed, found, seen)
  local directory, ending = template:match("^(.-)%?(.*)$")
  if not directory then return end
  local package_name = typed:match("^(.*%.)") or ""
  directory = directory .. package_name:gsub("%.", "/")
  local inner = ending:match("^/(.+)$")
  local function is_file(name) return #name > #ending and name:sub(-#ending) == ending end
  for name in items(host.files(directory == "" and "." or directory)) do
    local path = directory .. name
    local candidate
    if inner then
      if holds(path, function(file) return file == inner end) then candidate = name end
    elseif is_file(name) then
      candidate = name:sub(1, -#ending - 1)
    elseif not name:find(".", 1, true) and begins(package_name .. name, typed)
      and holds(path, is_file) then
      candidate = name .. "."
    end
    if candidate and not candidate:find("[%c\"'\\]")
      and begins(package_name .. candidate, typed) then
      add(found, seen, package_name .. candidate)
    end
  end
end

local function module_names(typed)
  local found, seen = {}, {}
  for _, known in ipairs { package.loaded, package.preload } do
    for name in next, known do
      if type(name) == "string" and begins(name, typed) and name ~= "_G" then
        add(found, seen, name)
      end
    end
  end
  for _, path in ipairs { package.path, package.cpath } do
    for template in tostring(path):gmatch("[^;]+") do modules_at(template, typed, found, seen) end
  end
  table.sort(found)
  return found
end

-- The candidates inside the open string at the end of the tokens.
local function in_string(text, cursor, tokens)
  local token = tokens[#tokens]
  local index = #tokens - 1
  if tokens[index] and tokens[index].text == "(" then index = index - 1 end
  local f = value_at(tokens, index)
  local typed = text:sub(token.inside, cursor)
  local shm = package.loaded.shm
  if f ~= nil and (f == rawget(shm, "open") or f == rawget(shm, "create")) then
    return token.inside, object_names(typed, token)
  end
  if f ~= nil and f == globals.require then return token.inside, module_names(typed) end
  return cursor + 1, {}
end

-- The first byte to replace, and the candidates; `cursor` counts the bytes before it.
function complete.candidates(text, cursor)
  local tokens = lexer.tokens(text, cursor)
  local last = tokens[#tokens]
  if last and last.open then
    if last.kind == "string" then return in_string(text, cursor, tokens) end
    return cursor + 1, {}
  end
  local index, prefix, from = #tokens, "", cursor + 1
  if last and last.kind == "name" and last.to == cursor then
    index, prefix, from = index - 1, last.text, last.from
  end
  local mark = tokens[index] and tokens[index].text
  if mark == "." or mark == ":" then
    return from, fields(value_at(tokens, index - 1), prefix, mark == ":")
  end
  if prefix == "" or mark == ".." and last.kind == "number" then return from, {} end
  return from, words(tokens, prefix)
end

-- The names of objects that begin with the typed text, as commands take them: unquoted.
function complete.objects(typed)
  return object_names(typed, { long = "=" })
end

-- ---- the hint ----

local openers <const> = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local closers <const> = { [")"] = true, ["]"] = true, ["}"] = true }

-- The call that the end of the tokens is in: the index of its parenthesis, the number of commas
-- behind that, and whether the argument at the end has begun.
local function open_call(tokens)
  local depth, commas = 0, 0
  for index = #tokens, 1, -1 do
    local text = tokens[index].kind == "mark" and tokens[index].text
    if closers[text] then
      depth = depth + 1
    elseif openers[text] then
      if depth == 0 then
        if text ~= "(" then return nil end
        return index, commas, tokens[#tokens].text ~= "," and index ~= #tokens
      end
      depth = depth - 1
    elseif text == "," and depth == 0 then
      commas = commas + 1
    end
  end
end

-- The parameters, and whether the object before the colon is among them.
local function signature(f)
  if debug.getinfo(f, "S").what ~= "C" then return table.concat(show.parameters(f), ", "), true end
  local known, help = pcall(module, "help")
  if not (known and type(help) == "table" and type(help.signature) == "function") then return nil end
  local well, text = pcall(help.signature, f)
  if not (well and type(text) == "string") then return nil end
  return text:match("%((.*)%)"), not text:find("^[^(]*:")
end

-- The parameters from number `skip` + 1 on: "name, size [, options]".
local function rest(parameters, skip)
  local at = 1
  for _ = 1, skip do
    local comma = parameters:find(",", at, true)
    if not comma then
      return parameters:find("...", 1, true) and "..." or parameters:find("···", 1, true) and "..."
        or nil
    end
    at = comma + 1
  end
  local text = parameters:sub(at):gsub("^%s+", "")
  local open = select(2, parameters:sub(1, at - 1):gsub("%[", ""))
    - select(2, parameters:sub(1, at - 1):gsub("%]", ""))
  for _ = 1, open do text = text:gsub("%]%s*$", "", 1) end
  return text
end

-- The grey text behind the cursor, or nil.
function complete.hint(text, cursor)
  if text:find("^[^\n]*%S", cursor + 1) then return nil end
  local tokens = lexer.tokens(text, cursor)
  if #tokens == 0 or tokens[#tokens].open and tokens[#tokens].kind == "comment" then return nil end
  local index, commas, begun = open_call(tokens)
  if not index then return nil end
  local f = value_at(tokens, index - 1)
  if type(f) ~= "function" then return nil end
  local parameters, whole = signature(f)
  if not parameters then return nil end
  if whole and tokens[index - 2] and tokens[index - 2].text == ":" then
    parameters = parameters:gsub("^[^,%[]*,?%s*", "", 1)
  end
  local remaining = rest(parameters, commas + (begun and 1 or 0))
  if not remaining then return begun and ")" or nil end
  if begun then return (remaining == "" and "" or ", ") .. remaining .. ")" end
  return remaining .. ")"
end

return complete

"""#

  private static let module_dump: StaticString = #"""
-- Bytes as offset, hexadecimal and text, in colours and as wide as the terminal.

local module <const> = ...
local paint <const> = module("text").paint

-- How many bytes fit on a line, with an offset of `digits` digits.
local function per_line(columns, digits)
  for _, count in ipairs { 16, 8, 4 } do
    if digits + 2 + 3 * count + (count == 16 and 1 or 0) + 1 + count <= columns then return count end
  end
  return 2
end

local function row(bytes, offset, count, digits, style)
  local cells, text = {}, {}
  for index = 1, count do
    local byte = bytes:byte(index)
    local gap = index == 9 and " " or ""
    if not byte then
      cells[index] = gap .. "  "
    elseif byte == 0 then
      cells[index], text[index] = gap .. paint(style, "zero", "00"), paint(style, "zero", ".")
    elseif byte >= 0x20 and byte < 0x7F then
      cells[index] = gap .. paint(style, "text", ("%02x"):format(byte))
      text[index] = paint(style, "text", string.char(byte))
    else
      cells[index], text[index] = gap .. ("%02x"):format(byte), "."
    end
  end
  return paint(style, "offset", ("%0" .. digits .. "x"):format(offset)) .. "  "
    .. table.concat(cells, " ") .. "  " .. table.concat(text)
end

-- Lines of offset, hexadecimal and text; repeated rows are one `*`. `read(length, offset)` gives
-- the bytes, `limit` how many rows are shown.
local function dump(read, first, last, style, limit)
  local digits = last > 0xFFFFFFFF and 12 or last > 0xFFFF and 8 or 4
  local count = per_line(style.columns, digits)
  local lines, before_this, offset = {}, nil, first
  while offset < last do
    if limit and #lines >= limit then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d bytes more"):format(last - offset))
      return lines
    end
    local bytes = read(math.min(count, last - offset), offset)
    if bytes == before_this and offset + count < last then
      if lines[#lines] ~= "*" then lines[#lines + 1] = "*" end
    else
      lines[#lines + 1] = row(bytes, offset, count, digits, style)
    end
    before_this, offset = bytes, offset + count
  end
  return lines
end

return dump

"""#

  private static let module_failure: StaticString = #"""
-- Errors with the place that Lua names: the line of the chunk, and a caret below the word.

local module <const> = ...
local texts <const> = module("text")
local paint <const>, printable <const> = texts.paint, texts.printable

local failure = {}

-- Looking for a word that stands in a line thousands of times must end.
local PLACES <const> = 64

local function line_of(text, number)
  local at = 1
  for _ = 2, number do
    local stop = text:find("\n", at, true)
    if not stop then return nil end
    at = stop + 1
  end
  return text:sub(at, (text:find("\n", at, true) or #text + 1) - 1), at
end

local function same(message, other)
  return type(other) == "string"
    and message:gsub("^.-:%d+: ", "", 1) == other:gsub("^.-:%d+: ", "", 1)
end

-- Where a syntax error is: the word that Lua names may stand in its line several times; the
-- right one is where the text, ended there, gives the same error. `first` comes before the text
-- when it is read. Returns line, its text, the word's offset in it and its length.
function failure.place(text, message, first)
  local number = math.tointeger(tonumber(message:match("^.-:(%d+): ")))
  local line, start = line_of(text, number or 1)
  if not line then return nil end
  local word = message:match("near '(.*)'$")
  if not word then
    if not message:find("<eof>$") then return number, line end
    return number, line, #line, 1
  end
  local at = 1
  for _ = 1, PLACES do
    local from, to = line:find(word, at, true)
    if not from then break end
    local _, reason = load(first .. text:sub(1, start + to - 1), "=text", "t")
    if same(message, reason) then return number, line, from - 1, #word end
    at = from + 1
  end
  local from = line:find(word, 1, true)
  return number, line, from and from - 1, #word
end

-- Where a run-time error is: the first mention of the variable or function that Lua names.
function failure.mention(line, message)
  local word = message:match("%(%a+ '([%a_][%w_]*)'%)") or message:match("to '([%a_][%w_]*)'")
    or message:match("method '([%a_][%w_]*)'")
  local from = word and line:find("%f[%w_]" .. word .. "%f[^%w_]")
  if from then return from - 1, #word end
end

-- The part of a long line around `offset` that fits, and the offset in it.
local function window(line, offset, room)
  if utf8.len(line) and utf8.len(line) <= room or #line <= room then return line, offset end
  local from = math.max(0, (offset or 0) - room // 2)
  while from > 0 and (line:byte(from + 1) or 0) & 0xC0 == 0x80 do from = from - 1 end
  local part = texts.head(line:sub(from + 1), room - 2)
  if from == 0 then return part .. "…", offset end
  return "…" .. part, offset and offset - from + #"…"
end

-- The line with its number, and the caret.
function failure.excerpt(number, line, offset, length, style)
  local margin = ("%4d | "):format(number)
  line = line:gsub("\t", " ")
  line, offset = window(line, offset, math.max(style.columns - #margin - 1, 10))
  local lines = { paint(style, "grey", margin) .. printable(line) }
  if offset then
    local before = printable(line:sub(1, offset))
    local mark = line:sub(offset + 1, offset + length)
    lines[2] = paint(style, "grey", ("     | ")) .. (" "):rep(texts.width(before))
      .. paint(style, "error", ("^"):rep(math.max(1, math.min(texts.width(mark), 40))))
  end
  return lines
end

-- The levels of a traceback that say more than the error's place.
function failure.levels(traceback)
  local lines, telling = {}, false
  for level in traceback:gmatch("\n\t([^\n]+)") do
    local main = level:find("in main chunk", 1, true)
    if level ~= "[C]: in ?" then lines[#lines + 1] = "  " .. level end
    telling = telling or not main and not level:find("^%[C%]")
  end
  return telling and lines or {}
end

failure.line = line_of

return failure

"""#

  private static let module_help: StaticString = #"""
-- The help: what every function does, for the prompt, editors, the README and the manual.

local help = {}

return help

"""#

  private static let module_lexer: StaticString = #"""
-- Lua's words for the prompt's questions about unfinished text: where a string began, which
-- names are local, what stands before the cursor. It accepts anything.

local lexer = {}

-- A long bracket that opens at `at`: the position behind it, and its level.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if level then return at + #level + 2, level end
end

local function long_token(text, start, inside, level, kind)
  local _, stop = text:find("]" .. level .. "]", inside, true)
  return { kind = kind, from = start, inside = inside, to = stop or #text, open = not stop,
    long = level }
end

local function short_string(text, start)
  local quote, at = text:sub(start, start), start + 1
  while at <= #text do
    local byte = text:sub(at, at)
    if byte == "\\" then
      at = at + 1
    elseif byte == quote or byte == "\n" then
      return { kind = "string", from = start, inside = start + 1, to = at, quote = quote }
    end
    at = at + 1
  end
  return { kind = "string", from = start, inside = start + 1, to = #text, open = true,
    quote = quote }
end

local function token(text, at)
  local inside, level = long_bracket(text, at)
  if inside then return long_token(text, at, inside, level, "string") end
  if text:find("^%-%-", at) then
    inside, level = long_bracket(text, at + 2)
    if inside then return long_token(text, at, inside, level, "comment") end
    local stop = text:find("\n", at, true)
    return { kind = "comment", from = at, to = stop or #text, open = not stop }
  end
  if text:find("^[\"']", at) then return short_string(text, at) end
  local stop = select(2, text:find("^[%a_][%w_]*", at))
  if stop then return { kind = "name", from = at, to = stop } end
  stop = select(2, text:find("^%.?%d[%w.]*", at))
  if stop then return { kind = "number", from = at, to = stop } end
  stop = select(2, text:find("^%.%.%.?", at)) or select(2, text:find("^::", at))
    or select(2, text:find("^[=~<>]=", at)) or at
  return { kind = "mark", from = at, to = stop }
end

-- The tokens of the text up to `last`, each with kind, from, to, text; strings and comments that
-- do not end have `open`.
function lexer.tokens(text, last)
  text = text:sub(1, last or #text)
  local list, at = {}, text:find("%S")
  while at do
    local found = token(text, at)
    found.text = text:sub(found.from, found.to)
    list[#list + 1] = found
    at = text:find("%S", found.to + 1)
  end
  return list
end

-- The names that `local` and `for` declare in the tokens, and parameters.
function lexer.locals(tokens)
  local names, index = {}, 1
  local function list_from(at)
    while tokens[at] and tokens[at].kind == "name" do
      names[#names + 1] = tokens[at].text
      at = at + 1
      if tokens[at] and tokens[at].text == "<" then at = at + 3 end
      if not (tokens[at] and tokens[at].text == ",") then break end
      at = at + 1
    end
  end
  while index <= #tokens do
    local word = tokens[index].kind == "name" and tokens[index].text
    if word == "local" then
      local following = tokens[index + 1]
      list_from(following and following.text == "function" and index + 2 or index + 1)
    elseif word == "for" then
      list_from(index + 1)
    elseif word == "function" then
      local at = index + 1
      while tokens[at] and tokens[at].text ~= "(" do at = at + 1 end
      list_from(at + 1)
    end
    index = index + 1
  end
  return names
end

-- The names of `local` only, parameters and loop variables left out.
function lexer.declared(tokens)
  local names = {}
  for index, found in ipairs(tokens) do
    if found.kind == "name" and found.text == "local" then
      local part = table.move(tokens, index, #tokens, 1, {})
      local at, function_word = 2, part[2] and part[2].text == "function"
      if function_word then at = 3 end
      while part[at] and part[at].kind == "name" do
        names[#names + 1] = part[at].text
        at = at + 1
        if part[at] and part[at].text == "<" then at = at + 3 end
        if function_word or not (part[at] and part[at].text == ",") then break end
        at = at + 1
      end
    end
  end
  return names
end

return lexer

"""#

  private static let module_prompt: StaticString = #"""
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

-- `plain`: as the stand-alone lua does, for programs that read us through a pipe.
local style <const> = {
  plain = true, colour = false, columns = 80, rows = 40, depth = 4, entries = 100, length = 1000,
  holders = host.holders,
}
-- Each chunk of this prompt: text, whether it ran without an error, the count of its results, and
-- whether it is an expression.
local chunks <const> = {}
local history <const> = {}
-- The chunk that declared a local of this name.
local locals <const> = {}
local last_results = table.pack()

local prompt = {}

function prompt.configure(mode, columns, rows, colour)
  style.plain, style.colour = mode == "plain", colour ~= 0
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
  return style.plain and "=stdin" or ("=prompt[%d]"):format(#chunks + 1)
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

local function print_results(list)
  if list.n == 0 then return "" end
  local well, reason = pcall(globals.print, table.unpack(list, 1, list.n))
  return well and "" or ("error calling 'print' (%s)\n"):format(tostring(reason))
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
  if style.plain then return print_results(list) end
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
    { rows = false, entries = false, length = false, depth = 100 }, { __index = style })
  if last_results.n == 0 then return "" end
  return (show.values(last_results, whole)) .. "\n"
end

-- ---- errors ----

local function plain_message(value, traceback)
  local meta = debug.getmetatable(value)
  if type(value) ~= "string" and type(value) ~= "number" then
    if meta and meta.__tostring then return tostring(value) end
    value = ("(error object is a %s value)"):format(type(value))
  end
  return value .. "\n" .. traceback
end

local function message_of(value)
  if type(value) == "string" then return (texts.printable(value):gsub("\\n", "\n")) end
  return "(error object) " .. show.values(table.pack(value), style)
end

local function lines_of(first, more)
  return first .. "\n" .. (#more > 0 and table.concat(more, "\n") .. "\n" or "")
end

-- A chunk raised: { value, traceback }, or a text when there was no memory for that.
function prompt.failure(chunk, report)
  remember(chunk, false)
  if type(report) ~= "table" then report = { report, "" } end
  local value, traceback = report[1], report[2] or ""
  if style.plain then return plain_message(value, traceback) .. "\n" end
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
  end
  for _, level in ipairs(failure.levels(traceback)) do
    lines[#lines + 1] = paint(style, "grey", level)
  end
  return lines_of(paint(style, "error", message_of(value)), lines)
end

-- A chunk does not compile: why it is no statement, and why it is no expression. The one whose
-- place is farther in the text is what the writer meant.
function prompt.misspelled(chunk, as_statement, as_expression)
  if style.plain then return as_statement .. "\n" end
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
function prompt.complaint(message) return paint(style, "error", message) .. "\n" end

-- ---- questions of the editor ----

-- The first byte to replace, and the candidates, each behind a NUL.
function prompt.complete(text, cursor)
  local from, candidates = module("complete").candidates(text, cursor)
  return from - 1 .. "\0" .. table.concat(candidates, "\0")
end

function prompt.hint(text, cursor) return module("complete").hint(text, cursor) or "" end

function prompt.objects(typed) return table.concat(module("complete").objects(typed), "\0") end

-- ---- help ----

local function help_text(topic)
  local known, help = pcall(module, "help")
  if not known or type(help) ~= "table" or not help.text then return "there is no help in this program" end
  local well, text = pcall(help.text, topic, style.columns - 2)
  return tostring(text) .. (well and "" or " (help)")
end

-- ?name
function prompt.help(topic)
  if topic == "" then topic = nil end
  return (help_text(topic):gsub("\n*$", "\n"))
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
  if style.plain then return end
  if globals.hex == nil then globals.hex = prompt.hex end
  if globals.help == nil then
    globals.help = function(topic) return show.verbatim((help_text(topic):gsub("\n*$", ""))) end
  end
end

return prompt

"""#

  private static let module_show: StaticString = #"""
-- Values as a person wants to see them: sorted, nested, cut to the terminal, never raising.
--
-- show.values(list, style) -> lines. `style`: columns, rows (nil: all), colour, depth, entries,
-- holders (a function from a name to text). Metamethods are called protected; an error in one is
-- shown in the value's place.

local module <const> = ...
local texts <const> = module("text")
local dump <const> = module("dump")

local show = {}

local getmetatable <const> = debug.getmetatable

local paint <const>, printable <const> = texts.paint, texts.printable
local head <const>, width <const> = texts.head, texts.width

local function quote(text, style)
  local shown, more = head(text, style.length)
  if more > 0 then style.cut = true end
  local quoted = paint(style, "string", '"' .. printable(shown, true) .. '"')
  return more > 0 and quoted .. paint(style, "grey", ("… %d bytes more"):format(more)) or quoted
end

-- The text of a metamethod __tostring, or of its failure.
local function described(value, style)
  local well, text = pcall(tostring, value)
  if well then
    local shown, more = head(text, style.length)
    if more > 0 then style.cut = true end
    return shown .. (more > 0 and "…" or "")
  end
  local said, reason = pcall(tostring, text)
  return paint(style, "error", "<error in __tostring: "
    .. printable(said and reason or type(text)) .. ">")
end

-- A value's address, whatever its metatable says.
local function address(value)
  return ("%p"):format(value)
end

local function named(value)
  local meta = getmetatable(value)
  local name = meta and rawget(meta, "__name")
  return type(name) == "string" and name or nil
end

function show.is_view(value)
  return type(value) == "userdata" and named(value) == "shm.view"
end

-- The parameters of a Lua function.
function show.parameters(f)
  local info = debug.getinfo(f, "u")
  local list = {}
  for index = 1, info.nparams do list[index] = debug.getlocal(f, index) end
  if info.isvararg then list[#list + 1] = "..." end
  return list
end

-- Where a built-in function is found: "string.format".
local function path_of(f)
  local found
  for library, functions in next, package.loaded do
    if type(functions) == "table" and type(library) == "string" then
      for name, value in next, functions do
        if rawequal(value, f) and type(name) == "string" and not name:find("^_%d*$") then
          local path = library == "_G" and name or library .. "." .. name
          if not found or path < found then found = path end
        end
      end
    end
  end
  return found
end

local function function_text(f, style)
  local info = debug.getinfo(f, "S")
  if info.what == "C" then
    local path = path_of(f)
    return paint(style, "name", "function " .. (path or address(f))) .. paint(style, "grey", "  (C)")
  end
  local parameters = table.concat(show.parameters(f), ", ")
  return paint(style, "name", "function(" .. parameters .. ")")
    .. paint(style, "grey", ("  %s:%d"):format(info.short_src, info.linedefined))
end

local function leaf(value, style)
  local kind = type(value)
  local meta = getmetatable(value)
  if kind == "string" then return quote(value, style) end
  if kind == "number" then return paint(style, "number", tostring(value)) end
  if kind == "nil" then return paint(style, "grey", "nil") end
  if kind == "boolean" then return paint(style, "number", tostring(value)) end
  if kind == "function" then return function_text(value, style) end
  if kind == "thread" then
    return ("thread: %s (%s)"):format(address(value), coroutine.status(value))
  end
  if meta and rawget(meta, "__tostring") ~= nil then return described(value, style) end
  return ("%s: %s"):format(named(value) or kind, address(value))
end

-- ---- tables ----

local ranks <const> = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local kind, other = type(a), type(b)
  if kind ~= other then
    local rank, beside = ranks[kind] or 4, ranks[other] or 4
    if rank ~= beside then return rank < beside end
    return kind < other
  end
  if kind == "number" or kind == "string" then return a < b end
  if kind == "boolean" then return not a and b end
  return address(a) < address(b)
end

local MANY <const> = 100000

-- The keys in order, the values by key, and whether there are more.
local function contents(value, limit)
  local meta = getmetatable(value)
  local keys, values, count, endless = {}, {}, 0, false
  local function collect(key, item)
    count = count + 1
    keys[count], values[key] = key, item
  end
  local most = limit or math.huge
  if meta and rawget(meta, "__pairs") ~= nil then
    for key, item in pairs(value) do
      if count >= most then
        endless = true
        break
      end
      collect(key, item)
    end
  elseif limit and rawget(value, MANY) ~= nil then
    -- Sorting a million keys takes a while: the first ones are known.
    for key = 1, limit do collect(key, rawget(value, key)) end
    return keys, values, true
  else
    for key, item in next, value do collect(key, item) end
  end
  table.sort(keys, before)
  return keys, values, endless
end

local keywords <const> = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do keywords[word] = true end
show.keywords = keywords

function show.is_name(text)
  return type(text) == "string" and text:find("^[%a_][%w_]*$") ~= nil and not keywords[text]
end

local function key_text(key, style)
  if show.is_name(key) then return paint(style, "name", key) end
  return "[" .. leaf(key, style) .. "]"
end

local render

-- The parts of a table: texts of one entry each.
local function entries(value, style, path, level)
  local well, keys, values, endless = pcall(contents, value, style.entries)
  if not well then
    local said, reason = pcall(tostring, keys)
    return { paint(style, "error", "<error in __pairs: "
      .. printable(said and reason or type(keys)) .. ">") }
  end
  local parts, following = {}, 1
  for index, key in ipairs(keys) do
    if style.entries and index > style.entries then
      parts[#parts + 1] = paint(style, "grey", ("… %d more"):format(#keys - style.entries))
      style.cut = true
      break
    end
    local step = show.is_name(key) and "." .. key or "[" .. tostring(leaf(key, {})) .. "]"
    local text = render(values[key], style, path .. step, level + 1, 4)
    if key == following then
      following = following + 1
    else
      text = key_text(key, style) .. " = " .. text
    end
    parts[#parts + 1] = text
  end
  if endless then
    parts[#parts + 1] = paint(style, "grey", "… more")
    style.cut = true
  end
  return parts
end

-- Short items of a list side by side; an entry with a key has a line of its own.
local function filled(parts, room)
  local lines, used = {}, math.huge
  for _, part in ipairs(parts) do
    local columns = width(part) + 2
    local keyed = part:find(" = ", 1, true)
    if keyed or used + columns > room then
      lines[#lines + 1] = part
      used = keyed and math.huge or columns
    else
      lines[#lines] = lines[#lines] .. ", " .. part
      used = used + columns
    end
  end
  return lines
end

local function table_text(value, style, path, level, indent)
  local seen = style.seen[value]
  if seen then return paint(style, "grey", "<cycle: " .. seen .. ">") end
  local name = named(value)
  local label = name and name .. " " or ""
  if style.depth and level > style.depth then
    if next(value) == nil then return label .. "{}" end
    style.cut = true
    return label .. "{" .. paint(style, "grey", "…") .. "}"
  end
  style.seen[value] = path
  local parts = entries(value, style, path, level)
  style.seen[value] = nil
  if #parts == 0 then return label .. "{}" end
  local room = style.columns - level * 2 - indent
  local used, several = 0, false
  for _, part in ipairs(parts) do
    used = used + width(part) + 2
    several = several or part:find("\n", 1, true) ~= nil
  end
  if not several and used + #label + 2 <= room then
    return label .. "{ " .. table.concat(parts, ", ") .. " }"
  end
  local margin = ("  "):rep(level + 1)
  if not several then parts = filled(parts, room) end
  return label .. "{\n" .. margin .. table.concat(parts, ",\n" .. margin) .. "\n"
    .. ("  "):rep(level) .. "}"
end

-- `indent`: columns that the key before it may take.
function render(value, style, path, level, indent)
  if type(value) == "table" then
    local meta = getmetatable(value)
    if not (meta and rawget(meta, "__tostring") ~= nil) then
      return table_text(value, style, path, level, indent)
    end
  end
  return leaf(value, style)
end

-- ---- views ----

local function view_lines(view, style)
  local methods = getmetatable(view).__index
  local heading = printable(tostring(view))
  local well, size = pcall(methods.size, view)
  if not well then return { heading } end
  local name = methods.name(view)
  local holders = name and style.holders and style.holders(name) or ""
  local lines = { paint(style, "name", heading) }
  if holders ~= "" then lines[2] = paint(style, "grey", "held by " .. printable(holders)) end
  local function read(length, offset) return methods.read(view, length, offset) end
  local dumped, rows = pcall(dump, read, 0, size, style, style.rows and 16)
  if not dumped then rows = { paint(style, "error", printable(tostring(rows))) } end
  return table.move(rows, 1, #rows, #lines + 1, lines)
end

-- ---- results ----

-- A text that is shown as it is, not quoted.
local verbatim <const> = { __name = "text" }
verbatim.__tostring = function(self) return self.text end
verbatim.__concat = function(a, b) return tostring(a) .. tostring(b) end

function show.verbatim(text) return setmetatable({ text = text }, verbatim) end

local function value_text(value, style)
  if show.is_view(value) then return table.concat(view_lines(value, style), "\n") end
  if getmetatable(value) == verbatim then return value.text end
  return render(value, style, "_", 0, 0)
end

-- The text of a list of results (with its count in n), and whether something was left out.
function show.values(list, style)
  style = setmetatable({ seen = {}, cut = false }, { __index = style })
  local parts = {}
  for index = 1, math.min(list.n, style.entries or list.n) do
    parts[index] = value_text(list[index], style)
  end
  if #parts < list.n then
    style.cut = true
    parts[#parts + 1] = paint(style, "grey", ("… %d results more"):format(list.n - #parts))
  end
  local text = table.concat(parts, "  ")
  if text:find("\n", 1, true) or width(text) > style.columns then
    text = table.concat(parts, "\n")
  end
  if style.rows then
    local lines, total = {}, 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
      total = total + 1
      if total <= style.rows then lines[total] = line end
    end
    if total > style.rows then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d lines more"):format(total - style.rows))
      text = table.concat(lines, "\n")
    end
  end
  return text, style.cut
end

return show

"""#

  private static let module_text: StaticString = #"""
-- Text for a terminal: colours, widths, and bytes that are no text.

local text = {}

local colours <const> = {
  number = "36", string = "32", name = "34", grey = "90", error = "31", zero = "90", text = "33",
  offset = "90",
}

function text.paint(style, colour, line)
  if not style.colour or line == "" then return line end
  return "\27[" .. colours[colour] .. "m" .. line .. "\27[0m"
end

-- Columns on the screen: colours take none, a character beyond ASCII counts as one.
function text.width(line)
  line = line:gsub("\27%[[%d;]*m", "")
  return utf8.len(line) or #line
end

local escapes <const> = {
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"', ["\0"] = "\\0",
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\v"] = "\\v", ["\27"] = "\\27",
}

-- Bytes that are no UTF-8, and controls, as escapes; the rest as it is.
function text.printable(bytes, marks)
  local parts, at = {}, 1
  while at <= #bytes do
    local _, bad = utf8.len(bytes, at)
    local good = bytes:sub(at, (bad or #bytes + 1) - 1)
    parts[#parts + 1] = good:gsub('[%c\\"\127]', function(byte)
      if not marks and (byte == '"' or byte == "\\") then return byte end
      return escapes[byte] or ("\\x%02x"):format(byte:byte())
    end):gsub("\xC2([\x80-\x9F])", function(byte) return ("\\xc2\\x%02x"):format(byte:byte()) end)
    if not bad then break end
    parts[#parts + 1] = ("\\x%02x"):format(bytes:byte(bad))
    at = bad + 1
  end
  return table.concat(parts)
end

-- At most `limit` bytes of a text, cut between characters.
function text.head(bytes, limit)
  if not limit or #bytes <= limit then return bytes, 0 end
  local cut = limit
  while cut > 1 and (bytes:byte(cut + 1) or 0) & 0xC0 == 0x80 do cut = cut - 1 end
  return bytes:sub(1, cut), #bytes - cut
end

return text

"""#
}
