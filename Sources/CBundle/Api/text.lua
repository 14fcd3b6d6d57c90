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

local escapes <const> = {
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"', ["\0"] = "\\0",
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\v"] = "\\v", ["\27"] = "\\27",
}

-- Bytes that are no UTF-8, and controls, as escapes; the rest as it is.
function text.printable(bytes, marks)
  local parts, at = {}, 1
  while at <= #bytes do
    local _, bad = utf8.len(bytes, at)
    local good = bytes:sub(at, (bad or #bytes + 1) - 1)
    parts[#parts + 1] = good:gsub('[%c\\"\127]', function(byte)
      if not marks and (byte == '"' or byte == "\\") then return byte end
      return escapes[byte] or ("\\x%02x"):format(byte:byte())
    end):gsub("\xC2([\x80-\x9F])", function(byte) return ("\\xc2\\x%02x"):format(byte:byte()) end)
    if not bad then break end
    parts[#parts + 1] = ("\\x%02x"):format(bytes:byte(bad))
    at = bad + 1
  end
  return table.concat(parts)
end

-- At most `limit` bytes of a text, cut between characters.
function text.head(bytes, limit)
  if not limit or #bytes <= limit then return bytes, 0 end
  local cut = limit
  while cut > 1 and (bytes:byte(cut + 1) or 0) & 0xC0 == 0x80 do cut = cut - 1 end
  return bytes:sub(1, cut), #bytes - cut
end

return text
