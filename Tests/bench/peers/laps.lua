-- laps.lua NAME LAPS: a topic that is written over so often, and a reader that now and then reads
-- what is there: how many messages there were, and how many it has read or knows to be lost.

local name, laps, LONGEST <const> = arg[1], math.tointeger(arg[2]), 97
local topic <close> = assert(shm.topic(name, 4096, { access = "publish" }))
local reader <close> = assert(shm.open_topic(name, { access = "read" }))
local text <const> = ("x"):rep(1000) -- with its header, four fill the ring
local pause, read = 1, 0

local function count()
   for _, sequence in reader:messages(0) do
      local _, lost = reader:lost()
      read = read + 1
      assert(read + lost == sequence, "it was lost without being counted, or counted twice")
   end
end

for lap = 1, laps do
   for _ = 1, 4 do assert(topic:publish(text)) end
   if lap % pause == 0 then
      count()
      pause = pause % LONGEST + 1
   end
end
count()
local _, lost = reader:lost()
print("published", topic:sequence())
print("counted", read + lost)
print("read", read)
