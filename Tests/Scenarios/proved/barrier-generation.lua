-- Who waits waits for the next generation, whoever is round again already.
local memory = assert(shm.create("barrier-generation", 8))
local arrived, generation = memory:atomic(0), memory:atomic(4)

scenario "all leave the barrier, twice"

local function barrier()
  local mine = generation:load()
  if arrived:add(1) + 1 == 2 then
    arrived:store(0)
    generation:add(1)
  else
    while generation:load() == mine do end
  end
end

actors(2, "runner", function()
  barrier()
  barrier()
end)
