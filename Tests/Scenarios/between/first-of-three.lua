-- Each of three can be the first that claims a word.
local owner = assert(shm.create("first-of-three", 4)):atomic(0)

scenario "one of three claims it"

actors(3, "client", function(number) owner:cas(0, number) end)

finally(function() expect(owner:load() > 0, "nobody did") end)
