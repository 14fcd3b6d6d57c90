-- Whether what a file declares fits together; and telling it to the conductor.

local declaration = {}

local function complain(where, text) error(("%s: %s"):format(where, text), 0) end

local function known(names)
  local list = {}
  for each in pairs(names) do list[#list + 1] = "'" .. each .. "'" end
  table.sort(list)
  return #list == 0 and "" or ("; there is %s"):format(table.concat(list, ", "))
end

local function numbers_of(declared, name, where, word)
  local numbers = declared.names[name]
  if not numbers then
    complain(where, ("%s: there is no actor '%s'%s"):format(word, name, known(declared.names)))
  end
  return numbers
end

local function check_mark(declared, name, where, word)
  local literals = declared.literals
  if not literals.mark[name] and not literals.computed.mark then
    complain(where, ("%s: no actor has the mark '%s'%s"):format(word, name, known(literals.mark)))
  end
end

local function waits_for_itself(declared, one, from, seen)
  for _, number in ipairs(from.predecessors) do
    local other = declared.actors[number]
    if other == one then return true end
    if not seen[other] then
      seen[other] = true
      if waits_for_itself(declared, one, other, seen) then return true end
    end
  end
  return false
end

local function check_actors(declared)
  if #declared.actors == 0 then
    complain(declared.where, "scenario: it has no actor; actor(\"name\", function() … end) adds one")
  end
  for _, each in ipairs(declared.actors) do
    each.predecessors = each.after and numbers_of(declared, each.after, each.where, "actor") or {}
  end
  for _, each in ipairs(declared.actors) do
    if waits_for_itself(declared, each, each, {}) then
      complain(each.where, ("actor: '%s' never starts, as it comes after itself"):format(each.name))
    end
  end
end

local function check_fault(declared, each)
  local word, when = each.word, each.when
  if each.actor then
    each.targets = {}
    for _, number in ipairs(numbers_of(declared, each.actor, each.where, word)) do
      each.targets[number] = true
    end
  elseif not when.time then
    complain(each.where, word .. ": it takes actor=, whose mark or operation it is")
  else
    each.targets = {}
  end
  if when.at then check_mark(declared, when.at, each.where, word) end
end

local checks <const> = {}

function checks.output(declared, name, where) numbers_of(declared, name, where, "expect.output") end
function checks.exit(declared, name, where) numbers_of(declared, name, where, "expect.exit") end

function checks.order(declared, _, where, each)
  for index = 3, #each do
    local name, mark = each[index]:match("^(.-):(.+)$")
    numbers_of(declared, name, where, "expect.order")
    check_mark(declared, mark, where, "expect.order")
  end
end

-- Raises, with the line, what does not fit; a file without a scenario is none.
function declaration.check(declared)
  if not declared.title then return end
  check_actors(declared)
  for _, each in ipairs(declared.faults) do check_fault(declared, each) end
  for _, each in ipairs(declared.expectations) do
    local check = checks[each[1]]
    if check then check(declared, each[3], each[2], each) end
  end
end

local function list_of(numbers)
  local list = {}
  for number in pairs(numbers) do list[#list + 1] = number end
  table.sort(list)
  return table.concat(list, ",")
end

local function text(value) return value == nil and "" or tostring(value) end

-- Is there anything for a director to do?
local function is_directed(declared)
  return #declared.setup + #declared.finally + #declared.always + #declared.checked > 0
end

-- Actors of one function that is told nothing are equal: the number of the first of them.
local function equals_of(declared)
  local firsts, equals = {}, {}
  for number, each in ipairs(declared.actors) do
    local about = debug.getinfo(each.fn, "u")
    equals[number] = number
    if about.nparams == 0 and not about.isvararg then
      local key = ("%s %s"):format(tostring(each.kill), tostring(each.after))
      firsts[each.fn] = firsts[each.fn] or {}
      firsts[each.fn][key] = firsts[each.fn][key] or number
      equals[number] = firsts[each.fn][key]
    end
  end
  return equals
end

function declaration.tell(declared, tell)
  if not declared.title then return end
  if is_directed(declared) then tell("directed") end
  tell("scenario", declared.where, declared.title, text(declared.timeout),
    text(declared.kills), text(declared.budget))
  local equals = equals_of(declared)
  for number, each in ipairs(declared.actors) do
    tell("actor", each.where, each.name, each.kill and "kill" or "",
      table.concat(each.predecessors, ","), text(each.group), text(equals[number]))
  end
  for _, each in ipairs(declared.faults) do
    local when = each.when
    tell("fault", each.where, each.kind, list_of(each.targets), text(each.name), text(when.at),
      text(when.before), text(when.after), text(when.time), text(when.seconds), text(when.size),
      text(when.nth))
  end
  for _, each in ipairs(declared.expectations) do
    local fields = {}
    for index = 3, #each do
      fields[#fields + 1] = tostring(each[index])
      if each[1] == "output" or each[1] == "exit" then
        fields[1] = table.concat(declared.names[each[3]], ",")
      end
    end
    tell("expect", each[2], each[1], table.unpack(fields))
  end
  for _, kind in ipairs { "mark", "sometimes" } do
    for name, line in pairs(declared.literals[kind]) do
      tell("place", line, kind, name)
    end
  end
  if declared.literals.computed.sometimes then tell("computed") end
end

return declaration
