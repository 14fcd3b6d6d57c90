-- Two heirs find the owner dead, and each takes its lock with a store.
local memory = assert(shm.create("stolen-lock", 8))
local owner, inside = memory:atomic(0), memory:atomic(4)

scenario "one heir gets a dead owner's lock"

actor("first", { kill = true }, function()
  owner:cas(0, 1)
end)

actors(2, "heir", { after = "first" }, function(number)
  local seen = owner:load()
  if seen == 1 then
    owner:store(number + 1)
    expect.equal(inside:add(1), 0, "others inside")
    inside:sub(1)
  end
end)
