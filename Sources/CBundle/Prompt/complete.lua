-- What Tab offers: looks at values, never runs anything of the user's.

local module <const>, host <const>, globals <const> = ...
local calls <const> = module("calls")
local lexer <const> = module("lexer")
local show <const> = module("show")
local values <const> = module("values")

local complete = {}

local getmetatable <const> = debug.getmetatable
local DEEP <const> = 16

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
  for _, name in ipairs(not methods and values.part(value) or {}) do
    if fits(name, prefix) then add(found, seen, name) end
  end
  for _ = 1, DEEP do
    if type(value) == "table" then
      for key, item in next, value do
        if fits(key, prefix) and (not methods or callable(item)) then add(found, seen, key) end
      end
    end
    value = values.fallback(value)
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

-- Can the editor show and hold it, so that it stays the name that it is?
local function is_plain(name) return host.shown(name) == name end

-- The same as a word behind a command, which takes no blanks around it.
local function is_word(name) return is_plain(name) and not name:find("^%s") and not name:find("%s$") end

-- A name as it has to be written between these quotes, or as a word; nil: it cannot be.
local function written(name, token)
  if token.word then return is_word(name) and name or nil end
  if token.long then
    -- A bracket at its end would close the string with the one behind it.
    local closes = (name .. "]"):find("]" .. token.long .. "]", 1, true)
    return is_plain(name) and not closes and name or nil
  end
  local text = host.shown(name, "quoted")
  return token.quote == "'" and text:gsub('\\"', '"'):gsub("'", "\\'") or text
end

local reserved <const> = { Local = true, Global = true, Session = true }

-- The name without "Local\", where that is the same name.
local function short_form(name)
  local short = name:match("^Local\\(.*)$")
  local wine = name:match("^Wine\\Local\\(.*)$")
  if wine and not reserved[wine] then return "Wine\\" .. wine end
  return short and not reserved[short] and not short:find("^/") and short or nil
end

-- Of one type of object, or of all.
local function object_names(typed, token, wanted)
  local found, seen = {}, {}
  for item in items(host.objects()) do
    local type, name = item:match("^(.-):(.*)$")
    local short = short_form(name)
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

-- A name that needs no escapes, whatever quotes it stands in.
local function is_module(name) return is_plain(name) and not name:find("[\"'\\]") end

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
    if candidate and is_module(candidate)
      and begins(package_name .. candidate, typed) then
      add(found, seen, package_name .. candidate)
    end
  end
end

local function module_names(typed)
  local found, seen = {}, {}
  for _, known in ipairs { package.loaded, package.preload } do
    for name in next, known do
      if type(name) == "string" and begins(name, typed) and name ~= "_G" and is_module(name) then
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

-- The keys of a table, or the fields of a userdata, that are strings.
local function keys(value, typed, token)
  local found, seen = {}, {}
  local function offer(key)
    local text = type(key) == "string" and written(key, token)
    if text and begins(text, typed) then add(found, seen, text) end
  end
  for _, name in ipairs(values.part(value) or {}) do offer(name) end
  if type(value) == "table" then
    for key in next, value do offer(key) end
  end
  table.sort(found)
  return found
end

