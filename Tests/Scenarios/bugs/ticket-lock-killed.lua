-- Nobody serves the next ticket if its holder dies.
local memory = assert(shm.create("ticket-lock-killed", 8))
local next, serving = memory:atomic(0), memory:atomic(4)

scenario "everybody is served, whoever is killed"

actors(2, "client", { kill = true }, function()
  local mine = next:add(1)
  while serving:load() ~= mine do end
  serving:add(1)
end)
