// swift-format-ignore-file
// Written by scripts/embed from scripts/*.lua and Sources/LuaHost/Lua/*.lua; not by hand.

/// The Lua texts inside the binary. Static: they cost nothing before somebody asks for one.
package enum Bundled {
  /// The scripts, each with its first comment line.
  package static let scripts: [(name: String, summary: String)] = [
    ("board", "A notice board: board --keep holds it, board TEXT… pins a line to it, board alone reads it"),
    ("bounded-buffer", "A bounded buffer of two semaphores: bounded-buffer produce COUNT [FIRST], bounded-buffer consume COUNT"),
    ("counter", "Counts together with other processes: counter NAME keeps a number, counter NAME TIMES adds to it"),
    ("debug-monitor", "Shows what programs say through OutputDebugString's four objects: debug-monitor [MESSAGES]"),
    ("debug-send", "Sends a text to debug-monitor as OutputDebugString does: debug-send TEXT…"),
    ("first", "The document's first process: writes a message and holds the name."),
    ("publish", "Plays a program that publishes its memory: publish LAYOUT [SECONDS] [--name NAME] [--create]"),
    ("second", "The document's second process: shows the message of the first."),
    ("show", "Shows what other programs publish in shared memory: show [LAYOUT] [-n FRAMES] [--name NAME] …"),
    ("signal-first", "The document's first process with signals instead of a key: signal-first [SECONDS]"),
    ("signal-second", "The document's second process: waits until signal-first has written, and shows it"),
    ("telemetry-reader", "Shows what telemetry-writer publishes: telemetry-reader [UPDATES [SECONDS]]"),
    ("telemetry-writer", "Publishes three cars on a track as rFactor 2 publishes telemetry: telemetry-writer [UPDATES [PAUSE]]"),
    ("wait-for", "Waits until an object appears, or with --gone until it goes: wait-for [--gone] NAME [SECONDS]"),
  ]

  /// The text of scripts/NAME.lua.
  package static func script(_ name: String) -> StaticString? {
    switch name {
    case "board": script_board
    case "bounded-buffer": script_bounded_buffer
    case "counter": script_counter
    case "debug-monitor": script_debug_monitor
    case "debug-send": script_debug_send
    case "first": script_first
    case "publish": script_publish
    case "second": script_second
    case "show": script_show
    case "signal-first": script_signal_first
    case "signal-second": script_signal_second
    case "telemetry-reader": script_telemetry_reader
    case "telemetry-writer": script_telemetry_writer
    case "wait-for": script_wait_for
    default: nil
    }
  }

  private static let script_board: StaticString = #"""
-- A notice board: board --keep holds it, board TEXT… pins a line to it, board alone reads it
-- It is one text in shared memory, there for all of the user's processes while one keeps it.

local NAME <const>, SIZE <const> = [[Local\board]], 65536

local function fail(message)
  io.stderr:write("board: ", message, "\n")
  os.exit(1, true)
end

local function board()
  local view, message, code = shm.open(NAME)
  return view or fail(code == 2 and "nobody keeps a board; start one with: board --keep" or message)
end

local function pin(text)
  local view <close> = board()
  local mutex <close> = assert(shm.mutex(NAME .. ".lock"))
  -- Who dies in here leaves a shorter line at worst: "abandoned" is fine.
  local _ <close> = assert(mutex:guard())
  local before = #view:read()
  local line = text:gsub("[\0\n]", " ") .. "\n"
  if before + #line > #view then fail("the board is full") end
  view:write(line, before)
end

if arg[1] == "--keep" then
  local view <close>, existed = assert(shm.create(NAME, SIZE))
  io.write(existed and "the board hangs already; kept once more" or "the board hangs",
    "; a key takes it down\n")
  io.flush()
  console.getch()
  io.write(view:read())
elseif arg[1] then
  pin(table.concat(arg, " "))
else
  local view <close> = board()
  io.write(view:read())
end

"""#

  private static let script_bounded_buffer: StaticString = #"""
-- A bounded buffer of two semaphores: bounded-buffer produce COUNT [FIRST], bounded-buffer consume COUNT
-- Producers put COUNT numbers from FIRST on into eight places; consumers take COUNT and add them up.

local PLACES <const> = 8
local name <const> = [[Local\bounded-buffer]]

local role, count = arg[1], math.tointeger(tonumber(arg[2]))
local first = math.tointeger(tonumber(arg[3] or 1))
if role ~= "produce" and role ~= "consume" or not count or not first then
  io.stderr:write("usage: bounded-buffer produce COUNT [FIRST]\n       bounded-buffer consume COUNT\n")
  os.exit(64)
end

-- Two counters of what was ever put and taken, and the places.
local view <close> = assert(shm.create(name, 16 + 8 * PLACES))
local free <close> = assert(shm.semaphore(name .. ".free", PLACES, PLACES))
local full <close> = assert(shm.semaphore(name .. ".full", 0, PLACES))
local mutex <close> = assert(shm.mutex(name .. ".mutex"))
local put <const>, taken <const> = view:atomic(0, "u64"), view:atomic(8, "u64")

-- Who dies in here has counted or not, and the places are whole: "abandoned" is fine. Its permit is
-- gone with it, as on Windows.
local function at_place(counter, use)
  local _ <close> = assert(mutex:guard())
  use(16 + 8 * (counter:load() % PLACES))
  counter:add(1)
end

if role == "produce" then
  for number = first, first + count - 1 do
    assert(free:acquire())
    at_place(put, function(place) view:write(string.pack("<i8", number), place) end)
    assert(full:release())
  end
  -- What is in the buffer goes with its last handle: wait until all is taken.
  local before = taken:load()
  while before < put:load() do
    taken:wait(before, 0.1)
    before = taken:load()
  end
else
  local sum = 0
  for _ = 1, count do
    assert(full:acquire())
    at_place(taken, function(place) sum = sum + string.unpack("<i8", view:read(8, place)) end)
    assert(free:release())
    taken:wake()
  end
  print(count, sum)
end

"""#

  private static let script_counter: StaticString = #"""
-- Counts together with other processes: counter NAME keeps a number, counter NAME TIMES adds to it
-- The keeper holds the number until a key is pressed, and then prints it.

local name, times = arg[1], tonumber(arg[2] or 0)
if not name or not math.tointeger(times) then
  io.stderr:write("usage: counter NAME [TIMES]\n")
  os.exit(64)
end

local function add(view)
  local number = string.unpack("<i8", view:read(8))
  view:write(string.pack("<i8", number + 1))
end

if times == 0 then
  local view <close> = assert(shm.create(name, 8, { exclusive = true }))
  io.write("counting in ", name, "; a key ends it\n")
  io.flush()
  console.getch()
  print((string.unpack("<i8", view:read(8))))
else
  local view <close> = assert(shm.open(name))
  local mutex <close> = assert(shm.mutex(name .. ".lock"))
  for _ = 1, times do
    -- Who dies in here has counted or not, and has left nothing half done: "abandoned" is fine.
    local _ <close> = assert(mutex:guard())
    add(view)
  end
end

"""#

  private static let script_debug_monitor: StaticString = #"""
-- Shows what programs say through OutputDebugString's four objects: debug-monitor [MESSAGES]
-- Each line is a process and its text; without MESSAGES it goes on until Ctrl-C.

local SIZE <const> = 4096
local left = math.tointeger(tonumber(arg[1] or math.maxinteger))
if not left then
  io.stderr:write("usage: debug-monitor [MESSAGES]\n")
  os.exit(64)
end

-- One monitor at a time, as every message is received once.
local view, message, code = shm.create("DBWIN_BUFFER", SIZE, { exclusive = true })
if not view then
  io.stderr:write("debug-monitor: ", code == 183 and "another monitor runs" or message, "\n")
  os.exit(1)
end
local data_ready <close> = assert(shm.event("DBWIN_DATA_READY"))
local buffer_ready <close> = assert(shm.event("DBWIN_BUFFER_READY"))

io.stderr:write("debug-monitor: listening\n")
buffer_ready:set()
for _ = 1, left do
  data_ready:wait()
  local process = string.unpack("<I4", view:read(4))
  local text = view:read(SIZE - 4, 4):match("^[^\0]*")
  io.write(process, "\t", text, text:sub(-1) == "\n" and "" or "\n")
  io.flush()
  buffer_ready:set()
end
view:close()

"""#

  private static let script_debug_send: StaticString = #"""
-- Sends a text to debug-monitor as OutputDebugString does: debug-send TEXT…
-- Without a monitor it does nothing, as on Windows: programs need not know whether one listens.

local SIZE <const> = 4096
local text = table.concat(arg, " ")

local mutex <close> = assert(shm.mutex("DBWinMutex"))

local function send(part)
  -- A sender that died in here has left nothing that the next one does not overwrite.
  local _ <close> = assert(mutex:guard())
  local view <close> = shm.open("DBWIN_BUFFER")
  local data_ready <close> = shm.open_event("DBWIN_DATA_READY")
  local buffer_ready <close> = shm.open_event("DBWIN_BUFFER_READY")
  if not (view and data_ready and buffer_ready) then return end
  -- Ten seconds, then the text is dropped: the monitor hangs.
  if not buffer_ready:wait(10) then return end
  local process = mutex:owner()
  view:write(string.pack("<I4", process) .. part .. "\0")
  data_ready:set()
end

-- What is too long for the buffer goes in parts.
local longest <const> = SIZE - 5
for at = 1, math.max(#text, 1), longest do send(text:sub(at, at + longest - 1)) end

"""#

  private static let script_first: StaticString = #"""
-- The document's first process: writes a message and holds the name.
-- It ends, and the name with it, when a key is pressed.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]
local szMsg <const> = "Message from first process."

local hMapFile, _, failure = shm.create(
                 szName,                 -- name of mapping object
                 BUF_SIZE)               -- maximum object size

if not hMapFile then
   print(("Could not create file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

pBuf:write(szMsg)
console.getch()

pBuf:close()

hMapFile:close()

"""#

  private static let script_publish: StaticString = #"""
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

function programs.ac_physics()
  local layout <const> = shm.layouts.ac_physics
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
  local cars <const>, first <const> = 2, (layout:offset("mBytesUpdatedHint"))
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

"""#

  private static let script_second: StaticString = #"""
-- The document's second process: shows the message of the first.
-- It finds the object by its name, which must be held at that time.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]

local hMapFile, _, failure = shm.open(
                 szName)                 -- name of mapping object

if not hMapFile then
   print(("Could not open file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

console.message_box(pBuf:read(), "Process2")

pBuf:close()

hMapFile:close()

"""#

  private static let script_show: StaticString = #"""
-- Shows what other programs publish in shared memory: show [LAYOUT] [-n FRAMES] [--name NAME] …
-- Without a layout it lists those it knows, and whose program runs. "publish LAYOUT" plays one.
-- --every SECONDS: how often (default 1). --create: stands in for Mumble, which makes its object.

-- One for each layout: function(view, object) → a function that returns the lines of one frame;
-- made when it is asked for.
local programs <const> = {}

local function line(format, ...) return { format:format(...) } end

-- Windows' one-byte texts, most often Latin-1, as UTF-8.
local function ansi(bytes)
  if utf8.len(bytes) then return bytes end
  return (bytes:gsub("[\x80-\xFF]", function(byte) return utf8.char(byte:byte()) end))
end

-- The record of an entry that another program wrote. Its size is what the header says: entries grow
-- with versions, and a shorter one reads as 0 where it ends. Always a copy: entries change.
local function entry(layout, view, offset, size)
  if size <= 0 or offset < 0 or offset + size > #view then return nil end
  local copy = assert(shm.create(nil, math.max(size, layout:size())))
  copy:write(view:read(size, offset))
  return copy:as(layout), copy
end

-- All entries of a table: for place, record in entries(…)
local function entries(layout, view, first, count, size)
  local place, held = -1, nil
  return function()
    if held then held:close() end
    place = place + 1
    if place >= count then return nil end
    local record
    record, held = entry(layout, view, first + place * size, size)
    if record then return place, record end
  end
end

-- MARK: Mumble Link

local function vector(array)
  return ("%.2f %.2f %.2f"):format(array[0], array[1], array[2])
end

local function mumble(layout)
  return function(view)
    local link, last, quiet = view:as(layout), nil, 0
    return function(passed)
      if link.uiVersion ~= 1 and link.uiVersion ~= 2 then return line("nobody has linked yet") end
      quiet = link.uiTick == last and quiet + passed or 0
      last = link.uiTick
      if quiet > 5 then
        return line("%s is gone: tick %d for more than 5 s", link.name, last)
      end
      local length = math.min(link.context_len, #link.context)
      return line("tick %d  %s  at %s  front %s  identity %s  context %q", last, link.name,
        vector(link.fAvatarPosition), vector(link.fAvatarFront), link.identity,
        view:read(length, (layout:offset("context"))))
    end
  end
end

function programs.mumble_linux() return mumble(shm.layouts.mumble_linux) end
function programs.mumble_windows() return mumble(shm.layouts.mumble_windows) end

-- MARK: sensors

-- What the program's signature says, nil: it is there.
local function missing(found, signature, dead)
  if found == signature then return nil end
  if found == dead then return line("the program has gone") end
  return line("not ready: signature 0x%X", found)
end

function programs.rtss()
  local header, app = shm.layouts.rtss, shm.layouts.rtss_app
  local constants <const> = header:constants()
  return function(view)
    local rtss = view:as(header)
    return function()
      local reason = missing(rtss.dwSignature, constants.RTSS_SIGNATURE, constants.RTSS_DEAD)
      if reason then return reason end
      local lines = {}
      for _, game in entries(app, view, rtss.dwAppArrOffset, rtss.dwAppArrSize,
        rtss.dwAppEntrySize) do
        if game.dwProcessID ~= 0 and game.dwTime1 ~= game.dwTime0 then
          lines[#lines + 1] = ("%d  %s  %.1f frames/s  last frame %.2f ms"):format(game.dwProcessID,
            ansi(game.szName), 1000 * game.dwFrames / (game.dwTime1 - game.dwTime0 & 0xFFFFFFFF),
            game.dwFrameTime / 1000)
        end
      end
      return #lines > 0 and lines or line("no program draws")
    end
  end
end

function programs.afterburner()
  local header, source = shm.layouts.afterburner, shm.layouts.afterburner_entry
  local constants <const> = header:constants()
  return function(view)
    local top = view:as(header)
    return function()
      local reason = missing(top.dwSignature, constants.MAHM_SIGNATURE, constants.MAHM_DEAD)
      if reason then return reason end
      local lines = {}
      for _, value in entries(source, view, top.dwHeaderSize, top.dwNumEntries, top.dwEntrySize) do
        if value.data < 3.4e38 then -- FLT_MAX: it has none now
          lines[#lines + 1] = ("%s  %.4g %s"):format(ansi(value.szSrcName), value.data,
            ansi(value.szSrcUnits))
        end
      end
      return lines
    end
  end
end

function programs.hwinfo()
  local header, sensor = shm.layouts.hwinfo, shm.layouts.hwinfo_sensor
  local reading <const>, constants <const> = shm.layouts.hwinfo_reading, header:constants()
  return function(view, object)
    local guard <const> = shm.open_mutex(
      object == header:object() and [[Global\HWiNFO_SM2_MUTEX]] or object .. ".mutex")
    local top = view:as(header)
    local function frame()
      local reason = missing(top.dwSignature, constants.HWiNFO_SIGNATURE, constants.HWiNFO_DEAD)
      if reason then return reason end
      local lines, names = {}, {}
      for place, device in entries(sensor, view, top.dwOffsetOfSensorSection,
        top.dwNumSensorElements, top.dwSizeOfSensorElement) do
        names[place] = ansi(device.szSensorNameUser)
      end
      for _, value in entries(reading, view, top.dwOffsetOfReadingSection,
        top.dwNumReadingElements, top.dwSizeOfReadingElement) do
        lines[#lines + 1] = ("%s  %s  %.2f %s  (%.2f to %.2f)"):format(
          names[value.dwSensorIndex] or "?", ansi(value.szLabelUser), value.Value,
          ansi(value.szUnit), value.ValueMin, value.ValueMax)
      end
      return lines
    end
    return function()
      if guard then guard:lock(1) end
      local lines = frame()
      if guard then guard:unlock() end
      return lines
    end
  end
end

function programs.core_temp()
  local layout <const> = shm.layouts.core_temp
  return function(view)
    local cpu = view:as(layout)
    return function()
      local cores = math.min(cpu.uiCoreCnt * cpu.uiCPUCnt, #cpu.fTemp)
      local lines = line("%s  %.0f MHz  %.3f V", cpu.sCPUName, cpu.fCPUSpeed, cpu.fVID)
      local unit = cpu.ucFahrenheit ~= 0 and "F" or "C"
      for core = 0, cores - 1 do
        lines[#lines + 1] = ("core %d  %.1f %s%s  %d %%"):format(core, cpu.fTemp[core], unit,
          cpu.ucDeltaToTjMax ~= 0 and " below the limit" or "", cpu.uiLoad[core])
      end
      return lines
    end
  end
end

-- MARK: driving

function programs.ac_physics()
  local layout <const> = shm.layouts.ac_physics
  return function(view)
    local car = view:as(layout)
    return function()
      local packet, text
      for _ = 1, 100 do -- until no step came between
        packet = car.packetId
        text = ("%.1f km/h  gear %d  %d rpm  gas %.2f  brake %.2f  fuel %.1f"):format(
          car.speedKmh, car.gear - 1, car.rpms, car.gas, car.brake, car.fuel)
        if car.packetId == packet then break end
      end
      return line("step %d  %s", packet, text)
    end
  end
end

function programs.rf2_telemetry()
  local layout, vehicle = shm.layouts.rf2_telemetry, shm.layouts.rf2_vehicle
  return function(view)
    local all, size = view:as(layout), vehicle:size()
    local first <const> = layout:offset("mVehicles")
    -- The version words: equal before and after the copy, or it is made again.
    local words <const> = { first = 0, last = 4, timeout = 0.5 }
    return function()
      local count = math.max(0, math.min(all.mNumVehicles, #all.mVehicles))
      local bytes = view:snapshot(first, count * size, words)
      if not bytes then return line("torn: the writer does not go on") end
      local version = all.mVersionUpdateEnd
      local copy <close> = assert(shm.create(nil, math.max(#bytes, 1)))
      copy:write(bytes)
      local lines = line("version %d  %d cars", version, count)
      for place = 0, count - 1 do
        local car = copy:as(vehicle, place * size)
        lines[#lines + 1] = ("%s  lap %d  %.1f km/h  gear %d  %.0f rpm  fuel %.1f"):format(
          car.mVehicleName, car.mLapNumber, -car.mLocalVel.z * 3.6, car.mGear, car.mEngineRPM,
          car.mFuel)
      end
      return lines
    end
  end
end

function programs.iracing()
  local header, variable = shm.layouts.iracing, shm.layouts.iracing_variable
  local formats <const> = { [0] = "c1", "B", "i4", "I4", "f", "d" } -- by irsdk_VarType
  return function(view)
    local top = view:as(header)
    -- The newest row, copied; nil: it was overwritten twice meanwhile.
    local function newest()
      for _ = 1, 2 do
        local row = top.varBuf[0]
        for place = 1, math.min(top.numBuf, #top.varBuf) - 1 do
          local other = top.varBuf[place]
          if other.tickCount > row.tickCount then row = other end
        end
        local tick = row.tickCount
        local bytes = view:read(top.bufLen, row.bufOffset)
        if row.tickCount == tick then return tick, bytes end
      end
    end
    return function()
      if top.status & 1 == 0 then return line("iRacing is not connected") end
      local tick, bytes = newest()
      if not tick then return line("rows come too fast") end
      local text = view:read(top.sessionInfoLen, top.sessionInfoOffset)
      local lines = line("tick %d  %d variables  %s", tick, top.numVars,
        text:match("TrackDisplayName: *([^\n]*)") or "no track")
      for _, value in entries(variable, view, top.varHeaderOffset, top.numVars, variable:size()) do
        local format = formats[value.type]
        if format and value.count == 1 then
          local found = string.unpack("<" .. format, bytes, value.offset + 1)
          if math.type(found) == "float" then found = ("%.3f"):format(found) end
          lines[#lines + 1] = ("%s  %s %s"):format(value.name, found, value.unit)
        end
      end
      return lines
    end
  end
end

-- MARK: what is asked for

local function fail(status, message)
  io.stderr:write("show: ", message, "\n")
  os.exit(status, true)
end

local function usage()
  local names = {}
  for name in pairs(programs) do names[#names + 1] = name end
  table.sort(names)
  fail(64, "usage: show [LAYOUT] [-n FRAMES] [--name NAME] [--every SECONDS] [--create]\nlayouts: "
    .. table.concat(names, " "))
end

local function list()
  local names = {}
  for name in pairs(programs) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local object = shm.layouts[name]:object()
    local view <close> = shm.open(object, { access = "r" })
    print(("%-15s %-25s %s"):format(name, object, view and "lives" or "-"))
  end
  os.exit(true, true)
end

local options <const> = { ["-n"] = math.huge, ["--every"] = 1, ["--name"] = false }
local name, create
local place = 1
while arg[place] do
  local word, value = arg[place], arg[place + 1]
  if word == "--create" then
    create = true
  elseif options[word] ~= nil and value then
    options[word] = word == "--name" and value or tonumber(value) or usage()
    place = place + 1
  elseif not name and programs[word] then
    name = word
  else
    usage()
  end
  place = place + 1
end
if options["--every"] < 0 then usage() end
if not name then list() end

local layout <const> = shm.layouts[name]
local object <const> = options["--name"] or layout:object()
local view, message, code
if create and name:find("^mumble") then
  view, message = shm.create(object, layout:size())
else
  view, message, code = shm.open(object, { access = "r" })
  if code == 2 then message = object .. " is not there: its program does not run" end
end
if not view then fail(1, message) end
if #view < layout:size() then
  fail(1, ("%s has %d bytes, %s needs %d"):format(object, #view, name, layout:size()))
end

-- As Mumble does with the object that it made, however this ends.
local made <const> = create and message == false
local _ <close> = setmetatable({}, { __close = function()
  if made and object:find("^/") then shm.unlink(object) end
end })
local frame <const> = programs[name]()(view, object)
local clock <const> = assert(shm.create(nil, 8)):atomic(0)
for number = 1, options["-n"] do
  if number > 1 then clock:wait(0, options["--every"]) end -- nobody wakes it
  for _, text in ipairs(frame(number > 1 and options["--every"] or 0)) do print(text) end
  io.flush()
end

"""#

  private static let script_signal_first: StaticString = #"""
-- The document's first process with signals instead of a key: signal-first [SECONDS]
-- It holds the name until signal-second has read the message. Start the two in either order.

local BUF_SIZE <const> = 256
local szName <const> = [[Local\SignalledObject]]
local szMsg <const> = "Message from first process."

local seconds <const> = tonumber(arg[1] or math.huge)
if not seconds or seconds < 0 then
  io.stderr:write("usage: signal-first [SECONDS]\n")
  os.exit(64)
end

local written <close> = assert(shm.event(szName .. ".written"))
local read <close> = assert(shm.event(szName .. ".read"))
local view <close> = assert(shm.create(szName, BUF_SIZE))

view:write(szMsg)
written:set()
if not read:wait(seconds) then
  io.stderr:write("signal-first: nobody has read the message\n")
  os.exit(124, true)
end

"""#

  private static let script_signal_second: StaticString = #"""
-- The document's second process: waits until signal-first has written, and shows it
-- signal-second [SECONDS]: the exit status is 124 when nothing was written in that time.

local szName <const> = [[Local\SignalledObject]]

local seconds <const> = tonumber(arg[1] or math.huge)
if not seconds or seconds < 0 then
  io.stderr:write("usage: signal-second [SECONDS]\n")
  os.exit(64)
end

local written <close> = assert(shm.event(szName .. ".written"))
local read <close> = assert(shm.event(szName .. ".read"))

if not written:wait(seconds) then
  io.stderr:write("signal-second: nobody has written a message\n")
  os.exit(124, true)
end

local view <close> = assert(shm.open(szName, { access = "r" }))
print(view:read())
read:set()

"""#

  private static let script_telemetry_reader: StaticString = #"""
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

local tick <close> = assert(shm.event(nil))
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
    tick:wait(0.005)
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

"""#

  private static let script_telemetry_writer: StaticString = #"""
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
local tick <close> = assert(shm.event(nil))

for update = 1, updates do
  view:update(8, size, function(draft)
    local at = string.packsize(HEAD)
    draft:write(string.pack(HEAD, size, CARS))
    for number = 1, CARS do
      draft:write(car(number, update * pause), at)
      at = at + string.packsize(CAR)
    end
  end, { first = 0, last = 4 })
  tick:wait(pause)
end

"""#

  private static let script_wait_for: StaticString = #"""
-- Waits until an object appears, or with --gone until it goes: wait-for [--gone] NAME [SECONDS]
-- Memory, an event, a mutex or a semaphore: whatever has the name.
-- Exit status 0: it did; 124: not within the time; 1: the name is none, or not ours to open.

local gone = arg[1] == "--gone"
if gone then table.remove(arg, 1) end
local name, seconds = arg[1], tonumber(arg[2] or math.huge)
if not name or not seconds then
  io.stderr:write("usage: wait-for [--gone] NAME [SECONDS]\n")
  os.exit(64)
end

-- Opens it as what it is; 6 says that it is something else.
local function open()
  local object, message, code = shm.open(name, { access = "r" })
  for _, kind in ipairs { "event", "mutex", "semaphore" } do
    if code ~= 6 then break end
    object, message, code = shm["open_" .. kind](name)
  end
  return object, message, code
end

-- Does a process hold the name? Looking holds it, too, but not longer than this call.
local function lives()
  local object, message, code = open()
  if object then return object:close() end
  -- 1006: a POSIX object that has no size yet; 170: its fate is open.
  if code == 2 then return false end
  if code == 1006 or code == 170 then return gone end
  io.stderr:write("wait-for: ", message, "\n")
  os.exit(1)
end

local pause <const> = 0.02
local tick <close> = assert(shm.event(nil))
local waited = 0
while lives() == gone do
  if waited >= seconds then os.exit(124) end
  tick:wait(pause) -- nobody sets it
  waited = waited + pause
end

"""#

  /// The modules' names.
  package static let modules = ["api_atomics", "api_layouts", "api_memory", "api_named", "api_typed", "complete", "dump", "failure", "help", "layouts", "layouts_games", "layouts_sensors", "layouts_voice", "lexer", "manual", "prompt", "show", "text", "types"]

  /// The text of Sources/LuaHost/Lua/NAME.lua.
  package static func module(_ name: String) -> StaticString? {
    switch name {
    case "api_atomics": module_api_atomics
    case "api_layouts": module_api_layouts
    case "api_memory": module_api_memory
    case "api_named": module_api_named
    case "api_typed": module_api_typed
    case "complete": module_complete
    case "dump": module_dump
    case "failure": module_failure
    case "help": module_help
    case "layouts": module_layouts
    case "layouts_games": module_layouts_games
    case "layouts_sensors": module_layouts_sensors
    case "layouts_voice": module_layouts_voice
    case "lexer": module_lexer
    case "manual": module_manual
    case "prompt": module_prompt
    case "show": module_show
    case "text": module_text
    case "types": module_types
    default: nil
    }
  }

  private static let module_api_atomics: StaticString = #"""
-- The API, told once: atomic cells, waiting, records under a sequence word. See help.lua for the tables' forms.

local atomics = {}

atomics.classes = {
  { "cell", class = "shm.cell", line = "atomic words: load, store, add, cas, wait, wake …",
    text = "An aligned word of a view, of 4 or 8 bytes, for operations that are atomic between all "
      .. "processes. tostring(cell) tells type, offset, object and value.",
    operators = {} },
}

local misuse <const> = "a value that does not fit into the cell's type, a read-only view, a closed "
  .. "view, memory that is gone (error 999)"

-- A method that changes the word and returns what it was before.
local function fetching(name, what, example, also)
  local entry = {
    name = "cell:" .. name, signature = ("cell:%s(operand)"):format(name),
    results = { { "before", "integer", "the word from before" } },
    brief = what .. "; returns the value from before",
    params = {
      { "operand", "integer", "with or without a sign: -1 and 0xFFFFFFFF are one for 32 bits" },
    },
    raises = misuse,
    example = "local view <close> = assert(shm.create(nil, 8))\nlocal cell = view:atomic(0)\n"
      .. example,
  }
  for key, value in pairs(also or {}) do entry[key] = value end
  return entry
end

local function alias(name, of, example)
  local also = { family = "cell:" .. of, text = ("The same as cell:%s."):format(of) }
  if name ~= "xor" then
    also.signature = ('cell["%s"](cell, operand)'):format(name)
    also.keyword = of
    also.text = also.text .. (" %s is a word of Lua's, so cell:%s(…) cannot be written.")
      :format(name, name)
  end
  return fetching(name, "the same as `cell:" .. of .. "`", example, also)
end

local sequence_words <const> = "The words may be inside of the record, and are left as the protocol "
  .. "makes them."

atomics.functions = {
  {
    name = "view:atomic", signature = "view:atomic(offset [, type])",
    results = { { "cell", "shm.cell" } },
    brief = 'a word for atomic operations and waiting: `"u32"` (default), `"i32"`, `"u64"`, `"i64"`',
    params = {
      { "offset", "integer", "bytes from 0, a multiple of the word's size" },
      { "type", '("u32"|"i32"|"u64"|"i64")?', 'default `"u32"`' },
    },
    text = "All operations of a cell are sequentially consistent, and work between processes and "
      .. "between views. Above 2^63-1 the value of a u64 is Lua's negative integer. A cell keeps its "
      .. "view from being collected, not from being closed.",
    raises = "an offset that is not aligned or not inside of the view, another type, a closed view",
    example = [=[
local view <close> = assert(shm.create("counter", 64))
local counter = view:atomic(8)
print(counter:add(5), counter:load())  --> 0	5]=],
  },
  {
    name = "cell:load", signature = "cell:load()",
    results = { { "value", "integer" } },
    brief = "the word",
    raises = "a closed view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:atomic(0, "u64"):store(-1):load())  --> -1]=],
  },
  {
    name = "cell:store", signature = "cell:store(value)",
    results = { { "cell", "shm.cell", "the same" } },
    brief = "makes it the word; returns the cell",
    params = { { "value", "integer", "of the cell's type" } },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local ready = view:atomic(0)
ready:store(1):wake(math.maxinteger)
print(ready:load())  --> 1]=],
  },
  fetching("add", "adds, and wraps", "print(cell:add(2), cell:add(-1), cell:load())  --> 0	2	1"),
  fetching("sub", "subtracts, and wraps", "print(cell:sub(1), cell:load())  --> 0	4294967295"),
  fetching("band", "keeps the bits of the mask (also `and`)",
    "cell:store(7)\nprint(cell:band(~2), cell:load())  --> 7	5"),
  fetching("bor", "sets the bits of the mask (also `or`)",
    "print(cell:bor(6), cell:load())  --> 0	6"),
  fetching("bxor", "flips the bits of the mask (also `xor`)",
    "cell:store(5)\nprint(cell:bxor(6), cell:load())  --> 5	3"),
  alias("and", "band", 'cell:store(7)\nprint(cell["and"](cell, 3), cell:load())  --> 7	3'),
  alias("or", "bor", 'print(cell["or"](cell, 3), cell:load())  --> 0	3'),
  alias("xor", "bxor", "print(cell:xor(3), cell:load())  --> 0	3"),
  {
    name = "cell:exchange", signature = "cell:exchange(value)",
    results = { { "before", "integer", "the word from before" } },
    brief = "makes it the word; returns the value from before",
    params = { { "value", "integer", "of the cell's type" } },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:exchange(3), cell:exchange(4))  --> 0	3]=],
  },
  {
    name = "cell:cas", signature = "cell:cas(expected, desired)",
    results = { { "swapped", "boolean" }, { "before", "integer", "the word from before" } },
    brief = "if the word is `expected`, makes it `desired`; returns whether, and the value from before",
    params = {
      { "expected", "integer", "of the cell's type" },
      { "desired", "integer", "of the cell's type" },
    },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:cas(0, 7))  --> true	0
print(cell:cas(0, 8))  --> false	7]=],
  },
  {
    name = "cell:wait", signature = "cell:wait(expected [, timeout])",
    results = {
      { "woken", "boolean", "false: the time is over" },
      { "reason", "string?", '"timeout"' },
    },
    brief = "waits while the word is `expected`, until somebody changes it and wakes; "
      .. '`false, "timeout"` when the time is over',
    params = {
      { "expected", "integer", "of the cell's type" },
      { "timeout", "number?", "seconds; nil is for ever, 0 looks once" },
    },
    text = "True says that the word differs or that somebody woke: look again, in a loop. It spins "
      .. "for 0.1 ms at most, where that has lately paid and there is a second processor, then "
      .. "sleeps. A change that nobody wakes for is seen when it looks by itself: after 20, 40, 80 … "
      .. "1,000 ms. Ctrl-C ends it. Time is monotonic.",
    raises = "an expected value that does not fit, a timeout that is negative or no number, a closed "
      .. "view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:wait(0, 0.01))  --> false	timeout
print(cell:wait(1))  --> true]=],
  },
  {
    name = "cell:wake", signature = "cell:wake([n])",
    results = { { "woken", "integer", "how many slept; who still spins needs no waking" } },
    brief = "wakes up to `n` (default 1) of those who sleep in `wait`, in all processes",
    params = { { "n", "integer?", "from 1; `math.maxinteger` is all" } },
    text = "First change the word, then wake: who waits looks at the word. Programs in other "
      .. "languages that use futex(2) without the private flag are woken, and wake.",
    raises = "a number below 1, a read-only view, a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:atomic(0):store(1):wake())  --> 0]=],
  },
  {
    name = "view:update", signature = "view:update(offset, length, fn [, options])",
    results = { { "view", "shm.view", "the same" } },
    brief = "changes a record of `length` bytes, the first four its sequence word, so that no "
      .. "`snapshot` sees half of it: `fn(draft, torn)` changes a draft, which then is copied at once",
    params = {
      { "offset", "integer", "where the record begins" },
      { "length", "integer", "its bytes" },
      { "fn", "fun(draft: shm.view, torn: boolean)",
        "gets a view of a copy of the record, and whether a writer died in the middle of it" },
      { "options", "shm.record.options?", "sequence, or first and last" },
    },
    text = "An error in fn changes nothing. A writer that is killed leaves either record, or one that "
      .. "no snapshot accepts until the next update: torn is true there, and fn should write all of "
      .. "it. There may be one writer at a time; several need a mutex. " .. sequence_words,
    raises = "a record or a word outside of the view, a word that is not aligned to 4 bytes, an "
      .. "unknown option, a draft whose sequence word was changed, a read-only view, a closed view, "
      .. "memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 64))
view:update(0, 64, function(draft) draft:write("all or nothing", 4) end)
print(view:snapshot(0, 18):sub(5))  --> all or nothing]=],
  },
  {
    name = "view:snapshot", signature = "view:snapshot(offset, length [, options])",
    results = { { "bytes", "string" } },
    brief = "a copy of the bytes of a record that no `update` was in the middle of",
    params = {
      { "offset", "integer", "where the record begins" },
      { "length", "integer", "its bytes" },
      { "options", "shm.record.options?", "sequence, or first and last; timeout" },
    },
    text = "Tries for one second, or the option timeout; 1460 says that there was no such moment: "
      .. "a writer died in the middle, or writes without a pause.",
    codes = { 1460 },
    raises = "as view:update; a timeout that is negative or no number",
    example = [=[
local view <close> = assert(shm.create(nil, 64))
local words = { first = 0, last = 4 }
view:update(8, 5, function(draft) draft:write("whole") end, words)
print(view:snapshot(8, 5, words))  --> whole
view:atomic(0):add(1)  -- as a writer that died
print(select(3, view:snapshot(8, 5, { first = 0, last = 4, timeout = 0 })))  --> 1460]=],
  },
}

atomics.options = {
  { "sequence", "integer", "update, snapshot",
    "offset of a `u32` that is odd while a writer is at work; default: the record's first four bytes",
    class = "shm.record.options" },
  { "first", "integer", "update, snapshot",
    "offset of a `u32` that is raised before the record changes; with `last`, as rFactor 2's "
      .. "`versionBegin` and `versionEnd`", class = "shm.record.options" },
  { "last", "integer", "update, snapshot",
    "offset of a `u32` that is made equal to `first` afterwards", class = "shm.record.options" },
  { "timeout", "number", "snapshot", "seconds to try for; default 1, 0 tries once",
    class = "shm.record.options" },
}

atomics.subjects = {
  { "waiting", "how processes wait for each other's words", [[
One process waits while a word has a value, another one changes the word and wakes:

  while ready:load() == 0 do ready:wait(0) end     ready:store(1):wake(math.maxinteger)

wait first spins, for 0.1 ms at most, as seeing a change takes 0.1 µs and a wake-up through the
kernel 35 µs; where that was in vain again and again it sleeps at once. Whoever waits looks again by
itself, after 20, 40, 80 … 1,000 ms, so that a process that was killed between its store and its
wake hangs nobody, and who waits for long costs nothing.

A wake costs 0.3 µs even when nobody sleeps: only the kernel knows. Leave it out where all who wait
may be late: a second, after they have waited for one.]] },
}

return atomics

"""#

  private static let module_api_layouts: StaticString = #"""
-- The API, told once: layouts of C declarations, and records. See help.lua for the tables' forms.

local layouts = {}

layouts.classes = {
  { "layout", class = "shm.layout", line = "C declarations: sizes, offsets, constants …",
    made = "shm.layout",
    text = "What C declarations say about memory. tostring(layout) lists offsets, types, names." },
  { "record", class = "shm.record", line = "a layout in a view: fields, read, write …",
    made = "view:as",
    text = "A struct, union or array in a view: its fields and elements are those of the memory. "
      .. "tostring(record) lists offsets, types, names, values.",
    operators = { "len: integer" } },
}

layouts.functions = {
  {
    name = "shm.layout", signature = "shm.layout(declarations [, options])",
    results = { { "layout", "shm.layout" } },
    brief = "reads C declarations, as they stand in a header",
    params = {
      { "declarations", "string", "structs, unions, enums, typedefs, `#define` of integers …" },
      { "options", "shm.layout.options?", "abi, object, type" },
    },
    text = "Sizes, offsets and bits are those of gcc on x86-64 Linux, or of Windows. The layout "
      .. "is that of the last struct or union that the text defines, unless an option names "
      .. 'another. help "records" tells what fields read as. Structs, unions and arrays are in each '
      .. "other up to 100 levels deep; and one byte has at most 1024 values: each level of unions in "
      .. "unions may double what record:read gives.",
    raises = "a declaration that is none or beyond these bounds: the message has its line, its "
      .. "column and a caret; an unknown option",
    example = [=[
local T = shm.layout[[
  enum state { IDLE = 1, BUSY };
  struct link { uint32_t version; float position[3]; wchar_t name[256]; };
]]
print(T:size(), T:offset("name"))  --> 1040	16	1024]=],
  },
  {
    name = "shm.layouts", signature = "shm.layouts.name", field = "table<string, shm.layout>",
    results = { { "layout", "shm.layout" } },
    brief = "the layout of a well-known program's memory; `pairs` goes through all, "
      .. "`publish` and `show` play and read them",
    text = "mumble_linux, mumble_windows, dbwin, rtss, afterburner, hwinfo, core_temp, gpuz, "
      .. "ac_physics, rf2_telemetry, iracing, freetrack and their parts; "
      .. "pairs(shm.layouts) yields each name and what it is, with the names of events and mutexes "
      .. "that go with it. layout:object() is the name of its object. A layout is parsed when it "
      .. "is asked for. moonpool run publish NAME plays the program, moonpool run show NAME reads "
      .. "it.",
    raises = "a name that it does not have",
    example = [=[
local T = shm.layouts.rtss_app
print(T:size(), T:offset("dwFrameTime"))        --> 9184	280	4
print(shm.layouts.rtss:object())                --> RTSSSharedMemoryV2
for name, what in pairs(shm.layouts) do
  if name:find("^core") then print(name, what) end
end
--> core_temp	Core Temp: temperature and load of each core
--> core_temp_old	Core Temp as it was before the Ex structure, still published]=],
  },
  {
    name = "view:as", signature = "view:as(layout [, offset])",
    results = { { "record", "shm.record" } },
    brief = "the record that begins there, whose fields are those of the memory",
    params = {
      { "layout", "shm.layout", "of `shm.layout`" },
      { "offset", "integer?", "the record's first byte, from 0 (the default)" },
    },
    text = "A last array without a count (`int cells[];`) has as many elements as the view has "
      .. "room for.",
    raises = "a record that is not inside of the view, a closed view",
    example = [=[
local T = shm.layout[[struct point { int32_t x, y; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local point = view:as(T, 16)
point.x, point.name = -1, "here"
print(point.x, point.y, point.name, view:read(nil, 24))  --> -1	0	here	here]=],
  },
  {
    name = "layout:size", signature = "layout:size()",
    results = { { "bytes", "integer" } },
    brief = "what `sizeof` says",
    example = [=[
print(shm.layout("struct pair { char kind; double value; };"):size())  --> 16]=],
  },
  {
    name = "layout:alignment", signature = "layout:alignment()",
    results = { { "bytes", "integer" } },
    brief = "what `_Alignof` says",
    example = [=[
print(shm.layout("struct pair { char kind; double value; };"):alignment())  --> 8]=],
  },
  {
    name = "layout:offset", signature = "layout:offset(path)",
    results = { { "offset", "integer" }, { "size", "integer", "of a bit-field: its type's" },
      { "bit", "integer?", "a bit-field's lowest bit" }, { "width", "integer?", "its bits" } },
    brief = "where a field is, and how large",
    params = { { "path", "string", "`a.b[3].c`" } },
    raises = "a field or an element that is not there",
    example = [=[
local T = shm.layout[[
  struct table { int count; struct { short kind; unsigned low : 3, high : 5; } rows[4]; };
]]
print(T:offset("rows[2].kind"))  --> 12	2
print(T:offset("rows[0].high"))  --> 4	4	19	5]=],
  },
  {
    name = "layout:constants", signature = "layout:constants()",
    results = { { "constants", "table<string, integer>" } },
    brief = "the enumerators, and each `#define` of an integer",
    example = [=[
local T = shm.layout[[
  #define LIMIT (4 * 256)
  enum state { IDLE = 1, BUSY };
  struct job { enum state state; };
]]
local constants = T:constants()
print(constants.BUSY, constants.LIMIT)  --> 2	1024]=],
  },
  {
    name = "layout:value", signature = "layout:value(name)",
    results = { { "value", "integer" } },
    brief = "the value of one enumerator or `#define`, to compare a field with",
    params = { { "name", "string", "as the declarations write it" } },
    raises = "a name that is none of them: the message has those that are like it",
    example = [=[
local T = shm.layout[[
  enum state { IDLE = 1, BUSY };
  struct job { enum state state; };
]]
local view <close> = assert(shm.create(nil, 64))
local job = view:as(T)
job.state = "BUSY"
print(job.state, job.state == T:value("BUSY"))  --> 2	true]=],
  },
  {
    name = "layout:object", signature = "layout:object()",
    results = { { "name", "string?" } },
    brief = "the name of the object that has this layout, where one was given",
    example = [=[
local T = shm.layout("struct link { int version; };", { object = "/MumbleLink" })
print(T:object())  --> /MumbleLink]=],
  },
  {
    name = "record:read", signature = "record:read()",
    results = { { "values", "table" } },
    brief = "all fields as a plain table: a snapshot, copied in one go",
    text = "Elements of arrays count from 0, as those of the record. Of a union each member is "
      .. "there. A field whose name is read or write is found before the method.",
    raises = "a closed view, memory that is gone (error 999)",
    example = [=[
local T = shm.layout[[struct body { float at[2]; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local body = view:as(T)
body.at, body.name = { 0.5, 2 }, "moon"
local now = body:read()
print(now.name, now.at[0], now.at[1])  --> moon	0.5	2.0]=],
  },
  {
    name = "record:write", signature = "record:write(values)",
    results = { { "record", "shm.record", "the same" } },
    brief = "writes the fields that the table names; all are checked first",
    params = { { "values", "table|shm.record|string",
      "values by name; or a record that is laid out alike; or the bytes" } },
    text = "If one does not fit, nothing is written. What the table does not name stays. Arrays "
      .. "are lists, or tables that count from 0.",
    raises = "an unknown field, a value that does not fit, a read-only view, a closed view",
    example = [=[
local T = shm.layout[[struct body { float at[2]; char name[8]; };]]
local view <close> = assert(shm.create(nil, 64))
local body = view:as(T)
body:write { at = { 1, 2 }, name = "moon" }
print(pcall(body.write, body, { at = { 3, 4 }, name = "much too long" }))
--> false	body.name: a text of 13 bytes does not fit into char[8] (8 bytes)
print(body.at[0], body.name)  --> 1.0	moon]=],
  },
}

layouts.options = {
  { "abi", '"linux"|"windows"', "layout",
    '`"linux"` (default) or `"windows"`: sizes of `long` and `wchar_t`, bit-fields …',
    class = "shm.layout.options" },
  { "object", "string", "layout", "the name of the object that has this layout, for `T:object()`",
    class = "shm.layout.options" },
  { "type", "string", "layout", "the struct, union or typedef that is meant; default: the last",
    class = "shm.layout.options" },
}

layouts.subjects = {
  { "records", "what fields read as, and take", [[
record.field and record[0] (of arrays) are the memory itself: other processes see what is assigned
at once. Elements count from 0; #record is the number of an array's elements, and pairs goes
through fields in the order of their declaration.

Integers, enums and pointers are integers; an unsigned one of 64 bits is negative above 2^63-1. A
single char is a number, too, and takes a letter. bool is true or false (or 1 or 0), float and
double are numbers, what Lua has no numbers for (long double) is a string of its bytes.

An enum takes an enumerator's name as well: job.state = "BUSY". It reads as the integer, which
layout:value("BUSY") is there to be compared with; tostring(record) shows both, 2 (BUSY).

An array of char is a text: the bytes up to the first NUL or its end. What is assigned is followed
by NULs to the end of the array; it may fill it exactly, then without a NUL, as C does in
char id[4] = "RIFF". Arrays of wchar_t, WCHAR and the like are UTF-16 or UTF-32 in memory and UTF-8
in Lua. Arrays of unsigned char are numbers.

A struct, a union or another array is a record of its own, made at each access: keep it in a local
where it matters. Assigned are a table (what it does not name stays), a record that is laid out
alike (a copy), or a string of exactly its bytes. A value that does not fit is an error, and
nothing is written.

An aligned field of 1, 2, 4 or 8 bytes is read and written by one sequentially consistent access;
texts, tables and whole records are not. Writing a bit-field replaces its unit by compare and swap,
so that its neighbours lose nothing; one that crosses units is written byte by byte.

Field names fill the place of methods: there are record:read() and record:write{}, and a field of
such a name is found first.]] },
}

return layouts

"""#

  private static let module_api_memory: StaticString = #"""
-- The API, told once: objects, views and the console. See help.lua for the tables' forms.

local memory = {}

memory.classes = {
  { "shm", line = "memory, events, mutexes, semaphores; layouts of C structures" },
  { "view", class = "shm.view", line = "what views can do: read, write, map, close …",
    text = "A window on shared memory, and its handle. tostring(view) tells name, size and access.",
    operators = { "len: integer" } },
  { "console", line = "a key, and a box with a text in it" },
}

-- What every call that finds or makes an object may be refused with.
local naming <const> = { 3, 6, 123, 161, 206 }

local function with(list, ...)
  return table.move({ ... }, 1, select("#", ...), #list + 1, table.move(list, 1, #list, 1, {}))
end

memory.functions = {
  {
    name = "shm.create", signature = "shm.create(name, size [, options])",
    results = { { "view", "shm.view" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes the object, or opens the one that exists (its size wins); `name` nil: without "
      .. "a name",
    params = {
      { "name", "string?", "`Local\\x` or `x`, `Global\\x`, `/x`; nil for memory without a name" },
      { "size", "integer", "bytes, from 1; an object that exists keeps its own" },
      { "options", "shm.create.options?", "access, offset, length, mode, exclusive, reserve" },
    },
    text = "The memory is zeroed and committed before anybody sees the name. The name lives until "
      .. "the last handle in any process is closed.",
    codes = with(naming, 4, 5, 8, 87, 170, 183, 999, 1006, 1132, 1455),
    raises = "a name that is no string, a size that is no integer, an unknown option",
    example = [=[
local view <close>, existed = assert(shm.create([[Local\greeting]], 256))
view:write("hello")
print(view:read(), existed)  --> hello	false]=],
  },
  {
    name = "shm.open", signature = "shm.open(name [, options])",
    results = { { "view", "shm.view" } },
    brief = "opens an object that exists",
    params = {
      { "name", "string", "as it was created" },
      { "options", "shm.options?", "access, offset, length" },
    },
    text = "The view shows the whole object, or the window that the options name.",
    codes = with(naming, 2, 4, 5, 8, 87, 170, 999, 1006, 1132),
    raises = "a name that is no string, an unknown option",
    example = [=[
local first <close> = assert(shm.create("greeting", 16))
first:write("hello")
local second <close> = assert(shm.open("greeting", { access = "r" }))
print(second:read())  --> hello]=],
  },
  {
    name = "shm.unlink", signature = 'shm.unlink("/name")',
    results = { { "true", "boolean" } },
    brief = "removes a POSIX name; all other names go by themselves",
    params = { { "name", "string", "a name that begins with a slash" } },
    text = "Views that are open keep the memory; nobody else finds it any more.",
    codes = { 2, 3, 5, 87, 123, 161, 206 },
    raises = "a name that is no string",
    example = [=[
local view <close> = assert(shm.create("/moonpool-example", 4096))
assert(shm.unlink("/moonpool-example"))
print(select(3, shm.open("/moonpool-example")))  --> 2]=],
  },
  {
    name = "shm.path", signature = "shm.path(name)",
    results = { { "path", "string" } },
    brief = "the file that a name means, for other programs to map",
    params = { { "name", "string", "it need not exist" } },
    text = "The file holds the object's bytes from offset 0 and nothing else.",
    codes = naming,
    raises = "a name that is no string",
    example = [=[
print(shm.path("/frames"))  --> /dev/shm/frames]=],
  },
  {
    name = "view:write", signature = "view:write(data [, offset])",
    results = { { "view", "shm.view", "the same, for a chain of writes" } },
    brief = "copies the bytes, adds no terminator",
    params = {
      { "data", "string", "any bytes" },
      { "offset", "integer?", "where the first goes, from 0 (the default)" },
    },
    text = "All or nothing: data that does not fit writes no byte.",
    raises = "bytes past the view's end, a read-only view, a closed view, memory that is gone "
      .. "(error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello"):write("J", 0)
print(view:read())  --> Jello]=],
  },
  {
    name = "view:read", signature = "view:read([length [, offset]])",
    results = { { "data", "string" } },
    brief = "`length` bytes; without `length` the text up to the first NUL or the view's end",
    params = {
      { "length", "integer?", "bytes; nil for a text that ends at a NUL" },
      { "offset", "integer?", "the first byte to read, from 0 (the default)" },
    },
    raises = "bytes past the view's end, a closed view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello")
print(view:read(), #view:read(8), view:read(nil, 1))  --> hello	8	ello]=],
  },
  {
    name = "view:close", signature = "view:close()",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "unmaps and closes; again is harmless; `<close>` and the collector do the same",
    text = "With the last handle of all processes the name goes, at once.",
    example = [=[
local view = assert(shm.create("greeting", 16))
view:close()
print(select(3, shm.open("greeting")))  --> 2]=],
  },
  {
    name = "view:map", signature = "view:map{offset=, length=, access=}",
    results = { { "view", "shm.view" } },
    brief = "another window on the same object, which holds it as this one does",
    params = { { "options", "shm.options?", "without access: that of the handle" } },
    text = "Offsets count from the object's beginning, not from this view's.",
    codes = { 4, 5, 8, 87, 1132 },
    raises = "a closed view, an unknown option",
    example = [=[
local view <close> = assert(shm.create(nil, 131072))
local second <close> = assert(view:map { offset = 65536, access = "r" })
view:write("hello", 65536)
print(second:read(), #second)  --> hello	65536]=],
  },
  {
    name = "view:check", signature = "view:check()",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    text = "It says no when another program removed the object's file or cut it short.",
    codes = { 2, 999 },
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view:check())  --> true]=],
  },
  {
    name = "view:size", signature = "view:size()", also = { "#view" },
    results = { { "bytes", "integer" } },
    brief = "how many bytes the window has",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 100))
print(view:size(), #view)  --> 100	100]=],
  },
  {
    name = "view:name", signature = "view:name()",
    results = { { "name", "string?" } },
    brief = "the object's name as it was given; nil without one",
    text = "A closed view tells it, too.",
    example = [=[
local view <close> = assert(shm.create([[Local\greeting]], 16))
print(view:name())  --> Local\greeting]=],
  },
  {
    name = "view:access", signature = "view:access()",
    results = { { "access", '"rw"|"r"|"copy"' } },
    brief = "what the view allows",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
print(view:access())  --> rw]=],
  },
  {
    name = "tostring", signature = "tostring(view)", global = true,
    results = { { "text", "string" } },
    brief = "name, size and access in words",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view)  --> view of greeting (16 bytes, rw)]=],
  },
  {
    name = "console.getch", signature = "console.getch()",
    results = { { "key", "string?" } },
    brief = "one key of the terminal, or one byte of standard input; nil at its end",
    text = "On a terminal it waits for no Enter and shows nothing.",
    example = [=[
local key = console.getch()
print(key == nil or #key == 1)  --> true]=],
  },
  {
    name = "console.message_box", signature = "console.message_box(text [, title])",
    results = {},
    brief = "a box that waits for Enter on a terminal, otherwise a line",
    params = {
      { "text", "any", "shown as tostring does" },
      { "title", "string?", "on the box's frame; not shown in a line" },
    },
    raises = "a title that is no string",
    example = [=[
console.message_box("Message from first process.", "Process2")]=],
  },
}

memory.options = {
  { "access", '"rw"|"r"|"copy"', "all",
    '`"rw"` (default), `"r"`, `"copy"` (what is written stays private)' },
  { "offset", "integer", "all",
    "the window's first byte, a multiple of 65,536; default 0" },
  { "length", "integer", "all", "the window's bytes; 0, the default, is all to the end" },
  { "mode", "integer|string", "create",
    'permission bits, an integer or octal digits: `mode = "0644"`; default 0600' },
  { "exclusive", "boolean", "create", "an existing name is error 183" },
  { "reserve", "boolean", "create", "do not commit the pages at once" },
}

memory.codes = {
  { 2, "ERROR_FILE_NOT_FOUND", "nobody holds an object of this name" },
  { 3, "ERROR_PATH_NOT_FOUND", "a stray backslash in the name, or a missing folder" },
  { 4, "ERROR_TOO_MANY_OPEN_FILES",
    "no descriptors left; an object takes two (`ulimit -n`)" },
  { 5, "ERROR_ACCESS_DENIED",
    "the mode, the directory's owner or the handle's access forbids it; a length past the end" },
  { 6, "ERROR_INVALID_HANDLE", "the name belongs to another type of object, or is reserved" },
  { 8, "ERROR_NOT_ENOUGH_MEMORY", "no memory left" },
  { 87, "ERROR_INVALID_PARAMETER", "a size or mode that cannot be, or an offset past the end" },
  { 123, "ERROR_INVALID_NAME", "nothing after a prefix, or a second slash in a POSIX name" },
  { 161, "ERROR_BAD_PATHNAME", "a backslash first" },
  { 170, "ERROR_BUSY",
    "another process, perhaps a stopped one, keeps the name's fate open; try again" },
  { 183, "ERROR_ALREADY_EXISTS", "the name exists, and `exclusive` was asked for" },
  { 206, "ERROR_FILENAME_EXCED_RANGE", "the name is too long" },
  { 288, "ERROR_NOT_OWNER", "the mutex is not locked by this interpreter" },
  { 298, "ERROR_TOO_MANY_POSTS", "the semaphore's count would pass its maximum; it is unchanged" },
  { 999, "ERROR_SWAPERROR",
    "the object's memory is gone; close the view and create the object again" },
  { 1006, "ERROR_FILE_INVALID",
    "a POSIX object to which its creator has given no size yet" },
  { 1117, "ERROR_IO_DEVICE", "the kernel refused for a reason that the message names" },
  { 1132, "ERROR_MAPPED_ALIGNMENT", "an offset that is no multiple of 65,536" },
  { 1455, "ERROR_COMMITMENT_LIMIT",
    "`/dev/shm` has no room for it; the message says how much is needed and free" },
  { 1460, "ERROR_TIMEOUT", "it did not come about within the time that was given" },
}

memory.subjects = {
  { "names", "where a name lives and who sees it", [=[
Local\x, or x, is one of the user's objects; MOONPOOL_SESSION=word narrows it to one session.
It lives in /dev/shm/moonpool-<uid>/.

Global\x is for every user; the mode decides who may open it. It lives in
/dev/shm/moonpool-global/. With MOONPOOL_GLOBAL=strict only root creates there.

/x is the POSIX object shm_open("/x") in /dev/shm/x, with POSIX's lifetime: it stays until
shm.unlink.

Names are bytes (text is UTF-8) and case sensitive; all but a further backslash is legal. In Lua
write them in long brackets, so that a backslash is one:
  shm.open([[Global\MyFileMappingObject]])]=] },
  { "lifetime", "when objects come and go", [[
A name exists while at least one handle in any process is open. The moment the last one goes, by
close, by exit or by kill -9, shm.open says error 2. A view keeps its memory, not the name.

An object is never visible before it has its whole size, is zeroed and is committed. No process
that is stopped or killed makes another one wait for more than 0.3 s (then: error 170).

POSIX names (/x) are the exception: they stay until shm.unlink or moonpool rm.]] },
  { "errors", "what goes wrong, and the codes" },
  { "options", "the last argument of create, open and map" },
  { "prompt", "what can be typed here", [[
A line is an expression, whose values are shown, or a statement; one that is not complete goes on
in the next line. local ends with its line: leave it out for names that are to stay.

  ?name          help, as help(name); help() lists the topics
  _, _1, _2      the last results
  hex(number)    an integer in hexadecimal
  :all           the last result whole
  :time EXPR     run it, and say how long it took
  :ls, :who NAME what lives on this machine, and who holds it
  :edit          the last chunk in $VISUAL or $EDITOR
  :save FILE     what ran as a script; :load FILE runs one
  :              these commands, with what they do
  :q, Ctrl-D     leave

Tab completes globals, fields, methods, modules and, inside shm.open("…"), the names that live.
Ctrl-R searches the history, Ctrl-C stops what runs or clears the line.]] },
  { "scripts", "the scripts inside the binary", [[
moonpool scripts lists them, moonpool run NAME [ARG…] runs one, moonpool run --show NAME prints
one: a beginning for scripts of your own.]] },
}

return memory

"""#

  private static let module_api_named: StaticString = #"""
-- The API, told once: named events, mutexes and semaphores. See help.lua for the tables' forms.

local named = {}

named.classes = {
  { "event", class = "shm.event", made = "shm.event",
    line = "events: set, reset, wait …",
    text = "A flag that processes wait for. An event that is not manual lets one waiter through "
      .. "and is reset by that." },
  { "mutex", class = "shm.mutex", made = "shm.mutex",
    line = "mutexes: lock, try, unlock, guard …",
    text = "A lock that one interpreter at a time has, as often as it likes." },
  { "guard", class = "shm.guard", made = "mutex:guard",
    line = "what unlocks a mutex at its scope's end",
    text = "A mutex that is locked until the guard goes out of scope: by <close>, by guard:unlock "
      .. "or, at last, by the collector." },
  { "semaphore", class = "shm.semaphore", made = "shm.semaphore",
    line = "semaphores: acquire, release …",
    text = "A count of what is free, up to a maximum." },
}

-- What every call that finds or makes an object may be refused with.
local making <const> = { 3, 4, 5, 6, 8, 87, 123, 161, 170, 183, 206, 999, 1455 }
local opening <const> = { 2, 3, 4, 5, 6, 8, 123, 161, 170, 206, 999 }

local naming <const> = { "name", "string?", "as of mappings, without a slash; nil: without a name" }
local options <const> = { "options", "shm.named.options?", "mode, exclusive" }
local access <const> = { "options", "shm.open.options?", "access" }
local timeout <const> = { "timeout", "number?", "seconds; nil: for ever; 0: do not wait" }

local function waited(what)
  return { { "acquired", "boolean", what }, { "why", "string?", '"timeout"' } }
end

local gone <const> = "memory that is gone"

named.functions = {
  {
    name = "shm.event", signature = "shm.event(name [, options])",
    results = { { "event", "shm.event" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes an event, or opens the one that exists (its kind and state win)",
    params = { naming, { "options", "shm.event.options?", "manual, set, mode, exclusive" } },
    text = "Without options it is not set, and a wait that it ends resets it.",
    codes = making,
    raises = "a name that is no string, an unknown option",
    example = [=[
local ready <close>, existed = assert(shm.event("ready"))
ready:set()
print(existed, ready:wait(), ready:wait(0))  --> false	true	false	timeout]=],
  },
  {
    name = "shm.open_event", signature = "shm.open_event(name [, options])",
    results = { { "event", "shm.event" } },
    brief = "opens an event that exists; `shm.open_mutex`, `shm.open_semaphore` likewise",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local ready <close> = assert(shm.event("ready", { manual = true }))
local waiter <close> = assert(shm.open_event("ready", { access = "wait" }))
ready:set()
print(waiter:wait(), select(3, waiter:set()))  --> true	5]=],
  },
  {
    name = "shm.mutex", signature = "shm.mutex(name [, options])",
    results = { { "mutex", "shm.mutex" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes a mutex that nobody has locked, or opens the one that exists",
    params = { naming, options },
    text = "An owner that dies leaves it to the next one, who is told so once.",
    codes = making,
    raises = "a name that is no string, an unknown option",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:lock(), mutex)  --> true	mutex of ledger (locked by this interpreter)
mutex:unlock()]=],
  },
  {
    name = "shm.open_mutex", signature = "shm.open_mutex(name [, options])",
    family = "shm.open_event",
    results = { { "mutex", "shm.mutex" } },
    brief = "opens a mutex that exists",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(shm.open_mutex("ledger"))  --> mutex of ledger (free)]=],
  },
  {
    name = "shm.semaphore", signature = "shm.semaphore(name, initial, maximum [, options])",
    results = { { "semaphore", "shm.semaphore" },
      { "existed", "boolean", "whether it was opened" } },
    brief = "makes a semaphore, or opens the one that exists (its count and maximum win)",
    params = {
      naming,
      { "initial", "integer", "how many may be acquired at first, from 0" },
      { "maximum", "integer", "the highest count, from 1 to 2,147,483,647" },
      options,
    },
    codes = making,
    raises = "a name that is no string, counts that are no integers, an unknown option",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 2, 8))
slots:acquire()
print(slots)  --> semaphore of slots (1 of 8)]=],
  },
  {
    name = "shm.open_semaphore", signature = "shm.open_semaphore(name [, options])",
    family = "shm.open_event",
    results = { { "semaphore", "shm.semaphore" } },
    brief = "opens a semaphore that exists",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 2, 8))
