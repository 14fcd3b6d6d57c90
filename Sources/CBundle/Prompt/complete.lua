-- What Tab offers, and the grey hint: looks at values, never runs anything of the user's.

local module <const>, host <const>, globals <const> = ...
local lexer <const> = module("lexer")
local show <const> = module("show")

local complete = {}

local getmetatable <const> = debug.getmetatable
local DEEP <const> = 16

-- The table in which a value's fields are looked up after its own: __index, if it is a table; of
-- our userdata, whose __index is a function, their methods.
local function fallback(value)
  local meta = getmetatable(value)
  local index = meta and rawget(meta, "__index")
  if type(index) == "function" and type(value) == "userdata" then
    index = rawget(meta, "__methods")
  end
  return type(index) == "table" and index or nil
end

-- What the C function __fields of a userdata's metatable tells, which touches no shared memory:
-- a list of the fields' names; with a key the part that is found there.
local function part(value, key)
  local meta = type(value) == "userdata" and getmetatable(value)
  local fields_of = meta and rawget(meta, "__fields")
  if type(fields_of) ~= "function" or debug.getinfo(fields_of, "S").what ~= "C" then return nil end
  local well, found = pcall(fields_of, value, key)
  return well and found or nil
end

-- A field as far as no function has to run for it.
local function field(value, key)
  for _ = 1, DEEP do
    if type(value) == "table" then
      local found = rawget(value, key)
      if found ~= nil then return found end
    end
    local found = part(value, key)
    if found ~= nil then return found end
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
  for _, name in ipairs(not methods and part(value) or {}) do
    if fits(name, prefix) then add(found, seen, name) end
  end
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

-- Of one type of object, or of all.
local function object_names(typed, token, wanted)
  local found, seen = {}, {}
  for item in items(host.objects()) do
    local type, name = item:match("^(%l+):(.*)$")
    local short = name:match("^Local\\(.*)$")
    for _, candidate in ipairs { short or name, name } do
      local text = (not wanted or type == wanted) and written(candidate, token)
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
  for _, name in ipairs { "open", "create", "event", "mutex", "semaphore", "open_event", "open_mutex",
    "open_semaphore" } do
    if f ~= nil and f == rawget(shm, name) then
      local type = (name == "open" or name == "create") and "mapping" or name:match("%l+$")
      return token.inside, object_names(typed, token, type)
    end
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
  if #tokens == 0 or tokens[#tokens].open then return nil end -- in a string or a comment
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
