-- The writer fills the buffer that is not shown; a slow reader still reads the one before.
local memory = assert(shm.create("double-buffer", 20))
local shown = memory:atomic(0)

scenario "a picture is never half of one and half of another"

actor("writer", function()
  for picture = 1, 2 do
    local at = 4 + 8 * (1 - shown:load())
    memory:u32(at, picture)
    memory:u32(at + 4, picture)
    shown:store(1 - shown:load())
  end
end)

actor("reader", function()
  local at = 4 + 8 * shown:load()
  local left = memory:u32(at)
  expect.equal(memory:u32(at + 4), left, "right half")
end)
