-- One car, any number of readers: telemetry drive [UPDATES [PAUSE]], telemetry follow [SECONDS]
-- A topic never waits for a reader. One that sleeps SECONDS after each message knows what it lost.

local NAME <const>, BYTES <const> = [[Local\speed]], 4096

local function drive(updates, pause)
  local speed <close> = assert(shm.topic(NAME, BYTES, { access = "publish" }))
  for update = 1, updates do
    local time = update * pause
    assert(speed:publish { time = time, kmh = 200 + 60 * math.sin(time) })
    shm.sleep(pause)
  end
end

local function follow(pause)
  local speed <close> = assert(shm.topic(NAME, BYTES, { access = "read" }))
  for car, sequence in speed:messages() do -- until all who drive are gone
    local lost = speed:lost()
    print(("%d: %.0f km/h%s"):format(sequence, car.kmh, lost > 0 and (", %d lost"):format(lost) or ""))
    io.flush()
    shm.sleep(pause)
  end
  local _, total = speed:lost()
  print(("%d lost of %d"):format(total, speed:sequence()))
end

local role, first, pause = arg[1], tonumber(arg[2]), tonumber(arg[3] or 0.02)
local updates = math.tointeger(first or math.maxinteger)
if role == "drive" and updates and (arg[2] == nil or first) and pause and pause >= 0 then
  drive(updates, pause)
elseif role == "follow" and (arg[2] == nil or first and first >= 0) then
  follow(first or 0)
else
  io.stderr:write("usage: telemetry drive [UPDATES [PAUSE]]\n       telemetry follow [SECONDS]\n")
  os.exit(64)
end
