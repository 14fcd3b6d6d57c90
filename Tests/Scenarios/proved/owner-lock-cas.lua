-- A dead owner's lock is taken with a compare-and-swap: one of the heirs gets it.
local memory = assert(shm.create("owner-lock-cas", 8))
local owner, inside = memory:atomic(0), memory:atomic(4)

scenario "one heir gets a dead owner's lock"

actor("first", { kill = true }, function()
  if owner:cas(0, 1) then owner:store(0) end
end)

actors(2, "heir", function(number)
  while true do
    local seen = owner:load()
    local dead = seen == 1 and not alive "first"
    if seen == 0 or dead then
      if owner:cas(seen, number + 1) then break end
    end
  end
  expect.equal(inside:add(1), 0, "others inside")
  inside:sub(1)
  owner:store(0)
end)
