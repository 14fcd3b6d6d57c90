-- Plays a program that publishes its memory: publish LAYOUT [SECONDS] [--name NAME] [--create]
-- Plausible values, at the program's own rate and in its order of writes; "show LAYOUT" reads them.
-- Mumble makes the object of a Mumble Link; without Mumble, --create makes it in its place.

-- One for each layout: { rate =, size =, begin = function(view, name) → step, finish }, made when
-- it is asked for. step(frame, time) writes one frame; finish() is the last thing.
local programs <const> = {}

-- From low to high and back, once in so many seconds.
local function wave(time, low, high, period)
  return low + (high - low) * (1 - math.cos(2 * math.pi * time / period)) / 2
end

-- Milliseconds since the machine started, as Windows counts them.
local function ticks()
  local uptime <close> = assert(io.open("/proc/uptime"))
  return math.floor(uptime:read("n") * 1000) & 0xFFFFFFFF
end

-- MARK: Mumble Link

local function mumble(layout)
  return { rate = 50, size = layout:size(), borrowed = "Mumble", begin = function(view)
    local link, context = view:as(layout), "moonpool"
    return function(_, time)
      local fresh = link.uiVersion ~= 2 -- Mumble clears all when nothing has come for 5 s
      if fresh then
        link.name = "Moonpool"
        link.description = "Walks in a circle of 10 m"
      end
      local x, z = math.sin(time / 5), math.cos(time / 5)
      link.fAvatarPosition = { 10 * x, 1.7, 10 * z }
      link.fAvatarFront = { z, 0, -x }
      link.fAvatarTop = { 0, 1, 0 }
      link.fCameraPosition = { 10 * x, 1.7, 10 * z }
      link.fCameraFront = { z, 0, -x }
      link.fCameraTop = { 0, 1, 0 }
      link.identity = '{"name":"Moonpool"}'
      view:write(context, layout:offset("context"))
      link.context_len = #context
      if fresh then link.uiVersion = 2 end
      link.uiTick = link.uiTick + 1 & 0xFFFFFFFF
    end
  end }
end

function programs.mumble_linux() return mumble(shm.layouts.mumble_linux) end
function programs.mumble_windows() return mumble(shm.layouts.mumble_windows) end

-- MARK: sensors

function programs.rtss()
  local header, app, osd = shm.layouts.rtss, shm.layouts.rtss_app, shm.layouts.rtss_osd
  local constants <const>, slots <const>, apps <const> = header:constants(), 8, 256
  local first_app <const> = header:size() + slots * osd:size()
  return { rate = 60, size = first_app + apps * app:size(), begin = function(view)
    local rtss, game = view:as(header), view:as(app, first_app)
    rtss.dwVersion = constants.RTSS_VERSION
    rtss.dwAppEntrySize, rtss.dwAppArrOffset, rtss.dwAppArrSize = app:size(), first_app, apps
    rtss.dwOSDEntrySize, rtss.dwOSDArrOffset, rtss.dwOSDArrSize = osd:size(), header:size(), slots
    game.szName = [[C:\Games\moonpool.exe]]
    game.dwFlags = constants.APPFLAG_D3D11
    game.dwTime0, game.dwTime1, game.dwFrames = ticks() - 1000, ticks(), 60
    local times, frames = game.dwStatFrameTimeBuf, 0
    local function step(frame, time)
      local microseconds = math.floor(wave(time, 14000, 20000, 10))
      local place = game.dwStatFrameTimeBufPos
      game.dwFrameTime, times[place] = microseconds, microseconds
      game.dwStatFrameTimeBufPos = place + 1 & 1023
      game.dwStatFrameTimeBufFramerate = 10000000 // microseconds
      frames = frames + 1
      local now = ticks()
      if now - game.dwTime1 >= 1000 then
        game.dwTime0, game.dwTime1, game.dwFrames = game.dwTime1, now, frames
        frames = 0
      end
      if frame == 1 then
        game.dwProcessID = 4711
        rtss.dwSignature = constants.RTSS_SIGNATURE
      end
    end
    return step, function() rtss.dwSignature = constants.RTSS_DEAD end
  end }
end

-- name, unit, format, source, limits, and the value's wave: low, high, period
local graphics <const> = {
  { "GPU temperature", "\xB0C", "%.0f", "GPU_TEMPERATURE", 0, 100, 45, 72, 60 },
  { "GPU usage", "%", "%.0f", "GPU_USAGE", 0, 100, 20, 99, 12 },
  { "Core clock", "MHz", "%.0f", "CORE_CLOCK", 0, 3000, 900, 2550, 12 },
  { "CPU temperature", "\xB0C", "%.0f", "CPU_TEMPERATURE", 0, 100, 40, 81, 45 },
  { "Framerate", "FPS", "%.1f", "FRAMERATE", 0, 200, 50, 71, 10 },
}

