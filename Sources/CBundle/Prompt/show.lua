-- Values as a person wants to see them: sorted, nested, cut to the terminal, never raising.
--
-- show.values(list, style) -> lines. `style`: columns, rows (nil: all), colour, depth, entries,
-- holders (a function from a name to text). Metamethods are called protected; an error in one is
-- shown in the value's place.

local module <const> = ...
local texts <const> = module("text")
local dump <const> = module("dump")

local show = {}

local getmetatable <const> = debug.getmetatable

local paint <const>, printable <const> = texts.paint, texts.printable
local head <const>, width <const> = texts.head, texts.width

-- So much of a text as these columns have room for; nil: as the style allows. Where little is seen
-- of it anyway, the number of the bytes that are left out would take the place of more.
local function quote(text, style, room)
  local limit = style.length
  if limit and room then limit = math.min(limit, 4 * math.max(room, 1)) end
  while true do
    local shown, more = head(text, limit)
    local quoted = '"' .. printable(shown, "quoted") .. '"'
    local rest = more == 0 and "" or room and room < 30 and "…" or ("… %d bytes more"):format(more)
    local columns = width(quoted) + width(rest)
    if not limit or not room or columns <= room or #shown <= 1 then
      if more > 0 then style.cut = true end
      return paint(style, "string", quoted) .. paint(style, "grey", rest)
    end
    limit = math.max(math.min(#shown - 1, #shown * room // columns), 1)
  end
end

-- The text of a metamethod __tostring, or of its failure; of several lines, maybe.
local function described(value, style)
  local well, text = pcall(tostring, value)
  if well then
    local shown, more = head(text, style.length)
    if more > 0 then style.cut = true end
    return printable(shown, "lines") .. (more > 0 and "…" or "")
  end
  local said, reason = pcall(tostring, text)
  return paint(style, "error", "<error in __tostring: "
    .. printable(said and reason or type(text)) .. ">")
end

-- A value's address, whatever its metatable says.
local function address(value)
  return ("%p"):format(value)
end

local function named(value)
  local meta = getmetatable(value)
  local name = meta and rawget(meta, "__name")
  return type(name) == "string" and name or nil
end

function show.is_view(value)
  return type(value) == "userdata" and named(value) == "shm.view"
end

-- Is it of those whose text is a listing of several lines?
local function is_listed(value)
  local name = type(value) == "userdata" and named(value)
  return name == "shm.layout" or name == "shm.record"
end

-- The parameters of a Lua function.
function show.parameters(f)
  local info = debug.getinfo(f, "u")
  local list = {}
  for index = 1, info.nparams do list[index] = debug.getlocal(f, index) end
  if info.isvararg then list[#list + 1] = "..." end
  return list
end

-- Where a built-in function is found: "string.format".
local function path_of(f)
  local found
  for library, functions in next, package.loaded do
    if type(functions) == "table" and type(library) == "string" then
      for name, value in next, functions do
        if rawequal(value, f) and type(name) == "string" and not name:find("^_%d*$") then
          local path = library == "_G" and name or library .. "." .. name
          if not found or path < found then found = path end
        end
      end
    end
  end
  return found
end

local function function_text(f, style)
  local info = debug.getinfo(f, "S")
  if info.what == "C" then
    return paint(style, "name", "function " .. printable(path_of(f) or address(f)))
  end
  local parameters = table.concat(show.parameters(f), ", ")
  return paint(style, "name", "function(" .. parameters .. ")")
    .. paint(style, "grey", ("  %s:%d"):format(printable(info.short_src), info.linedefined))
end

-- `room`: the columns for it; nil: any number.
local function leaf(value, style, room)
  local kind = type(value)
  local meta = getmetatable(value)
  if kind == "string" then return quote(value, style, room) end
  if kind == "number" then return paint(style, "number", tostring(value)) end
  if kind == "nil" then return paint(style, "grey", "nil") end
  if kind == "boolean" then return paint(style, "number", tostring(value)) end
  if kind == "function" then return function_text(value, style) end
  if kind == "thread" then
    return ("thread: %s (%s)"):format(address(value), coroutine.status(value))
  end
  if meta and rawget(meta, "__tostring") ~= nil then
    local text = described(value, style)
    return is_listed(value) and printable(text:match("^[^\n]*")) or text
  end
  return ("%s: %s"):format(printable(named(value) or kind), address(value))
end

-- ---- tables ----

local ranks <const> = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local kind, other = type(a), type(b)
  if kind ~= other then
    local rank, beside = ranks[kind] or 4, ranks[other] or 4
    if rank ~= beside then return rank < beside end
    return kind < other
  end
  if kind == "number" or kind == "string" then return a < b end
  if kind == "boolean" then return not a and b end
  return address(a) < address(b)
end

local MANY <const> = 100000

-- The keys in order, the values by key, and whether there are more.
local function contents(value, limit)
  local meta = getmetatable(value)
  local keys, values, count, endless = {}, {}, 0, false
  local function collect(key, item)
    count = count + 1
    keys[count], values[key] = key, item
  end
  local most = limit or math.huge
  if meta and rawget(meta, "__pairs") ~= nil then
    for key, item in pairs(value) do
      if count >= most then
        endless = true
        break
      end
      collect(key, item)
    end
  elseif limit and rawget(value, MANY) ~= nil then
    -- Sorting a million keys takes a while: the first ones are known.
    for key = 1, limit do collect(key, rawget(value, key)) end
    return keys, values, true
  else
    for key, item in next, value do collect(key, item) end
  end
  table.sort(keys, before)
  return keys, values, endless
end

local keywords <const> = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do keywords[word] = true end
show.keywords = keywords

function show.is_name(text)
  return type(text) == "string" and text:find("^[%a_][%w_]*$") ~= nil and not keywords[text]
end

local function key_text(key, style, level)
  if show.is_name(key) then return paint(style, "name", key) end
  return "[" .. leaf(key, style, math.max(math.min(style.columns // 2, style.columns - 2 * level - 22), 4)) .. "]"
end

local render

-- The parts of a table: texts of one entry each.
local function entries(value, style, path, level)
  local well, keys, values, endless = pcall(contents, value, style.entries)
  if not well then
    local said, reason = pcall(tostring, keys)
    return { paint(style, "error", "<error in __pairs: "
      .. printable(said and reason or type(keys)) .. ">") }
  end
  local parts, following = {}, 1
  for index, key in ipairs(keys) do
    if style.entries and index > style.entries then
      parts[#parts + 1] = paint(style, "grey", ("… %d more"):format(#keys - style.entries))
      style.cut = true
      break
    end
    local step = show.is_name(key) and "." .. key or "[" .. tostring(leaf(key, {})) .. "]"
    local label = ""
    if key == following then
      following = following + 1
    else
      label = key_text(key, style, level + 1) .. " = "
    end
    parts[#parts + 1] = label
      .. render(values[key], style, path .. step, level + 1, width(label) + 1)
  end
  if endless then
    parts[#parts + 1] = paint(style, "grey", "… more")
    style.cut = true
  end
  return parts
end

-- Short items of a list side by side; an entry with a key has a line of its own.
local function filled(parts, room)
  local lines, used = {}, math.huge
  for _, part in ipairs(parts) do
    local columns = width(part) + 2
    local keyed = part:find(" = ", 1, true)
    if keyed or used + columns - 1 > room then
      lines[#lines + 1] = part
      used = keyed and math.huge or columns
    else
      lines[#lines] = lines[#lines] .. ", " .. part
      used = used + columns
    end
  end
  return lines
end

-- Is it not to be opened: too deep, or one of ours, which may have much, inside of another?
local function stays_closed(value, style, level)
  if not style.depth or level == 0 then return false end
  return level > style.depth or type(value) == "userdata" and not style.whole
end

local function table_text(value, style, path, level, taken)
  local seen = style.seen[value]
  if seen then return paint(style, "grey", "<cycle: " .. seen .. ">") end
  local name = named(value)
  local label = name and printable(name) .. " " or ""
  if stays_closed(value, style, level) then
    if type(value) == "table" and next(value) == nil then return label .. "{}" end
    style.cut = true
    return label .. "{" .. paint(style, "grey", "…") .. "}"
  end
  style.seen[value] = path
  local parts = entries(value, style, path, level)
  style.seen[value] = nil
  if #parts == 0 then return label .. "{}" end
  local room = style.columns - level * 2 - taken
  local used, several = 0, false
  for _, part in ipairs(parts) do
    used = used + width(part) + 2
    several = several or part:find("\n", 1, true) ~= nil
  end
  if not several and used + width(label) + 2 <= room then
    return label .. "{ " .. table.concat(parts, ", ") .. " }"
  end
  local margin = ("  "):rep(level + 1)
  if not several then parts = filled(parts, style.columns - #margin) end
  return label .. "{\n" .. margin .. table.concat(parts, ",\n" .. margin) .. "\n"
    .. ("  "):rep(level) .. "}"
end

-- A table, or a userdata that has pairs: each without a text of its own.
local function has_entries(value)
  local kind, meta = type(value), getmetatable(value)
  if kind ~= "table" and kind ~= "userdata" then return false end
  if meta and rawget(meta, "__tostring") ~= nil then return false end
  return kind == "table" or meta ~= nil and rawget(meta, "__pairs") ~= nil
end

-- `taken`: the columns of its line that the key before it and the comma behind it take.
function render(value, style, path, level, taken)
  if has_entries(value) then return table_text(value, style, path, level, taken) end
  return leaf(value, style, level > 0 and style.columns - level * 2 - taken or nil)
end

-- ---- views ----

local function view_lines(view, style)
  local methods = getmetatable(view).__index
  local heading = printable(tostring(view))
  local well, size = pcall(methods.size, view)
  if not well then return { heading } end
  local name = methods.name(view)
  local holders = name and style.holders and style.holders(name) or ""
  local lines = { paint(style, "name", heading) }
  if holders ~= "" then lines[2] = paint(style, "grey", "held by " .. printable(holders)) end
  local function read(length, offset) return methods.read(view, length, offset) end
  local dumped, rows = pcall(dump, read, 0, size, style, style.rows and 16)
  if not dumped then rows = { paint(style, "error", printable(tostring(rows))) } end
  return table.move(rows, 1, #rows, #lines + 1, lines)
end

-- ---- layouts and records ----

-- The lines of a listing: the first is the heading, and each begins with an offset.
local function listing(value, style)
  local well, text = pcall(tostring, value)
  if not well then return described(value, style) end
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local shown = printable(line)
    if #lines == 0 then
      shown = paint(style, "name", shown)
    else
      shown = shown:gsub("^ *%d+", function(offset) return paint(style, "grey", offset) end)
    end
    lines[#lines + 1] = shown
  end
  return table.concat(lines, "\n")
end

-- ---- results ----

-- A text that is shown as it is, not quoted.
local verbatim <const> = { __name = "text" }
verbatim.__tostring = function(self) return self.text end
verbatim.__concat = function(a, b) return tostring(a) .. tostring(b) end

function show.verbatim(text) return setmetatable({ text = text }, verbatim) end

local function value_text(value, style)
  if show.is_view(value) then return table.concat(view_lines(value, style), "\n") end
  if is_listed(value) then return listing(value, style) end
  if getmetatable(value) == verbatim then return value.text end
  return render(value, style, "_", 0, 0)
end

-- The text of a list of results (with its count in n), and whether something was left out.
function show.values(list, style)
  style = setmetatable({ seen = {}, cut = false }, { __index = style })
  local parts = {}
  for index = 1, math.min(list.n, style.entries or list.n) do
    parts[index] = value_text(list[index], style)
  end
  if #parts < list.n then
    style.cut = true
    parts[#parts + 1] = paint(style, "grey", ("… %d results more"):format(list.n - #parts))
  end
  local text = table.concat(parts, "  ")
  if text:find("\n", 1, true) or width(text) > style.columns then
    text = table.concat(parts, "\n")
  end
  if style.rows then
    local lines, total = {}, 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
      total = total + 1
      if total <= style.rows then lines[total] = line end
    end
    -- To say that one line is left out would take its place.
    if total > style.rows + 1 then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d lines more"):format(total - style.rows))
      text = table.concat(lines, "\n")
    end
  end
  return text, style.cut
end

return show
