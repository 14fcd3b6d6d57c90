-- shm.layouts: C layouts of the memory that well-known programs publish, parsed one by one when
-- somebody asks for them. The declarations are in the parts, layouts_*.lua.

local layouts = {}

-- Each entry: { name, what it is, with the names of companions, abi =, type = (the root), text =
-- (the declarations), object = its name, or a function that tells it; nil: it is a part of one }.
layouts.list = {}

local given <const> = ... -- the binary's loader, or the name that was required
local function part_of(name)
  if type(given) == "function" then return given("layouts_" .. name) end
  return require("moonpool.layouts_" .. name)
end

for _, part in ipairs { "voice", "sensors", "games" } do
  local entries = part_of(part)
  table.move(entries, 1, #entries, #layouts.list + 1, layouts.list)
end
table.sort(layouts.list, function(a, b) return a[1] < b[1] end)

-- The layout of that name, by shm.layout; nil: there is none.
function layouts.find(name, parse)
  for _, entry in ipairs(layouts.list) do
    if entry[1] == name then
      local object = entry.object
      if type(object) == "function" then object = object() end
      return parse(entry.text, { abi = entry.abi, type = entry.type, object = object })
    end
  end
end

function layouts.names()
  local names = {}
  for place, entry in ipairs(layouts.list) do names[place] = entry[1] end
  return names
end

-- What pairs(shm.layouts) goes through: each name, and what it is; nothing is parsed.
function layouts.pairs()
  local place = 0
  return function()
    place = place + 1
    local entry = layouts.list[place]
    if entry then return entry[1], entry[2] end
  end
end

return layouts
