-- Both orders of two pushes are there, though nobody is told which it was before the reader.
local line = assert(shm.queue("whose-is-first", 4096))
local first = assert(shm.create("whose-is-first.found", 4)):atomic(0)

scenario "the first is who came first"

actor("one", function() line:push(1) end)
actor("other", function() line:push(2) end)
actor("reader", { after = "one" }, function()
  local number = line:pop()
  if #line == 1 then first:store(number) end
end)
finally(function() line:pop() end)
