-- A ring of two places between one producer and one consumer, without a lock: each writes one word.
local PLACES <const>, ITEMS <const> = 2, 3
local ring = assert(shm.create("ring", 8 + 4 * PLACES))
local head, tail = ring:atomic(0), ring:atomic(4)      -- ever taken, ever put

scenario "a ring gives every item once, in order"

actor("producer", function()
  for item = 1, ITEMS do
    local full = tail:load() - PLACES
    while head:load() == full do
      mark "full"
      head:wait(full)
    end
    ring:u32(8 + 4 * (tail:load() % PLACES), item)     -- first the item,
    tail:add(1)                                        -- then the word that publishes it
    tail:wake()
  end
end)

actor("consumer", function()
  local taken = {}
  for number = 1, ITEMS do
    while tail:load() == number - 1 do tail:wait(number - 1) end
    taken[number] = ring:u32(8 + 4 * (head:load() % PLACES))
    head:add(1)
    head:wake()
  end
  print(table.concat(taken, " "))
end)

fault.freeze("consumer", { before = 2, seconds = 0.02 }) -- so that the ring becomes full
expect.output("consumer", "1 2 3")
