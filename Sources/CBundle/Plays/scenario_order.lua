-- What standard Lua does in another order each time, in one order: pairs and next, large sorts, random
-- numbers. One text is one program, in every process and every run.

local order = {}

local function sorted_pairs(next, before)
  local function step(state)
    local key
    repeat
      state.at = state.at + 1
      key = state.keys[state.at]
      if key == nil then return nil end
    until rawget(state.table, key) ~= nil
    return key, rawget(state.table, key)
  end
  local raw_next <const> = _G.next
  return function(table_)
    local metamethod = getmetatable(table_) and getmetatable(table_).__pairs
    if metamethod then
      local iterate, state, first = metamethod(table_)
      return iterate, state, first
    end
    if type(table_) ~= "table" then return next(table_) end -- raises as pairs does
    local keys = {}
    for key in raw_next, table_ do keys[#keys + 1] = key end
    order.sort(keys, before)
    local state = { keys = keys, at = 0, table = table_ }
    return function() return step(state) end, table_, nil
  end
end

-- Up to so many items Lua's own takes no pivot by chance (ltablib.c, RANLIMIT).
local CERTAIN <const> = 100

local function merge(list, low, middle, high, less)
  local left, at = table.move(list, low, middle, 1, {}), low
  local first, second = 1, middle + 1
  while first <= #left do
    if second <= high and less(list[second], left[first]) then
      list[at], second = list[second], second + 1
    else
      list[at], first = left[first], first + 1
    end
    at = at + 1
  end
end

local function merge_sort(list, low, high, less)
  if low >= high then return end
  local middle = (low + high) // 2
  merge_sort(list, low, middle, less)
  merge_sort(list, middle + 1, high, less)
  merge(list, low, middle, high, less)
end

local table_sort <const> = table.sort

function order.sort(list, less)
  if #list <= CERTAIN then return table_sort(list, less) end
  merge_sort(list, 1, #list, less or function(a, b) return a < b end)
end

-- Some moment, the same in each run that goes by turns.
local MORNING <const> = 1767225600 -- 2026-01-01 00:00:00 UTC

-- By turns, time stands still but for sleeps and time-outs.
local function install_clock(play)
  local time <const>, date <const> = os.time, os.date
  local function seconds() return play.fact "time" / 1e9 end
  rawset(os, "clock", seconds)
  rawset(os, "time", function(of)
    if of ~= nil then return time(of) end
    return MORNING + math.floor(seconds())
  end)
  rawset(os, "date", function(format, of)
    return date(format or "%c", of or MORNING + math.floor(seconds()))
  end)
end

function order.install(play)
  if play.fact "turns" ~= 0 then install_clock(play) end
  local randomseed <const> = math.randomseed
  _G.pairs = sorted_pairs(play.next, play.before)
  _G.next = play.next
  rawset(table, "sort", order.sort)
  rawset(math, "randomseed", function(...)
    if select("#", ...) == 0 then return randomseed(play.fact "seed", play.fact "part") end
    return randomseed(...)
  end)
end

return order
