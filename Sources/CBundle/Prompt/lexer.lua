-- Lua's words for the prompt's questions about unfinished text: where a string began, which
-- names are local, what stands before the cursor. It accepts anything.

local lexer = {}

-- A long bracket that opens at `at`: the position behind it, and its level.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if level then return at + #level + 2, level end
end

local function long_token(text, start, inside, level, kind)
  local _, stop = text:find("]" .. level .. "]", inside, true)
  return { kind = kind, from = start, inside = inside, to = stop or #text, open = not stop,
    long = level }
end

local function short_string(text, start)
  local quote, at = text:sub(start, start), start + 1
  while at <= #text do
    local byte = text:sub(at, at)
    if byte == "\\" then
      at = at + 1
    elseif byte == quote or byte == "\n" then
      return { kind = "string", from = start, inside = start + 1, to = at, quote = quote }
    end
    at = at + 1
  end
  return { kind = "string", from = start, inside = start + 1, to = #text, open = true,
    quote = quote }
end

local function token(text, at)
  local inside, level = long_bracket(text, at)
  if inside then return long_token(text, at, inside, level, "string") end
  if text:find("^%-%-", at) then
    inside, level = long_bracket(text, at + 2)
    if inside then return long_token(text, at, inside, level, "comment") end
    local stop = text:find("\n", at, true)
    return { kind = "comment", from = at, to = stop or #text, open = not stop }
  end
  if text:find("^[\"']", at) then return short_string(text, at) end
  local stop = select(2, text:find("^[%a_][%w_]*", at))
  if stop then return { kind = "name", from = at, to = stop } end
  stop = select(2, text:find("^%.?%d[%w.]*", at))
  if stop then return { kind = "number", from = at, to = stop } end
  stop = select(2, text:find("^%.%.%.?", at)) or select(2, text:find("^::", at))
    or select(2, text:find("^[=~<>]=", at)) or at
  return { kind = "mark", from = at, to = stop }
end

-- The tokens of the text up to `last`, each with kind, from, to, text; strings and comments that
-- do not end have `open`.
function lexer.tokens(text, last)
  text = text:sub(1, last or #text)
  local list, at = {}, text:find("%S")
  while at do
    local found = token(text, at)
    found.text = text:sub(found.from, found.to)
    list[#list + 1] = found
    at = text:find("%S", found.to + 1)
  end
  return list
end

-- The names that `local` and `for` declare in the tokens, and parameters.
function lexer.locals(tokens)
  local names, index = {}, 1
  local function list_from(at)
    while tokens[at] and tokens[at].kind == "name" do
      names[#names + 1] = tokens[at].text
      at = at + 1
      if tokens[at] and tokens[at].text == "<" then at = at + 3 end
      if not (tokens[at] and tokens[at].text == ",") then break end
      at = at + 1
    end
  end
  while index <= #tokens do
    local word = tokens[index].kind == "name" and tokens[index].text
    if word == "local" then
      local following = tokens[index + 1]
      list_from(following and following.text == "function" and index + 2 or index + 1)
    elseif word == "for" then
      list_from(index + 1)
    elseif word == "function" then
      local at = index + 1
      while tokens[at] and tokens[at].text ~= "(" do at = at + 1 end
      list_from(at + 1)
    end
    index = index + 1
  end
  return names
end

-- The names of `local` only, parameters and loop variables left out.
function lexer.declared(tokens)
  local names = {}
  for index, found in ipairs(tokens) do
    if found.kind == "name" and found.text == "local" then
      local part = table.move(tokens, index, #tokens, 1, {})
      local at, function_word = 2, part[2] and part[2].text == "function"
      if function_word then at = 3 end
      while part[at] and part[at].kind == "name" do
        names[#names + 1] = part[at].text
        at = at + 1
        if part[at] and part[at].text == "<" then at = at + 3 end
        if function_word or not (part[at] and part[at].text == ",") then break end
        at = at + 1
      end
    end
  end
  return names
end

return lexer
