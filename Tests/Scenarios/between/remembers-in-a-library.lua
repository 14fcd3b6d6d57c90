-- What always holds remembers who was first: a field of the standard library.
local memory = assert(shm.create("remembers-in-a-library", 16))
local x, y = memory:atomic(0), memory:atomic(4)
local asked, noise = memory:atomic(8), memory:atomic(12)
local is_judged = false

scenario "y does not come first"

always(function()
  local place = math
  if not place.first then
    if x:load() == 1 and y:load() == 0 then place.first = "x" end
    if y:load() == 1 and x:load() == 0 then place.first = "y" end
  end
  if asked:load() == 1 and not is_judged then
    is_judged = true
    expect(place.first ~= "y", "y was first")
  end
end)
actor("a", function() x:store(1) end)
actor("b", function() y:store(1) end)
actor("c", function()
  noise:add(1)
  if x:load() + y:load() == 2 then asked:store(1) end
end)
