-- Whether a process lives is seen while it does, and behind its end.
local memory = assert(shm.create("sees-the-end", 8))

scenario "it is there, or it has been"

actor("one", function() memory:u32(0, 1) end)
actor("other", function()
  if alive "one" then memory:u32(4, 1) else memory:u32(4, 2) end
end)
