-- A bounded buffer of two semaphores: bounded-buffer produce COUNT [FIRST], bounded-buffer consume COUNT
-- Producers put COUNT numbers from FIRST on into eight places; consumers take COUNT and add them up.
-- As a lesson: shm.queue does this, and more.

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
