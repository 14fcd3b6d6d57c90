-- The definition file for editors, made from help's tables: the annotations of lua-language-server.

local help = require "moonpool.help"
local types = {}

local function plain(text) return (text:gsub("`", "")) end

-- "string?" of help.lua as the annotation of a parameter: name, type.
local function annotated(item)
  local kind, optional = item[2]:gsub("%?$", "")
  return optional == 1 and item[1] .. "?" or item[1], kind
end

-- fun(…) of a call that the world refuses: nil, message, code.
local function refusal(entry, class)
  local list = class and { "self: " .. class } or {}
  for _, item in ipairs(entry.params or {}) do
    list[#list + 1] = ("%s: %s"):format(annotated(item))
  end
  return ("---@overload fun(%s): nil, string, integer"):format(table.concat(list, ", "))
end

local function declared(entry, class)
  local lines = { "---" .. help.sentence(entry.brief) }
  if entry.field then
    lines[#lines + 1] = ("---@type %s\n%s = {}\n"):format(entry.field, entry.name)
    return table.concat(lines, "\n")
  end
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
  if entry.codes then lines[#lines + 1] = refusal(entry, class) end
  if entry.keyword then -- no name that Lua could read
    local owner, key = entry.name:match("^(%w+)[.:](%w+)$")
    lines = { ('%s["%s"] = %s.%s'):format(owner, key, owner, entry.keyword) }
  else
    lines[#lines + 1] = ("function %s(%s) end"):format(entry.name, table.concat(names, ", "))
  end
  return table.concat(lines, "\n") .. "\n"
end

local function options(out)
  local lists, order = {}, {}
  for _, option in ipairs(help.options) do
    local class = help.option_class(option)
    if not lists[class] then
      order[#order + 1] = class
      local parent = help.option_parents[class]
      lists[class] = { "---@class " .. class .. (parent and " : " .. parent or "") }
    end
    table.insert(lists[class], ("---@field %s? %s %s"):format(option[1], option[2],
      plain(option[4])))
  end
  for _, class in ipairs(order) do out[#out + 1] = table.concat(lists[class], "\n") .. "\n" end
end

local function functions(owner, class, out)
  for _, entry in ipairs(help.functions) do
    if not entry.global and entry.name:match("^%w+") == owner then
      out[#out + 1] = declared(entry, class)
    end
  end
end

local function class(each, out)
  local owner = each[1]
  if each.class then
    local lines = { "---" .. each.text, "---@class " .. each.class }
    for _, operator in ipairs(each.operators or {}) do
      lines[#lines + 1] = "---@operator " .. operator
    end
    out[#out + 1] = table.concat(lines, "\n") .. ("\nlocal %s = {}\n"):format(owner)
  else
    out[#out + 1] = ("---@class %s\n%s = {}\n"):format(owner, owner)
  end
  functions(owner, each.class, out)
end

-- The words of scenarios, which are globals there; of those with a dot the table, too.
local function words(out)
  for _, owner in ipairs { "fault", "expect" } do
    out[#out + 1] = ("---@class %s\n%s%s = {}\n"):format(owner,
      owner == "expect" and "---@overload fun(condition: any, message?: string): any\n" or "", owner)
  end
  for _, entry in ipairs(help.functions) do
    -- expect is both; editors see the table, whose call this is.
    if entry.word and entry.name ~= "expect" then out[#out + 1] = declared(entry) end
  end
end

-- The text of shm.d.lua.
function types.file()
  local out = {
    "---@meta shm\n-- Moonpool: " .. help.synopsis .. ". Written by: moonpool types\n",
  }
  options(out)
  for _, each in ipairs(help.classes) do class(each, out) end
  words(out)
  out[#out + 1] = "return shm\n"
  return table.concat(out, "\n")
end

return types