function programs.afterburner()
  local header, entry = shm.layouts.afterburner, shm.layouts.afterburner_entry
  local card <const>, constants <const> = shm.layouts.afterburner_gpu, header:constants()
  local cards <const> = header:size() + #graphics * entry:size()
  return { rate = 1, size = cards + card:size(), begin = function(view)
    local top, entries = view:as(header), {}
    for place, source in ipairs(graphics) do
      local name, unit, format, id, low, high = table.unpack(source)
      local value = view:as(entry, header:size() + (place - 1) * entry:size())
      value.szSrcName, value.szLocalizedSrcName = name, name
      value.szSrcUnits, value.szLocalizedSrcUnits, value.szRecommendedFormat = unit, unit, format
      value.minLimit, value.maxLimit = low, high
      value.dwSrcId = constants["MONITORING_SOURCE_ID_" .. id]
      entries[place] = value
    end
    view:as(card, cards).szDevice = "Moonpool 3000"
    top.dwVersion, top.dwHeaderSize = constants.MAHM_VERSION, header:size()
    top.dwNumEntries, top.dwEntrySize = #graphics, entry:size()
    top.dwNumGpuEntries, top.dwGpuEntrySize = 1, card:size()
    local function step(_, time)
      for place, source in ipairs(graphics) do
        local value = entries[place]
        value.data = wave(time, table.unpack(source, 7))
      end
      top.time = os.time()
      top.dwSignature = constants.MAHM_SIGNATURE
    end
    return step, function() top.dwSignature = constants.MAHM_DEAD end
  end }
end

-- sensor, kind, label, unit, and the value's wave
local readings <const> = {
  { 0, "TEMP", "Core Max", "\xB0C", 41, 83, 45 },
  { 0, "CLOCK", "Core 0 Clock", "MHz", 800, 5200, 9 },
  { 0, "USAGE", "Total CPU Usage", "%", 2, 97, 15 },
  { 1, "VOLT", "+12V", "V", 11.9, 12.1, 20 },
  { 1, "FAN", "CPU Fan", "RPM", 700, 1900, 45 },
}

function programs.hwinfo()
  local header, sensor = shm.layouts.hwinfo, shm.layouts.hwinfo_sensor
  local reading <const>, constants <const> = shm.layouts.hwinfo_reading, header:constants()
  local devices <const> = { "CPU [#0]: Moonpool", "Mainboard" }
  local first <const> = header:size() + #devices * sensor:size()
  return { rate = 0.5, size = first + #readings * reading:size(), begin = function(view, name)
    -- Who reads or writes holds the mutex.
    local guard <const> = assert(shm.mutex(
      name == header:object() and [[Global\HWiNFO_SM2_MUTEX]] or name .. ".mutex"))
    local top, values = view:as(header), {}
    for place, text in ipairs(devices) do
      local device = view:as(sensor, header:size() + (place - 1) * sensor:size())
      device.dwSensorID = 0xF0000000 + place
      device.szSensorNameOrig, device.szSensorNameUser = text, text
    end
    for place, source in ipairs(readings) do
      local value = view:as(reading, first + (place - 1) * reading:size())
      value.dwSensorIndex, value.dwReadingID = source[1], place
      value.tReading = constants["SENSOR_TYPE_" .. source[2]]
      value.szLabelOrig, value.szLabelUser, value.szUnit = source[3], source[3], source[4]
      value.ValueMin, value.ValueMax = math.huge, -math.huge
      values[place] = value
    end
    top.dwVersion, top.dwRevision = 1, 0
    top.dwOffsetOfSensorSection, top.dwSizeOfSensorElement = header:size(), sensor:size()
    top.dwNumSensorElements, top.dwOffsetOfReadingSection = #devices, first
    top.dwSizeOfReadingElement, top.dwNumReadingElements = reading:size(), #readings
    local function step(frame, time)
      guard:lock()
      for place, source in ipairs(readings) do
        local value, now = values[place], wave(time, table.unpack(source, 5))
        value.Value = now
        value.ValueMin = math.min(value.ValueMin, now)
        value.ValueMax = math.max(value.ValueMax, now)
        value.ValueAvg = value.ValueAvg + (now - value.ValueAvg) / frame
      end
      top.poll_time = os.time()
      top.dwSignature = constants.HWiNFO_SIGNATURE
      guard:unlock()
    end
    return step, function() top.dwSignature = constants.HWiNFO_DEAD end
  end }
end

