-- What always holds remembers who was first: how far an iterator has gone.
local memory = assert(shm.create("remembers-a-position", 16))
local x, y = memory:atomic(0), memory:atomic(4)
local asked, noise = memory:atomic(8), memory:atomic(12)
local iterate = ("y"):gmatch(".")
local is_judged = false

scenario "y does not come first"

always(function()
  if y:load() == 1 and x:load() == 0 then iterate() end
  if asked:load() == 1 and not is_judged then
    is_judged = true
    expect(iterate(), "y was first")
  end
end)
actor("a", function() x:store(1) end)
actor("b", function() y:store(1) end)
actor("c", function()
  noise:add(1)
  if x:load() + y:load() == 2 then asked:store(1) end
end)
