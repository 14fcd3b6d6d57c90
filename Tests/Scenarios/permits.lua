-- Permits of a semaphore: what a dead process had acquired is gone, as on Windows.
-- Who has to go on counts those who live.
local permits = assert(shm.semaphore("permits", 2, 2))
local view = assert(shm.create("users", 8))
local users = view:atomic(0)

scenario "a permit dies with its holder, and is given back by who notices"

actor("victim", function()
  assert(permits:acquire())
  users:add(1)
  mark "using it"
  users:add(-1)
  permits:release()
end)

actor("cleaner", { after = "victim" }, function()
  local lost = users:load()
  sometimes("a permit was lost", lost == 1)
  if lost > 0 then
    permits:release(lost)
    users:store(0)
  end
end)

actor("user", { after = "cleaner" }, function()
  expect(permits:acquire(0), "the first permit")
  expect(permits:acquire(0), "the second permit")
  expect.equal(permits:acquire(0), false, "a third permit")
end)

fault.kill("victim", { at = "using it" })