print(shm.open_semaphore("slots"))  --> semaphore of slots (2 of 8)]=],
  },
  {
    name = "shm.wait", signature = "shm.wait({a, b, …} [, {all=, timeout=}])",
    results = {
      { "index", "integer|true|false", "the lowest of those acquired, from 1; true of all" },
      { "why", "string?", '"timeout", or "abandoned" of a mutex whose owner died, or "removed"' },
    },
    brief = "waits for one of up to 64 events, mutexes and semaphores, or for `all` of them",
    params = {
      { "objects", "table", "a list of 1 to 64 events, mutexes and semaphores" },
      { "options", "shm.wait.options?", "all, timeout" },
    },
    text = "With all it takes every one at once or none. Otherwise it takes the first in the list "
      .. "that can be had, a mutex whose owner died included.",
    codes = { 5, 87 },
    raises = "an empty list, what is no event, mutex or semaphore, a closed one, an unknown option, "
      .. "a timeout that is no number from 0, " .. gone,
    example = [=[
local stop <close> = assert(shm.event("stop", { manual = true }))
local work <close> = assert(shm.semaphore("work", 1, 9))
print(shm.wait { stop, work })  --> 2
print(shm.wait({ stop, work }, { timeout = 0.01 }))  --> false	timeout
stop:set()
work:release()
print(shm.wait({ stop, work }, { all = true }))  --> true]=],
  },
  {
    name = "event:set", signature = "event:set()",
    results = { { "true", "boolean" } },
    brief = "lets one waiter through, now or later; all, where the event is `manual`",
    text = "A flag, no count: set twice is set once.",
    codes = { 5 },
    raises = "a closed event, " .. gone,
    example = [=[
local ready <close> = assert(shm.event(nil))
ready:set()
ready:set()
print(ready:wait(0), ready:wait(0))  --> true	false	timeout]=],
  },
  {
    name = "event:reset", signature = "event:reset()",
    results = { { "true", "boolean" } },
    brief = "unsets it, so that the next wait waits",
    codes = { 5 },
    raises = "a closed event, " .. gone,
    example = [=[
local ready <close> = assert(shm.event(nil, { manual = true, set = true }))
print(ready:wait(0), ready:reset(), ready)  --> true	true	event of an unnamed object (manual, not set)]=],
  },
  {
    name = "event:wait", signature = "event:wait([timeout])",
    results = waited("false: it was not set in time"),
    brief = "waits until it is set; resets it unless it is `manual`",
    params = { timeout },
    text = "Ctrl-C ends every wait.",
    codes = { 5 },
    raises = "a closed event, a timeout that is no number from 0, " .. gone,
    example = [=[
local ready <close> = assert(shm.event("ready", { set = true }))
print(ready:wait(), ready:wait(0.01))  --> true	false	timeout]=],
  },
  {
    name = "event:name", signature = "event:name()",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one. Of mutexes and semaphores, too",
    example = [=[
local ready <close> = assert(shm.event("ready"))
print(ready:name())  --> ready]=],
  },
  {
    name = "event:check", signature = "event:check()",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory? Of mutexes and semaphores, too",
    text = "It says no when another program removed the object's file or cut it short: then two "
      .. "processes may have two objects of one name.",
    codes = { 2, 999 },
    raises = "a closed event",
    example = [=[
local ready <close> = assert(shm.event("ready"))
print(ready:check())  --> true]=],
  },
  {
    name = "event:close", signature = "event:close()",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same. Of "
      .. "mutexes and semaphores, too",
    text = "With the last handle of all processes the name goes, at once.",
    example = [=[
local ready = assert(shm.event("ready"))
ready:close()
print(select(3, shm.open_event("ready")))  --> 2]=],
  },
  {
    name = "mutex:lock", signature = "mutex:lock([timeout])",
    results = {
      { "acquired", "boolean", "false: somebody else kept it" },
      { "why", "string?",
        '"timeout", or "abandoned": it is yours, its last owner died with it, or "removed"' },
    },
    brief = "waits until nobody else has it, and takes it; as often as its owner likes",
    params = { timeout },
    text = "It belongs to the interpreter, whatever handle or coroutine locked it. After "
      .. '"abandoned" look at what it guards: its last owner may have been in the middle of it. '
      .. '"removed": it is yours, but its file is gone (rm, logind), and who creates the name now has '
      .. "another mutex; a lock that has to wait or is the interpreter's first says so, check always.",
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:lock(), mutex:lock(5), mutex:unlock(), mutex:unlock())  --> true	true	true	true]=],
  },
  {
    name = "mutex:try", signature = "mutex:try()",
    results = {
      { "acquired", "boolean", "false: somebody else has it" },
      { "why", "string?", '"timeout", "abandoned" or "removed"' },
    },
    brief = "`lock(0)`: takes it if nobody else has it",
    codes = { 5, 87 },
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:try())  --> true
mutex:unlock()]=],
  },
  {
    name = "mutex:unlock", signature = "mutex:unlock()",
    results = { { "true", "boolean" } },
    brief = "gives it up, once for each lock",
    codes = { 288 },
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(select(3, mutex:unlock()))  --> 288]=],
  },
  {
    name = "mutex:guard", signature = "mutex:guard([timeout])",
    results = {
      { "guard", "shm.guard|false", "false: somebody else kept it" },
      { "why", "string?", '"timeout", "abandoned" or "removed"' },
    },
    brief = "locks it until the guard's scope ends, however that is left",
    params = { timeout },
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
do
  local guard <close> = assert(mutex:guard(5))
  print(mutex)  --> mutex of ledger (locked by this interpreter)
end
print(mutex)  --> mutex of ledger (free)]=],
  },
  {
    name = "mutex:owner", signature = "mutex:owner()",
    results = {
      { "process", "integer?",
        "as it is seen here; nil: nobody has it, or one that died; 0: unknown" },
      { "ours", "boolean|string?",
        'whether it is this interpreter; behind nil "in another pid namespace": it has no number here' },
    },
    brief = "the process that has it locked, for people to look at",
    text = "It may have changed when you read it.",
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:owner())  --> nil
mutex:lock()
print(math.type(mutex:owner()), select(2, mutex:owner()))  --> integer	true]=],
  },
  {
    name = "mutex:name", signature = "mutex:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:name())  --> ledger]=],
  },
  {
    name = "mutex:check", signature = "mutex:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed mutex",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:check())  --> true]=],
  },
  {
    name = "mutex:close", signature = "mutex:close()", family = "event:close",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same",
    text = "The interpreter's last handle of a mutex that it has locked leaves it to the next one, "
      .. 'who is told "abandoned".',
    example = [=[
local mutex = assert(shm.mutex("ledger"))
print(mutex:close(), mutex)  --> true	mutex of ledger (closed)]=],
  },
  {
    name = "guard:unlock", signature = "guard:unlock()",
    results = { { "true", "boolean" } },
    brief = "unlocks its mutex before the scope ends; again is harmless",
    codes = { 288 },
    raises = gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
local guard <close> = assert(mutex:guard())
print(guard:unlock(), guard:unlock(), mutex)  --> true	true	mutex of ledger (free)]=],
  },
  {
    name = "semaphore:acquire", signature = "semaphore:acquire([timeout])",
    results = waited("false: the count stayed 0"),
    brief = "waits until the count is above 0, and takes one",
    params = { timeout },
    text = "What a process has acquired when it dies stays acquired, as on Windows.",
    codes = { 5 },
    raises = "a closed semaphore, a timeout that is no number from 0, " .. gone,
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:acquire(), slots:acquire(0.01))  --> true	false	timeout]=],
  },
  {
    name = "semaphore:release", signature = "semaphore:release([n])",
    results = { { "previous", "integer", "the count before" } },
    brief = "adds `n` to the count, one without it",
    params = { { "n", "integer?", "from 1" } },
    text = "Past the maximum it adds nothing.",
    codes = { 5, 87, 298 },
    raises = "a closed semaphore, an n that is no integer, " .. gone,
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 0, 8))
print(slots:release(), slots:release(3), slots)  --> 0	1	semaphore of slots (4 of 8)
print(select(3, slots:release(5)))  --> 298]=],
  },
  {
    name = "semaphore:name", signature = "semaphore:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:name())  --> slots]=],
  },
  {
    name = "semaphore:check", signature = "semaphore:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed semaphore",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:check())  --> true]=],
  },
  {
    name = "semaphore:close", signature = "semaphore:close()", family = "event:close",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same",
    example = [=[
local slots = assert(shm.semaphore("slots", 1, 8))
print(slots:close(), slots)  --> true	semaphore of slots (closed)]=],
  },
}

