-- A barrier that is used again and again: its generation tells those who wait from those who come.
local COUNT <const>, ROUNDS <const> = 2, 2
local view = assert(shm.create("barrier", 16))
local arrived, generation = view:atomic(0), view:atomic(4)
local round = view:atomic(8)

scenario "nobody is a round ahead"

local function meet()
  local mine = generation:load()
  if arrived:add(1) == COUNT - 1 then                  -- the last one opens it
    arrived:store(0)
    round:add(1)
    generation:add(1)
    generation:wake(COUNT)
  else
    mark "waiting"
    while generation:load() == mine do generation:wait(mine) end
  end
end

actors(COUNT, "walker", function()
  for number = 1, ROUNDS do
    expect.equal(round:load(), number - 1, "rounds before the barrier")
    meet()
  end
end)

fault.delay("walker2", { seconds = 0.002 })
