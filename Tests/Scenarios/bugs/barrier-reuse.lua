-- A barrier that is emptied by the last one: the first is round again before the other has looked.
local arrived = assert(shm.create("barrier-reuse", 4)):atomic(0)

scenario "all leave the barrier, twice"

local function barrier()
  if arrived:add(1) + 1 == 2 then
    arrived:store(0)
  else
    while arrived:load() ~= 0 do end
  end
end

actors(2, "runner", function()
  barrier()
  barrier()
end)
