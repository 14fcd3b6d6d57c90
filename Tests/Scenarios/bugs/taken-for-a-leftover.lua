-- A region without contents is taken for what a crash has left, and removed by its name: but somebody
-- was only about to fill it. Then there are two.
-- As in https://github.com/official-stockfish/Stockfish/pull/6979
scenario "all engines share one network"

local function attach()
  local region, existed = assert(shm.create("/network", 16))
  if existed and region:u32(0) == 0 then
    shm.unlink "/network"
    region = assert(shm.create("/network", 16))
  end
  region:u32(0, 1)                                     -- filled
  region:atomic(4):add(1)                              -- one user more
  return region
end

actors(2, "engine", attach)

finally(function()
  local region <close> = assert(shm.open("/network"))
  local users = region:u32(4)
  shm.unlink "/network"
  expect.equal(users, 2, "engines that share it")
end)
