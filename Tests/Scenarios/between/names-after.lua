-- What a killed process held is gone: who comes behind it makes another object.
scenario "the second one makes its own"

actor("one", { kill = true }, function()
  local memory = assert(shm.create("names-after", 4))
  memory:u32(0, 7)
end)
actor("other", { after = "one" }, function()
  local memory, existed = assert(shm.create("names-after", 4))
  expect(not existed, "the dead one's object is there")
  memory:u32(0, 1)
end)
