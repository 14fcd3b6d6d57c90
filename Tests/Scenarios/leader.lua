-- One of several leads: whoever swaps its number into an empty word.
-- When the leader dies, the others see it, and one of them, only one, takes its place.
local view = assert(shm.create("leader", 8))
local leader, terms = view:atomic(0), view:atomic(4)

scenario "there is a leader, and never two"

-- Nobody leads, or who does is dead: of those who saw the same word one swaps it.
local function takes_over(seen)
  local is_vacant = seen == 0 and (terms:load() > 0 or not alive "first")
  local is_dead = seen == 1 and not alive "first"
  if not (is_vacant or is_dead) or not leader:cas(seen, me()) then return false end
  sometimes("the leader died in office", is_dead)
  return true
end

actor("first", { kill = true }, function()
  if not leader:cas(0, me()) then return end
  terms:add(1)
  mark "leading"
  leader:store(0)                                      -- it steps down, if it lives
  leader:wake(10)
end)

actors(2, "follower", function()
  while leader:load() <= 1 do
    local seen = leader:load()
    if takes_over(seen) then
      terms:add(1)
    elseif seen <= 1 then
      leader:wait(seen, 0.005)                         -- nobody wakes who waits for a death
    end
  end
end)

fault.kill("first", { at = "leading" })
finally(function()
  expect(leader:load() > 1, "nobody leads")
  expect(terms:load() <= 2, "two led at once")
end)
