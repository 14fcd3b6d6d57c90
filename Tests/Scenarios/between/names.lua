-- A name goes with its last holder: who comes too late makes another object.
scenario "both have the same object"

actor("one", { kill = true }, function()
  local memory <close> = assert(shm.create("names", 4))
  memory:u32(0, 7)
end)
actor("other", function()
  local memory, existed = shm.create("names", 4)
  if existed then memory:atomic(0):add(1) end
  sometimes("it is gone", not existed)
  sometimes("it is there", existed)
end)
