-- Who dies with a mutex leaves it to the next one, who is told so, once.
local lock = assert(shm.mutex("lock"))
local held = assert(shm.event("held", { manual = true }))

scenario "a dead owner's mutex goes to the next one"

actor("owner", { kill = true }, function()
  assert(lock:lock())
  held:set()
  mark "holding it"
  lock:unlock()
end)

actor("heir", function()
  while not held:wait(0.01) and alive "owner" do end
  local _, why = lock:lock()
  sometimes("told that it was abandoned", why == "abandoned")
  lock:unlock()
  expect.equal(select(2, lock:lock()), nil, "the second time")
  lock:unlock()
end)

fault.kill("owner", { at = "holding it" })
