-- The words of scenarios, and the order in which a process of a play goes through a file. What it
-- stands on (play) is C's: the memory that conductor, director and actors share (CLuaShmPlay.h).

local order <const> = require "moonpool.scenario_order"
local histories <const> = require "moonpool.scenario_history"
local places <const> = require "moonpool.scenario_places"
local declaration <const> = require "moonpool.scenario_declaration"
local finalizers <const> = require "moonpool.scenario_finalizers"

local play, declared, phase
local phases <const> = {
  top = "the top level", actor = "an actor", setup = "setup", finally = "finally",
  always = "always",
}

-- MARK: where a word stands

-- "file:line" of the script's line that is `level` calls above the one who asks.
local function place_of(level)
  local where = debug.getinfo(level + 1, "Sl")
  return where and where.currentline > 0 and where.short_src .. ":" .. where.currentline or ""
end

-- Raises unless the word stands where it may; for the functions that a script calls.
local function only(word, ...)
  for index = 1, select("#", ...) do -- without a table: a loop that waits makes no garbage by this
    if phase == select(index, ...) then return end
  end
  local names = {}
  for index, allowed in ipairs { ... } do names[index] = phases[allowed] end
  error(("%s: it stands in %s, not in %s"):format(word, table.concat(names, ", "), phases[phase]), 3)
end

local function argument(word, ok, text, level)
  if not ok then error(word .. ": " .. text, level or 3) end
end

-- Kinds of options that are more than a type: what they are called, and the value that is meant; nil:
-- it is none. So many seconds fit the nanoseconds of the clock wherever they are added to it.
local longest <const> = 1000000

local function integer_from(least)
  return function(value)
    local integer = type(value) == "number" and math.tointeger(value)
    return integer and integer >= least and integer or nil
  end
end

local kinds <const> = {
  count = { "an integer from 1", integer_from(1) },
  size = { "an integer from 0", integer_from(0) },
  kills = { "an integer from 0 to 100", function(value)
    local integer = type(value) == "number" and math.tointeger(value)
    return integer and integer >= 0 and integer <= 100 and integer or nil
  end },
  seconds = { "a number of seconds from 0 to " .. longest, function(value)
    return type(value) == "number" and value >= 0 and value <= longest and value or nil
  end },
}

