-- How far the lines of an unfinished chunk are indented.

local module <const> = ...
local lexer <const> = module("lexer")

local STEP <const> = 2

local openers <const> = { ["function"] = true, ["do"] = true, ["then"] = true, ["repeat"] = true,
  ["else"] = true, ["{"] = true, ["("] = true, ["["] = true }
local closers <const> = { ["end"] = true, ["until"] = true, ["else"] = true, ["elseif"] = true,
  ["}"] = true, [")"] = true, ["]"] = true }
-- What a statement cannot end with.
local unfinished <const> = { ["and"] = true, ["or"] = true, ["not"] = true, ["in"] = true,
  ["return"] = true, ["local"] = true, ["if"] = true, ["while"] = true, ["for"] = true,
  ["until"] = true }
local finished <const> = { [")"] = true, ["]"] = true, ["}"] = true, ["..."] = true, ["::"] = true,
  [";"] = true, [">"] = true }

local function continues(token)
  if not token then return false end
  if token.kind == "mark" then return not finished[token.text] end
  return token.kind == "name" and unfinished[token.text] == true
end

-- Where each line begins.
local function starts_of(text)
  local starts = { 1 }
  for at in text:gmatch("\n()") do starts[#starts + 1] = at end
  return starts
end

-- The blanks that a line begins with.
local function blanks(text, start) return #text:match("^[ \t]*", start) end

-- Enter behind byte `cursor`: the indentation that the line there should have, or nil where it is
-- right, and that of the line that follows. In a text of several lines nothing is indented.
return function(text, cursor)
  local tokens = lexer.tokens(text, cursor)
  local last = tokens[#tokens]
  if last and last.open and (last.long or last.kind == "string") then return nil, 0 end
  local starts = starts_of(text:sub(1, cursor))
  local own = blanks(text, starts[#starts])
  local open, this, line, seen = {}, nil, 1, 0
  for _, token in ipairs(tokens) do
    while starts[line + 1] and starts[line + 1] <= token.from do line = line + 1 end
    local word = token.kind ~= "string" and token.kind ~= "comment" and token.text
    local is_last = line == #starts
    if closers[word] and #open > 0 then
      local opener = table.remove(open)
      if line > seen and is_last and line > 1 then this = math.min(opener, own) end
    end
    if openers[word] then open[#open + 1] = is_last and this or blanks(text, starts[line]) end
    seen = line
  end
  local following = open[#open] and open[#open] + STEP
  if not following then
    following = this or own
    if continues(last) then following = math.max(following, STEP) end
  end
  if text:find("^[ \t]*%f[\n\0]", starts[#starts]) then this = 0 end -- a line of blanks only
  if this == own then this = nil end
  return this, following
end
