-- A name lives as long as somebody holds it: after a kill -9 of its last holder nobody finds it.
scenario "a name goes with its last holder, however that ends"

local created = assert(shm.event("created", { manual = true }))

actor("holder", function()
  local view <close> = assert(shm.create("held", 4096))
  view:write("here I am")
  created:set()
  mark "holding"
  shm.sleep(0.01)
end)

actor("visitor", function()
  created:wait()
  local view <close> = shm.open("held")
  if view then expect.equal(view:read(), "here I am", "the text") end
  mark "visited"
end)

actor("latecomer", { after = "holder" }, function()
  while alive("visitor") do shm.sleep(0.001) end
  expect.equal(select(3, shm.open("held")), 2, "open")
end)

fault.kill("holder", { at = "holding" })
expect.gone("held")