named.options = {
  { "manual", "boolean", "event", "it stays set until `event:reset`, for every waiter",
    class = "shm.event.options" },
  { "set", "boolean", "event", "it is set at once", class = "shm.event.options" },
  { "mode", "integer|string", "event, mutex, semaphore",
    'permission bits, as of `create`; who reads writes, too: `"0600"`, `"0660"` or `"0666"`',
    class = "shm.named.options" },
  { "exclusive", "boolean", "event, mutex, semaphore", "an existing name is error 183",
    class = "shm.named.options" },
  { "access", '"all"|"wait"|"modify"', "open_event …",
    '`"all"` (default), `"wait"` (no set, reset or release), `"modify"` (no waiting)',
    class = "shm.open.options" },
  { "all", "boolean", "wait", "wait until all can be taken at once", class = "shm.wait.options" },
  { "timeout", "number", "wait", "seconds; default: for ever", class = "shm.wait.options" },
}

named.subjects = {
  { "locking", "events, mutexes and semaphores, and who waits for them", [=[
shm.event is a flag, shm.mutex a lock, shm.semaphore a count. They have names in the namespaces of
mappings, live as long as some process holds them, and one name belongs to one type at a time (error
6). Without a name they are for the handles of one interpreter.

A wait is false, "timeout" after its seconds; without a number it goes on for ever, and 0 only looks.
Ctrl-C ends it. shm.wait takes several objects at once.

  local guard <close> = assert(mutex:guard(5))   -- until the scope ends
  local taken, why = mutex:lock()                -- why == "abandoned": the last owner died

A mutex belongs to the interpreter that locked it. No wait hangs because a process was killed, at
whatever instruction; a process that is stopped while it has a mutex keeps it. A killed owner's mutex
goes to the next one within 50 ms, and a process that waits for long wakes once a second.]=] },
}

