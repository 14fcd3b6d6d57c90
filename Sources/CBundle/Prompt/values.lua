-- What names and chains in unfinished text mean: looks at values, never runs anything of the
-- user's.

local module <const>, _ <const>, globals <const> = ...
local show <const> = module("show")

local values = {}

local getmetatable <const> = debug.getmetatable
local DEEP <const> = 16

-- The table in which a value's fields are looked up after its own: __index, if it is a table; of
-- our userdata, whose __index is a function, their methods.
function values.fallback(value)
  local meta = getmetatable(value)
  local index = meta and rawget(meta, "__index")
  if type(index) == "function" and type(value) == "userdata" then
    index = rawget(meta, "__methods")
  end
  return type(index) == "table" and index or nil
end

-- What the C function __fields of a userdata's metatable tells, which touches no shared memory:
-- a list of the fields' names; with a key the part that is found there.
function values.part(value, key)
  local meta = type(value) == "userdata" and getmetatable(value)
  local fields_of = meta and rawget(meta, "__fields")
  if type(fields_of) ~= "function" or debug.getinfo(fields_of, "S").what ~= "C" then return nil end
  local well, found = pcall(fields_of, value, key)
  return well and found or nil
end

-- A field as far as no function has to run for it.
function values.field(value, key)
  for _ = 1, DEEP do
    if type(value) == "table" then
      local found = rawget(value, key)
      if found ~= nil then return found end
    end
    local found = values.part(value, key)
    if found ~= nil then return found end
    value = values.fallback(value)
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
function values.at(tokens, index)
  local token = tokens[index]
  if not token then return nil end
  if token.kind == "name" then
    local before = tokens[index - 1]
    if before and (before.text == "." or before.text == ":") then
      return step(values.at(tokens, index - 2), token.text)
    end
    if show.keywords[token.text] then return nil end
    return values.field(globals, token.text)
  end
  if token.kind == "string" then return literal(token) end
  if token.text == "]" and tokens[index - 2] and tokens[index - 2].text == "[" then
    local key = literal(tokens[index - 1])
    if key ~= nil then return step(values.at(tokens, index - 3), key) end
  end
  if token.text == ")" and tokens[index - 2] and tokens[index - 2].text == "(" then
    local caller = tokens[index - 3]
    if not caller or caller.kind == "mark" and caller.text ~= "]" and caller.text ~= ")" then
      return values.at(tokens, index - 1)
    end
  end
end

function step(value, key)
  if value ~= nil then return values.field(value, key) end
end

return values