-- A copy, as its values are meant. Raises for an option that the word does not take.
local function options(word, given, known, level)
  if given == nil then return {} end
  argument(word, type(given) == "table", "its options are a table", level + 1)
  local meant = {}
  for name, value in pairs(given) do
    local kind = known[name]
    if not kind then
      local names = {}
      for each in pairs(known) do names[#names + 1] = each end
      table.sort(names)
      error(("%s: there is no option '%s'; it takes %s"):format(word, tostring(name),
        table.concat(names, ", ")), level)
    end
    local special = kinds[kind]
    if special then
      meant[name] = special[2](value)
    elseif type(value) == kind then
      meant[name] = value
    end
    argument(word, meant[name] ~= nil,
      ("the option '%s' is %s"):format(name, special and special[1] or "a " .. kind), level + 1)
  end
  return meant
end

-- MARK: the top level

local function scenario(title, given)
  only("scenario", "top")
  argument("scenario", type(title) == "string" and title ~= "", "it takes a title")
  if declared.title then
    error("scenario: a file has one, and line " .. declared.where:match("%d+$") .. " names it", 2)
  end
  local own = options("scenario", given, { timeout = "seconds", kills = "kills", budget = "seconds" },
    3)
  argument("scenario", not own.timeout or own.timeout > 0, "the timeout is seconds above 0")
  argument("scenario", not own.budget or own.budget > 0, "the budget is seconds above 0")
  declared.title, declared.where, declared.timeout = title, place_of(2), own.timeout
  declared.kills, declared.budget = own.kills, own.budget
end

local function step(list)
  return function(fn)
    only(list, "top")
    argument(list, type(fn) == "function", "it takes a function")
    table.insert(declared[list], fn)
  end
end

local actor_options <const> = { kill = "boolean", after = "string" }

local function add_actor(word, name, given, fn, number, group)
  declared.names[name] = declared.names[name] or {}
  table.insert(declared.actors, { name = name, fn = fn, number = number, group = group,
    kill = given.kill, after = given.after, where = place_of(3) })
  table.insert(declared.names[name], #declared.actors)
  if group then table.insert(declared.names[group], #declared.actors) end
  if #declared.actors > 26 then error(word .. ": a scenario has 26 actors at most", 3) end
end

local function new_name(word, name)
  argument(word, type(name) == "string" and name:find("^[%w_][%w_ .-]*$"),
    "it takes a name of letters, digits, blanks, . _ -", 4)
  if declared.names[name] then
    error(("%s: there is an actor '%s' already"):format(word, name), 3)
  end
end

local function actor(name, given, fn)
  only("actor", "top")
  if fn == nil then given, fn = nil, given end
  new_name("actor", name)
  argument("actor", type(fn) == "function", "it takes a name, options if need be, and a function")
  add_actor("actor", name, options("actor", given, actor_options, 3), fn)
end

local function actors(count, name, given, fn)
  only("actors", "top")
  if fn == nil then given, fn = nil, given end
  argument("actors", math.type(count) == "integer" and count >= 1, "it takes how many, from 1")
  new_name("actors", name)
  argument("actors", type(fn) == "function", "it takes how many, a name, and a function")
  local own = options("actors", given, actor_options, 3)
  declared.names[name] = {}
  for number = 1, count do
    new_name("actors", name .. number)
    add_actor("actors", name .. number, own, fn, number, name)
  end
end

local when_options <const> = {
  at = "string", nth = "count", before = "count", after = "count", time = "seconds",
}

local function with(more)
  local known = {}
  for name, kind in pairs(when_options) do known[name] = kind end
  for name, kind in pairs(more) do known[name] = kind end
  return known
end

local function check_when(word, when)
  local ways = 0
  for _, way in ipairs { "at", "before", "after", "time" } do
    if when[way] then ways = ways + 1 end
  end
  if ways ~= 1 then
    error(word .. ': it happens {at = "mark"}, {before = n}, {after = n} or {time = seconds}', 4)
  end
end

local function add_fault(kind, word, actor_name, name, given, more, needs)
  local when = options(word, given, with(more), 4)
  if kind ~= "delay" then check_when(word, when) end
  for _, need in ipairs(needs) do
    argument(word, when[need], ("it takes %s="):format(need), 4)
  end
  table.insert(declared.faults, { kind = kind, word = word, actor = actor_name, name = name,
    when = when, where = place_of(3) })
end

-- A fault that happens to an actor.
local function actor_fault(kind, more, ...)
  local needs <const> = { ... }
  return function(actor_name, when)
    local word = "fault." .. kind
    only(word, "top")
    argument(word, type(actor_name) == "string", "it takes an actor's name")
    argument(word, type(when) == "table", "it takes when it happens, as a table")
    add_fault(kind, word, actor_name, nil, when, more, needs)
  end
end

local fault = {
  kill = actor_fault("kill", {}),
  freeze = actor_fault("freeze", { seconds = "seconds" }, "seconds"),
  delay = actor_fault("delay", { seconds = "seconds" }, "seconds"),
}

function fault.truncate(name, when)
  only("fault.truncate", "top")
  argument("fault.truncate", type(name) == "string", "it takes an object's name")
  argument("fault.truncate", type(when) == "table", "it takes when it happens, as a table")
  add_fault("truncate", "fault.truncate", when.actor, name, when,
    { size = "size", actor = "string" }, { "size" })
end

function fault.full(when)
  only("fault.full", "top")
  argument("fault.full", type(when) == "table", "it takes when it happens, as a table")
  add_fault("full", "fault.full", when.actor, nil, when, { actor = "string" }, {})
end

-- MARK: what is expected

-- What was told already, so that the handler of errors does not tell it again.
local told_message

local function fails(message, level)
  local where = place_of(level + 1)
  play.tell("failure", where, message)
  told_message = where == "" and message or where .. ": " .. message
  error(told_message, 0)
end

local function shown(value)
  return type(value) == "string" and ("%q"):format(value):gsub("\\\n", "\\n") or tostring(value)
end

local expect = setmetatable({}, { __call = function(_, condition, message)
  only("expect", "actor", "finally", "always")
  if not condition then fails(message and tostring(message) or "the expectation does not hold", 2) end
  return condition
end })

function expect.equal(got, wanted, what)
  only("expect.equal", "actor", "finally", "always")
  if got ~= wanted then
    fails(("%sexpected %s, got %s"):format(what and what .. ": " or "", shown(wanted), shown(got)), 2)
  end
  return got
end

local function expectation(word, ...)
  table.insert(declared.expectations, { word, place_of(3), ... })
end

function expect.output(name, text)
  only("expect.output", "top")
  argument("expect.output", type(name) == "string" and type(text) == "string",
    "it takes an actor's name and a text")
  expectation("output", name, text)
end

function expect.exit(name, status)
  only("expect.exit", "top")
  argument("expect.exit", type(name) == "string"
    and (math.type(status) == "integer" or type(status) == "string"),
    "it takes an actor's name, and a status or a signal such as \"SIGKILL\"")
  expectation("exit", name, status)
end

function expect.gone(name)
  only("expect.gone", "top")
  argument("expect.gone", type(name) == "string", "it takes an object's name")
  expectation("gone", name)
end

function expect.order(...)
  only("expect.order", "top")
  local steps = { ... }
  argument("expect.order", #steps >= 2, 'it takes two or more "actor:mark"')
  for _, each in ipairs(steps) do
    argument("expect.order", type(each) == "string" and each:find("^.+:.+$"),
      'it takes two or more "actor:mark"')
  end
  expectation("order", ...)
end

function expect.linearizable(history)
  only("expect.linearizable", "top")
  argument("expect.linearizable", histories.is_one(history), "it takes a history")
  histories.check_later(history)
  table.insert(declared.checked, { history = history, where = place_of(2) })
end

local function history(model)
  only("history", "top")
  argument("history", type(model) == "table" and model.init ~= nil,
    "it takes a table with init= and the operations")
  for name, fn in pairs(model) do
    argument("history", name == "init" or type(fn) == "function",
      ("the operation '%s' is a function of the state"):format(tostring(name)))
  end
  declared.histories = declared.histories + 1
  return histories.new(declared.histories, model, play, function(word)
    if phase ~= "actor" then
      error(("%s: an operation of a history stands in an actor, not in %s"):format(word,
        phases[phase]), 3)
    end
    return place_of(3)
  end)
end

-- MARK: in an actor

local own, passages = nil, {}

local function due(name, place)
  local passage = (passages[name] or 0) + 1
  passages[name] = passage
  for _, each in ipairs(own and own.marks[name] or {}) do
    if each.nth == passage then play.stand(each.fault, place) end
  end
end

local function mark(name)
  only("mark", "actor")
  argument("mark", type(name) == "string", "it takes a name")
  local place = place_of(2)
  if own and own.ordered[name] then
    own.ordered[name] = nil
    play.order("mark", place, name)
  end
  play.tell("mark", place, name)
  due(name, place)
end

-- By name: true once it was; false: told that it was not.
local seen_sometimes <const> = {}

local function sometimes(name, condition)
  only("sometimes", "actor", "finally", "always")
  argument("sometimes", type(name) == "string", "it takes a name and a condition")
  if condition and not seen_sometimes[name] then
    seen_sometimes[name] = true
    play.tell("sometimes", place_of(2), name)
  elseif not condition and seen_sometimes[name] == nil
    and not declared.literals.sometimes[name] then -- the text does not name it: known from now on
    seen_sometimes[name] = false
    play.tell("unmet", place_of(2), name)
  end
  return condition
end

local choices <const> = {}

-- As the schedule says, or by the seed alone, which is another one in each run: a run that is made
-- again takes the same.
local function any(...)
  only("any", "actor")
  local count = select("#", ...)
  argument("any", count >= 1, "it takes the alternatives")
  local where = place_of(2)
  local passed = choices[where] or 0
  choices[where] = passed + 1
  local chosen = play.choice(count) or (play.fact "seed" + passed + play.fact "part") % count + 1
  play.tell("choice", where, chosen, count)
  return (select(chosen, ...))
end

local function me()
  only("me", "actor")
  if play.is_modelled then play.tell_apart() end
  return own.number
end

local function alive(which)
  only("alive", "actor", "finally", "always", "setup")
  local numbers = declared.names[which]
  local number = math.type(which) == "integer" and declared.actors[which] and which
    or numbers and #numbers == 1 and numbers[1]
  if not number then
    argument("alive", false, ("there is no one actor '%s'"):format(tostring(which)))
  end
  return play.alive(number, not play.is_modelled and place_of(2))
end

local words <const> = {
  scenario = scenario, setup = step "setup", finally = step "finally", always = step "always",
  actor = actor, actors = actors, fault = fault, expect = expect, history = history, mark = mark,
  sometimes = sometimes, any = any, me = me, alive = alive,
}

-- MARK: the order of things

local upvalue_hint <const> = "\na variable belongs to its process: what setup puts into a local no "
  .. "actor sees; memory is all they share"

-- The text of the file's line in which a message says that something failed.
local function line_of(text)
  local number = tonumber(text:match("^" .. play.file:gsub("%p", "%%%0") .. ":(%d+):"))
  for line in (number and play.text or ""):gmatch("([^\n]*)\n?") do
    number = number - 1
    if number == 0 then return line end
  end
  return ""
end

-- A word that is written a little otherwise: the global, or the field of fault or expect, that was
-- called. For whatever else was called, what a script would be told.
local function advice(text)
  local global = text:match("attempt to call a nil value %(global '([%w_]+)'%)")
  local field = text:match("attempt to call a nil value %(field '([%w_]+)'%)")
  local line, list, name = field and line_of(text), {}, global
  for word in pairs(global and words or {}) do list[#list + 1] = word end
  for stem, group in pairs(field and { fault = fault, expect = expect } or {}) do
    if line:find(("%f[%w_]" .. stem .. "%s*%.%s*" .. field)) then
      name = stem .. "." .. field
      for word in pairs(group) do list[#list + 1] = stem .. "." .. word end
    end
  end
  table.sort(list)
  local near = name and play.near(name, list)
  if near then return ("; did you mean '%s'?"):format(near) end
  local hint = play.hint(text, 2) -- of the function in which it happened, as this one is called by a handler
  return hint and "; " .. hint or ""
end

-- What an error object says of itself; its __tostring may raise, or return anything.
local function said_by(problem)
  local meta = debug.getmetatable(problem)
  if type(problem) == "string" or not meta or rawget(meta, "__tostring") == nil then return nil end
  local ok, text = pcall(tostring, problem)
  return ok and text or ("(error object is a %s value, and its __tostring fails)"):format(type(problem))
end

local function explained(problem)
  local text = type(problem) == "string" and problem or said_by(problem)
    or ("(error object is a %s value)"):format(type(problem))
  if phase == "actor" and text:find("a nil value (upvalue '", 1, true) then
    text = text .. upvalue_hint
  end
  return text .. advice(text)
end

-- Runs a function; what it raises is told once. Returns whether it ended well.
local function attempt(kind, fn, ...)
  local ok, message = xpcall(fn, explained, ...)
  if not ok and message ~= told_message then
    local place, text = message:match("^([^\n:]+:%d+): (.*)$")
    if message == "not enough memory" and play.is_modelled then place, text = play.short_at() end
    play.tell(kind, place or "", text or message)
  end
  return ok
end

local function all(list, named, rule)
  phase = named
  play.rule(rule or "acts")
  local well = true
  for _, fn in ipairs(declared[list]) do
    well = attempt("failure", fn) and well
  end
  return well
end

-- By turns os.exit is a step, as any end is, and what is printed stands between the steps.
local function go_by_turns(is_actor)
  if play.fact "turns" == 0 then return end
  local exit <const>, print <const>, tostring <const> = os.exit, print, tostring
  if is_actor then
    rawset(os, "exit", function(code, ...)
      local is_status = code == nil or type(code) == "boolean" or math.tointeger(code)
      if is_status then play.rest() end -- else it raises
      return exit(code, ...)
    end)
  end
  _G.print = function(...)
    local texts = table.pack(...)
    for index = 1, texts.n do texts[index] = tostring(texts[index]) end
    play.tell("printed", "", table.concat(texts, "\t"))
    return print(table.unpack(texts, 1, texts.n)) -- each was looked at once
  end
end

local function watch() return all("always", "always", "watches") end

local function direct()
  go_by_turns(false)
  play.gather()
  if not all("setup", "setup") then return false end
  local well = watch()
  local finishes = #declared.always + #declared.finally + #declared.checked > 0
  play.begin(#declared.always > 0, finishes, #declared.checked > 0, declared.always)
  while play.watching() do
    well = watch() and well
    play.watched()
  end
  well = all("finally", "finally") and well
  well = watch() and well
  for _, each in ipairs(declared.checked) do
    well = attempt("failure", histories.check, each, play) and well
  end
  return well
end

-- The actor's marks whose order is expected; of each, only the first passage says something.
local function ordered_marks(number)
  local marks = {}
  for _, each in ipairs(declared.expectations) do
    for index = 3, each[1] == "order" and #each or 0 do
      local name, passed = each[index]:match("^(.-):(.+)$")
      for _, one in ipairs(declared.names[name]) do
        if one == number then marks[passed] = true end
      end
    end
  end
  return marks
end

-- The faults that wait for this actor, as C and the marks look for them.
local function arm(number)
  own = { number = number, marks = {}, ordered = ordered_marks(number) }
  for index, each in ipairs(declared.faults) do
    local when = each.when
    local is_kill = each.kind == "kill" and play.fact "sweeps" ~= 0
    if not is_kill and each.targets[number] then
      if each.kind == "delay" then play.delay(when.seconds) end
      if when.before then play.stop(index, when.before, false) end
      if when.after then play.stop(index, when.after, true) end
      if when.at then
        local list = own.marks[when.at] or {}
        own.marks[when.at] = list
        list[#list + 1] = { fault = index, nth = when.nth or 1 }
      end
    end
  end
end

local function act(number)
  local each = declared.actors[number]
  arm(number)
  math.randomseed(play.fact "seed", number)
  go_by_turns(true)
  play.ready()
  phase = "actor"
  play.rule "acts"
  play.act()
  local well = attempt("failure", each.fn, each.number)
  if play.is_modelled or play.fact "turns" ~= 0 then finalizers.run() end
  play.rest()
  return well
end

local function load_file(chunk)
  phase = "top"
  chunk()
  declaration.check(declared, places)
end

local function perform(chunk)
  for name, word in pairs(words) do _G[name] = word end
  _G.arg = {}
  if play.is_modelled or play.fact "turns" ~= 0 then finalizers.install(play.text) end
  math.randomseed(play.fact "seed", 0)
  if not attempt("misuse", load_file, chunk) then return false end
  if play.fact "reads" ~= 0 then
    declaration.tell(declared, play.tell)
    play.rest()
    return true
  end
  if play.fact "part" == 0 then
    local well = direct()
    play.rest()
    return well
  end
  return act(play.fact "part")
end

return function(primitives, chunk)
  play = primitives
  declared = { names = {}, actors = {}, faults = {}, expectations = {}, checked = {}, setup = {},
    finally = {}, always = {}, histories = 0, literals = places.literals(play.text) }
  package.path = play.folder .. "/?.lua;" .. play.folder .. "/?/init.lua;" .. package.path
  order.install(play)
  for name in pairs(package.preload) do
    if name:find("^moonpool%.") then package.preload[name], package.loaded[name] = nil, nil end
  end
  return function() return perform(chunk) end
end
