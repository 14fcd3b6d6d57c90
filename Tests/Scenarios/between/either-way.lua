-- Nobody promises in which order a copy moves its words: a reader sees the first one alone, or the
-- last one alone.
local view = assert(shm.create("words", 16))

scenario "a copy goes either way"

actor("writer", function() view:write(("<i8i8"):pack(1, 1)) end)

actor("reader", function()
  local first, last = view:u64(0), view:u64(8)
  local again = view:u64(0)
  sometimes("the first word came first", first == 1 and last == 0)
  sometimes("the last word came first", first == 0 and last == 1 and again == 0)
end)
