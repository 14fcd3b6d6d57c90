-- The marks and the sometimes that a file's text names: what never happened can only be missed by who
-- knows that it was meant to.

local lexer <const> = require "moonpool.lexer"

local places = {}

local function value_of(token)
  if not token or token.kind ~= "string" or token.open then return nil end
  local read = load("return " .. token.text, "=literal", "t", {})
  return read and read()
end

local function code_of(text)
  local code = {}
  for _, token in ipairs(lexer.tokens(text)) do
    if token.kind ~= "comment" then code[#code + 1] = token end
  end
  return code
end

-- { mark = { name = line }, sometimes = { name = line }, computed = { mark = true where one's name is
-- no literal, sometimes = the same } }
function places.literals(text)
  local found, line, at = { mark = {}, sometimes = {}, computed = {} }, 1, 1
  local code = code_of(text)
  for index, token in ipairs(code) do
    local list = token.kind == "name" and token.text ~= "computed" and found[token.text]
    local before = code[index - 1]
    if list and not (before and (before.text == "." or before.text == ":"
      or before.text == "function")) then
      local following = code[index + 1]
      local is_call = following and following.text == "("
      local name = value_of(is_call and code[index + 2] or following)
      local behind = is_call and code[index + 3]
      -- mark("step " .. n): the string is only where the name begins.
      if behind and behind.text ~= ")" and behind.text ~= "," then name = nil end
      line = line + select(2, text:sub(at, token.from - 1):gsub("\n", ""))
      at = token.from
      if name then
        list[name] = list[name] or line
      elseif is_call or token.text == "sometimes" then -- which may have another name, too
        found.computed[token.text] = true
      end
    end
  end
  return found
end

return places