function programs.core_temp()
  local layout <const>, cores <const> = shm.layouts.core_temp, 4
  return { rate = 1, size = layout:size(), begin = function(view)
    local cpu = view:as(layout)
    local load, temperature, factor = cpu.uiLoad, cpu.fTemp, cpu.fMultipliers
    cpu.sCPUName, cpu.uiTjMax[0], cpu.fFSBSpeed, cpu.fVID = "Moonpool 4", 100, 100, 1.15
    cpu.uiStructVersion, cpu.ucTdpSupported, cpu.ucPowerSupported, cpu.uiTdp[0] = 2, 1, 1, 65
    return function(_, time)
      for core = 0, cores - 1 do
        load[core] = math.floor(wave(time + core, 3, 98, 15))
        temperature[core] = wave(time + core, 39, 80, 45)
        factor[core] = 36
      end
      cpu.fMultiplier, cpu.fCPUSpeed, cpu.fPower[0] = 36, 3600, wave(time, 12, 65, 15)
      cpu.uiCPUCnt, cpu.uiCoreCnt = 1, cores -- 0 cores: nothing there yet
    end
  end }
end

-- MARK: driving

-- The same lap for all three: seconds to speed in m/s, pedals, gear and so on.
local function drive(time)
  local speed = wave(time, 18, 72, 24)
  local gear = 1 + math.floor(speed / 15)
  return { speed = speed, gear = gear, rpm = 3000 + 4500 * (speed / 15 % 1),
    gas = wave(time, 0, 1, 12), brake = wave(time + 6, 0, 0.4, 12),
    steer = wave(time, -0.3, 0.3, 8), x = 300 * math.sin(time / 15), z = 300 * math.cos(time / 15) }
end

function programs.assetto_corsa_physics()
  local layout <const> = shm.layouts.assetto_corsa_physics
  return { rate = 333, size = layout:size(), begin = function(view)
    local car = view:as(layout)
    return function(frame, time)
      local now = drive(time)
      car.gas, car.brake, car.fuel = now.gas, now.brake, 60 - time / 60
      car.gear = now.gear + 1 -- 0 is reverse, 1 neutral
      car.rpms, car.steerAngle, car.speedKmh = math.floor(now.rpm), now.steer, now.speed * 3.6
      car.velocity = { now.speed, 0, 0 }
      car.wheelLoad = { 3000, 3000, 3300, 3300 }
      car.wheelsPressure = { 26.5, 26.5, 26, 26 }
      car.tyreCoreTemperature = { 82, 83, 85, 86 }
      car.airTemp, car.roadTemp, car.currentMaxRpm, car.isEngineRunning = 24, 31, 7800, 1
      car.packetId = frame & 0x7FFFFFFF -- last: who finds it the same has read one step
    end
  end }
end

function programs.rf2_telemetry()
  local layout, vehicle = shm.layouts.rf2_telemetry, shm.layouts.rf2_vehicle
  local cars <const>, first <const> = 2, layout:offset("mBytesUpdatedHint")
  local length <const> = layout:offset("mVehicles") - first + cars * vehicle:size()
  local words <const> = { first = 0, last = 4 } -- mVersionUpdateBegin, mVersionUpdateEnd
  return { rate = 50, size = layout:size(), begin = function(view)
    return function(_, time)
      view:update(first, length, function(draft)
        draft:u32(0, length) -- mBytesUpdatedHint: without the words, as the plugin counts
        draft:u32(4, cars) -- mNumVehicles
        for number = 0, cars - 1 do
          local car, now = draft:as(vehicle, 8 + number * vehicle:size()), drive(time - 3 * number)
          car.mID, car.mElapsedTime, car.mDeltaTime = number, time, 0.02
          car.mLapNumber = math.floor(time / 94)
          car.mVehicleName, car.mTrackName = "Moonpool #" .. number + 1, "Circle"
          car.mPos.x, car.mPos.z, car.mLocalVel.z = now.x, now.z, -now.speed
          car.mGear, car.mEngineRPM, car.mEngineMaxRPM = now.gear, now.rpm, 7800
          car.mUnfilteredThrottle, car.mUnfilteredBrake = now.gas, now.brake
          car.mUnfilteredSteering, car.mFuel = now.steer, 60 - time / 60
        end
      end, words)
    end
  end }
end

-- name, type, description, unit; wider ones first, so that each is aligned
local variables <const> = {
  { "SessionTime", "double", "Seconds since session start", "s" },
  { "SessionTick", "int", "Current update number", "" },
  { "Lap", "int", "Laps started count", "" },
  { "Gear", "int", "-1=reverse  0=neutral  1..n=current gear", "" },
  { "Speed", "float", "GPS vehicle speed", "m/s" },
  { "RPM", "float", "Engine rpm", "revs/min" },
  { "Throttle", "float", "0=off throttle to 1=full throttle", "%" },
  { "Brake", "float", "0=brake released to 1=max pedal force", "%" },
  { "FuelLevel", "float", "Liters of fuel remaining", "l" },
  { "IsOnTrack", "bool", "1=Car on track physics running with player in car", "" },
}
local formats <const> = { bool = "B", int = "i4", float = "f", double = "d" }

