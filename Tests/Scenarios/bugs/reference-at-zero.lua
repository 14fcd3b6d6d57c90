-- A reference is taken of an object whose last one has just gone.
local memory = assert(shm.create("reference-at-zero", 8))
local count, freed = memory:atomic(0), memory:atomic(4)

scenario "nobody uses what is freed"

setup(function() count:store(1) end)

actor("owner", function()
  if count:sub(1) == 1 then freed:store(1) end
end)

actor("user", function()
  if count:load() > 0 then
    count:add(1)
    expect.equal(freed:load(), 0, "freed")
    count:sub(1)
  end
end)
