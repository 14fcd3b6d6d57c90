-- One of several leads: whoever swaps its number into an empty word. When the leader dies, the others
-- see it, and one of them, only one, takes its place.
local view = assert(shm.create("leader", 8))
local leader, terms = view:atomic(0), view:atomic(4)

scenario "there is a leader, and never two"

local function lead(from)
  if not leader:cas(from, me()) then return false end
  terms:add(1)
  mark "elected"
  return true
end

actor("first", { kill = true }, function()
  lead(0)
  mark "leading"
  leader:store(0)                                      -- it steps down, if it lives
  leader:wake(10)
end)

actors(2, "follower", function()
  while terms:load() == 0 do shm.sleep(0.001) end
  local seen = leader:load()
  while seen ~= 0 and (seen ~= 1 or alive(seen)) do
    leader:wait(seen, 0.005)
    seen = leader:load()
    if seen > 1 then return end                        -- the other one leads
  end
  lead(seen)
end)

fault.kill("first", { at = "leading" })
finally(function()
  expect.equal(terms:load(), 2, "terms")
  sometimes("a follower leads", leader:load() > 1)
end)