-- What the option before the "=" at `index` may be: the texts in its type, as '"linux"|"windows"'.
local function option_values(tokens, index, typed, quote)
  local name, found = tokens[index - 1] and tokens[index - 1].text, {}
  for _, option in ipairs(calls.options(tokens, index - 2) or {}) do
    for value in (option[1] == name and option[2] or ""):gmatch('"([^"]*)"') do
      if begins(value, typed) then found[#found + 1] = quote .. value .. quote end
    end
  end
  return found
end

-- The type of the objects that a function of shm's makes or opens: that of shm.open_TYPE.
local function type_made_by(f)
  local shm <const> = package.loaded.shm
  for name, value in next, shm do
    if value == f then
      if name == "open" or name == "create" then return "mapping" end
      local kind = name:match("^open_(%w+)$") or name
      return rawget(shm, "open_" .. kind) and kind
    end
  end
end

-- What fits into the open string at the end of the tokens, and whether the only one goes on.
local function inside(tokens, typed)
  local token, index = tokens[#tokens], #tokens - 1
  local before = tokens[index] and tokens[index].text
  if before == "[" then return keys(values.at(tokens, index - 1), typed, token) end
  if before == "=" then return option_values(tokens, index, typed, "") end
  local f = values.at(tokens, before == "(" and index - 1 or index)
  if f == nil then return {} end
  if f == globals.require then
    local names = module_names(typed)
    return names, #names == 1 and names[1]:find("%.$") ~= nil -- a package
  end
  local type = type_made_by(f)
  return type and object_names(typed, token, type) or {}
end

-- The only candidate ends the string, unless that is closed already.
local function in_string(text, cursor, tokens)
  local token = tokens[#tokens]
  local candidates, goes_on = inside(tokens, text:sub(token.inside, cursor))
  local quote = token.long and "]" .. token.long .. "]" or token.quote
  if #candidates == 1 and not goes_on and text:sub(cursor + 1, cursor + #quote) ~= quote then
    candidates[1] = candidates[1] .. quote
  end
  return token.inside, candidates
end

-- ---- the options of a call ----

-- The options that the table before the prefix does not have yet.
local function options(tokens, index, prefix, text, cursor)
  local known, opening = calls.options(tokens, index)
  if not known then return {} end
  local given, found = calls.given(tokens, opening), {}
  local assigned = text:find("^[%w_]*%s*=", cursor + 1)
  for _, option in ipairs(known) do
    if begins(option[1], prefix) and not given[option[1]] then
      found[#found + 1] = option[1] .. (assigned and "" or " = ")
    end
  end
  return found
end

-- ---- help ----

-- The names of help's that begin with the typed text: topics, kinds and their functions.
function complete.topics(typed)
  local help = calls.help()
  return help and help.names(typed) or {}
end

-- What help(…) takes and no variable has: view.write, where view is a kind.
local function helped(tokens, text, cursor)
  local last = #tokens
  while last > 0 and (tokens[last].kind == "name" or tokens[last].text:find("^[.:]$")) do
    last = last - 1
  end
  local first = tokens[last + 1]
  if not first or tokens[last] == nil or tokens[last].text ~= "(" then return nil end
  if values.at(tokens, last - 1) ~= globals.help or globals.help == nil then return nil end
  return first.from, complete.topics(text:sub(first.from, cursor))
end

-- The first byte to replace, and the candidates; `cursor` counts the bytes before it.
local function in_code(text, cursor, tokens)
  local last = tokens[#tokens]
  local index, prefix, from = #tokens, "", cursor + 1
  if last and last.kind == "name" and last.to == cursor then
    index, prefix, from = index - 1, last.text, last.from
  end
  local mark = tokens[index] and tokens[index].text
  if mark == "." or mark == ":" then
    return from, fields(values.at(tokens, index - 1), prefix, mark == ":")
  end
  if mark == "{" or mark == "," or mark == ";" then
    local found = options(tokens, index, prefix, text, cursor)
    if #found > 0 then return from, found end
  end
  if mark == "=" and prefix == "" then return from, option_values(tokens, index, "", '"') end
  if prefix == "" or mark == ".." and last.kind == "number" then return from, {} end
  return from, words(tokens, prefix)
end

-- The names of objects that begin with the typed text, as commands take them: unquoted.
function complete.objects(typed)
  return object_names(typed, { word = true })
end

-- The files whose path begins with the typed text.
function complete.files(typed)
  local directory, found = typed:match("^(.*/)") or "", {}
  for name in items(host.files(directory == "" and "." or directory)) do
    local path = directory .. name
    if begins(path, typed) and is_word(path) then found[#found + 1] = path end
  end
  return found
end

function complete.candidates(text, cursor)
  local question = text:match("^%s*%?%s*()")
  if question and question <= cursor + 1 then
    local topics = complete.topics(text:sub(question, cursor))
    if #topics > 0 then return question, topics end
  end
  local tokens = lexer.tokens(text, cursor)
  local last = tokens[#tokens]
  if last and last.open then
    if last.kind == "string" then return in_string(text, cursor, tokens) end
    return cursor + 1, {}
  end
  local from, found = in_code(text, cursor, tokens)
  if #found > 0 then return from, found end
  local start, topics = helped(tokens, text, cursor)
  if start and #topics > 0 then return start, topics end
  return from, found
end

return complete
