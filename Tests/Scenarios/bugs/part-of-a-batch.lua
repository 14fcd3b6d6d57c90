-- A batch saves time, and is no transaction: a kill or a reader may come between its messages.
-- What belongs together is one message, such as a table.
local orders = assert(shm.queue("orders", 4096))

scenario "an order comes with its address"

actor("shop", { kill = true }, function()
  orders:push_all { "a book", "to Ada" }
  orders:finish()
end)

actor("store", function()
  local order = orders:pop()
  if order then expect.equal(orders:pop(), "to Ada", "the address of " .. order) end
end)
