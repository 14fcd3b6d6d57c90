-- Shows what telemetry-writer publishes: telemetry-reader [UPDATES [SECONDS]]
-- The exit status is 124 when nothing new came for that many seconds (5).

local name <const> = [[Local\telemetry]]
local HEAD <const>, CAR <const> = "<i4i4", "<i4xxxxd d d"
local updates = math.tointeger(tonumber(arg[1] or math.maxinteger))
local seconds = tonumber(arg[2] or 5)
if not updates or not seconds then
  io.stderr:write("usage: telemetry-reader [UPDATES [SECONDS]]\n")
  os.exit(64)
end

local waited = 0

-- Asks again every few milliseconds, as readers of such memory do: nobody wakes them.
local function until_there(ask)
  while true do
    local answer = ask()
    if answer then
      waited = 0
      return answer
    end
    if waited >= seconds then
      io.stderr:write("telemetry-reader: nothing is published\n")
      os.exit(124, true)
    end
    shm.sleep(0.005)
    waited = waited + 0.005
  end
end

local view <close> = until_there(function() return shm.open(name, { access = "r" }) end)
local last = 0.0

local function fresh()
  local record = view:snapshot(8, #view - 8, { first = 0, last = 4 })
  if not record then return end
  local _, cars, at = string.unpack(HEAD, record)
  if cars == 0 then return end
  local found = {}
  for _ = 1, cars do
    local car = {}
    car.number, car.time, car.way, car.speed, at = string.unpack(CAR, record, at)
    assert(car.time == (found[1] or car).time, "half of an update was seen")
    found[#found + 1] = car
  end
  if found[1].time ~= last then return found end
end

for _ = 1, updates do
  local cars = until_there(fresh)
  last = cars[1].time
  io.write(("%.3f s"):format(last))
  for _, car in ipairs(cars) do
    io.write(("  %d: %.1f m %.1f m/s"):format(car.number, car.way, car.speed))
  end
  io.write("\n")
end
