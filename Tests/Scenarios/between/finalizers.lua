-- What has a finalizer is ended with its actor, the last one first, and before others see that it ended.
local memory = assert(shm.create("finalizers", 8))
local order, seen = memory:atomic(0), memory:atomic(4)

scenario "the last one is ended first"

local function ending(digit)
  return setmetatable({}, { __gc = function() order:store(order:load() * 10 + digit) end })
end

actor("owner", function()
  local first, second = ending(1), ending(2)
  expect(first ~= second)
  local _ <close> = setmetatable({}, { __close = function() order:store(3) end })
  mark "has them"
end)

actor("other", function()
  if not alive("owner") then seen:store(order:load()) end
end)

finally(function()
  expect.equal(order:load(), 321, "order")
  expect(seen:load() == 0 or seen:load() == 321, "an end that was half done was seen")
end)
