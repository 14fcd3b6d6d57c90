-- A record under a sequence word, by update and snapshot: readers never see half of it, even if the
-- writer dies in the middle; the next update makes that good.
local view = assert(shm.create("record", 24))
local HALVES <const> = "<i8i8"

scenario "a snapshot is whole, whoever is killed"

local function write(number)
  view:update(8, 16, function(draft) draft:write(HALVES:pack(number, -number)) end, { sequence = 0 })
end

actor("writer", { kill = true }, function() write(1) end)
actor("next writer", { after = "writer" }, function() write(2) end)

actor("reader", function()
  local one, other = HALVES:unpack(view:snapshot(8, 16, { sequence = 0 }) or ("\0"):rep(16))
  expect.equal(one + other, 0, "the two halves together")
end)