return named

"""#

  private static let module_api_typed: StaticString = #"""
-- The API, told once: scalars, packs, texts and bytes of a view. See help.lua for the tables' forms.

local typed = {}

local inside <const> = "bytes that are not all inside of the view, "
local written <const> = "a read-only view, "
local usual <const> = "a closed view, memory that is gone (error 999)"

-- MARK: numbers

local leader <const> = "view:u32"

local atomic <const> = "Little-endian. At an offset that is a multiple of its size it is one "
  .. "sequentially consistent access: no other process sees half of it, and all see one order. "
  .. "(Views begin at multiples of 65,536.) At other offsets it works, and is not atomic."

local u64 <const> = " Above 2^63-1 it appears as Lua's negative integer, as 64 bits do in Lua: "
  .. '("%x"):format(value) and math.ult show and compare it as what it is.'

-- type, what it is, "integer" or "number", what it takes, more text, the example's value and result
local numbers <const> = {
  { "u32", "32 bits without a sign", "integer", "0 to 4294967295", "", "3000000000", "3000000000" },
  { "u8", "one byte", "integer", "0 to 255", "", "255", "255" },
  { "i8", "one byte with a sign", "integer", "-128 to 127", "", "-1", "-1" },
  { "u16", "16 bits without a sign", "integer", "0 to 65535", "", "65535", "65535" },
  { "i16", "16 bits with a sign", "integer", "-32768 to 32767", "", "-2", "-2" },
  { "i32", "32 bits with a sign", "integer", "-2147483648 to 2147483647", "", "-3", "-3" },
  { "u64", "64 bits without a sign", "integer", "any integer", u64, "0xFFFFFFFFFFFFFFFF", "-1" },
  { "i64", "64 bits with a sign", "integer", "any integer", "", "-4", "-4" },
  { "f32", "a float of C", "number", "a number, rounded as C rounds it; what would become infinite does not fit",
    " Infinity and NaN are values; a finite number above 3.4028235e38 is misuse.", "0.1",
    "0.10000000149012" },
  { "f64", "a double of C", "number", "any number", "", "0.1", "0.1" },
}

local function number(type, what, kind, takes, more, value, result)
  local name = "view:" .. type
  local leads = name == leader
  return {
    name = name, signature = name .. "(offset [, value])", family = not leads and leader or nil,
    results = { { "value", kind .. "|shm.view", "what was read; with a value the view" } },
    brief = leads and "one number in the memory, read, or with a value written: `u8 i8 u16 i16 u32 "
        .. "i32 u64 i64 f32 f64`, each a method"
      or what .. ", read, or with a value written",
    params = {
      { "offset", "integer", "its first byte, from 0" },
      { "value", kind .. "?", takes .. "; what is given, nil included, is written" },
    },
    text = atomic .. more,
    raises = inside .. "a value that does not fit, " .. written .. usual,
    example = ([=[
local view <close> = assert(shm.create(nil, 16))
print(view:%s(8, %s):%s(8))  --> %s]=]):format(type, value, type, result),
  }
end

typed.functions = {}
for place, each in ipairs(numbers) do typed.functions[place] = number(table.unpack(each)) end

-- MARK: packs, texts, bytes

local function add(entry) typed.functions[#typed.functions + 1] = entry end

local formats <const> = "The formats are string.pack's: < > = ![n] b B h H i[n] I[n] l L j J T f d n "
  .. "s[n] z c[n] x X and blanks. Alignments (!) count from the view's first byte."

add {
  name = "view:pack", signature = "view:pack(format, offset, …)",
  results = { { "next", "integer", "the offset behind the last byte" } },
  brief = "writes values as `string.pack` does, straight into the memory",
  params = {
    { "format", "string", "as of string.pack" },
    { "offset", "integer", "the first byte, from 0" },
    { "...", "any", "the values" },
  },
  text = formats .. " All or nothing: what does not fit writes no byte; but a number that is too "
    .. "large for f is infinity, as string.pack has it. An aligned number is one access; the whole "
    .. "is not.",
  raises = inside .. "what string.pack refuses, " .. written .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 64))
local next = view:pack("<I4 z", 0, 7, "seven")
print(next, view:unpack("<I4 z", 0))  --> 10	7	seven	10]=],
}

add {
  name = "view:unpack", signature = "view:unpack(format, offset)",
  results = { { "…", "any", "the values" }, { "next", "integer", "the offset behind them" } },
  brief = "reads values as `string.unpack` does, straight from the memory",
  params = {
    { "format", "string", "as of string.unpack" },
    { "offset", "integer", "the first byte, from 0" },
  },
  text = formats .. " A length in the memory (s) is loaded once and checked: another process may "
    .. "change it meanwhile.",
  raises = inside .. "what string.unpack refuses, " .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 64))
view:pack("<i2 s1 d", 4, -5, "text", 0.5)
print(view:unpack("<i2 s1 d", 4))  --> -5	text	0.5	19]=],
}

-- The three kinds of text: method, what, its unit, the array in C, more text, an example.
local function text(name, what, unit, array, more, example)
  add {
    name = "view:" .. name, signature = ("view:%s(offset [, limit] [, string])"):format(name),
    results = { { "string", "string|shm.view", "what was read; with a string the view" } },
    brief = what,
    params = {
      { "offset", "integer", "the first byte, from 0" },
      { "limit", "integer|string|nil", ("%s at most, as in %s, a NUL included; or the string")
        :format(unit, array) },
      { "string", "string?", "to be written, with a NUL behind it" },
    },
    text = "Reading ends at the first NUL, at the limit or at the view's end. Writing is all or "
      .. "nothing, and leaves what is behind the NUL as it was." .. more,
    raises = "an offset outside of the view, a string that does not fit or has a NUL in it, "
      .. written .. usual,
    example = example,
  }
end

text("text", "a text that ends with a NUL (`char[]`), read or written", "bytes", "char name[16]",
  " The bytes are not looked at.", [=[
local view <close> = assert(shm.create(nil, 32))
view:text(0, 16, "hello")
print(view:text(0), view:text(0, 4), view:text(1))  --> hello	hell	ello]=])

text("utf16", "a text in UTF-16 (Windows' `WCHAR[]`), UTF-8 in Lua", "units of 16 bits",
  "WCHAR name[16]",
  " Little-endian. A surrogate without its partner is three bytes in Lua, as utf8.char makes them, "
    .. "and is written back as it was.", [=[
local view <close> = assert(shm.create(nil, 64))
view:utf16(0, 16, "Grüße")
print(view:utf16(0), view:u16(4))  --> Grüße	252]=])

text("utf32", "a text in UTF-32 (Linux's `wchar_t[]`), UTF-8 in Lua", "units of 32 bits",
  "wchar_t name[16]", " Little-endian. A unit that is no character is read as U+FFFD.", [=[
local view <close> = assert(shm.create(nil, 64))
view:utf32(0, 16, "Grüße")
print(view:utf32(0), view:u32(8))  --> Grüße	252]=])

add {
  name = "view:fill", signature = "view:fill(byte [, offset [, length]])",
  results = { { "view", "shm.view", "the same" } },
  brief = "makes all bytes, or those from `offset` on, the same",
  params = {
    { "byte", "integer", "0 to 255" },
    { "offset", "integer?", "the first, from 0 (the default)" },
    { "length", "integer?", "how many; all that follow by default" },
  },
  raises = inside .. "what is no byte, " .. written .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:fill(0x2E):fill(0x41, 2, 3):read())  --> ..AAA...]=],
}

add {
  name = "view:copy", signature = "view:copy(offset, source [, from [, length]])",
  results = { { "view", "shm.view", "the same, which was written" } },
  brief = "copies bytes of a view into this one, without a string in between",
  params = {
    { "offset", "integer", "where the first goes, from 0" },
    { "source", "shm.view", "another view, or the same" },
    { "from", "integer?", "the first byte of the source, from 0 (the default)" },
    { "length", "integer?", "how many; all that the source has from there by default" },
  },
  text = "The bytes may overlap, of one view and of several views of one object.",
  raises = "bytes that are not all inside of their view, " .. written .. usual,
  example = [=[
local one <close> = assert(shm.create(nil, 8))
local two <close> = assert(shm.create(nil, 8))
one:write("abcdefgh")
print(two:copy(1, one, 4, 3):copy(0, two, 1, 3):read())  --> efgg]=],
}

add {
  name = "view:find", signature = "view:find(bytes [, offset])",
  results = { { "offset", "integer?" } },
  brief = "where the bytes begin, the first time from `offset` on; nil: nowhere",
  params = {
    { "bytes", "string", "as they are, no pattern" },
    { "offset", "integer?", "where to begin, from 0 (the default)" },
  },
  raises = "an offset outside of the view, " .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 32))
view:write("one two one")
print(view:find("one"), view:find("one", 1), view:find("six"))  --> 0	8	nil]=],
}

add {
  name = "view:hex", signature = "view:hex([offset [, length]])",
  results = { { "text", "string" } },
  brief = "the bytes as a text of offsets, hexadecimal and ASCII, as `moonpool dump` prints them",
  params = {
    { "offset", "integer?", "the first byte, from 0 (the default)" },
    { "length", "integer?", "how many; all that follow by default" },
  },
  raises = inside .. usual,
  example = [=[
local view <close> = assert(shm.create(nil, 8))
view:write("hello")
print((view:hex():match("|(.-)|")))  --> hello...]=],
}

return typed

"""#

  private static let module_complete: StaticString = #"""
-- What Tab offers, and the grey hint: looks at values, never runs anything of the user's.

local module <const>, host <const>, globals <const> = ...
local lexer <const> = module("lexer")
local show <const> = module("show")

local complete = {}

local getmetatable <const> = debug.getmetatable
local DEEP <const> = 16

-- The table in which a value's fields are looked up after its own: __index, if it is a table; of
-- our userdata, whose __index is a function, their methods.
local function fallback(value)
  local meta = getmetatable(value)
  local index = meta and rawget(meta, "__index")
  if type(index) == "function" and type(value) == "userdata" then
    index = rawget(meta, "__methods")
  end
  return type(index) == "table" and index or nil
end

-- What the C function __fields of a userdata's metatable tells, which touches no shared memory:
-- a list of the fields' names; with a key the part that is found there.
local function part(value, key)
  local meta = type(value) == "userdata" and getmetatable(value)
  local fields_of = meta and rawget(meta, "__fields")
  if type(fields_of) ~= "function" or debug.getinfo(fields_of, "S").what ~= "C" then return nil end
  local well, found = pcall(fields_of, value, key)
  return well and found or nil
end

-- A field as far as no function has to run for it.
local function field(value, key)
  for _ = 1, DEEP do
    if type(value) == "table" then
      local found = rawget(value, key)
      if found ~= nil then return found end
    end
    local found = part(value, key)
    if found ~= nil then return found end
    value = fallback(value)
    if value == nil then return nil end
  end
end

-- ---- what stands before the cursor ----

local function literal(token)
  if token.kind == "number" then return tonumber(token.text) end
  if token.kind == "string" and not token.open then
    local chunk = load("return " .. token.text, "=literal", "t", {})
    return chunk and chunk()
  end
end

local step

-- The value of the name or chain that ends at `index`: a.b, a.b["c"], "text".
local function value_at(tokens, index)
  local token = tokens[index]
  if not token then return nil end
  if token.kind == "name" then
    local before = tokens[index - 1]
    if before and (before.text == "." or before.text == ":") then
      return step(value_at(tokens, index - 2), token.text)
    end
    if show.keywords[token.text] then return nil end
    return field(globals, token.text)
  end
  if token.kind == "string" then return literal(token) end
  if token.text == "]" and tokens[index - 2] and tokens[index - 2].text == "[" then
    local key = literal(tokens[index - 1])
    if key ~= nil then return step(value_at(tokens, index - 3), key) end
  end
  if token.text == ")" and tokens[index - 2] and tokens[index - 2].text == "(" then
    local caller = tokens[index - 3]
    if not caller or caller.kind == "mark" and caller.text ~= "]" and caller.text ~= ")" then
      return value_at(tokens, index - 1)
    end
  end
end

function step(value, key)
  if value ~= nil then return field(value, key) end
end

-- ---- candidates ----

