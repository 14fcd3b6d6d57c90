-- bugs/double-buffer.lua with a topic: each reader has a copy of one picture, however slow it is.
local pictures = assert(shm.topic("pictures", 4096))

scenario "a picture is never half of one and half of another"

actor("writer", function()
  for picture = 1, 2 do pictures:publish { left = picture, right = picture } end
end)

actor("reader", function()
  local picture = pictures:latest()
  if picture then expect.equal(picture.right, picture.left, "right half") end
end)
