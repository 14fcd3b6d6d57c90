-- Both find that there is no leader, and both become it.
local leader = assert(shm.create("leader-race", 4)):atomic(0)

scenario "there is one leader"

actors(2, "candidate", function(number)
  if leader:load() == 0 then
    leader:store(number)
    expect.equal(leader:load(), number, "leader")
  end
end)
