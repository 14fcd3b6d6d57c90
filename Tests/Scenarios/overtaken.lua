-- A publisher waits for nobody: who stands still is overtaken, and knows how many messages it lost.
-- Then it reads on with what is left. Four of these fill the ring.
local MESSAGES <const> = 6
local speed = assert(shm.topic("speed", 4096))
local ready = assert(shm.event("ready"))

scenario "a slow reader of a topic knows what it lost"

actor("car", function()
  ready:wait()
  for number = 1, MESSAGES do
    local message = { number = number, metres = number * 0.5, picture = ("."):rep(850) }
    expect.equal(speed:publish(message), number, "sequence")
  end
  mark "driven"
end)

actor("dashboard", function()
  local read, last = 0, 0
  ready:set()
  while last < MESSAGES do
    local car = assert(speed:next())
    local sequence, _, lost = speed:position(), speed:lost()
    read, last = read + 1, sequence
    expect.equal(car.number, sequence, "whose message")
    expect.equal(car.metres, sequence * 0.5, "half of another message")
    expect.equal(read + lost, sequence, "read and lost")
  end
  sometimes("messages were lost", read < MESSAGES)
end)

fault.freeze("dashboard", { before = 2, seconds = 0.05 })
