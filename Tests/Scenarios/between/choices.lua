-- One of three ways fails, and only if the other one has written.
local word = assert(shm.create("choices", 4)):atomic(0)

scenario "all ways are good"

actor("chooser", function()
  local way = any(1, 2, 3)
  if way == 3 then expect.equal(word:load(), 0, "word") end
end)
actor("writer", function() word:store(1) end)
