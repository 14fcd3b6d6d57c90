-- Bytes as offset, hexadecimal and text, in colours and as wide as the terminal.

local module <const> = ...
local paint <const> = module("text").paint

-- How many bytes fit on a line, with an offset of `digits` digits.
local function per_line(columns, digits)
  for _, count in ipairs { 16, 8, 4 } do
    if digits + 2 + 3 * count + (count == 16 and 1 or 0) + 1 + count <= columns then return count end
  end
  return 2
end

local function row(bytes, offset, count, digits, style)
  local cells, text = {}, {}
  for index = 1, count do
    local byte = bytes:byte(index)
    local gap = index == 9 and " " or ""
    if not byte then
      cells[index] = gap .. "  "
    elseif byte == 0 then
      cells[index], text[index] = gap .. paint(style, "zero", "00"), paint(style, "zero", ".")
    elseif byte >= 0x20 and byte < 0x7F then
      cells[index] = gap .. paint(style, "text", ("%02x"):format(byte))
      text[index] = paint(style, "text", string.char(byte))
    else
      cells[index], text[index] = gap .. ("%02x"):format(byte), "."
    end
  end
  return paint(style, "offset", ("%0" .. digits .. "x"):format(offset)) .. "  "
    .. table.concat(cells, " ") .. "  " .. table.concat(text)
end

-- Lines of offset, hexadecimal and text; repeated rows are one `*`. `read(length, offset)` gives
-- the bytes, `limit` how many rows are shown.
local function dump(read, first, last, style, limit)
  local digits = last > 0xFFFFFFFF and 12 or last > 0xFFFF and 8 or 4
  local count = per_line(style.columns, digits)
  local lines, before_this, offset = {}, nil, first
  while offset < last do
    if limit and #lines >= limit then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d bytes more"):format(last - offset))
      return lines
    end
    local bytes = read(math.min(count, last - offset), offset)
    if bytes == before_this and offset + count < last then
      if lines[#lines] ~= "*" then lines[#lines + 1] = "*" end
    else
      lines[#lines + 1] = row(bytes, offset, count, digits, style)
    end
    before_this, offset = bytes, offset + count
  end
  return lines
end

return dump
