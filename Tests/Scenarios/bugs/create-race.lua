-- Whoever makes the memory also fills it; who opens it in between reads zeros.
scenario "nobody sees memory that is not filled"

actors(2, "user", function()
  local memory, existed = assert(shm.create("create-race", 4))
  local limit = memory:atomic(0)
  if not existed then limit:store(10) end
  expect.equal(limit:load(), 10, "limit")
end)
