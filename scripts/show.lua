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
        view:read(length, layout:offset("context")))
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

function programs.assetto_corsa_physics()
  local layout <const> = shm.layouts.assetto_corsa_physics
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

local wine_is_silent = false -- a server that is stopped is waited for once

-- The object of this name, or that of a Windows program under Wine where no native one lives.
local function find(object)
  local view, message, code = shm.open(object, { access = "r" })
  local is_other = object:find("^/") or object:find("^Wine\\")
  if code ~= 2 or is_other or wine_is_silent then return view, message, code end
  local wine, other, number = shm.open("Wine\\" .. object, { access = "r" })
  wine_is_silent = number == 170
  if number == 2 then return nil, message, code end
  return wine, other, number
end

local function list()
  local names = {}
  for name in pairs(programs) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local object = shm.layouts[name]:object()
    local view <close>, message, code = find(object)
    local state = view and (view:name():find("^Wine\\") and "lives under Wine" or "lives") or "-"
    if code == 170 then io.stderr:write("show: ", message, "\n") end
    print(("%-21s %-25s %s"):format(name, object, state))
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
  view, message, code = find(object)
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
local under_wine <const> = view:name():find("^Wine\\") ~= nil
for number = 1, options["-n"] do
  if number > 1 then clock:wait(0, options["--every"]) end -- nobody wakes it
  if under_wine and select(3, view:check()) == 2 then -- a view of Wine's keeps no name
    print(console.printable(object) .. " is gone: its program has ended")
    break
  end
  for _, text in ipairs(frame(number > 1 and options["--every"] or 0)) do
    print(console.printable(text)) -- other programs wrote what is in it
  end
  io.flush()
end
