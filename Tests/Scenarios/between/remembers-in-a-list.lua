-- What always holds remembers who was first: a list of tables.
local memory = assert(shm.create("remembers-in-a-list", 16))
local x, y = memory:atomic(0), memory:atomic(4)
local asked, noise = memory:atomic(8), memory:atomic(12)
local one, other = {}, {}
local seen = {}
local is_judged = false

scenario "y does not come first"

always(function()
  local kinds = { one, other }
  if x:load() == 1 and not seen[kinds[1]] then seen[one], seen[#seen + 1] = true, one end
  if y:load() == 1 and not seen[kinds[2]] then seen[other], seen[#seen + 1] = true, other end
  if asked:load() == 1 and not is_judged then
    is_judged = true
    expect(seen[1] ~= other, "y was first")
  end
end)
actor("a", function() x:store(1) end)
actor("b", function() y:store(1) end)
actor("c", function()
  noise:add(1)
  if x:load() + y:load() == 2 then asked:store(1) end
end)
