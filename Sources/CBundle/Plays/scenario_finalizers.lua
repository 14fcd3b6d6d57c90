-- What a process does when its state is closed: the finalizers (__gc) of all tables that have one, in
-- the reverse order of the calls that gave it to them (Lua 5.4 Reference Manual, 2.5.3). Where steps are
-- put into an order this belongs to an actor's steps, before its end. The collector rests there, so
-- that all of them come at the end.

local finalizers = {}

local marked <const>, order <const> = {}, {}
local is_closing = false

local function is_due(object, metatable)
  return type(object) == "table" and type(metatable) == "table"
    and rawget(metatable, "__gc") ~= nil and not marked[object] and not is_closing
end

-- Behind a tail call an error has the place where it would be without us.
local function noting(set)
  return function(object, metatable, ...)
    if not is_due(object, metatable) then return set(object, metatable, ...) end
    local result = set(object, metatable)
    marked[object] = true
    order[#order + 1] = object
    return result
  end
end

local get <const>, set <const> = debug.getmetatable, debug.setmetatable

-- Only for a text that may have finalizers; a module or a text that it loads may.
function finalizers.install(text)
  if not (text:find("__gc", 1, true) or text:find("require", 1, true)
    or text:find("load", 1, true)) then
    return
  end
  _G.setmetatable = noting(setmetatable)
  rawset(debug, "setmetatable", noting(debug.setmetatable))
end

-- An error in one is a warning and ends none of the others. Objects that get one meanwhile are not
-- finalized. When the state is really closed, none of these runs again.
function finalizers.run()
  is_closing = true
  for index = #order, 1, -1 do
    local object = order[index]
    local metatable = get(object)
    local finalizer = metatable and rawget(metatable, "__gc")
    if finalizer ~= nil then pcall(finalizer, object) end
  end
  for _, object in ipairs(order) do set(object, nil) end
end

return finalizers
