-- Names that Tab offers are names that live, and what the prompt shows commands no terminal.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

local names, files = {}, {}
local host = {
  source = function(name)
    for _, folder in ipairs { "Prompt", "Api", "Layouts" } do
      local file = io.open(here .. "../../Sources/CBundle/" .. folder .. "/" .. name .. ".lua")
      if file then
        local text = file:read("a")
        file:close()
        return text
      end
    end
  end,
  objects = function()
    local list = {}
    for _, name in ipairs(names) do list[#list + 1] = "mapping:" .. name .. "\0" end
    return table.concat(list)
  end,
  holders = function() return "" end,
  columns = function(line) return #line end,
  files = function() return table.concat(files, "\0") .. "\0" end,
  shown = console.printable,
}

local function new()
  local prompt = assert(load(host.source("prompt"), "=prompt.lua"))(host)
  prompt.configure(80, 24, 0)
  return prompt
end

-- The candidates at the end of a text.
local function offered(text)
  local found = {}
  for candidate in new().complete(text, #text):gsub("^%d+", ""):gmatch("%z([^%z]+)") do
    found[#found + 1] = candidate
  end
  return found
end

-- What a candidate means where it is taken: the name that shm.open gets. The only one closes its
-- quote.
local function meaning(opening, candidate, closing)
  if candidate:sub(-#closing) ~= closing or candidate:sub(-2) == '\\"' then
    candidate = candidate .. closing
  end
  return assert(load("return " .. opening .. candidate))()
end

local hostile <const> = {
  "plain", "\xff\x9b", "caf\u{e9}", "cafe\u{301}", "\u{202e}x", "\u{9b}31m", "a\nb", "\ra", "tab\t",
  'quo"te', "quo'te", "end]", "end]=", "in]]side", "1\0271", " blank ", "\u{200d}", "\u{301}mark",
  "/x", "Global", "Session", "%2F", "\xc2", "日本語",
}

test("each quote offers names that mean what lives", function()
  local quotes <const> = { { '"', '"' }, { "'", "'" }, { "[[", "]]" }, { "[=[", "]=]" } }
  for _, place in ipairs { "Local\\", "Global\\" } do
    for _, name in ipairs(hostile) do
      names = { place .. name }
      for _, quote in ipairs(quotes) do
        local opening, closing = quote[1], quote[2]
        local found = offered("shm.open(" .. opening)
        for _, candidate in ipairs(found) do
          local text = meaning(opening, candidate, closing)
          local lives = text == place .. name
            or place == "Local\\" and text == name and not text:find("^/") and text ~= "Global"
              and text ~= "Session"
          if not lives then error(("%q offers %q for %q"):format(opening, text, place .. name)) end
          equals(console.printable(candidate), candidate)
        end
        -- In quotes, every name can be written.
        if #closing == 1 then equals(#found, 1) end
      end
    end
  end
end)

test("a name that could not stay itself is not offered where nothing escapes", function()
  names = { "Local\\\xff", "Local\\\u{202e}", "Local\\end]", "Local\\good" }
  equals(table.concat(offered("shm.open([["), "|"), "good]]")
  equals(new().objects(""), "end]\0good\0")
  names = { "Local\\ blank ", "Local\\/x", "Local\\Global" }
  equals(new().objects(""), "Local\\/x\0Local\\Global\0")
end)

test("an object of a type that nobody knows stops no completion", function()
  local objects = host.objects
  host.objects = function() return "another type:Local\\odd\0mapping:Local\\even\0" end
  equals(table.concat(offered('shm.open("'), "|"), 'even"')
  host.objects = objects
end)

test("files that could not stay themselves are not offered", function()
  files = { "a\xff.lua", "\u{202e}.lua", " b.lua", "good.lua" }
  equals(new().files(""), "good.lua\0")
end)

local c1 <const> = "\u{9b}31mRED\u{202e}\27[2J\xff"

-- No byte of it reaches the terminal.
local function harmless(text)
  for line in text:gmatch("[^\n]+") do equals(console.printable(line), line) end
end

test("results and errors command no terminal", function()
  local described = setmetatable({}, { __tostring = function() return c1 .. "\n" .. c1 end })
  local named = setmetatable({ [c1] = c1 }, { __name = c1 })
  local raising = setmetatable({}, { __tostring = function() error(c1) end })
  local prompt = new()
  harmless(prompt.results("x", c1, described, named, raising, { described, c1 }, { [named] = 1 }))
  harmless(prompt.all())
  harmless(prompt.failure(c1, { "prompt[2]:1: " .. c1, "\nstack traceback:\n\t" .. c1 .. ": in x" }))
  harmless(prompt.failure(c1, { described, "" }))
  harmless(prompt.misspelled(c1, "prompt[1]:1: near '" .. c1 .. "'", "prompt[1]:1: " .. c1))
  harmless(prompt.complaint("unknown command ':" .. c1 .. "'"))
  harmless(tostring(prompt.hex(c1)))
end)

test("the columns of a dump follow the same rule", function()
  local column = {}
  for code = 0, 255 do
    local byte = string.char(code)
    column[#column + 1] = console.printable(byte) == byte and byte or "."
  end
  local every, found = ("x"):rep(256):gsub("()x", function(at) return string.char(at - 1) end), {}
  for line in tostring(new().hex(every)):gmatch("[^\n]+") do found[#found + 1] = line:sub(-16) end
  equals(table.concat(found), table.concat(column))
end)

test("a message keeps its lines and its backslashes", function()
  equals(new().failure("x", { "one\n\ttwo \\n", "" }), "one\n\ttwo \\n\n")
end)

harness.finish()
