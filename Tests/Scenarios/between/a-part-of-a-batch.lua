-- The messages of a batch go in one by one, and come out one by one: who comes between sees a part,
-- and one that is killed leaves a part.
local queue = assert(shm.queue("parts", 4096))
local topic = assert(shm.topic("told", 4096))

scenario "what there is of a batch"

actor("producer", { kill = true }, function()
  queue:push_all { "a", "b", "c" }
  topic:publish_all { "d", "e" }
end)

actor("consumer", function()
  local list = queue:pop_all(3, 0)
  sometimes("a part was there", list and #list < 3)
  sometimes("all was there", list and #list == 3)
  sometimes("a part was told", topic:latest() == "d")
  sometimes("some were dropped", queue:clear() == 1)
end)
