-- The definition file for editors, made from help.lua: the annotations of lua-language-server.

local help = require "moonpool.help"
local types = {}

local function plain(text) return (text:gsub("`", "")) end

-- "string?" of help.lua as the annotation of a parameter: name, type.
local function annotated(item)
  local kind, optional = item[2]:gsub("%?$", "")
  return optional == 1 and item[1] .. "?" or item[1], kind
end

-- fun(…) of a call that the world refuses: nil, message, code.
local function refusal(entry, owner)
  local list = owner == "view" and { "self: shm.view" } or {}
  for _, item in ipairs(entry.params or {}) do
    list[#list + 1] = ("%s: %s"):format(annotated(item))
  end
  return ("---@overload fun(%s): nil, string, integer"):format(table.concat(list, ", "))
end

local function declared(entry)
  local owner = entry.name:match("^%w+")
  local lines = { "---" .. help.sentence(entry.brief) }
  local names = {}
  if entry.text then lines[#lines + 1] = "---" .. plain(entry.text) end
  for place, item in ipairs(entry.params or {}) do
    names[place] = item[1]
    local name, kind = annotated(item)
    lines[#lines + 1] = ("---@param %s %s %s"):format(name, kind, plain(item[3]))
  end
  for _, item in ipairs(entry.results) do
    lines[#lines + 1] = ("---@return %s %s %s"):format(item[2], item[1], item[3] or "")
      :gsub(" $", "")
  end
  if entry.codes then lines[#lines + 1] = refusal(entry, owner) end
  lines[#lines + 1] = ("function %s(%s) end"):format(entry.name, table.concat(names, ", "))
  return table.concat(lines, "\n") .. "\n"
end

local function options(class, creating)
  local lines = { "---@class " .. class }
  for _, option in ipairs(help.options) do
    local name, kind, of, text = table.unpack(option)
    if (of == "create") == creating then
      lines[#lines + 1] = ("---@field %s? %s %s"):format(name, kind, plain(text))
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function functions(owner, out)
  for _, entry in ipairs(help.functions) do
    if not entry.global and entry.name:match("^%w+") == owner then
      out[#out + 1] = declared(entry)
    end
  end
end

-- The text of shm.d.lua.
function types.file()
  local out = {
    "---@meta shm\n-- Moonpool: " .. help.synopsis .. ". Written by: moonpool types\n",
    options("shm.options", false),
    options("shm.create.options : shm.options", true),
    "---A window on shared memory, and its handle. tostring(view) tells name, size and access.\n"
      .. "---@class shm.view\n---@operator len: integer\nlocal view = {}\n",
  }
  functions("view", out)
  out[#out + 1] = "---@class shm\nshm = {}\n"
  functions("shm", out)
  out[#out + 1] = "---@class console\nconsole = {}\n"
  functions("console", out)
  out[#out + 1] = "return shm\n"
  return table.concat(out, "\n")
end

return types
