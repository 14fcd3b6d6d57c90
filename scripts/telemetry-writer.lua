-- Publishes three cars on a track as rFactor 2 publishes telemetry: telemetry-writer [UPDATES [PAUSE]]
-- versionBegin, versionEnd, then the record; a reader never sees half of an update. PAUSE: seconds.

local name <const> = [[Local\telemetry]]
local CARS <const>, LAP <const> = 3, 5000.0
local updates = math.tointeger(tonumber(arg[1] or math.maxinteger))
local pause = tonumber(arg[2] or 0.02)
if not updates or not pause or pause < 0 then
  io.stderr:write("usage: telemetry-writer [UPDATES [PAUSE]]\n")
  os.exit(64)
end

-- Of each car: its number, the time, its way on the lap, its speed.
local HEAD <const>, CAR <const> = "<i4i4", "<i4xxxxd d d"
local size <const> = string.packsize(HEAD) + CARS * string.packsize(CAR)

local function car(number, time)
  local speed = 60 + 8 * math.sin(time / 3 + number)
  return string.pack(CAR, number, time, (speed * time) % LAP, speed)
end

local view <close> = assert(shm.create(name, 8 + size))

for update = 1, updates do
  view:update(8, size, function(draft)
    local at = string.packsize(HEAD)
    draft:write(string.pack(HEAD, size, CARS))
    for number = 1, CARS do
      draft:write(car(number, update * pause), at)
      at = at + string.packsize(CAR)
    end
  end, { first = 0, last = 4 })
  shm.sleep(pause)
end
