-- The manual page (roff) and the reference (Markdown), made from help's tables.

local help = require "moonpool.help"
local manual = {}

-- MARK: the manual page

-- Text for roff: its own characters escaped, all others as ASCII.
local function escaped(text)
  text = text:gsub("\\", "\\e"):gsub("`", ""):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1")
    :gsub("^([.'])", "\\&%1")
  return (text:gsub(utf8.charpattern, function(character)
    local code = utf8.codepoint(character)
    return code > 127 and ("\\[u%04X]"):format(code) or nil
  end))
end

local function item(label, text) return (".TP\n\\fB%s\\fR\n%s"):format(escaped(label), escaped(text)) end

-- Paragraphs; lines that begin with a blank are an example.
local function paragraphs(text)
  text = "\n" .. escaped(text) .. "\n"
  text = text:gsub("\n([ ][^\n]*)", "\n.br\n%1"):gsub("\n\n+", "\n.PP\n")
  return text:sub(2, -2)
end

local function example(text) return ".IP\n.nf\n" .. escaped(text) .. "\n.fi" end

local function entry_page(entry)
  local returned = help.returned(entry)
  local label = entry.signature .. (entry.also and ", " .. table.concat(entry.also, ", ") or "")
  local text = help.sentence(entry.brief) .. (entry.text and "\n" .. entry.text or "")
  if entry.raises then text = text .. "\nRaises for " .. entry.raises .. "." end
  if entry.codes then
    local codes = table.move(entry.codes, 1, #entry.codes, 1, {})
    table.sort(codes)
    text = text .. "\nErrors: " .. table.concat(codes, ", ") .. "."
  end
  local lines = { item(label .. (returned == "" and "" or " → " .. returned), text) }
  for _, param in ipairs(entry.params or {}) do
    lines[#lines + 1] = (".RS\n.TP\n\\fI%s\\fR (%s)\n%s\n.RE"):format(escaped(param[1]),
      escaped(param[2]), escaped(param[3]))
  end
  lines[#lines + 1] = example(entry.example)
  return table.concat(lines, "\n")
end

local function list(out, items, label, text)
  for _, each in ipairs(items) do out[#out + 1] = item(label(each), text(each)) end
end

local function section(out, title, text)
  out[#out + 1] = ".SH " .. title
  if text then out[#out + 1] = paragraphs(text) end
end

local function api(out)
  section(out, "FUNCTIONS", help.misuse)
  for _, entry in ipairs(help.functions) do
    if not entry.family then out[#out + 1] = entry_page(entry) end
  end
  section(out, "OPTIONS OF CALLS")
  list(out, help.options, function(option) return option[1] end, function(option)
    return (option[3] == "all" and "" or "Only of " .. option[3] .. ": ") .. option[4] .. "."
  end)
  section(out, "ERRORS")
  list(out, help.codes, function(code) return code[1] .. " " .. code[2] end,
    function(code) return help.sentence(code[3]) end)
  for _, subject in ipairs(help.subjects) do
    if subject[3] then section(out, subject[1]:upper(), subject[3]) end
  end
end

local function second(pair) return help.sentence(pair[2]) end
local function first(pair) return pair[1] end

-- moonpool.1
function manual.page()
  local out = { '.TH MOONPOOL 1 "" "Moonpool" "User Commands"' }
  section(out, "NAME", "moonpool - " .. help.synopsis)
  section(out, "SYNOPSIS")
  for _, line in ipairs(help.usage) do out[#out + 1] = ".B moonpool\n" .. escaped(line) .. "\n.br" end
  section(out, "DESCRIPTION", help.description)
  section(out, "OPTIONS")
  list(out, help.arguments, first, second)
  list(out, help.options_of_program, first, second)
  section(out, "COMMANDS")
  list(out, help.commands, first, function(command) return command[2] end)
  api(out)
  section(out, "ENVIRONMENT")
  list(out, help.environment, first, second)
  section(out, "EXIT STATUS")
  list(out, help.statuses, first, second)
  section(out, "SEE ALSO", "lua5.4(1), shm_overview(7)")
  return table.concat(out, "\n") .. "\n"
end

-- MARK: moonpool --help

local LABEL <const> = 22

-- Two columns; a long label has a line of its own.
local function rows_of(out, title, items, columns)
  out[#out + 1] = "\n" .. title
  for _, each in ipairs(items) do
    local label = "  " .. each[1]
    if utf8.len(label) > LABEL - 2 then
      out[#out + 1] = help.fill(each[1], columns - 4, "  "):gsub("\n", "\n    ")
      label = ""
    end
    out[#out + 1] = help.fill(each[2], columns, label .. (" "):rep(LABEL - utf8.len(label)))
  end
end

function manual.overview(columns)
  columns = math.max(math.min(columns, 100), 40)
  local out = { help.fill("Moonpool: " .. help.synopsis .. ".", columns, "") }
  for place, line in ipairs(help.usage) do
    out[#out + 1] = (place == 1 and "\nusage: moonpool " or "       moonpool ") .. line
  end
  out[#out + 1] = help.fill("\nA word that is a command is one; a script of that name is run as "
    .. "./ls. Without a script it is a prompt on a terminal; otherwise it runs standard input.",
    columns, "")
  rows_of(out, "Options before a script; all but the first are lua5.4's:", help.arguments, columns)
  rows_of(out, "Options of the program:", help.options_of_program, columns)
  rows_of(out, "Commands; moonpool COMMAND --help tells more:", help.commands, columns)
  rows_of(out, "Environment:", help.environment, columns)
  rows_of(out, "Exit status:", help.statuses, columns)
  return table.concat(out, "\n") .. "\n"
end

-- MARK: Reference.md

local function cell(text) return (text:gsub("|", "\\|")) end

local function table_of(heads, rows)
  local lines = { "| " .. table.concat(heads, " | ") .. " |",
    "|" .. (" --- |"):rep(#heads) }
  for _, row in ipairs(rows) do lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |" end
  return table.concat(lines, "\n")
end

-- All that an owner has; what is of another one's family is the same there.
local function rows(items, make)
  local made = {}
  for _, each in ipairs(items) do
    local owner = each.name and each.name:match("^%w+")
    if not each.family or each.family:match("^%w+") == owner then made[#made + 1] = make(each) end
  end
  return made
end

local function call_row(entry)
  local also = entry.also and ", `" .. table.concat(entry.also, "`, `") .. "`" or ""
  local returned = help.returned(entry)
  returned = returned == "" and "" or " → `" .. returned .. "`"
  return { "`" .. cell(entry.signature) .. "`" .. also .. returned, cell(entry.brief) }
end

-- A heading and a table for each module and each type.
local function class_table(class)
  local entries = {}
  for _, entry in ipairs(help.functions) do
    if entry.name:match("^%w+") == class[1] then entries[#entries + 1] = entry end
  end
  return ("## `%s`\n\n%s\n\n%s"):format(class[1],
    help.sentence(((class.text or class.line):gsub("%.$", ""))),
    table_of({ "call", "meaning" }, rows(entries, call_row)))
end

local function words_table()
  local words = {}
  for _, entry in ipairs(help.functions) do
    if entry.word then words[#words + 1] = entry end
  end
  return "## Words of scenarios\n\nGlobals of a file that `moonpool play` runs.\n\n"
    .. table_of({ "word", "meaning" }, rows(words, call_row))
end

-- A topic's paragraphs; lines that begin with a blank are an example. The characters that mean
-- something to Markdown are escaped, and no line begins a list.
local function markdown(text)
  local lines, inside = {}, false
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local is_example = line:find("^ ") ~= nil
    if is_example ~= inside then
      if lines[#lines] ~= "" then lines[#lines + 1] = "" end
      inside = is_example
    end
    lines[#lines + 1] = is_example and "  " .. line
      or line:gsub("[\\`*_<>#|]", "\\%0"):gsub("^([-+])", "\\%1")
  end
  return (table.concat(lines, "\n"):gsub("\n\n\n+", "\n\n"):gsub("\n+$", ""))
end

local function topics(parts)
  for _, subject in ipairs(help.subjects) do
    if subject[3] and subject[1] ~= "keys" then
      parts[#parts + 1] = ("## `?%s`\n\n%s"):format(subject[1], markdown(subject[3]))
    end
  end
end

-- The whole file.
function manual.reference()
  local parts = { "# Reference", "<!-- Written by scripts/reference from Api/*.lua. -->",
    help.misuse .. " A wait whose time is over returns false, \"timeout\". Numbers in memory are "
    .. "little-endian, unless a layout says otherwise; "
    .. "offsets count from 0, in bytes. `help()` at the prompt has all of this, with "
    .. "examples: `?view.write`; topics are below under their names there." }
  for _, class in ipairs(help.classes) do parts[#parts + 1] = class_table(class) end
  parts[#parts + 1] = words_table()
  parts[#parts + 1] = "## Options\n\n" .. table_of({ "option", "of", "meaning" },
    rows(help.options, function(option)
      return { "`" .. option[1] .. "`", option[3] == "all" and "create, open, map"
        or "`" .. option[3] .. "`", cell(option[4]) }
    end))
  parts[#parts + 1] = "## Errors\n\n" .. table_of({ "code", "means" },
    rows(help.codes, function(code) return { tostring(code[1]), cell(code[3]) } end))
  topics(parts)
  return table.concat(parts, "\n\n") .. "\n"
end

return manual
