-- The same with a word that the second looks at in a loop; and a mark that is passed often, of which
-- only the first passage counts.
local word = assert(shm.create("marked-behind-a-loop", 4)):atomic(0)

scenario "the last to come marks last"

actor("a", function()
  word:add(1)
  mark "1"
end)
actor("b", function()
  while word:load() == 0 do end
  for _ = 1, 3 do mark "2" end
end)

expect.order("a:1", "b:2")
