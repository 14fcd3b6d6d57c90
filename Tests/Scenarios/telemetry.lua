-- A writer publishes and waits for nobody; a reader that is too slow misses records.
-- It never sees a mixed one, and the last one is always there.
local RECORDS <const> = 3
local view = assert(shm.create("telemetry", 32))
local start = assert(shm.event("start"))

scenario "a slow reader holds nobody up"

actor("car", function()
  start:wait()
  for number = 1, RECORDS do
    view:update(8, 16, function(draft) draft:write(("<i8d"):pack(number, number * 0.5)) end,
      { first = 0, last = 4 })
    if number == 2 then mark "under way" end
  end
end)

actor("dashboard", function()
  local last, seen = 0, 0
  start:set()
  while last < RECORDS do
    local bytes = view:snapshot(8, 16, { first = 0, last = 4 })
    local number, metres = last, 0                      -- none: the car stands in an update
    if bytes then number, metres = ("<i8d"):unpack(bytes) end
    if number ~= last then
      expect.equal(metres, number * 0.5, "way of record " .. number)
      expect(number > last, "time went back")
      last, seen = number, seen + 1
    end
  end
  sometimes("records were missed", seen < RECORDS)
end)

fault.freeze("dashboard", { before = 2, seconds = 0.03 }) -- when the car has started