local session <const> = [[
---
WeekendInfo:
 TrackName: circle
 TrackDisplayName: Circle
DriverInfo:
 DriverCarIdx: 0
 Drivers:
 - CarIdx: 0
   UserName: Moonpool
   CarScreenName: Moonpool 3000
...
]]

function programs.iracing()
  local header, variable = shm.layouts.iracing, shm.layouts.iracing_variable
  local constants <const>, rows <const>, text_room <const> = header:constants(), 4, 4096
  local format = "<"
  for _, each in ipairs(variables) do format = format .. formats[each[2]] end
  local row_size <const> = (string.packsize(format) + 15) // 16 * 16
  local first_text <const> = header:size() + #variables * variable:size()
  local first_row <const> = first_text + text_room
  return { rate = 60, size = first_row + rows * row_size, begin = function(view, name)
    local valid <const> = assert(shm.event(
      name == header:object() and [[Local\IRSDKDataValidEvent]] or name .. ".event"))
    local top, at = view:as(header), 0
    for place, each in ipairs(variables) do
      local entry = view:as(variable, header:size() + (place - 1) * variable:size())
      entry.type, entry.offset, entry.count = constants["irsdk_" .. each[2]], at, 1
      entry.name, entry.desc, entry.unit = each[1], each[3], each[4]
      at = at + string.packsize("<" .. formats[each[2]])
    end
    view:write(session, first_text)
    top.ver, top.tickRate, top.sessionInfoUpdate = constants.IRSDK_VER, 60, 1
    top.sessionInfoLen, top.sessionInfoOffset = text_room, first_text
    top.numVars, top.varHeaderOffset = #variables, header:size()
    top.numBuf, top.bufLen = rows, row_size
    for row = 0, rows - 1 do top.varBuf[row].bufOffset = first_row + row * row_size end
    local function step(frame, time)
      local row, now = top.varBuf[frame % rows], drive(time)
      view:pack(format, row.bufOffset, time, frame, math.floor(time / 94) + 1, now.gear, now.speed,
        now.rpm, now.gas, now.brake, 60 - time / 60, 1)
      row.tickCount = frame -- after the row
      top.status = constants.irsdk_stConnected
      valid:set()
    end
    return step, function() top.status = 0 end
  end }
end

-- MARK: what is asked for

local function fail(status, message)
  io.stderr:write("publish: ", message, "\n")
  os.exit(status, true)
end

local function usage()
  local names = {}
  for name in pairs(programs) do names[#names + 1] = name end
  table.sort(names)
  fail(64, "usage: publish LAYOUT [SECONDS] [--name NAME] [--create]\nlayouts: "
    .. table.concat(names, " "))
end

local words, object, create = {}, nil, false
local place = 1
while arg[place] do
  local word = arg[place]
  if word == "--create" then
    create = true
  elseif word == "--name" and arg[place + 1] then
    place = place + 1
    object = arg[place]
  elseif word:find("^%-") then
    usage()
  else
    words[#words + 1] = word
  end
  place = place + 1
end

local seconds <const> = tonumber(words[2] or math.huge)
if not programs[words[1]] or not seconds or words[3] then usage() end
local program <const> = programs[words[1]]()
object = object or shm.layouts[words[1]]:object()

local view, message, code, existed
if program.borrowed and not create then
  view, message, code = shm.open(object)
  if code == 2 then
    fail(1, ("%s is made by %s, which does not run; to try without: --create"):format(
      object, program.borrowed))
  end
else
  view, existed = shm.create(object, program.size)
  message = existed
end
if not view then fail(1, message) end
if #view < program.size then
  fail(1, ("%s has %d bytes, %s needs %d"):format(object, #view, words[1], program.size))
end

local step <const>, finish <const> = program.begin(view, object)
step(1, 0)
io.write(("publishing %s in %s, %g times a second\n"):format(words[1], object, program.rate))
io.flush()
-- As Mumble does with the object that it made, however this ends; other names go by themselves.
local _ <close> = setmetatable({}, { __close = function()
  if finish then finish() end
  if existed == false and object:find("^/") then shm.unlink(object) end
end })
local clock <const> = assert(shm.create(nil, 8)):atomic(0)
for frame = 2, math.huge do
  clock:wait(0, 1 / program.rate) -- nobody wakes it
  if frame > seconds * program.rate then break end
  step(frame, (frame - 1) / program.rate)
end
