-- An event that one sets and another one resets is set in the end, or it is not.
local event = assert(shm.event("set-or-reset"))
local found = assert(shm.create("set-or-reset.found", 4)):atomic(0)

scenario "the event says who came last"

actors(2, "changer", function(number)
  if number == 1 then event:set() else event:reset() end
end)
actor("looker", { after = "changer" }, function() found:store(event:wait(0) and 1 or 2) end)
