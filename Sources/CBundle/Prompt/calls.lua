-- The call that unfinished text is in: what it still takes, for the grey hint, and which options.

local module <const> = ...
local lexer <const> = module("lexer")
local show <const> = module("show")
local values <const> = module("values")

local calls = {}

local openers <const> = { ["("] = true, ["["] = true, ["{"] = true }
local closers <const> = { [")"] = true, ["]"] = true, ["}"] = true }

-- The bracket that token `last` is in: its index, the number of commas behind it, and whether the
-- item at the end has begun.
local function opened(tokens, last)
  local depth, commas = 0, 0
  for index = last, 1, -1 do
    local text = tokens[index].kind == "mark" and tokens[index].text
    if closers[text] then
      depth = depth + 1
    elseif openers[text] then
      if depth == 0 then
        return index, commas, index ~= last and tokens[last].text ~= "," and tokens[last].text ~= ";"
      end
      depth = depth - 1
    elseif (text == "," or text == ";") and depth == 0 then
      commas = commas + 1
    end
  end
end

-- The module with the description of the API; nil: it is not in this program.
function calls.help()
  local known, help = pcall(module, "help")
  return known and type(help) == "table" and help or nil
end

-- ---- options ----

-- The function that a table constructor, which begins at `index`, is an argument of, and which.
local function taker(tokens, index)
  local before = tokens[index - 1]
  if not before then return nil end
  if before.text ~= "(" and before.text ~= "," then return values.at(tokens, index - 1), 1 end
  local call, commas = opened(tokens, index - 1)
  if not call or tokens[call].text ~= "(" then return nil end
  return values.at(tokens, call - 1), commas + 1
end

-- The options of the call whose table the text after token `last` is in, and that table's index.
function calls.options(tokens, last)
  local index = opened(tokens, last)
  if not index or tokens[index].text ~= "{" then return nil end
  local help, f, place = calls.help(), taker(tokens, index)
  if type(f) ~= "function" or not help then return nil end
  return help.options_of(f, place), index
end

-- The keys that are written in the table at `index` already.
function calls.given(tokens, index)
  local keys, depth = {}, 0
  for place = index + 1, #tokens do
    local text = tokens[place].kind == "mark" and tokens[place].text
    if openers[text] then depth = depth + 1 end
    if closers[text] then depth = depth - 1 end
    if text == "=" and depth == 0 then keys[tokens[place - 1].text] = true end
  end
  return keys
end

-- ---- the hint ----

-- The parameters, and whether the object before the colon is among them.
local function signature(f)
  if debug.getinfo(f, "S").what ~= "C" then return table.concat(show.parameters(f), ", "), true end
  local help = calls.help()
  if not help then return nil end
  local well, text = pcall(help.signature, f)
  if not (well and type(text) == "string") then return nil end
  return text:match("%((.*)%)"), not text:find("^[^(]*:")
end

-- The parameters from number `skip` + 1 on: "name, size [, options]".
local function rest(parameters, skip)
  local at = 1
  for _ = 1, skip do
    local comma = parameters:find(",", at, true)
    if not comma then
      return parameters:find("...", 1, true) and "..." or parameters:find("···", 1, true) and "..."
        or nil
    end
    at = comma + 1
  end
  local text = parameters:sub(at):gsub("^%s+", "")
  local open = select(2, parameters:sub(1, at - 1):gsub("%[", ""))
    - select(2, parameters:sub(1, at - 1):gsub("%]", ""))
  for _ = 1, open do text = text:gsub("%]%s*$", "", 1) end
  return text
end

-- The options that the table at the end of the tokens does not have yet.
local function options_left(tokens)
  local options, index = calls.options(tokens, #tokens)
  if not options then return nil end
  local given, left = calls.given(tokens, index), {}
  for _, option in ipairs(options) do
    if not given[option[1]] then left[#left + 1] = option[1] end
  end
  return #left > 0 and table.concat(left, ", ") .. " }" or nil
end

-- The grey text behind the cursor, or nil.
function calls.hint(text, cursor)
  if text:find("^[^\n]*%S", cursor + 1) then return nil end
  local tokens = lexer.tokens(text, cursor)
  if #tokens == 0 or tokens[#tokens].open then return nil end -- in a string or a comment
  local index, commas, begun = opened(tokens, #tokens)
  if not index then return nil end
  if tokens[index].text == "{" then return not begun and options_left(tokens) or nil end
  if tokens[index].text ~= "(" then return nil end
  local f = values.at(tokens, index - 1)
  if type(f) ~= "function" then return nil end
  local parameters, whole = signature(f)
  if not parameters then return nil end
  if whole and tokens[index - 2] and tokens[index - 2].text == ":" then
    parameters = parameters:gsub("^[^,%[]*,?%s*", "", 1)
  end
  local remaining = rest(parameters, commas + (begun and 1 or 0))
  if not remaining then return begun and ")" or nil end
  if begun then return (remaining == "" and "" or ", ") .. remaining .. ")" end
  return remaining .. ")"
end

return calls
