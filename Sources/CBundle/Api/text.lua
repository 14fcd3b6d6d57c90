-- Text for a terminal: colours, widths, and bytes that are no text.

local _ <const>, host <const> = ...

local text = {}

local colours <const> = {
  number = "36", string = "32", name = "34", grey = "90", error = "31", zero = "90", text = "33",
  offset = "90",
}

function text.paint(style, colour, line)
  if not style.colour or line == "" then return line end
  return "\27[" .. colours[colour] .. "m" .. line .. "\27[0m"
end

-- Columns on the screen: colours take none, other characters what the terminal gives them.
function text.width(line)
  return host.columns((line:gsub("\27%[[%d;]*m", "")))
end

-- What of a text may reach the terminal, the rest as escapes: the rule is the host's. `manner`:
-- "line", "lines" (line ends and tabs stay) or "quoted" (as between "" in Lua).
text.printable = host.shown

-- At most `limit` bytes of a text, cut between characters.
function text.head(bytes, limit)
  if not limit or #bytes <= limit then return bytes, 0 end
  local cut = limit
  while cut > 1 and (bytes:byte(cut + 1) or 0) & 0xC0 == 0x80 do cut = cut - 1 end
  return bytes:sub(1, cut), #bytes - cut
end

return text
