-- The options that calls take, and those that help, the prompt and editors know, are the same.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness, prompter = require "harness", require "prompter"
local test, equals = harness.test, harness.equals

table.insert(package.searchers, 2, function(name)
  local text = prompter.source(name:match("^moonpool%.(.+)$") or "none")
  return text and load(text, "=" .. name) or nil
end)
local help = require "moonpool.help"

local function sorted(list)
  table.sort(list)
  return table.concat(list, " ")
end

-- What a call takes, by its own complaint.
local function taken(f, ...)
  local given = table.pack(...)
  given[given.n + 1] = { ["no option"] = 1 }
  local _, complaint = pcall(f, table.unpack(given, 1, given.n + 1))
  local known = complaint:match("%(known: (.-)%)") or error(complaint, 2)
  local list = {}
  for word in known:gmatch("[%w_]+") do list[#list + 1] = word end
  return sorted(list), given.n + 1
end

local function documented(f, place)
  local list = {}
  for _, option in ipairs(help.options_of(f, place) or {}) do list[#list + 1] = option[1] end
  return sorted(list)
end

local calls <const> = {
  create = { "x", 64 }, open = { "x" }, event = { "x" }, mutex = { "x" },
  semaphore = { "x", 0, 1 }, queue = { "x", 64 }, topic = { "x", 64 },
}

for _, word in ipairs { "event", "mutex", "semaphore", "queue", "topic" } do
  calls["open_" .. word] = { "x" }
end

for word, given in pairs(calls) do
  test("the options of shm." .. word, function()
    local options, place = taken(shm[word], table.unpack(given))
    equals(documented(shm[word], place), options)
  end)
end

test("each class of options is one that a call takes", function()
  local used, text = {}, require("moonpool.types").file()
  for name in text:gmatch("%-%-%-@param [%w_]+%?? (shm%.[%w.]+)") do
    while name do
      used[name] = true
      name = text:match("%-%-%-@class " .. name:gsub("%.", "%%.") .. " : (shm%.[%w.]+)")
    end
  end
  for name in text:gmatch("%-%-%-@class (shm%.[%w.]*options)") do
    if not used[name] then error(name .. " is of no call") end
  end
end)

local function completions(text)
  local answer = prompter.new().complete(text, #text)
  return (answer:match("^%d+%z(.*)$"):gsub("%z$", ""):gsub("%z", " "))
end

test("the prompt knows what access a queue has", function()
  equals(completions('shm.queue("x", 64, { '), "access =  mode =  exclusive = ")
  equals(completions('shm.open_queue("x", { '), "access = ")
  equals(completions('shm.open_queue("x", { access = '), '"all" "push" "pop"')
  equals(completions('shm.open_queue("x", { access = "p'), "push pop")
  equals(completions('shm.open_topic("x", { from = '), '"next" "latest" "oldest"')
  equals(completions('shm.queue("x", 64, { mode = '), "")
  equals(completions('x = { access = '), "")
end)

test("help says so, too", function()
  for _, name in ipairs { "queue", "open_queue" } do
    local text = help.text("shm." .. name)
    equals(text:match("options +([%w, ]*%(.-%))"), name == "queue"
      and "access, mode, exclusive (shm.queue.options?)" or "access (shm.queue.options?)")
  end
  local waits = help.text("shm.wait", 200)
  equals(waits:match("events, [%w, ]+topics"), "events, mutexes, semaphores, queues, topics")
end)

-- ---- what is the same under other names ----

test("what a class has and help lists without a text is named", function()
  for _, class in ipairs(help.classes) do
    local owner, text = class[1], help.text(class[1])
    for _, entry in ipairs(help.functions) do
      if entry.name:match("^%w+") == owner and not entry.word then
        local word = entry.name:match("[%w_]+$")
        if not text:find("%f[%w_]" .. word .. "%f[^%w_]") then
          error(("help of %s does not name %s"):format(owner, word))
        end
      end
    end
  end
end)

test("error 13 is told of the object that it is about", function()
  for _, name in ipairs { "latest", "seek", "skip", "topic.sequence", "publish", "topic.next" } do
    local text = help.text(name, 200)
    equals(text:match("\n +13  (.-)\n"):match("what lies in its memory is no %w+"),
      "what lies in its memory is no topic", 2)
  end
end)

harness.finish()
