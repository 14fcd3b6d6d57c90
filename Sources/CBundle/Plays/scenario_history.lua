-- Histories: calls and returns of all processes, in the order in which they happened; and whether an
-- order of the calls exists, each between its call and its return, in which the model gives the same
-- results (Herlihy and Wing, Linearizability, 1990). The search is that of Wing and Gong with Lowe's
-- memory of what was tried (Testing for linearizability, 2017).

local histories = {}

local clock <const> = os.clock -- a script's may stand still

local kind <const> = {}

function histories.is_one(value)
  local metatable = type(value) == "table" and getmetatable(value)
  return metatable and metatable.kind == kind or false
end

-- MARK: values as text, and back

local encode

local function encode_table(value, depth)
  if depth > 32 then error("a history notes no table that is 32 deep or has itself inside", 0) end
  local parts = {}
  for key, each in pairs(value) do
    parts[#parts + 1] = ("[%s]=%s"):format(encode(key, depth + 1), encode(each, depth + 1))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value, depth)
  local what = type(value)
  if what == "table" then return encode_table(value, depth or 0) end
  if what == "function" or what == "userdata" or what == "thread" then
    error(("a history notes numbers, strings, booleans, nil and tables of them, not a %s"):format(what), 0)
  end
  return ("%q"):format(value)
end

-- What is equal has one text: 1 and 1.0 are.
local function plain(value)
  if type(value) == "table" then
    local made = {}
    for key, each in pairs(value) do made[key] = plain(each) end
    return made
  end
  return math.type(value) == "float" and math.tointeger(value) or value
end

local function encode_list(...)
  local parts = table.pack(...)
  for index = 1, parts.n do parts[index] = encode(parts[index]) end
  return "{n=" .. parts.n .. (parts.n > 0 and "," or "") .. table.concat(parts, ",") .. "}"
end

local function decode(text)
  return assert(load("return " .. text, "=history", "t", {}))()
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for key, each in pairs(value) do made[copy(key)] = copy(each) end
  return made
end

-- MARK: noting

-- Where steps are put into an order, a call is a step of its own: it begins when it likes, not where
-- its process did something before. A return needs none: right behind the call's last operation it
-- comes before the most calls, so that no order is possible that would not be later.
function histories.new(number, model, play, check)
  local calls, about = 0, { kind = kind, number = number, model = model }
  local function noted(name)
    return function(fn, ...)
      local place = check(name)
      if type(fn) ~= "function" then error(name .. ": it takes what it calls, then its arguments", 2) end
      calls = calls + 1
      local call = calls
      local arguments = encode_list(...)
      if about.is_checked then play.order("call", place, number, call, name, arguments) end
      play.tell("call", number, call, name, arguments)
      local results = table.pack(fn(...))
      play.tell("return", number, call, encode_list(table.unpack(results, 1, results.n)))
      return table.unpack(results, 1, results.n)
    end
  end
  local history = {}
  for name in pairs(model) do
    if name ~= "init" then history[name] = noted(name) end
  end
  return setmetatable(history, about)
end

-- Its order decides whether the run fails.
function histories.check_later(history) getmetatable(history).is_checked = true end

local function matches(call, record)
  call.returned, call.results = record.order, decode(record[4])
end

-- The calls of one history, in the order in which they began. What has no return is pending.
local function calls_of(number, records)
  local list, open = {}, {}
  for _, record in ipairs(records) do
    local id = record.part .. ":" .. tostring(record[3])
    if record[2] == number and record[1] == "call" then
      local call = { called = record.order, returned = math.huge, name = record[4],
        arguments = decode(record[5]), text = record[5], part = record.part }
      list[#list + 1], open[id] = call, call
    elseif record[2] == number and record[1] == "return" and open[id] then
      matches(open[id], record)
    end
  end
  return list
end

-- MARK: searching

local SECONDS <const> = 1

local Search = {}
Search.__index = Search

local function new_search(model, calls)
  local left = 0
  for _, call in ipairs(calls) do
    if call.results then left = left + 1 end
  end
  return setmetatable({ model = model, calls = calls, done = {}, left = left, seen = {}, steps = 0,
    deepest = -1, stop = clock() + SECONDS }, Search)
end

-- Where the search is: the first call that is not in the order, those behind it that are, the state.
function Search:key(first, state)
  local parts = { first }
  for index = first + 1, self.last or first do
    if self.done[index] then parts[#parts + 1] = index end
  end
  return table.concat(parts, ",") .. ":" .. encode(state)
end

function Search:first(from)
  while self.done[from] do from = from + 1 end
  return from
end

-- The state behind the call, if the model gives the results that it had.
function Search:after(call, state)
  local next_state = { copy(state) }
  local results = table.pack(self.model[call.name](next_state[1],
    table.unpack(call.arguments, 1, call.arguments.n)))
  if call.results and encode_list(table.unpack(plain(results), 1, results.n)) ~= call.compared then
    return false
  end
  return true, next_state[1]
end

function Search:is_out_of_time()
  self.steps = self.steps + 1
  if self.steps % 64 == 0 and clock() > self.stop then self.gave_up = true end
  return self.gave_up
end

-- Puts a call into the order and goes on from there; true: the order is complete.
function Search:try(index, first, state)
  local call = self.calls[index]
  local fits, next_state = self:after(call, state)
  if not fits then return false end
  self.done[index] = true
  self.left = self.left - (call.results and 1 or 0)
  local last = self.last
  self.last = math.max(last or index, index)
  if self:from(self:first(first), next_state) then return true end
  self.done[index], self.last = nil, last
  self.left = self.left + (call.results and 1 or 0)
  return false
end

function Search:from(first, state)
  if self.left == 0 then return true end
  if self:is_out_of_time() then return false end
  local key = self:key(first, state)
  if self.seen[key] then return false end
  self.seen[key] = true
  if first > self.deepest then self.deepest, self.stuck = first, state end
  local earliest = math.huge
  for index = first, #self.calls do
    local call = self.calls[index]
    if call.called > earliest then break end
    if not self.done[index] then
      if self:try(index, first, state) then return true end
      earliest = math.min(earliest, call.returned)
    end
  end
  return false
end

-- MARK: the verdict

local function inside(text) return (text:gsub("^{n=%d+,?", ""):gsub("}$", "")) end

local function shown(call)
  return ("%s(%s)%s"):format(call.name, inside(call.text),
    call.results and " → " .. (call.results.n == 0 and "nothing" or inside(call.text_of_results))
    or ", which never returned")
end

local function complaint(search)
  local call = search.calls[search.deepest]
  return ("history: no order of its %d calls explains what they returned; behind the first %d nothing "
    .. "explains %s"):format(#search.calls, search.deepest - 1, shown(call))
end

-- Whether the model explains these calls; nil: it gave up. And why not.
function histories.explains(model, calls)
  for _, call in ipairs(calls) do
    call.text_of_results = call.results
      and encode_list(table.unpack(call.results, 1, call.results.n))
    call.compared = call.results
      and encode_list(table.unpack(plain(call.results), 1, call.results.n))
  end
  local init = model.init
  if type(init) == "function" then init = init() end
  local search = new_search(model, calls)
  if search:from(1, copy(init)) then return true end
  if search.gave_up then return nil, ("history: gave up after %d s"):format(SECONDS) end
  return false, complaint(search)
end

-- What expect.linearizable asks for, at the end of a run: told as a failure, or as given up.
function histories.check(expected, play)
  local metatable = getmetatable(expected.history)
  local records = play.told()
  table.sort(records, function(a, b) return a.order < b.order end)
  local calls = calls_of(tostring(metatable.number), records)
  local well, why = histories.explains(metatable.model, calls)
  if well then return end
  play.tell(well == nil and "undecided" or "failure", expected.where, why)
end

return histories
