-- Permits of a semaphore: what a dead process had acquired is gone, as on Windows.
-- Who has to go on takes what is left, and gives back all.
local COUNT <const> = 2
local permits = assert(shm.semaphore("permits", COUNT, COUNT))

scenario "a permit dies with its holder, and is given back by who notices"

actor("victim", { kill = true }, function()
  assert(permits:acquire())
  mark "using it"
  permits:release()
end)

actor("cleaner", { after = "victim" }, function()
  local left = 0
  while permits:acquire(0) do left = left + 1 end
  sometimes("a permit was lost", left < COUNT)
  permits:release(COUNT)
end)

actor("user", { after = "cleaner" }, function()
  expect(permits:acquire(0), "the first permit")
  expect(permits:acquire(0), "the second permit")
  expect.equal(permits:acquire(0), false, "a third permit")
end)

fault.kill("victim", { at = "using it" })