local function add(found, seen, name)
  if not seen[name] then
    seen[name] = true
    found[#found + 1] = name
  end
end

local function begins(text, prefix) return text:sub(1, #prefix) == prefix end

local function fits(name, prefix)
  return show.is_name(name) and begins(name, prefix)
    and (prefix ~= "" or name:sub(1, 1) ~= "_")
end

local function callable(value)
  local meta = getmetatable(value)
  return type(value) == "function" or meta ~= nil and rawget(meta, "__call") ~= nil
end

local function fields(value, prefix, methods)
  local found, seen = {}, {}
  for _, name in ipairs(not methods and part(value) or {}) do
    if fits(name, prefix) then add(found, seen, name) end
  end
  for _ = 1, DEEP do
    if type(value) == "table" then
      for key, item in next, value do
        if fits(key, prefix) and (not methods or callable(item)) then add(found, seen, key) end
      end
    end
    value = fallback(value)
    if value == nil then break end
  end
  table.sort(found)
  return found
end

local function words(tokens, prefix)
  local found, seen = fields(globals, prefix), {}
  for _, name in ipairs(found) do seen[name] = true end
  for _, name in ipairs(lexer.locals(tokens)) do
    if fits(name, prefix) then add(found, seen, name) end
  end
  for word in pairs(show.keywords) do
    if begins(word, prefix) then add(found, seen, word) end
  end
  table.sort(found)
  return found
end

-- ---- inside strings ----

local function items(list)
  return (list or ""):gmatch("([^\0]*)\0")
end

-- A name as it has to be written between these quotes; nil: it cannot be.
local function written(name, token)
  if token.long then return not name:find("]" .. token.long .. "]", 1, true) and name or nil end
  return (name:gsub("[%c\\" .. token.quote .. "]", function(byte)
    if byte:find("%c") then return ("\\%03d"):format(byte:byte()) end
    return "\\" .. byte
  end))
end

-- Of one type of object, or of all.
local function object_names(typed, token, wanted)
  local found, seen = {}, {}
  for item in items(host.objects()) do
    local type, name = item:match("^(%l+):(.*)$")
    local short = name:match("^Local\\(.*)$")
    for _, candidate in ipairs { short or name, name } do
      local text = (not wanted or type == wanted) and written(candidate, token)
      -- Without a letter the short form is offered once.
      if text and begins(text, typed) and not (typed == "" and seen[name]) then
        add(found, seen, text)
        seen[name] = true
      end
    end
  end
  table.sort(found)
  return found
end

local function holds(directory, fits_name)
  for name in items(host.files(directory)) do
    if fits_name(name) then return true end
  end
end

-- Modules in the directory that one template of package.path names.
local function modules_at(template, typed, found, seen)
  local directory, ending = template:match("^(.-)%?(.*)$")
  if not directory then return end
  local package_name = typed:match("^(.*%.)") or ""
  directory = directory .. package_name:gsub("%.", "/")
  local inner = ending:match("^/(.+)$")
  local function is_file(name) return #name > #ending and name:sub(-#ending) == ending end
  for name in items(host.files(directory == "" and "." or directory)) do
    local path = directory .. name
    local candidate
    if inner then
      if holds(path, function(file) return file == inner end) then candidate = name end
    elseif is_file(name) then
      candidate = name:sub(1, -#ending - 1)
    elseif not name:find(".", 1, true) and begins(package_name .. name, typed)
      and holds(path, is_file) then
      candidate = name .. "."
    end
    if candidate and not candidate:find("[%c\"'\\]")
      and begins(package_name .. candidate, typed) then
      add(found, seen, package_name .. candidate)
    end
  end
end

local function module_names(typed)
  local found, seen = {}, {}
  for _, known in ipairs { package.loaded, package.preload } do
    for name in next, known do
      if type(name) == "string" and begins(name, typed) and name ~= "_G" then
        add(found, seen, name)
      end
    end
  end
  for _, path in ipairs { package.path, package.cpath } do
    for template in tostring(path):gmatch("[^;]+") do modules_at(template, typed, found, seen) end
  end
  table.sort(found)
  return found
end

-- The candidates inside the open string at the end of the tokens.
local function in_string(text, cursor, tokens)
  local token = tokens[#tokens]
  local index = #tokens - 1
  if tokens[index] and tokens[index].text == "(" then index = index - 1 end
  local f = value_at(tokens, index)
  local typed = text:sub(token.inside, cursor)
  local shm = package.loaded.shm
  for _, name in ipairs { "open", "create", "event", "mutex", "semaphore", "open_event", "open_mutex",
    "open_semaphore" } do
    if f ~= nil and f == rawget(shm, name) then
      local type = (name == "open" or name == "create") and "mapping" or name:match("%l+$")
      return token.inside, object_names(typed, token, type)
    end
  end
  if f ~= nil and f == globals.require then return token.inside, module_names(typed) end
  return cursor + 1, {}
end

-- The first byte to replace, and the candidates; `cursor` counts the bytes before it.
function complete.candidates(text, cursor)
  local tokens = lexer.tokens(text, cursor)
  local last = tokens[#tokens]
  if last and last.open then
    if last.kind == "string" then return in_string(text, cursor, tokens) end
    return cursor + 1, {}
  end
  local index, prefix, from = #tokens, "", cursor + 1
  if last and last.kind == "name" and last.to == cursor then
    index, prefix, from = index - 1, last.text, last.from
  end
  local mark = tokens[index] and tokens[index].text
  if mark == "." or mark == ":" then
    return from, fields(value_at(tokens, index - 1), prefix, mark == ":")
  end
  if prefix == "" or mark == ".." and last.kind == "number" then return from, {} end
  return from, words(tokens, prefix)
end

-- The names of objects that begin with the typed text, as commands take them: unquoted.
function complete.objects(typed)
  return object_names(typed, { long = "=" })
end

-- ---- the hint ----

local openers <const> = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local closers <const> = { [")"] = true, ["]"] = true, ["}"] = true }

-- The call that the end of the tokens is in: the index of its parenthesis, the number of commas
-- behind that, and whether the argument at the end has begun.
local function open_call(tokens)
  local depth, commas = 0, 0
  for index = #tokens, 1, -1 do
    local text = tokens[index].kind == "mark" and tokens[index].text
    if closers[text] then
      depth = depth + 1
    elseif openers[text] then
      if depth == 0 then
        if text ~= "(" then return nil end
        return index, commas, tokens[#tokens].text ~= "," and index ~= #tokens
      end
      depth = depth - 1
    elseif text == "," and depth == 0 then
      commas = commas + 1
    end
  end
end

-- The parameters, and whether the object before the colon is among them.
local function signature(f)
  if debug.getinfo(f, "S").what ~= "C" then return table.concat(show.parameters(f), ", "), true end
  local known, help = pcall(module, "help")
  if not (known and type(help) == "table" and type(help.signature) == "function") then return nil end
  local well, text = pcall(help.signature, f)
  if not (well and type(text) == "string") then return nil end
  return text:match("%((.*)%)"), not text:find("^[^(]*:")
end

-- The parameters from number `skip` + 1 on: "name, size [, options]".
local function rest(parameters, skip)
  local at = 1
  for _ = 1, skip do
    local comma = parameters:find(",", at, true)
    if not comma then
      return parameters:find("...", 1, true) and "..." or parameters:find("···", 1, true) and "..."
        or nil
    end
    at = comma + 1
  end
  local text = parameters:sub(at):gsub("^%s+", "")
  local open = select(2, parameters:sub(1, at - 1):gsub("%[", ""))
    - select(2, parameters:sub(1, at - 1):gsub("%]", ""))
  for _ = 1, open do text = text:gsub("%]%s*$", "", 1) end
  return text
end

-- The grey text behind the cursor, or nil.
function complete.hint(text, cursor)
  if text:find("^[^\n]*%S", cursor + 1) then return nil end
  local tokens = lexer.tokens(text, cursor)
  if #tokens == 0 or tokens[#tokens].open then return nil end -- in a string or a comment
  local index, commas, begun = open_call(tokens)
  if not index then return nil end
  local f = value_at(tokens, index - 1)
  if type(f) ~= "function" then return nil end
  local parameters, whole = signature(f)
  if not parameters then return nil end
  if whole and tokens[index - 2] and tokens[index - 2].text == ":" then
    parameters = parameters:gsub("^[^,%[]*,?%s*", "", 1)
  end
  local remaining = rest(parameters, commas + (begun and 1 or 0))
  if not remaining then return begun and ")" or nil end
  if begun then return (remaining == "" and "" or ", ") .. remaining .. ")" end
  return remaining .. ")"
end

return complete

"""#

  private static let module_dump: StaticString = #"""
-- Bytes as offset, hexadecimal and text, in colours and as wide as the terminal.

local module <const> = ...
local paint <const> = module("text").paint

-- How many bytes fit on a line, with an offset of `digits` digits.
local function per_line(columns, digits)
  for _, count in ipairs { 16, 8, 4 } do
    if digits + 2 + 3 * count + (count == 16 and 1 or 0) + 1 + count <= columns then return count end
  end
  return 2
end

local function row(bytes, offset, count, digits, style)
  local cells, text = {}, {}
  for index = 1, count do
    local byte = bytes:byte(index)
    local gap = index == 9 and " " or ""
    if not byte then
      cells[index] = gap .. "  "
    elseif byte == 0 then
      cells[index], text[index] = gap .. paint(style, "zero", "00"), paint(style, "zero", ".")
    elseif byte >= 0x20 and byte < 0x7F then
      cells[index] = gap .. paint(style, "text", ("%02x"):format(byte))
      text[index] = paint(style, "text", string.char(byte))
    else
      cells[index], text[index] = gap .. ("%02x"):format(byte), "."
    end
  end
  return paint(style, "offset", ("%0" .. digits .. "x"):format(offset)) .. "  "
    .. table.concat(cells, " ") .. "  " .. table.concat(text)
end

-- Lines of offset, hexadecimal and text; repeated rows are one `*`. `read(length, offset)` gives
-- the bytes, `limit` how many rows are shown.
local function dump(read, first, last, style, limit)
  local digits = last > 0xFFFFFFFF and 12 or last > 0xFFFF and 8 or 4
  local count = per_line(style.columns, digits)
  local lines, before_this, offset = {}, nil, first
  while offset < last do
    if limit and #lines >= limit then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d bytes more"):format(last - offset))
      return lines
    end
    local bytes = read(math.min(count, last - offset), offset)
    if bytes == before_this and offset + count < last then
      if lines[#lines] ~= "*" then lines[#lines + 1] = "*" end
    else
      lines[#lines + 1] = row(bytes, offset, count, digits, style)
    end
    before_this, offset = bytes, offset + count
  end
  return lines
end

return dump

"""#

  private static let module_failure: StaticString = #"""
-- Errors with the place that Lua names: the line of the chunk, and a caret below the word.

local module <const> = ...
local texts <const> = module("text")
local paint <const>, printable <const> = texts.paint, texts.printable

local failure = {}

-- Looking for a word that stands in a line thousands of times must end.
local PLACES <const> = 64

local function line_of(text, number)
  local at = 1
  for _ = 2, number do
    local stop = text:find("\n", at, true)
    if not stop then return nil end
    at = stop + 1
  end
  return text:sub(at, (text:find("\n", at, true) or #text + 1) - 1), at
end

local function same(message, other)
  return type(other) == "string"
    and message:gsub("^.-:%d+: ", "", 1) == other:gsub("^.-:%d+: ", "", 1)
end

-- Where a syntax error is: the word that Lua names may stand in its line several times; the
-- right one is where the text, ended there, gives the same error. `first` comes before the text
-- when it is read. Returns line, its text, the word's offset in it and its length.
function failure.place(text, message, first)
  if message:find("unfinished string near <eof>$") then -- a line's end names the string
    message = select(2, load(first .. text .. "\n", "=text", "t")) or message
  end
  local number = math.tointeger(tonumber(message:match("^.-:(%d+): ")))
  local line, start = line_of(text, number or 1)
  if not line then return nil end
  local word = message:match("near '(.*)'$")
  if not word then
    if not message:find("<eof>$") then return number, line end
    return number, line, #line, 1
  end
  word = word:gsub("^<\\(%d+)>$", function(code) return string.char(code) end)
  local at = 1
  for _ = 1, PLACES do
    local from, to = line:find(word, at, true)
    if not from then break end
    local _, reason = load(first .. text:sub(1, start + to - 1), "=text", "t")
    if same(message, reason) then return number, line, from - 1, #word end
    at = from + 1
  end
  local from = line:find(word, 1, true)
  return number, line, from and from - 1, #word
end

-- Where a run-time error is: the first mention of the variable or function that Lua names.
function failure.mention(line, message)
  local word = message:match("%(%a+ '([%a_][%w_]*)'%)") or message:match("to '([%a_][%w_]*)'")
    or message:match("method '([%a_][%w_]*)'")
  local from = word and line:find("%f[%w_]" .. word .. "%f[^%w_]")
  if from then return from - 1, #word end
end

-- The part of a long line around `offset` that fits, and the offset in it.
local function window(line, offset, room)
  if texts.width(printable(line)) <= room then return line, offset end
  local from = math.max(0, (offset or 0) - room // 2)
  while from > 0 and (line:byte(from + 1) or 0) & 0xC0 == 0x80 do from = from - 1 end
  local part = texts.head(line:sub(from + 1), room - 2)
  if from == 0 then return part .. "…", offset end
  return "…" .. part, offset and offset - from + #"…"
end

-- The line with its number, and the caret.
function failure.excerpt(number, line, offset, length, style)
  local margin = ("%4d | "):format(number)
  line = line:gsub("\t", " ")
  line, offset = window(line, offset, math.max(style.columns - #margin - 1, 10))
  local lines = { paint(style, "grey", margin) .. printable(line) }
  if offset then
    local before = printable(line:sub(1, offset))
    local mark = line:sub(offset + 1, offset + length)
    lines[2] = paint(style, "grey", ("     | ")) .. (" "):rep(texts.width(before))
      .. paint(style, "error", ("^"):rep(math.max(1, math.min(texts.width(mark), 40))))
  end
  return lines
end

-- The levels of a traceback that say more than the error's place.
function failure.levels(traceback)
  local lines, telling = {}, false
  for level in traceback:gmatch("\n\t([^\n]+)") do
    local main = level:find("in main chunk", 1, true)
    if level ~= "[C]: in ?" and level ~= "(...tail calls...)" then lines[#lines + 1] = "  " .. level end
    telling = telling or not main and not level:find("^%[C%]") and not level:find("^%(")
  end
  return telling and lines or {}
end

failure.line = line_of

return failure

"""#

  private static let module_help: StaticString = #"""
-- What help() says at the prompt; with types.lua and manual.lua the reader of the API's one
-- description, in the files api_*.lua. Text without side effects: stock Lua loads it, too.

local help = {}

help.synopsis = "named shared memory that you can script"

help.misuse = "Misuse (a closed view, an offset out of range, a wrong type) raises an error at the "
  .. "caller's line. When the world says no, a call returns nil, message, code, so that assert "
  .. "reads well; code is the number that Windows gives for the same situation."

-- MARK: the description, from its parts

-- functions: name: also how help finds it; brief: the README's cell; params and results: { name,
-- type, text }; codes: keys of help.codes; raises: misuse; example: runs, and prints what its
-- "-->" say; family: the name of the entry that speaks for this one, too, in lists; keyword: the
-- method that it is another name of, a word of Lua's.
-- classes: { owner, class = its type, line = its topic's, text =, operators =, made = the name of
-- the function that makes one, where that is the owner's, too }.
-- A function's entry may be of what is none: field is its type then.
-- options: { name, type, of which calls ("all": create, open, map), text, class = of editors }.
-- codes: { number, symbol, text }.
-- subjects: { name, line, text }: paragraphs; a line that begins with a blank stays as it is.
-- Without a text it is made from the other tables.
local given <const> = ... -- the prompt's loader, or the name that was required
local function part_of(name)
  if type(given) == "function" then return given("api_" .. name) end
  return require("moonpool.api_" .. name)
end

for _, list in ipairs { "functions", "classes", "options", "codes", "subjects" } do
  help[list] = {}
end
for _, part in ipairs { "memory", "typed", "layouts", "atomics", "named" } do
  for list, items in pairs(part_of(part)) do
    table.move(items, 1, #items, #help[list] + 1, help[list])
  end
end
table.sort(help.codes, function(a, b) return a[1] < b[1] end)

-- MARK: the command, for the manual page

help.usage = { "[options] [script [args]]", "command …" }
help.description = [[
moonpool runs Lua 5.4 programs as lua5.4 does, with two more modules: shm, for memory that several
processes share by a name, and console. An object lives exactly as long as some process holds it.

Without a script it is a prompt on a terminal; otherwise it runs standard input. A word that is a
command is one; a script of that name is run as ./ls.]]

-- Of lua5.4, but for the first.
help.arguments = {
  { "--explain", "show each call of the script beside its Win32 and its system calls" },
  { "-e stat", "run the text stat" },
  { "-i", "start the prompt after the script" },
  { "-l mod, -l g=mod", "require the module into a global" },
  { "-v", "show the version" },
  { "-E", "ignore the environment's variables" },
  { "-W", "turn warnings on" },
  { "--", "stop handling options" },
  { "-", "run standard input, and stop handling options" },
}

-- The second column is the command's own abstract.
help.commands = {
  { "demo", "Run the document's two programs as two processes, shown side by side." },
  { "ls [--json]", "List the objects that live, and remove what the dead left." },
  { "stat [--json] NAME",
    "Show what an object is, and the state of an event, a mutex or a semaphore." },
  { "who [--json] NAME", "List the processes that hold an object." },
  { "path NAME", "Print the file that a name means, for other programs to map." },
  { "rm /NAME…", "Remove POSIX names (/name); all others go by themselves." },
  { "dump [--offset N] [--length N] NAME", "Show an object's bytes." },
  { "watch [--interval SECONDS] NAME",
    "Show the lines of an object's bytes that change, until its last other holder goes." },
  { "doctor", "Check what shared memory needs on this machine." },
  { "scripts", "List the scripts that are inside the binary." },
  { "run [--explain] NAME [ARG…], run --show NAME",
    "Run a script that is inside the binary, or print it." },
  { "types",
    "Print the API as a definition file for editors (moonpool types > shm.d.lua)." },
  { "manual", "Print the manual page (moonpool manual | man -l -)." },
}

help.environment = {
  { "MOONPOOL_SESSION", "a word that narrows Local\\ names to those who have the same" },
  { "MOONPOOL_GLOBAL=strict", "only root creates in Global\\" },
  { "LUA_INIT, LUA_PATH, LUA_CPATH", "as of lua5.4, with their _5_4 variants" },
}

help.statuses = {
  { "0", "all went well" },
  { "1", "the script or the command failed" },
  { "64", "the words after a command are none of its" },
  { "130", "Ctrl-C stopped a bundled script, which says nothing and ends by the signal" },
}

-- MARK: standard library: signatures only; the manual tells the rest.

local library <const> = {
  _G = [=[assert(v [, message]) collectgarbage([opt [, arg]]) dofile([filename])
    error(message [, level]) getmetatable(object) ipairs(t)
    load(chunk [, chunkname [, mode [, env]]]) loadfile([filename [, mode [, env]]])
    next(table [, index]) pairs(t) pcall(f [, arg1, ···]) print(···) rawequal(v1, v2) rawget(table, index)
    rawlen(v) rawset(table, index, value) require(modname) select(n, ···)
    setmetatable(table, metatable) tonumber(e [, base]) tostring(v) type(v) warn(msg1, ···)
    xpcall(f, msgh [, arg1, ···])]=],
  coroutine = [=[close(co) create(f) isyieldable([co]) resume(co [, val1, ···]) running() status(co)
    wrap(f) yield(···)]=],
  debug = [=[debug() gethook([thread]) getinfo([thread,] f [, what]) getlocal([thread,] f, local)
    getmetatable(value) getregistry() getupvalue(f, up) getuservalue(u, n)
    setcstacklimit(limit) sethook([thread,] hook, mask [, count]) setlocal([thread,] level, local, value)
    setmetatable(value, table) setupvalue(f, up, value) setuservalue(udata, value, n)
    traceback([thread,] [message [, level]]) upvalueid(f, n) upvaluejoin(f1, n1, f2, n2)]=],
  io = [=[close([file]) flush() input([file]) lines([filename, ···]) open(filename [, mode])
    output([file]) popen(prog [, mode]) read(···) tmpfile() type(obj) write(···)]=],
  math = [=[abs(x) acos(x) asin(x) atan(y [, x]) ceil(x) cos(x) deg(x) exp(x) floor(x) fmod(x, y)
    log(x [, base]) max(x, ···) min(x, ···) modf(x) rad(x) random([m [, n]]) randomseed([x [, y]])
    sin(x) sqrt(x) tan(x) tointeger(x) type(x) ult(m, n)
    cosh(x) frexp(x) ldexp(m, e) log10(x) pow(x, y) sinh(x) tanh(x)]=],
  os = [=[clock() date([format [, time]]) difftime(t2, t1) execute([command])
    exit([code [, close]]) getenv(varname) remove(filename) rename(oldname, newname)
    setlocale(locale [, category]) time([table]) tmpname()]=],
  package = "loadlib(libname, funcname) searchpath(name, path [, sep [, rep]])",
  string = [=[byte(s [, i [, j]]) char(···) dump(function [, strip])
    find(s, pattern [, init [, plain]]) format(formatstring, ···) gmatch(s, pattern [, init])
    gsub(s, pattern, repl [, n]) len(s) lower(s) match(s, pattern [, init]) pack(fmt, v1, v2, ···)
    packsize(fmt) rep(s, n [, sep]) reverse(s) sub(s, i [, j]) unpack(fmt, s [, pos]) upper(s)]=],
  table = [=[concat(list [, sep [, i [, j]]]) insert(list, [pos,] value) move(a1, f, e, t [, a2])
    pack(···) remove(list [, pos]) sort(list [, comp]) unpack(list [, i [, j]])]=],
  utf8 = [=[char(···) codepoint(s [, i [, j [, lax]]]) codes(s [, lax]) len(s [, i [, j [, lax]]])
    offset(s, n [, i])]=],
}
local file_methods <const> = [=[close() flush() lines(···) read(···) seek([whence [, offset]])
  setvbuf(mode [, size]) write(···)]=]

-- MARK: finding

-- The methods of a class: the list of all metatables is an upvalue of the module's functions, so
-- that no value has to be made to see them.
local function methods_of(class)
  local shm = package.loaded.shm
  local open = type(shm) == "table" and rawget(shm, "open")
  local _, types
  if type(open) == "function" then _, types = debug.getupvalue(open, 3) end
  for _, metatable in ipairs(type(types) == "table" and types or {}) do
    if rawget(metatable, "__name") == class then
      return rawget(metatable, "__methods") or rawget(metatable, "__index")
    end
  end
end

local function class_of(owner)
  for _, each in ipairs(help.classes) do
    if each[1] == owner then return each.class, each end
  end
end

local function resolve(entry)
  if entry.global then return _G[entry.name] end
  local owner, key = entry.name:match("^(%w+)[.:]([%w_]+)$")
  local class = class_of(owner)
  local from = class and methods_of(class) or package.loaded[owner]
  return type(from) == "table" and rawget(from, key) or nil
end

local function entry_of(f)
  for _, entry in ipairs(help.functions) do
    if resolve(entry) == f then return entry end
  end
end

local function standard(f)
  for owner, signatures in pairs(library) do
    local module = package.loaded[owner]
    for name, params in signatures:gmatch("(%w+)(%b())") do
      if type(module) == "table" and rawget(module, name) == f then
        local full = owner == "_G" and name or owner .. "." .. name
        return full .. params:gsub("%s+", " "), full
      end
    end
  end
  local methods = getmetatable(io.stdout).__index
  for name, params in file_methods:gmatch("(%w+)(%b())") do
    if methods[name] == f then return "file:" .. name .. params, "file:" .. name end
  end
end

-- The parameters of a function that is written in Lua.
local function parameters(f)
  local what = debug.getinfo(f, "uS")
  if what.what == "C" then return nil end
  local names = {}
  for index = 1, what.nparams do names[index] = debug.getlocal(f, index) end
  if what.isvararg then names[#names + 1] = "..." end
  return "function(" .. table.concat(names, ", ") .. ")", what
end

-- Letters to add, drop, change or swap.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

-- All that help knows by name: functions under both spellings and their last word, topics.
local function index()
  local known = {}
  for _, entry in ipairs(help.functions) do
    known[#known + 1] = { entry.name, entry = entry }
    local last = entry.name:match("[.:]([%w_]+)$")
    if last then known[#known + 1] = { last, entry = entry } end
  end
  for _, subject in ipairs(help.subjects) do known[#known + 1] = { subject[1], subject = subject } end
  return known
end

-- Up to three names that are like this one, the nearest first.
function help.nearest(name)
  local near, seen = {}, {}
  name = name:sub(1, 64)
  for _, item in ipairs(index()) do
    local far = distance(name:lower(), item[1])
    local shown = item.entry and item.entry.name or item[1]
    if far <= math.max(1, #item[1] // 3) and not seen[shown] then
      seen[shown] = true
      near[#near + 1] = { shown, far }
    end
  end
  table.sort(near, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
  local names = {}
  for place = 1, math.min(3, #near) do names[place] = near[place][1] end
  return names
end

-- MARK: text

-- Paragraphs filled to the width; lines that begin with a blank stay. The first line begins with
-- the label, the others below its end.
local function fill(text, width, label)
  local lines, line = {}, nil
  local margin = (" "):rep(utf8.len(label))
  local function flush()
    if line then lines[#lines + 1] = (#lines == 0 and label or margin) .. line end
    line = nil
  end
  for source in (text .. "\n"):gmatch("(.-)\n") do
    if source == "" or source:find("^ ") then
      flush()
      lines[#lines + 1] = source
    else
      for word in source:gmatch("%S+") do
        if line and #margin + utf8.len(line) + 1 + utf8.len(word) > width then flush() end
        line = line and line .. " " .. word or word
      end
    end
  end
  flush()
  return table.concat(lines, "\n")
end

local function plain(text) return (text:gsub("`", "")) end

-- A brief as a sentence; a name at its beginning stays as it is.
function help.sentence(text)
  return plain(text:gsub("^%l", string.upper)) .. (text:find("?$") and "" or ".")
end

local function code_line(number)
  for _, code in ipairs(help.codes) do
    if code[1] == number then return code end
  end
end

-- "view, existed"; in brackets what is not always there.
function help.returned(entry)
  local text = ""
  for place, result in ipairs(entry.results) do
    local sometimes = place > 1 and result[2]:find("?", 1, true)
    text = text .. (sometimes and " [, %s]" or place > 1 and ", %s" or "%s"):format(result[1])
  end
  return text
end

local function heading(entry)
  local returned = help.returned(entry)
  local also = entry.also and ", " .. table.concat(entry.also, ", ") or ""
  return entry.signature .. also .. (returned == "" and "" or " → " .. returned)
end

local function described(list, out, width)
  for _, item in ipairs(list or {}) do
    out[#out + 1] = fill(plain(item[3]) .. " (" .. item[2] .. ")", width,
      ("  %-8s "):format(item[1]))
  end
end

local function entry_text(entry, width)
  local about = help.sentence(entry.brief) .. (entry.text and " " .. entry.text or "")
  local out = { heading(entry), "", fill(about, width, "") }
  if entry.params then
    out[#out + 1] = ""
    described(entry.params, out, width)
  end
  if entry.raises then
    out[#out + 1] = ""
    out[#out + 1] = fill("Raises for " .. entry.raises .. ".", width, "")
  end
  if entry.codes then
    out[#out + 1] = ""
    out[#out + 1] = "Returns nil, message, code:"
    local codes = table.move(entry.codes, 1, #entry.codes, 1, {})
    table.sort(codes)
    for _, number in ipairs(codes) do
      out[#out + 1] = fill(plain(code_line(number)[3]), width, ("  %4d  "):format(number))
    end
  end
  out[#out + 1] = ""
  for line in entry.example:gmatch("[^\n]+") do out[#out + 1] = "  " .. line end
  return table.concat(out, "\n")
end

local subjects_made <const> = {}

function subjects_made.errors(width)
  local out = { fill(help.misuse, width, ""), "" }
  for _, code in ipairs(help.codes) do
    out[#out + 1] = fill(plain(code[3]), width, ("  %4d  "):format(code[1]))
  end
  return table.concat(out, "\n")
end

function subjects_made.options(width)
  local out = {}
  for _, option in ipairs(help.options) do
    local name, _, of, text = table.unpack(option)
    text = (of == "all" and "" or "only " .. of .. ": ") .. text
    out[#out + 1] = fill(plain(text), width, ("  %-10s "):format(name))
  end
  out[#out + 1] = '\n  shm.create("x", 4096, { mode = "0644", exclusive = true })'
  return table.concat(out, "\n")
end

local function subject_text(subject, width)
  if subject[3] then return fill(subject[3], width, "") end
  return subjects_made[subject[1]](width)
end

local function listed(entry, lines, width)
  lines[#lines + 1] = heading(entry)
  lines[#lines + 1] = fill(plain(entry.brief), width, "    ")
end

local function overview(owner, width)
  local lines = {}
  local _, class = class_of(owner)
  for _, entry in ipairs(help.functions) do
    local makes = class and class.made == entry.name
    if makes or entry.name:match("^%w+") == owner and not entry.family then
      listed(entry, lines, width)
    end
  end
  return table.concat(lines, "\n")
end

-- The names and one line each: { name, line }.
function help.topics()
  local topics = {}
  for place, class in ipairs(help.classes) do topics[place] = { class[1], class.line } end
  for _, subject in ipairs(help.subjects) do topics[#topics + 1] = { subject[1], subject[2] } end
  return topics
end

local function topics_text(width)
  local lines = { 'help "names" or help(shm.open) or ?view.write; the topics:', "" }
  for _, topic in ipairs(help.topics()) do
    lines[#lines + 1] = fill(topic[2], width, ("  %-10s "):format(topic[1]))
  end
  return table.concat(lines, "\n")
end

-- A word that is the last one of several names, or a subject's.
local function several(items, width)
  local lines = {}
  for _, item in ipairs(items) do
    if item.subject then return subject_text(item.subject, width) end
    listed(item.entry, lines, width)
  end
  return table.concat(lines, "\n")
end

local function code_text(number, width)
  local code = code_line(number)
  if code then return fill(("%d is %s: %s."):format(number, code[2], plain(code[3])), width, "") end
  return ('%d is no error code of shm; help "errors" lists them.'):format(number)
end

local function name_text(name, width)
  local wanted = name:match("^%s*(.-)%s*$"):gsub("%(.*$", "")
  if wanted == "" then return topics_text(width) end
  if math.tointeger(tonumber(wanted)) then return code_text(math.tointeger(tonumber(wanted)), width) end
  local dotted = wanted:gsub("^(%w+)[.:]", function(owner)
    local class, known = class_of(owner)
    return known and owner .. (class and ":" or ".") or nil
  end)
  if select(2, class_of(dotted)) then return overview(dotted, width) end
  local found = {}
  for _, item in ipairs(index()) do
    if item[1] == dotted or item[1] == wanted then found[#found + 1] = item end
  end
  if #found == 1 and found[1].entry then return entry_text(found[1].entry, width) end
  if #found > 0 then return several(found, width) end
  local near = help.nearest(dotted)
  return #near > 0 and ("no help for '%s'; near: %s"):format(wanted, table.concat(near, ", "))
    or ("no help for '%s'; help() lists the topics"):format(wanted)
end

local function function_text(f, width)
  local entry = entry_of(f)
  if entry and not entry.global then return entry_text(entry, width) end
  local signature, name = standard(f)
  if signature then
    return ("%s\n\nLua's own: https://www.lua.org/manual/5.4/manual.html#pdf-%s"):format(signature,
      name)
  end
  local written, what = parameters(f)
  if written then return ("%s\n\nfrom %s:%d"):format(written, what.short_src, what.linedefined) end
  return "a function of C; no help for it"
end

-- help(x): of a function, an error's number, a name, a module or a view; without x the topics.
function help.text(x, width)
  width = math.max(width or 76, 20)
  local kind = type(x)
  if x == nil then return topics_text(width) end
  if kind == "function" then return function_text(x, width) end
  if kind == "string" then return name_text(x, width) end
  if math.type(x) == "integer" then return code_text(x, width) end
  local entry = kind == "userdata" and entry_of(x)
  if entry then return entry_text(entry, width) end
  local meta = kind == "userdata" and debug.getmetatable(x)
  for _, each in ipairs(help.classes) do
    local is = each.class and meta and rawget(meta, "__name") == each.class
      or not each.class and x == package.loaded[each[1]]
    if is then return overview(each[1], width) end
  end
  return ("no help for a %s; help() lists the topics"):format(kind)
end

-- The parameters of a function, on one line; nil: they are not known.
function help.signature(f)
  if type(f) ~= "function" then return nil end
  local entry = entry_of(f)
  if entry and not entry.global then return entry.signature end
  return (standard(f)) or (parameters(f))
end

return help

"""#

  private static let module_layouts: StaticString = #"""
-- shm.layouts: C layouts of the memory that well-known programs publish, parsed one by one when
-- somebody asks for them. The declarations are in the parts, layouts_*.lua.

local layouts = {}

-- Each entry: { name, what it is, with the names of companions, abi =, type = (the root), text =
-- (the declarations), object = its name, or a function that tells it; nil: it is a part of one }.
layouts.list = {}

local given <const> = ... -- the binary's loader, or the name that was required
local function part_of(name)
  if type(given) == "function" then return given("layouts_" .. name) end
  return require("moonpool.layouts_" .. name)
end

for _, part in ipairs { "voice", "sensors", "games" } do
  local entries = part_of(part)
  table.move(entries, 1, #entries, #layouts.list + 1, layouts.list)
end
table.sort(layouts.list, function(a, b) return a[1] < b[1] end)

-- The layout of that name, by shm.layout; nil: there is none.
function layouts.find(name, parse)
  for _, entry in ipairs(layouts.list) do
    if entry[1] == name then
      local object = entry.object
      if type(object) == "function" then object = object() end
      return parse(entry.text, { abi = entry.abi, type = entry.type, object = object })
    end
  end
end

function layouts.names()
  local names = {}
  for place, entry in ipairs(layouts.list) do names[place] = entry[1] end
  return names
end

-- What pairs(shm.layouts) goes through: each name, and what it is; nothing is parsed.
function layouts.pairs()
  local place = 0
  return function()
    place = place + 1
    local entry = layouts.list[place]
    if entry then return entry[1], entry[2] end
  end
end

return layouts

"""#

  private static let module_layouts_games: StaticString = #"""
-- Bundled layouts: telemetry of driving simulators. See layouts.lua for the form.

-- Assetto Corsa ends after localVelocity, Competizione has all. Wheels: front left, front right,
-- rear left, rear right.
local assetto <const> = [[
#pragma pack(push, 4)

struct SPageFilePhysics {
  int packetId;
  float gas;
  float brake;
  float fuel;
  int gear;
  int rpms;
  float steerAngle;
  float speedKmh;
  float velocity[3];
  float accG[3];
  float wheelSlip[4];
  float wheelLoad[4];
  float wheelsPressure[4];
  float wheelAngularSpeed[4];
  float tyreWear[4];
  float tyreDirtyLevel[4];
  float tyreCoreTemperature[4];
  float camberRAD[4];
  float suspensionTravel[4];
  float drs;
  float tc;
  float heading;
  float pitch;
  float roll;
  float cgHeight;
  float carDamage[5];
  int numberOfTyresOut;
  int pitLimiterOn;
  float abs;
  float kersCharge;
  float kersInput;
  int autoShifterOn;
  float rideHeight[2];
  float turboBoost;
  float ballast;
  float airDensity;
  float airTemp;
  float roadTemp;
  float localAngularVel[3];
  float finalFF;
  float performanceMeter;
  int engineBrake;
  int ersRecoveryLevel;
  int ersPowerLevel;
  int ersHeatCharging;
  int ersIsCharging;
  float kersCurrentKJ;
  int drsAvailable;
  int drsEnabled;
  float brakeTemp[4];
  float clutch;
  float tyreTempI[4];
  float tyreTempM[4];
  float tyreTempO[4];
  int isAIControlled;
  float tyreContactPoint[4][3];
  float tyreContactNormal[4][3];
  float tyreContactHeading[4][3];
  float brakeBias;
  float localVelocity[3];
  int P2PActivations;
  int P2PStatus;
  float currentMaxRpm;
  float mz[4];
  float fx[4];
  float fy[4];
  float slipRatio[4];
  float slipAngle[4];
  int tcinAction;
  int absInAction;
  float suspensionDamage[4];
  float tyreTemp[4];
  float waterTemp;
  float brakePressure[4];
  int frontBrakeCompound;
  int rearBrakeCompound;
  float padLife[4];
  float discLife[4];
  int ignitionOn;
  int starterEngineOn;
  int isEngineRunning;
  float kerbVibration;
  float slipVibrations;
  float gVibrations;
  float absVibrations;
};

#pragma pack(pop)
]]

-- The plugin raises mVersionUpdateBegin, writes, and raises mVersionUpdateEnd: who finds them
-- equal before and after has read one frame.
local rfactor <const> = [[
#include <stdbool.h>
#include <stdint.h>

#pragma pack(push, 4)

typedef struct { double x, y, z; } rF2Vec3;

typedef struct {
  double mSuspensionDeflection;
  double mRideHeight;
  double mSuspForce;
  double mBrakeTemp;
  double mBrakePressure;
  double mRotation;
  double mLateralPatchVel;
  double mLongitudinalPatchVel;
  double mLateralGroundVel;
  double mLongitudinalGroundVel;
  double mCamber;
  double mLateralForce;
  double mLongitudinalForce;
  double mTireLoad;
  double mGripFract;
  double mPressure;
  double mTemperature[3];
  double mWear;
  char mTerrainName[16];
  unsigned char mSurfaceType;
  bool mFlat;
  bool mDetached;
  unsigned char mStaticUndeflectedRadius;
  double mVerticalTireDeflection;
  double mWheelYLocation;
  double mToe;
  double mTireCarcassTemperature;
  double mTireInnerLayerTemperature[3];
  unsigned char mExpansion[24];
} rF2Wheel;

typedef struct {
  int32_t mID;
  double mDeltaTime;
  double mElapsedTime;
  int32_t mLapNumber;
  double mLapStartET;
  char mVehicleName[64];
  char mTrackName[64];
  rF2Vec3 mPos;
  rF2Vec3 mLocalVel;
  rF2Vec3 mLocalAccel;
  rF2Vec3 mOri[3];
  rF2Vec3 mLocalRot;
  rF2Vec3 mLocalRotAccel;
  int32_t mGear;
  double mEngineRPM;
  double mEngineWaterTemp;
  double mEngineOilTemp;
  double mClutchRPM;
  double mUnfilteredThrottle;
  double mUnfilteredBrake;
  double mUnfilteredSteering;
  double mUnfilteredClutch;
  double mFilteredThrottle;
  double mFilteredBrake;
  double mFilteredSteering;
  double mFilteredClutch;
  double mSteeringShaftTorque;
  double mFront3rdDeflection;
  double mRear3rdDeflection;
  double mFrontWingHeight;
  double mFrontRideHeight;
  double mRearRideHeight;
  double mDrag;
  double mFrontDownforce;
  double mRearDownforce;
  double mFuel;
  double mEngineMaxRPM;
  unsigned char mScheduledStops;
  bool mOverheating;
  bool mDetached;
  bool mHeadlights;
  unsigned char mDentSeverity[8];
  double mLastImpactET;
  double mLastImpactMagnitude;
  rF2Vec3 mLastImpactPos;
  double mEngineTorque;
  int32_t mCurrentSector;
  unsigned char mSpeedLimiter;
  unsigned char mMaxGears;
  unsigned char mFrontTireCompoundIndex;
  unsigned char mRearTireCompoundIndex;
  double mFuelCapacity;
  unsigned char mFrontFlapActivated;
  unsigned char mRearFlapActivated;
  unsigned char mRearFlapLegalStatus;
  unsigned char mIgnitionStarter;
  char mFrontTireCompoundName[18];
  char mRearTireCompoundName[18];
  unsigned char mSpeedLimiterAvailable;
  unsigned char mAntiStallActivated;
  unsigned char mUnused[2];
  float mVisualSteeringWheelRange;
  double mRearBrakeBias;
  double mTurboBoostPressure;
  float mPhysicsToGraphicsOffset[3];
  float mPhysicalSteeringWheelRange;
  unsigned char mExpansion[152];
  rF2Wheel mWheels[4];
} rF2VehicleTelemetry;

struct rF2Telemetry {
  uint32_t mVersionUpdateBegin;
  uint32_t mVersionUpdateEnd;
  int32_t mBytesUpdatedHint;
  int32_t mNumVehicles;
  rF2VehicleTelemetry mVehicles[128];
};

#pragma pack(pop)
]]

-- A row of values is complete before its tick is raised; the highest tick is the newest row.
local iracing <const> = [[
#include <stdbool.h>

#define IRSDK_VER 2
#define irsdk_stConnected 1
#define IRSDK_MAX_BUFS 4
#define IRSDK_MAX_STRING 32
#define IRSDK_MAX_DESC 64

enum irsdk_VarType {
  irsdk_char,
  irsdk_bool,
  irsdk_int,
  irsdk_bitField,
  irsdk_float,
  irsdk_double
};

struct irsdk_varBuf {
  int tickCount;
  int bufOffset;
  int pad[2];
};

struct irsdk_header {
  int ver;
  int status;
  int tickRate;
  int sessionInfoUpdate;
  int sessionInfoLen;
  int sessionInfoOffset;
  int numVars;
  int varHeaderOffset;
  int numBuf;
  int bufLen;
  int pad1[2];
  struct irsdk_varBuf varBuf[IRSDK_MAX_BUFS];
};

struct irsdk_varHeader {
  int type;
  int offset;
  int count;
  bool countAsTime;
  char pad[3];
  char name[IRSDK_MAX_STRING];
  char desc[IRSDK_MAX_DESC];
  char unit[IRSDK_MAX_STRING];
};
]]

return {
  { "ac_physics", "Assetto Corsa and Competizione: the car, at each step of the physics",
    abi = "windows", type = "SPageFilePhysics", object = "acpmf_physics", text = assetto },
  { "rf2_telemetry", "rFactor 2 and Le Mans Ultimate: all cars, between two version words",
    abi = "windows", type = "rF2Telemetry", object = "$rFactor2SMMP_Telemetry$", text = rfactor },
  { "rf2_vehicle", "rFactor 2: one car of rf2_telemetry",
    abi = "windows", type = "rF2VehicleTelemetry", text = rfactor },
  { "iracing", [[iRacing: the header, with four rows in turn; event Local\IRSDKDataValidEvent]],
    abi = "windows", type = "irsdk_header", object = [[Local\IRSDKMemMapFileName]],
    text = iracing },
  { "iracing_variable", "iRacing: one value of each row",
    abi = "windows", type = "irsdk_varHeader", text = iracing },
}

"""#

  private static let module_layouts_sensors: StaticString = #"""
-- Bundled layouts: temperatures, clocks, voltages and frame rates. See layouts.lua for the form.

-- The signatures are multi-character constants of C: 'RTSS' is the bytes "SSTR" in memory. A
-- signature of 0xDEAD is memory that its owner has given up.

-- Version 2.14. Whoever reads takes the sizes from the header: entries have grown, and will.
local rivatuner <const> = [[
#include <windows.h>

#define MAX_PATH 260
#define RTSS_SIGNATURE 0x52545353
#define RTSS_DEAD 0xDEAD
#define RTSS_VERSION 0x0002000E
#define APPFLAG_API_USAGE_MASK 0x0000FFFF
#define APPFLAG_OGL 0x00000001
#define APPFLAG_D3D9 0x00000004
#define APPFLAG_D3D11 0x00000007
#define APPFLAG_D3D12 0x00000008
#define APPFLAG_VULKAN 0x0000000A

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwAppEntrySize;
  DWORD dwAppArrOffset;
  DWORD dwAppArrSize;
  DWORD dwOSDEntrySize;
  DWORD dwOSDArrOffset;
  DWORD dwOSDArrSize;
  DWORD dwOSDFrame;
  LONG dwBusy;
} RTSS_SHARED_MEMORY;

typedef struct {
  char szOSD[256];
  char szOSDOwner[256];
  char szOSDEx[4096];
  BYTE buffer[262144];
} RTSS_SHARED_MEMORY_OSD_ENTRY;

typedef struct {
  DWORD dwProcessID;
  char szName[MAX_PATH];
  DWORD dwFlags;
  DWORD dwTime0;
  DWORD dwTime1;
  DWORD dwFrames;
  DWORD dwFrameTime;
  DWORD dwStatFlags;
  DWORD dwStatTime0;
  DWORD dwStatTime1;
  DWORD dwStatFrames;
  DWORD dwStatCount;
  DWORD dwStatFramerateMin;
  DWORD dwStatFramerateAvg;
  DWORD dwStatFramerateMax;
  DWORD dwOSDX;
  DWORD dwOSDY;
  DWORD dwOSDPixel;
  DWORD dwOSDColor;
  DWORD dwOSDFrame;
  DWORD dwScreenCaptureFlags;
  char szScreenCapturePath[MAX_PATH];
  DWORD dwOSDBgndColor;
  DWORD dwVideoCaptureFlags;
  char szVideoCapturePath[MAX_PATH];
  DWORD dwVideoFramerate;
  DWORD dwVideoFramesize;
  DWORD dwVideoFormat;
  DWORD dwVideoQuality;
  DWORD dwVideoCaptureThreads;
  DWORD dwScreenCaptureQuality;
  DWORD dwScreenCaptureThreads;
  DWORD dwAudioCaptureFlags;
  DWORD dwVideoCaptureFlagsEx;
  DWORD dwAudioCaptureFlags2;
  DWORD dwStatFrameTimeMin;
  DWORD dwStatFrameTimeAvg;
  DWORD dwStatFrameTimeMax;
  DWORD dwStatFrameTimeCount;
  DWORD dwStatFrameTimeBuf[1024];
  DWORD dwStatFrameTimeBufPos;
  DWORD dwStatFrameTimeBufFramerate;
  ULONGLONG qwAudioCapturePTTEventPush;
  ULONGLONG qwAudioCapturePTTEventRelease;
  ULONGLONG qwAudioCapturePTTEventPush2;
  ULONGLONG qwAudioCapturePTTEventRelease2;
  DWORD dwPrerecordSizeLimit;
  DWORD dwPrerecordTimeLimit;
  ULONGLONG qwStatTotalTime;
  DWORD dwStatFrameTimeLowBuf[1024];
  DWORD dwStatFramerate1Dot0PercentLow;
  DWORD dwStatFramerate0Dot1PercentLow;
} RTSS_SHARED_MEMORY_APP_ENTRY;
]]

-- An entry without a value has FLT_MAX.
local afterburner <const> = [[
#include <stdint.h>
#include <windows.h>

#define MAX_PATH 260
#define MAHM_SIGNATURE 0x4D41484D
#define MAHM_DEAD 0xDEAD
#define MAHM_VERSION 0x00020000
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_OSD 1
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_LCD 2
#define MAHM_SHARED_MEMORY_ENTRY_FLAG_SHOW_IN_TRAY 4
#define MONITORING_SOURCE_ID_GPU_TEMPERATURE 0x00000000
#define MONITORING_SOURCE_ID_FAN_SPEED 0x00000010
#define MONITORING_SOURCE_ID_CORE_CLOCK 0x00000020
#define MONITORING_SOURCE_ID_GPU_USAGE 0x00000030
#define MONITORING_SOURCE_ID_FRAMERATE 0x00000050
#define MONITORING_SOURCE_ID_CPU_TEMPERATURE 0x00000080
#define MONITORING_SOURCE_ID_CPU_USAGE 0x00000090
#define MONITORING_SOURCE_ID_RAM_USAGE 0x00000091

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwHeaderSize;
  DWORD dwNumEntries;
  DWORD dwEntrySize;
  int32_t time;
  DWORD dwNumGpuEntries;
  DWORD dwGpuEntrySize;
} MAHM_SHARED_MEMORY_HEADER;

typedef struct {
  char szSrcName[MAX_PATH];
  char szSrcUnits[MAX_PATH];
  char szLocalizedSrcName[MAX_PATH];
  char szLocalizedSrcUnits[MAX_PATH];
  char szRecommendedFormat[MAX_PATH];
  float data;
  float minLimit;
  float maxLimit;
  DWORD dwFlags;
  DWORD dwGpu;
  DWORD dwSrcId;
} MAHM_SHARED_MEMORY_ENTRY;

typedef struct {
  char szGpuId[MAX_PATH];
  char szFamily[MAX_PATH];
  char szDevice[MAX_PATH];
  char szDriver[MAX_PATH];
  char szBIOS[MAX_PATH];
  DWORD dwMemAmount;
} MAHM_SHARED_MEMORY_GPU_ENTRY;
]]

-- Version 1; version 2 has longer elements, and its header says so.
local hwinfo <const> = [[
#include <stdint.h>
#include <windows.h>

#define HWiNFO_SIGNATURE 0x53695748
#define HWiNFO_DEAD 0x44414544

enum SENSOR_READING_TYPE {
  SENSOR_TYPE_NONE,
  SENSOR_TYPE_TEMP,
  SENSOR_TYPE_VOLT,
  SENSOR_TYPE_FAN,
  SENSOR_TYPE_CURRENT,
  SENSOR_TYPE_POWER,
  SENSOR_TYPE_CLOCK,
  SENSOR_TYPE_USAGE,
  SENSOR_TYPE_OTHER
};

#pragma pack(push, 1)

typedef struct {
  DWORD dwSignature;
  DWORD dwVersion;
  DWORD dwRevision;
  int64_t poll_time;
  DWORD dwOffsetOfSensorSection;
  DWORD dwSizeOfSensorElement;
  DWORD dwNumSensorElements;
  DWORD dwOffsetOfReadingSection;
  DWORD dwSizeOfReadingElement;
  DWORD dwNumReadingElements;
} HWiNFO_SENSORS_SHARED_MEM2;

typedef struct {
  DWORD dwSensorID;
  DWORD dwSensorInst;
  char szSensorNameOrig[128];
  char szSensorNameUser[128];
} HWiNFO_SENSORS_SENSOR_ELEMENT;

typedef struct {
  enum SENSOR_READING_TYPE tReading;
  DWORD dwSensorIndex;
  DWORD dwReadingID;
  char szLabelOrig[128];
  char szLabelUser[128];
  char szUnit[16];
  double Value;
  double ValueMin;
  double ValueMax;
  double ValueAvg;
} HWiNFO_SENSORS_READING_ELEMENT;

#pragma pack(pop)
]]

local core_temp <const> = [[
typedef struct {
  unsigned int uiLoad[256];
  unsigned int uiTjMax[128];
  unsigned int uiCoreCnt;
  unsigned int uiCPUCnt;
  float fTemp[256];
  float fVID;
  float fCPUSpeed;
  float fFSBSpeed;
  float fMultiplier;
  char sCPUName[100];
  unsigned char ucFahrenheit;
  unsigned char ucDeltaToTjMax;
} CORE_TEMP_SHARED_DATA;

typedef struct {
  unsigned int uiLoad[256];
  unsigned int uiTjMax[128];
  unsigned int uiCoreCnt;
  unsigned int uiCPUCnt;
  float fTemp[256];
  float fVID;
  float fCPUSpeed;
  float fFSBSpeed;
  float fMultiplier;
  char sCPUName[100];
  unsigned char ucFahrenheit;
  unsigned char ucDeltaToTjMax;
  unsigned char ucTdpSupported;
  unsigned char ucPowerSupported;
  unsigned int uiStructVersion;
  unsigned int uiTdp[128];
  float fPower[128];
  float fMultipliers[256];
} CORE_TEMP_SHARED_DATA_EX;
]]

local gpuz <const> = [[
#include <windows.h>

#define MAX_RECORDS 128

#pragma pack(push, 1)

typedef struct {
  WCHAR key[256];
  WCHAR value[256];
} GPUZ_RECORD;

typedef struct {
  WCHAR name[256];
  WCHAR unit[8];
  UINT32 digits;
  double value;
} GPUZ_SENSOR_RECORD;

typedef struct {
  UINT32 version;
  LONG busy;
  UINT32 lastUpdate;
  GPUZ_RECORD data[MAX_RECORDS];
  GPUZ_SENSOR_RECORD sensors[MAX_RECORDS];
} GPUZ_SH_MEM;

#pragma pack(pop)
]]

return {
  { "rtss", "RivaTuner Statistics Server: the header; entries follow where it says",
    abi = "windows", type = "RTSS_SHARED_MEMORY", object = "RTSSSharedMemoryV2", text = rivatuner },
  { "rtss_app", "RivaTuner: one program with its frame rate",
    abi = "windows", type = "RTSS_SHARED_MEMORY_APP_ENTRY", text = rivatuner },
  { "rtss_osd", "RivaTuner: one slot of text on the screen",
    abi = "windows", type = "RTSS_SHARED_MEMORY_OSD_ENTRY", text = rivatuner },
  { "afterburner", "MSI Afterburner: the header; entries follow where it says",
    abi = "windows", type = "MAHM_SHARED_MEMORY_HEADER", object = "MAHMSharedMemory",
    text = afterburner },
  { "afterburner_entry", "MSI Afterburner: one value",
    abi = "windows", type = "MAHM_SHARED_MEMORY_ENTRY", text = afterburner },
  { "afterburner_gpu", "MSI Afterburner: one graphics card",
    abi = "windows", type = "MAHM_SHARED_MEMORY_GPU_ENTRY", text = afterburner },
  { "hwinfo", [[HWiNFO: the header; elements follow where it says; mutex Global\HWiNFO_SM2_MUTEX]],
    abi = "windows", type = "HWiNFO_SENSORS_SHARED_MEM2", object = [[Global\HWiNFO_SENS_SM2]],
    text = hwinfo },
  { "hwinfo_sensor", "HWiNFO: one device with sensors",
    abi = "windows", type = "HWiNFO_SENSORS_SENSOR_ELEMENT", text = hwinfo },
  { "hwinfo_reading", "HWiNFO: one value of a sensor",
    abi = "windows", type = "HWiNFO_SENSORS_READING_ELEMENT", text = hwinfo },
  { "core_temp", "Core Temp: temperature and load of each core",
    abi = "windows", type = "CORE_TEMP_SHARED_DATA_EX", object = "CoreTempMappingObjectEx",
    text = core_temp },
  { "core_temp_old", "Core Temp as it was before the Ex structure, still published",
    abi = "windows", type = "CORE_TEMP_SHARED_DATA", object = "CoreTempMappingObject",
    text = core_temp },
  { "gpuz", "GPU-Z: all of it",
    abi = "windows", type = "GPUZ_SH_MEM", object = "GPUZShMem", text = gpuz },
}

"""#

  private static let module_layouts_voice: StaticString = #"""
-- Bundled layouts: voice chat, head tracking and debug texts. See layouts.lua for the form.

-- Mumble unlinks its object when it ends, and names it after the real user.
local function link_object()
  local status <close> = assert(io.open("/proc/self/status"))
  return "/MumbleLink." .. assert(status:read("a"):match("\nUid:%s*(%d+)"), "no Uid in /proc/self/status")
end

local link <const> = [[
#include <stdint.h>
#include <wchar.h>

struct LinkedMem {
  uint32_t uiVersion;
  uint32_t uiTick;
  float fAvatarPosition[3];
  float fAvatarFront[3];
  float fAvatarTop[3];
  wchar_t name[256];
  float fCameraPosition[3];
  float fCameraFront[3];
  float fCameraTop[3];
  wchar_t identity[256];
  uint32_t context_len;
  unsigned char context[256];
  wchar_t description[2048];
};
]]

-- Guild Wars 2 gives context_len as 48, the part that is the same for all who hear each other.
local guild_wars <const> = [[
#include <stdint.h>

struct MumbleContext {
  unsigned char serverAddress[28];
  uint32_t mapId;
  uint32_t mapType;
  uint32_t shardId;
  uint32_t instance;
  uint32_t buildId;
  uint32_t uiState;
  uint16_t compassWidth;
  uint16_t compassHeight;
  float compassRotation;
  float playerX;
  float playerY;
  float mapCenterX;
  float mapCenterY;
  float mapScale;
  uint32_t processId;
  uint8_t mountIndex;
};
]]

local debug_output <const> = [[
#include <windows.h>

struct dbwin_buffer {
  DWORD dwProcessId;
  char data[4096 - sizeof(DWORD)];
};
]]

local freetrack <const> = [[
#include <stdint.h>

typedef struct {
  uint32_t DataID;
  int32_t CamWidth;
  int32_t CamHeight;
  float Yaw, Pitch, Roll;
  float X, Y, Z;
  float RawYaw, RawPitch, RawRoll;
  float RawX, RawY, RawZ;
  float X1, Y1, X2, Y2, X3, Y3, X4, Y4;
} FTData;

typedef struct {
  FTData data;
  int32_t GameID;
  union {
    unsigned char table[8];
    int32_t table_ints[2];
  };
  int32_t GameID2;
} FTHeap;
]]

local opentrack <const> = [[
#include <stdbool.h>

struct WineSHM {
  double data[6];
  int gameid, gameid2;
  unsigned char table[8];
  bool stop;
};
]]

return {
  { "mumble_linux", "Mumble Link between Linux programs; Mumble makes and unlinks it",
    abi = "linux", type = "LinkedMem", object = link_object, text = link },
  { "mumble_windows", "Mumble Link between Windows programs; Guild Wars 2 writes it without Mumble, too",
    abi = "windows", type = "LinkedMem", object = "MumbleLink", text = link },
  { "guild_wars_2", "what Guild Wars 2 puts into the context of mumble_windows",
    abi = "windows", type = "MumbleContext", text = guild_wars },
  { "dbwin", "OutputDebugString; events DBWIN_BUFFER_READY and DBWIN_DATA_READY, mutex DBWinMutex",
    abi = "windows", type = "dbwin_buffer", object = "DBWIN_BUFFER", text = debug_output },
  { "freetrack", "head tracking of FreeTrack and opentrack; mutex FT_Mutext",
    abi = "windows", type = "FTHeap", object = "FT_SharedMem", text = freetrack },
  { "opentrack_wine", "head tracking, from opentrack on Linux to its helper inside wine",
    abi = "linux", type = "WineSHM", object = "/facetracknoir-wine-shm", text = opentrack },
}

"""#

  private static let module_lexer: StaticString = #"""
-- Lua's words for the prompt's questions about unfinished text: where a string began, which
-- names are local, what stands before the cursor. It accepts anything.

local lexer = {}

-- A long bracket that opens at `at`: the position behind it, and its level.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if level then return at + #level + 2, level end
end

local function long_token(text, start, inside, level, kind)
  local _, stop = text:find("]" .. level .. "]", inside, true)
  return { kind = kind, from = start, inside = inside, to = stop or #text, open = not stop,
    long = level }
end

local function short_string(text, start)
  local quote, at = text:sub(start, start), start + 1
  while at <= #text do
    local byte = text:sub(at, at)
    if byte == "\\" then
      at = at + 1
    elseif byte == quote or byte == "\n" then
      return { kind = "string", from = start, inside = start + 1, to = at, quote = quote }
    end
    at = at + 1
  end
  return { kind = "string", from = start, inside = start + 1, to = #text, open = true,
    quote = quote }
end

local function token(text, at)
  local inside, level = long_bracket(text, at)
  if inside then return long_token(text, at, inside, level, "string") end
  if text:find("^%-%-", at) then
    inside, level = long_bracket(text, at + 2)
    if inside then return long_token(text, at, inside, level, "comment") end
    local stop = text:find("\n", at, true)
    return { kind = "comment", from = at, to = stop or #text, open = not stop }
  end
  if text:find("^[\"']", at) then return short_string(text, at) end
  local stop = select(2, text:find("^[%a_][%w_]*", at))
  if stop then return { kind = "name", from = at, to = stop } end
  stop = select(2, text:find("^%.?%d[%w.]*", at))
  if stop then return { kind = "number", from = at, to = stop } end
  stop = select(2, text:find("^%.%.%.?", at)) or select(2, text:find("^::", at))
    or select(2, text:find("^[=~<>]=", at)) or at
  return { kind = "mark", from = at, to = stop }
end

-- The tokens of the text up to `last`, each with kind, from, to, text; strings and comments that
-- do not end have `open`.
function lexer.tokens(text, last)
  text = text:sub(1, last or #text)
  local list, at = {}, text:find("%S")
  while at do
    local found = token(text, at)
    found.text = text:sub(found.from, found.to)
    list[#list + 1] = found
    at = text:find("%S", found.to + 1)
  end
  return list
end

-- The names that `local` and `for` declare in the tokens, and parameters.
function lexer.locals(tokens)
  local names, index = {}, 1
  local function list_from(at)
    while tokens[at] and tokens[at].kind == "name" do
      names[#names + 1] = tokens[at].text
      at = at + 1
      if tokens[at] and tokens[at].text == "<" then at = at + 3 end
      if not (tokens[at] and tokens[at].text == ",") then break end
      at = at + 1
    end
  end
  while index <= #tokens do
    local word = tokens[index].kind == "name" and tokens[index].text
    if word == "local" then
      local following = tokens[index + 1]
      list_from(following and following.text == "function" and index + 2 or index + 1)
    elseif word == "for" then
      list_from(index + 1)
    elseif word == "function" then
      local at = index + 1
      while tokens[at] and tokens[at].text ~= "(" do at = at + 1 end
      list_from(at + 1)
    end
    index = index + 1
  end
  return names
end

-- The names of `local` only, parameters and loop variables left out.
function lexer.declared(tokens)
  local names = {}
  for index, found in ipairs(tokens) do
    if found.kind == "name" and found.text == "local" then
      local part = table.move(tokens, index, #tokens, 1, {})
      local at, function_word = 2, part[2] and part[2].text == "function"
      if function_word then at = 3 end
      while part[at] and part[at].kind == "name" do
        names[#names + 1] = part[at].text
        at = at + 1
        if part[at] and part[at].text == "<" then at = at + 3 end
        if function_word or not (part[at] and part[at].text == ",") then break end
        at = at + 1
      end
    end
  end
  return names
end

return lexer

"""#

  private static let module_manual: StaticString = #"""
-- The manual page (roff) and the README's tables, made from help's tables.

local help = require "moonpool.help"
local manual = {}

-- MARK: the manual page

-- Text for roff: its own characters escaped, all others as ASCII.
local function escaped(text)
  text = text:gsub("\\", "\\e"):gsub("`", ""):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1")
    :gsub("^([.'])", "\\&%1")
  return (text:gsub(utf8.charpattern, function(character)
    local code = utf8.codepoint(character)
    return code > 127 and ("\\[u%04X]"):format(code) or nil
  end))
end

local function item(label, text) return (".TP\n\\fB%s\\fR\n%s"):format(escaped(label), escaped(text)) end

-- Paragraphs; lines that begin with a blank are an example.
local function paragraphs(text)
  text = "\n" .. escaped(text) .. "\n"
  text = text:gsub("\n([ ][^\n]*)", "\n.br\n%1"):gsub("\n\n+", "\n.PP\n")
  return text:sub(2, -2)
end

local function example(text) return ".IP\n.nf\n" .. escaped(text) .. "\n.fi" end

local function entry_page(entry)
  local returned = help.returned(entry)
  local label = entry.signature .. (entry.also and ", " .. table.concat(entry.also, ", ") or "")
  local text = help.sentence(entry.brief) .. (entry.text and "\n" .. entry.text or "")
  if entry.raises then text = text .. "\nRaises for " .. entry.raises .. "." end
  if entry.codes then
    local codes = table.move(entry.codes, 1, #entry.codes, 1, {})
    table.sort(codes)
    text = text .. "\nErrors: " .. table.concat(codes, ", ") .. "."
  end
  local lines = { item(label .. (returned == "" and "" or " → " .. returned), text) }
  for _, param in ipairs(entry.params or {}) do
    lines[#lines + 1] = (".RS\n.TP\n\\fI%s\\fR (%s)\n%s\n.RE"):format(escaped(param[1]),
      escaped(param[2]), escaped(param[3]))
  end
  lines[#lines + 1] = example(entry.example)
  return table.concat(lines, "\n")
end

local function list(out, items, label, text)
  for _, each in ipairs(items) do out[#out + 1] = item(label(each), text(each)) end
end

local function section(out, title, text)
  out[#out + 1] = ".SH " .. title
  if text then out[#out + 1] = paragraphs(text) end
end

local function api(out)
  section(out, "FUNCTIONS", help.misuse)
  for _, entry in ipairs(help.functions) do
    if not entry.family then out[#out + 1] = entry_page(entry) end
  end
  section(out, "OPTIONS OF CALLS")
  list(out, help.options, function(option) return option[1] end, function(option)
    return (option[3] == "all" and "" or "Only of " .. option[3] .. ": ") .. option[4] .. "."
  end)
  section(out, "ERRORS")
  list(out, help.codes, function(code) return code[1] .. " " .. code[2] end,
    function(code) return help.sentence(code[3]) end)
  for _, subject in ipairs(help.subjects) do
    if subject[3] then section(out, subject[1]:upper(), subject[3]) end
  end
end

local function second(pair) return help.sentence(pair[2]) end
local function first(pair) return pair[1] end

-- moonpool.1
function manual.page()
  local out = { '.TH MOONPOOL 1 "" "Moonpool" "User Commands"' }
  section(out, "NAME", "moonpool - " .. help.synopsis)
  section(out, "SYNOPSIS")
  for _, line in ipairs(help.usage) do out[#out + 1] = ".B moonpool\n" .. escaped(line) .. "\n.br" end
  section(out, "DESCRIPTION", help.description)
  section(out, "OPTIONS")
  list(out, help.arguments, first, second)
  section(out, "COMMANDS")
  list(out, help.commands, first, function(command) return command[2] end)
  api(out)
  section(out, "ENVIRONMENT")
  list(out, help.environment, first, second)
  section(out, "EXIT STATUS")
  list(out, help.statuses, first, second)
  section(out, "SEE ALSO", "lua5.4(1), shm_overview(7)")
  return table.concat(out, "\n") .. "\n"
end

-- MARK: the README

local function cell(text) return (text:gsub("|", "\\|")) end

local function table_of(heads, rows)
  local lines = { "| " .. table.concat(heads, " | ") .. " |",
    "|" .. (" --- |"):rep(#heads) }
  for _, row in ipairs(rows) do lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |" end
  return table.concat(lines, "\n")
end

local function rows(items, make)
  local made = {}
  for _, each in ipairs(items) do
    if not each.family then made[#made + 1] = make(each) end
  end
  return made
end

local function call_row(entry)
  local also = entry.also and ", `" .. table.concat(entry.also, "`, `") .. "`" or ""
  local returned = help.returned(entry)
  returned = returned == "" and "" or " → `" .. returned .. "`"
  return { "`" .. cell(entry.signature) .. "`" .. also .. returned, cell(entry.brief) }
end

-- A heading and a table for each module and each type.
local function class_table(class)
  local entries = {}
  for _, entry in ipairs(help.functions) do
    if entry.name:match("^%w+") == class[1] then entries[#entries + 1] = entry end
  end
  return ("### `%s`\n\n%s\n\n%s"):format(class[1],
    help.sentence(((class.text or class.line):gsub("%.$", ""))),
    table_of({ "call", "meaning" }, rows(entries, call_row)))
end

-- What stands between the README's two marks.
function manual.readme()
  local parts = {}
  for _, class in ipairs(help.classes) do parts[#parts + 1] = class_table(class) end
  parts[#parts + 1] = "### Options\n\n" .. table_of({ "option", "of", "meaning" },
    rows(help.options, function(option)
      return { "`" .. option[1] .. "`", option[3] == "all" and "create, open, map"
        or "`" .. option[3] .. "`", cell(option[4]) }
    end))
  parts[#parts + 1] = "### Errors\n\n" .. table_of({ "code", "means" },
    rows(help.codes, function(code) return { tostring(code[1]), cell(code[3]) } end))
  return table.concat(parts, "\n\n") .. "\n"
end

return manual

"""#

  private static let module_prompt: StaticString = #"""
-- The prompt's memory and its texts. C calls these functions with strings and integers and takes
-- a string back; results and errors of chunks come here to be shown and remembered.

local host <const> = ...
local globals <const> = _G

-- Copies of the libraries: what the user does to the globals does not break the prompt.
local _ENV <const> = (function()
  local copy = {}
  for name, value in next, globals do
    if type(value) == "table" and globals.package.loaded[name] == value and name ~= "package" then
      value = {}
      for key, item in globals.next, globals[name] do value[key] = item end
    end
    copy[name] = value
  end
  return copy
end)()

local loaded <const> = {}

local function module(name)
  if loaded[name] == nil then
    local source = assert(host.source(name), "no module '" .. name .. "' in this program")
    loaded[name] = assert(load(source, "=" .. name .. ".lua", "t", _ENV))(module, host, globals)
  end
  return loaded[name]
end

local show <const> = module("show")
local lexer <const> = module("lexer")
local failure <const> = module("failure")
local texts <const> = module("text")
local paint <const> = texts.paint

local HISTORY <const> = 9

local style <const> = {
  colour = false, columns = 80, rows = 40, depth = 4, entries = 100, length = 1000,
  holders = host.holders,
}
-- Each chunk of this prompt: text, whether it ran without an error, the count of its results, and
-- whether it is an expression.
local chunks <const> = {}
local history <const> = {}
-- The chunk that declared a local of this name.
local locals <const> = {}
local last_results = table.pack()

local prompt = {}

function prompt.configure(columns, rows, colour)
  style.colour = colour ~= 0
  style.columns, style.rows = math.max(columns, 20), math.max(rows - 4, 10)
end

-- The prompt before a first line, and before the lines that continue it.
function prompt.mark(continued)
  local mark = rawget(globals, continued ~= 0 and "_PROMPT2" or "_PROMPT")
  if mark == nil then return continued ~= 0 and ">> " or "> " end
  return tostring(mark)
end

-- The name of the next chunk in messages.
function prompt.name()
  return ("=prompt[%d]"):format(#chunks + 1)
end

local function remember(chunk, ran, count)
  local kept = { text = chunk, ran = ran, count = count }
  kept.expression = load("return " .. chunk:gsub("^=", "", 1), "=chunk", "t") ~= nil
  chunks[#chunks + 1] = kept
  for _, name in ipairs(lexer.declared(lexer.tokens(chunk))) do locals[name] = #chunks end
end

-- ---- results ----

-- `_` and `_1` are the last result, `_2` the one before it, to `_9`.
local function keep(chunk, value)
  if value == nil or chunk:find("^%s*=?%s*_%d?%s*$") then return end
  table.insert(history, 1, value)
  history[HISTORY + 1] = nil
  rawset(globals, "_", value)
  for index, item in ipairs(history) do rawset(globals, "_" .. index, item) end
end

local function lost_local(name)
  if not locals[name] or rawget(globals, name) ~= nil then return nil end
  return paint(style, "grey", ("'%s' was a local of an earlier line: a local ends with its line; "
    .. "write %s = … without local"):format(name, name))
end

-- A chunk ran and gave these results.
function prompt.results(chunk, ...)
  local list = table.pack(...)
  remember(chunk, true, list.n)
  if list.n == 0 then return "" end
  last_results = list
  keep(chunk, list[1])
  local text, cut = show.values(list, style)
  if cut then text = text .. "\n" .. paint(style, "grey", "(cut; :all shows everything)") end
  local hint = list.n == 1 and list[1] == nil and lost_local(chunk:match("^%s*=?%s*([%w_]+)%s*$"))
  return text .. "\n" .. (hint and hint .. "\n" or "")
end

-- The last results, whole.
function prompt.all()
  local whole = setmetatable(
    { rows = false, entries = false, length = false, depth = 100 }, { __index = style })
  if last_results.n == 0 then return "" end
  return (show.values(last_results, whole)) .. "\n"
end

-- ---- errors ----

local function message_of(value)
  if type(value) == "string" then return (texts.printable(value):gsub("\\n", "\n")) end
  return "(error object) " .. show.values(table.pack(value), style)
end

local function lines_of(first, more)
  return first .. "\n" .. (#more > 0 and table.concat(more, "\n") .. "\n" or "")
end

-- A chunk raised: { value, traceback, hint or nil }, or a text when there was no memory for that.
function prompt.failure(chunk, report)
  remember(chunk, false)
  if type(report) ~= "table" then report = { report, "" } end
  local value, traceback = report[1], report[2] or ""
  local lines = {}
  if type(value) == "string" then
    local which, number = value:match("^prompt%[(%d+)%]:(%d+): ")
    local source = which and chunks[math.tointeger(which)]
    local line = source and failure.line(source.text, math.tointeger(number))
    if line and not value:find("interrupted!$") then
      local offset, length = failure.mention(line, value)
      lines = failure.excerpt(number, line, offset, length, style)
    end
    lines[#lines + 1] = lost_local(value:match("%(global '([%w_]+)'%)"))
    lines[#lines + 1] = report[3] and paint(style, "grey", report[3])
  end
  for _, level in ipairs(failure.levels(traceback)) do
    lines[#lines + 1] = paint(style, "grey", level)
  end
  return lines_of(paint(style, "error", message_of(value)), lines)
end

-- A chunk does not compile: why it is no statement, and why it is no expression. The one whose
-- place is farther in the text is what the writer meant.
function prompt.misspelled(chunk, as_statement, as_expression)
  local equals = chunk:match("^=") or ""
  local message, number, line, offset, length = as_statement, failure.place(chunk, as_statement, "")
  local text = chunk:sub(#equals + 1)
  local other, beside, place, size = failure.place(text, as_expression, "return ")
  if other == 1 and place then place, beside = place + #equals, equals .. beside end
  if other and (not number or other > number
    or other == number and (place or 0) > (offset or 0) or equals ~= "") then
    message, number, line, offset, length = as_expression, other, beside, place, size
  end
  remember(chunk, false)
  local lines = line and failure.excerpt(number, line, offset, length, style) or {}
  return lines_of(paint(style, "error", message_of(message)), lines)
end

-- What the prompt itself has to complain about.
function prompt.complaint(message) return paint(style, "error", message) .. "\n" end

-- ---- questions of the editor ----

-- The first byte to replace, and the candidates, each behind a NUL.
function prompt.complete(text, cursor)
  local from, candidates = module("complete").candidates(text, cursor)
  return from - 1 .. "\0" .. table.concat(candidates, "\0")
end

function prompt.hint(text, cursor) return module("complete").hint(text, cursor) or "" end

function prompt.objects(typed) return table.concat(module("complete").objects(typed), "\0") end

-- The files whose path begins with the typed text.
function prompt.files(typed)
  local directory, found = typed:match("^(.*/)") or "", {}
  for name in host.files(directory == "" and "." or directory):gmatch("([^\0]*)\0") do
    if (directory .. name):sub(1, #typed) == typed then found[#found + 1] = directory .. name end
  end
  return table.concat(found, "\0")
end

-- ---- help ----

local function help_text(topic)
  local known, help = pcall(module, "help")
  if not known or type(help) ~= "table" or not help.text then return "there is no help in this program" end
  local well, text = pcall(help.text, topic, style.columns - 2)
  return tostring(text) .. (well and "" or " (help)")
end

-- ?name
function prompt.help(topic)
  if topic == "" then topic = nil end
  return (help_text(topic):gsub("\n*$", "\n"))
end

-- ---- :save ----

local prologue <const> = [[
-- What the prompt shows and remembers.
local function hex(n) return math.type(n) == "integer" and ("0x%x"):format(n) or n end
local history = {}
local function show(value, ...)
  if value ~= nil then table.insert(history, 1, value) end
  _, _1, _2, _3, _4, _5, _6, _7, _8, _9 = history[1], table.unpack(history, 1, 9)
  print(value, ...)
end

]]

local function mentions(chunk)
  for _, token in ipairs(lexer.tokens(chunk)) do
    if token.kind == "name" and (token.text:find("^_%d?$") or token.text == "hex") then
      return true
    end
  end
end

-- A chunk as statements that may stand in the middle of a script.
local function statement(chunk, shower)
  local text = chunk.text:gsub("^=", "", 1)
  local final = text:find("%-%-[^\n]*$") and "\n" or ""
  if chunk.count == 0 and load(text .. "\nlocal _", "=chunk", "t") and chunk.expression then
    return text
  end
  if chunk.expression then return shower .. "(" .. text .. final .. ")" end
  if not load(text .. "\nlocal _", "=chunk", "t") then -- it returns
    return "do local function chunk()\n" .. text .. "\nend " .. shower .. "(chunk()) end"
  end
  if #lexer.declared(lexer.tokens(text)) > 0 or text:find("::") then
    return "do\n" .. text .. "\nend"
  end
  return text
end

-- The chunks that ran without an error, as a script.
function prompt.script()
  local special = false
  for _, chunk in ipairs(chunks) do special = special or chunk.ran and mentions(chunk.text) end
  local lines = {}
  for _, chunk in ipairs(chunks) do
    if chunk.ran and chunk.text:find("%S") and not chunk.text:find("^%s*help%f[%W]") then
      lines[#lines + 1] = statement(chunk, special and "show" or "print") .. "\n"
    end
  end
  return "#!/usr/bin/env moonpool\n" .. (special and prologue or "") .. table.concat(lines)
end

-- The text of the last chunk.
function prompt.last()
  return chunks[#chunks] and chunks[#chunks].text or ""
end

-- ---- globals of the prompt ----

-- hex(255) -> "0xff"; hex(view or string [, offset [, length]]) -> its bytes
function prompt.hex(value, offset, length)
  if math.type(value) == "float" and math.tointeger(value) then value = math.tointeger(value) end
  if math.type(value) == "integer" then
    return ("0x%0" .. (math.tointeger(offset) or 1) .. "x"):format(value)
  end
  local read, size
  if show.is_view(value) then
    size = #value
    read = function(count, from) return value:read(count, from) end
  elseif type(value) == "string" then
    size = #value
    read = function(count, from) return value:sub(from + 1, from + count) end
  else
    error("hex: an integer, a string or a view is needed, not " .. type(value), 2)
  end
  offset = math.max(offset or 0, 0)
  local stop = math.min(size, offset + (length or size))
  return show.verbatim(table.concat(module("dump")(read, offset, stop, style), "\n"))
end

-- The prompt is there for a person: its helpers become globals, unless a script has such names.
function prompt.start()
  if globals.hex == nil then globals.hex = prompt.hex end
  if globals.help == nil then
    globals.help = function(topic) return show.verbatim((help_text(topic):gsub("\n*$", ""))) end
  end
end

return prompt

"""#

  private static let module_show: StaticString = #"""
-- Values as a person wants to see them: sorted, nested, cut to the terminal, never raising.
--
-- show.values(list, style) -> lines. `style`: columns, rows (nil: all), colour, depth, entries,
-- holders (a function from a name to text). Metamethods are called protected; an error in one is
-- shown in the value's place.

local module <const> = ...
local texts <const> = module("text")
local dump <const> = module("dump")

local show = {}

local getmetatable <const> = debug.getmetatable

local paint <const>, printable <const> = texts.paint, texts.printable
local head <const>, width <const> = texts.head, texts.width

-- Inside of a table a text keeps to its line.
local function quote(text, style, level)
  local limit = style.length
  if limit and level > 0 then limit = math.min(limit, math.max(style.columns - 2 * level - 24, 8)) end
  local shown, more = head(text, limit)
  if more > 0 then style.cut = true end
  local quoted = paint(style, "string", '"' .. printable(shown, true) .. '"')
  return more > 0 and quoted .. paint(style, "grey", ("… %d bytes more"):format(more)) or quoted
end

-- The text of a metamethod __tostring, or of its failure.
local function described(value, style)
  local well, text = pcall(tostring, value)
  if well then
    local shown, more = head(text, style.length)
    if more > 0 then style.cut = true end
    return shown .. (more > 0 and "…" or "")
  end
  local said, reason = pcall(tostring, text)
  return paint(style, "error", "<error in __tostring: "
    .. printable(said and reason or type(text)) .. ">")
end

-- A value's address, whatever its metatable says.
local function address(value)
  return ("%p"):format(value)
end

local function named(value)
  local meta = getmetatable(value)
  local name = meta and rawget(meta, "__name")
  return type(name) == "string" and name or nil
end

function show.is_view(value)
  return type(value) == "userdata" and named(value) == "shm.view"
end

-- Is it of those whose text is a listing of several lines?
local function is_listed(value)
  local name = type(value) == "userdata" and named(value)
  return name == "shm.layout" or name == "shm.record"
end

-- The parameters of a Lua function.
function show.parameters(f)
  local info = debug.getinfo(f, "u")
  local list = {}
  for index = 1, info.nparams do list[index] = debug.getlocal(f, index) end
  if info.isvararg then list[#list + 1] = "..." end
  return list
end

-- Where a built-in function is found: "string.format".
local function path_of(f)
  local found
  for library, functions in next, package.loaded do
    if type(functions) == "table" and type(library) == "string" then
      for name, value in next, functions do
        if rawequal(value, f) and type(name) == "string" and not name:find("^_%d*$") then
          local path = library == "_G" and name or library .. "." .. name
          if not found or path < found then found = path end
        end
      end
    end
  end
  return found
end

local function function_text(f, style)
  local info = debug.getinfo(f, "S")
  if info.what == "C" then
    return paint(style, "name", "function " .. (path_of(f) or address(f)))
  end
  local parameters = table.concat(show.parameters(f), ", ")
  return paint(style, "name", "function(" .. parameters .. ")")
    .. paint(style, "grey", ("  %s:%d"):format(info.short_src, info.linedefined))
end

local function leaf(value, style, level)
  local kind = type(value)
  local meta = getmetatable(value)
  if kind == "string" then return quote(value, style, level or 0) end
  if kind == "number" then return paint(style, "number", tostring(value)) end
  if kind == "nil" then return paint(style, "grey", "nil") end
  if kind == "boolean" then return paint(style, "number", tostring(value)) end
  if kind == "function" then return function_text(value, style) end
  if kind == "thread" then
    return ("thread: %s (%s)"):format(address(value), coroutine.status(value))
  end
  if meta and rawget(meta, "__tostring") ~= nil then
    local text = described(value, style)
    return is_listed(value) and printable(text:match("^[^\n]*")) or text
  end
  return ("%s: %s"):format(named(value) or kind, address(value))
end

-- ---- tables ----

local ranks <const> = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local kind, other = type(a), type(b)
  if kind ~= other then
    local rank, beside = ranks[kind] or 4, ranks[other] or 4
    if rank ~= beside then return rank < beside end
    return kind < other
  end
  if kind == "number" or kind == "string" then return a < b end
  if kind == "boolean" then return not a and b end
  return address(a) < address(b)
end

local MANY <const> = 100000

-- The keys in order, the values by key, and whether there are more.
local function contents(value, limit)
  local meta = getmetatable(value)
  local keys, values, count, endless = {}, {}, 0, false
  local function collect(key, item)
    count = count + 1
    keys[count], values[key] = key, item
  end
  local most = limit or math.huge
  if meta and rawget(meta, "__pairs") ~= nil then
    for key, item in pairs(value) do
      if count >= most then
        endless = true
        break
      end
      collect(key, item)
    end
  elseif limit and rawget(value, MANY) ~= nil then
    -- Sorting a million keys takes a while: the first ones are known.
    for key = 1, limit do collect(key, rawget(value, key)) end
    return keys, values, true
  else
    for key, item in next, value do collect(key, item) end
  end
  table.sort(keys, before)
  return keys, values, endless
end

local keywords <const> = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do keywords[word] = true end
show.keywords = keywords

function show.is_name(text)
  return type(text) == "string" and text:find("^[%a_][%w_]*$") ~= nil and not keywords[text]
end

local function key_text(key, style)
  if show.is_name(key) then return paint(style, "name", key) end
  return "[" .. leaf(key, style, 1) .. "]"
end

local render

-- The parts of a table: texts of one entry each.
local function entries(value, style, path, level)
  local well, keys, values, endless = pcall(contents, value, style.entries)
  if not well then
    local said, reason = pcall(tostring, keys)
    return { paint(style, "error", "<error in __pairs: "
      .. printable(said and reason or type(keys)) .. ">") }
  end
  local parts, following = {}, 1
  for index, key in ipairs(keys) do
    if style.entries and index > style.entries then
      parts[#parts + 1] = paint(style, "grey", ("… %d more"):format(#keys - style.entries))
      style.cut = true
      break
    end
    local step = show.is_name(key) and "." .. key or "[" .. tostring(leaf(key, {})) .. "]"
    local text = render(values[key], style, path .. step, level + 1, 4)
    if key == following then
      following = following + 1
    else
      text = key_text(key, style) .. " = " .. text
    end
    parts[#parts + 1] = text
  end
  if endless then
    parts[#parts + 1] = paint(style, "grey", "… more")
    style.cut = true
  end
  return parts
end

-- Short items of a list side by side; an entry with a key has a line of its own.
local function filled(parts, room)
  local lines, used = {}, math.huge
  for _, part in ipairs(parts) do
    local columns = width(part) + 2
    local keyed = part:find(" = ", 1, true)
    if keyed or used + columns - 1 > room then
      lines[#lines + 1] = part
      used = keyed and math.huge or columns
    else
      lines[#lines] = lines[#lines] .. ", " .. part
      used = used + columns
    end
  end
  return lines
end

local function table_text(value, style, path, level, indent)
  local seen = style.seen[value]
  if seen then return paint(style, "grey", "<cycle: " .. seen .. ">") end
  local name = named(value)
  local label = name and name .. " " or ""
  if style.depth and level > style.depth then
    if next(value) == nil then return label .. "{}" end
    style.cut = true
    return label .. "{" .. paint(style, "grey", "…") .. "}"
  end
  style.seen[value] = path
  local parts = entries(value, style, path, level)
  style.seen[value] = nil
  if #parts == 0 then return label .. "{}" end
  local room = style.columns - level * 2 - indent
  local used, several = 0, false
  for _, part in ipairs(parts) do
    used = used + width(part) + 2
    several = several or part:find("\n", 1, true) ~= nil
  end
  if not several and used + #label + 2 <= room then
    return label .. "{ " .. table.concat(parts, ", ") .. " }"
  end
  local margin = ("  "):rep(level + 1)
  if not several then parts = filled(parts, style.columns - #margin - 1) end
  return label .. "{\n" .. margin .. table.concat(parts, ",\n" .. margin) .. "\n"
    .. ("  "):rep(level) .. "}"
end

-- `indent`: columns that the key before it may take.
function render(value, style, path, level, indent)
  if type(value) == "table" then
    local meta = getmetatable(value)
    if not (meta and rawget(meta, "__tostring") ~= nil) then
      return table_text(value, style, path, level, indent)
    end
  end
  return leaf(value, style, level)
end

-- ---- views ----

local function view_lines(view, style)
  local methods = getmetatable(view).__index
  local heading = printable(tostring(view))
  local well, size = pcall(methods.size, view)
  if not well then return { heading } end
  local name = methods.name(view)
  local holders = name and style.holders and style.holders(name) or ""
  local lines = { paint(style, "name", heading) }
  if holders ~= "" then lines[2] = paint(style, "grey", "held by " .. printable(holders)) end
  local function read(length, offset) return methods.read(view, length, offset) end
  local dumped, rows = pcall(dump, read, 0, size, style, style.rows and 16)
  if not dumped then rows = { paint(style, "error", printable(tostring(rows))) } end
  return table.move(rows, 1, #rows, #lines + 1, lines)
end

-- ---- layouts and records ----

-- The lines of a listing: the first is the heading, and each begins with an offset.
local function listing(value, style)
  local well, text = pcall(tostring, value)
  if not well then return described(value, style) end
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local shown = printable(line)
    if #lines == 0 then
      shown = paint(style, "name", shown)
    else
      shown = shown:gsub("^ *%d+", function(offset) return paint(style, "grey", offset) end)
    end
    lines[#lines + 1] = shown
  end
  return table.concat(lines, "\n")
end

-- ---- results ----

-- A text that is shown as it is, not quoted.
local verbatim <const> = { __name = "text" }
verbatim.__tostring = function(self) return self.text end
verbatim.__concat = function(a, b) return tostring(a) .. tostring(b) end

function show.verbatim(text) return setmetatable({ text = text }, verbatim) end

local function value_text(value, style)
  if show.is_view(value) then return table.concat(view_lines(value, style), "\n") end
  if is_listed(value) then return listing(value, style) end
  if getmetatable(value) == verbatim then return value.text end
  return render(value, style, "_", 0, 0)
end

-- The text of a list of results (with its count in n), and whether something was left out.
function show.values(list, style)
  style = setmetatable({ seen = {}, cut = false }, { __index = style })
  local parts = {}
  for index = 1, math.min(list.n, style.entries or list.n) do
    parts[index] = value_text(list[index], style)
  end
  if #parts < list.n then
    style.cut = true
    parts[#parts + 1] = paint(style, "grey", ("… %d results more"):format(list.n - #parts))
  end
  local text = table.concat(parts, "  ")
  if text:find("\n", 1, true) or width(text) > style.columns then
    text = table.concat(parts, "\n")
  end
  if style.rows then
    local lines, total = {}, 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
      total = total + 1
      if total <= style.rows then lines[total] = line end
    end
    -- To say that one line is left out would take its place.
    if total > style.rows + 1 then
      style.cut = true
      lines[#lines + 1] = paint(style, "grey", ("… %d lines more"):format(total - style.rows))
      text = table.concat(lines, "\n")
    end
  end
  return text, style.cut
end

return show

"""#

  private static let module_text: StaticString = #"""
-- Text for a terminal: colours, widths, and bytes that are no text.

local _ <const>, host <const> = ...

local text = {}

local colours <const> = {
  number = "36", string = "32", name = "34", grey = "90", error = "31", zero = "90", text = "33",
  offset = "90",
}

function text.paint(style, colour, line)
  if not style.colour or line == "" then return line end
  return "\27[" .. colours[colour] .. "m" .. line .. "\27[0m"
end

-- Columns on the screen: colours take none, other characters what the terminal gives them.
function text.width(line)
  return host.columns((line:gsub("\27%[[%d;]*m", "")))
end

local escapes <const> = {
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"', ["\0"] = "\\0",
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\v"] = "\\v", ["\27"] = "\\27",
}

-- Bytes that are no UTF-8, and controls, as escapes; the rest as it is.
function text.printable(bytes, marks)
  local parts, at = {}, 1
  while at <= #bytes do
    local _, bad = utf8.len(bytes, at)
    local good = bytes:sub(at, (bad or #bytes + 1) - 1)
    parts[#parts + 1] = good:gsub('[%c\\"\127]', function(byte)
      if not marks and (byte == '"' or byte == "\\") then return byte end
      return escapes[byte] or ("\\x%02x"):format(byte:byte())
    end):gsub("\xC2([\x80-\x9F])", function(byte) return ("\\xc2\\x%02x"):format(byte:byte()) end)
    if not bad then break end
    parts[#parts + 1] = ("\\x%02x"):format(bytes:byte(bad))
    at = bad + 1
  end
  return table.concat(parts)
end

-- At most `limit` bytes of a text, cut between characters.
function text.head(bytes, limit)
  if not limit or #bytes <= limit then return bytes, 0 end
  local cut = limit
  while cut > 1 and (bytes:byte(cut + 1) or 0) & 0xC0 == 0x80 do cut = cut - 1 end
  return bytes:sub(1, cut), #bytes - cut
end

return text

"""#

  private static let module_types: StaticString = #"""
-- The definition file for editors, made from help's tables: the annotations of lua-language-server.

local help = require "moonpool.help"
local types = {}

local function plain(text) return (text:gsub("`", "")) end

-- "string?" of help.lua as the annotation of a parameter: name, type.
local function annotated(item)
  local kind, optional = item[2]:gsub("%?$", "")
  return optional == 1 and item[1] .. "?" or item[1], kind
end

-- fun(…) of a call that the world refuses: nil, message, code.
local function refusal(entry, class)
  local list = class and { "self: " .. class } or {}
  for _, item in ipairs(entry.params or {}) do
    list[#list + 1] = ("%s: %s"):format(annotated(item))
  end
  return ("---@overload fun(%s): nil, string, integer"):format(table.concat(list, ", "))
end

local function declared(entry, class)
  local lines = { "---" .. help.sentence(entry.brief) }
  if entry.field then
    lines[#lines + 1] = ("---@type %s\n%s = {}\n"):format(entry.field, entry.name)
    return table.concat(lines, "\n")
  end
  local names = {}
  if entry.text then lines[#lines + 1] = "---" .. plain(entry.text) end
  for place, item in ipairs(entry.params or {}) do
    names[place] = item[1]
    local name, kind = annotated(item)
    lines[#lines + 1] = ("---@param %s %s %s"):format(name, kind, plain(item[3]))
  end
  for _, item in ipairs(entry.results) do
    lines[#lines + 1] = ("---@return %s %s %s"):format(item[2], item[1], item[3] or "")
      :gsub(" $", "")
  end
  if entry.codes then lines[#lines + 1] = refusal(entry, class) end
  if entry.keyword then -- no name that Lua could read
    local owner, key = entry.name:match("^(%w+)[.:](%w+)$")
    lines = { ('%s["%s"] = %s.%s'):format(owner, key, owner, entry.keyword) }
  else
    lines[#lines + 1] = ("function %s(%s) end"):format(entry.name, table.concat(names, ", "))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Options that name no class of their own are those of create, open and map.
local function option_class(option)
  return option.class or option[3] == "create" and "shm.create.options" or "shm.options"
end

local parents <const> = {
  ["shm.create.options"] = " : shm.options", ["shm.event.options"] = " : shm.named.options",
}

local function options(out)
  local lists, order = {}, {}
  for _, option in ipairs(help.options) do
    local class = option_class(option)
    if not lists[class] then
      order[#order + 1] = class
      lists[class] = { "---@class " .. class .. (parents[class] or "") }
    end
    table.insert(lists[class], ("---@field %s? %s %s"):format(option[1], option[2],
      plain(option[4])))
  end
  for _, class in ipairs(order) do out[#out + 1] = table.concat(lists[class], "\n") .. "\n" end
end

local function functions(owner, class, out)
  for _, entry in ipairs(help.functions) do
    if not entry.global and entry.name:match("^%w+") == owner then
      out[#out + 1] = declared(entry, class)
    end
  end
end

local function class(each, out)
  local owner = each[1]
  if each.class then
    local lines = { "---" .. each.text, "---@class " .. each.class }
    for _, operator in ipairs(each.operators or {}) do
      lines[#lines + 1] = "---@operator " .. operator
    end
    out[#out + 1] = table.concat(lines, "\n") .. ("\nlocal %s = {}\n"):format(owner)
  else
    out[#out + 1] = ("---@class %s\n%s = {}\n"):format(owner, owner)
  end
  functions(owner, each.class, out)
end

-- The text of shm.d.lua.
function types.file()
  local out = {
    "---@meta shm\n-- Moonpool: " .. help.synopsis .. ". Written by: moonpool types\n",
  }
  options(out)
  for _, each in ipairs(help.classes) do class(each, out) end
  out[#out + 1] = "return shm\n"
  return table.concat(out, "\n")
end

return types

"""#
}
