-- A mark behind an operation is a step of its own: who is woken by the operation may come first.
local set = assert(shm.event("marked-behind.set"))

scenario "set, then marked"

actor("a", function()
  set:set()
  mark "1"
end)
actor("b", function()
  set:wait()
  mark "2"
end)

expect.order("a:1", "b:2")
