-- Errors with the place that Lua names: the line of the chunk, and a caret below the word.

local module <const> = ...
local texts <const> = module("text")
local paint <const>, printable <const> = texts.paint, texts.printable

local failure = {}

-- Looking for a word that stands in a line thousands of times must end.
local PLACES <const> = 64

local function line_of(text, number)
  local at = 1
  for _ = 2, number do
    local stop = text:find("\n", at, true)
    if not stop then return nil end
    at = stop + 1
  end
  return text:sub(at, (text:find("\n", at, true) or #text + 1) - 1), at
end

local function same(message, other)
  return type(other) == "string"
    and message:gsub("^.-:%d+: ", "", 1) == other:gsub("^.-:%d+: ", "", 1)
end

-- Where a syntax error is: the word that Lua names may stand in its line several times; the
-- right one is where the text, ended there, gives the same error. `first` comes before the text
-- when it is read. Returns line, its text, the word's offset in it and its length.
function failure.place(text, message, first)
  if message:find("unfinished string near <eof>$") then -- a line's end names the string
    message = select(2, load(first .. text .. "\n", "=text", "t")) or message
  end
  local number = math.tointeger(tonumber(message:match("^.-:(%d+): ")))
  local line, start = line_of(text, number or 1)
  if not line then return nil end
  local word = message:match("near '(.*)'$")
  if not word then
    if not message:find("<eof>$") then return number, line end
    return number, line, #line, 1
  end
  word = word:gsub("^<\\(%d+)>$", function(code) return string.char(code) end)
  local at = 1
  for _ = 1, PLACES do
    local from, to = line:find(word, at, true)
    if not from then break end
    local _, reason = load(first .. text:sub(1, start + to - 1), "=text", "t")
    if same(message, reason) then return number, line, from - 1, #word end
    at = from + 1
  end
  local from = line:find(word, 1, true)
  return number, line, from and from - 1, #word
end

-- Where a run-time error is: the first mention of the variable or function that Lua names.
function failure.mention(line, message)
  local word = message:match("%(%a+ '([%a_][%w_]*)'%)") or message:match("to '([%a_][%w_]*)'")
    or message:match("method '([%a_][%w_]*)'")
  local from = word and line:find("%f[%w_]" .. word .. "%f[^%w_]")
  if from then return from - 1, #word end
end

-- The part of a long line around `offset` that fits, and the offset in it.
local function window(line, offset, room)
  if texts.width(printable(line)) <= room then return line, offset end
  local from = math.max(0, (offset or 0) - room // 2)
  while from > 0 and (line:byte(from + 1) or 0) & 0xC0 == 0x80 do from = from - 1 end
  local part = texts.head(line:sub(from + 1), room - 2)
  if from == 0 then return part .. "…", offset end
  return "…" .. part, offset and offset - from + #"…"
end

-- The line with its number, and the caret.
function failure.excerpt(number, line, offset, length, style)
  local margin = ("%4d | "):format(number)
  line = line:gsub("\t", " ")
  line, offset = window(line, offset, math.max(style.columns - #margin - 1, 10))
  local lines = { paint(style, "grey", margin) .. printable(line) }
  if offset then
    local before = printable(line:sub(1, offset))
    local mark = line:sub(offset + 1, offset + length)
    lines[2] = paint(style, "grey", ("     | ")) .. (" "):rep(texts.width(before))
      .. paint(style, "error", ("^"):rep(math.max(1, math.min(texts.width(mark), 40))))
  end
  return lines
end

-- The levels of a traceback that say more than the error's place.
function failure.levels(traceback)
  local lines, telling = {}, false
  for level in traceback:gmatch("\n\t([^\n]+)") do
    local main = level:find("in main chunk", 1, true)
    if level ~= "[C]: in ?" and level ~= "(...tail calls...)" then lines[#lines + 1] = "  " .. level end
    telling = telling or not main and not level:find("^%[C%]") and not level:find("^%(")
  end
  return telling and lines or {}
end

failure.line = line_of

return failure
