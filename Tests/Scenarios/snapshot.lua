-- A record under a sequence word: readers never see half of an update.
-- A writer that is killed in one leaves what the next writer makes good.
local view = assert(shm.create("record", 64))
local ROUNDS <const> = 1
local SIZE <const>, HALVES <const> = 24, "<xxxxxxxx i8 i8"      -- the first word is the sequence's

scenario "readers see whole records, whoever is killed"

local function write(number)
  view:update(0, SIZE, function(draft)
    draft:i64(8, number)
    if number == 1 then mark "half of it is written" end
    draft:i64(16, -number)
  end)
end

actor("writer", { kill = true }, function()
  for number = 1, ROUNDS do write(number) end
end)

actor("next writer", { after = "writer" }, function()
  for number = 101, 100 + ROUNDS do write(number) end
end)

actor("reader", function()
  local last
  repeat
    local one, other = HALVES:unpack(view:snapshot(0, SIZE) or ("\0"):rep(SIZE))
    expect.equal(one + other, 0, "the two halves together")
    last = one
  until last == 100 + ROUNDS
end)

fault.kill("writer", { at = "half of it is written" })
