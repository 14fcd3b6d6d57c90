-- The prompt's Lua side without a prompt around it, for the tests that ask it.

local prompter = { held = "", listed = {} }

local sources = (arg[0]:match(".*/") or "./") .. "../../Sources/CBundle/"
local length <const>, codes <const> = utf8.len, utf8.codes
local host = {
  source = function(name)
    local file
    for folder in ("Api Layouts Prompt"):gmatch("%S+") do
      file = file or io.open(("%s%s/%s.lua"):format(sources, folder, name))
    end
    if not file then return nil end
    local text = file:read("a")
    file:close()
    return text
  end,
  objects = function()
    if prompter.objects then return table.concat(prompter.objects, "\0") .. "\0" end
    return "mapping:Local\\board\0mapping:Local\\a\"b\0mapping:Global\\my board\0mutex:Local\\bolt\0"
  end,
  holders = function() return prompter.held end,
  -- As a terminal that knows one script of wide characters.
  columns = function(line)
    if not length(line) then return #line end
    local count = 0
    for _, code in codes(line) do count = count + (code >= 0x3000 and 2 or 1) end
    return count
  end,
  shown = console.printable,
  files = function(directory)
    local names = prompter.listed[directory]
    return names and table.concat(names, "\0") .. "\0" or ""
  end,
}

prompter.source = host.source

-- A prompt without a memory of earlier tests.
function prompter.new(columns)
  local prompt = assert(load(host.source("prompt"), "=prompt.lua"))(host)
  prompt.configure(columns or 80, 24, 0)
  return prompt
end

function prompter.has(text, part)
  if not text:find(part, 1, true) then
    error(("%q is not in %q"):format(part, text), 2)
  end
end

function prompter.lacks(text, part)
  if text:find(part, 1, true) then error(("%q is in %q"):format(part, text), 2) end
end

return prompter
