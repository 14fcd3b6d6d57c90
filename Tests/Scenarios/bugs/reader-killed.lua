-- A lock for readers and writers is a count of readers; a reader that is killed stays in it for ever.
-- As in https://github.com/krakjoe/apcu/issues/632
local cache = assert(shm.create("cache", 8))
local readers, entry = cache:atomic(0), cache:atomic(4)

scenario "a killed reader holds no writer up"

actor("reader", { kill = true }, function()
  readers:add(1)
  entry:load()
  if readers:sub(1) == 1 then readers:wake() end
end)

actor("writer", function()
  while true do
    local inside = readers:load()
    if inside == 0 then break end
    readers:wait(inside)
  end
  entry:store(1)
end)
