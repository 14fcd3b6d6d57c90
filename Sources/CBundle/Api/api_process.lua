-- The API, told once: time, and the process that the script is. See help.lua for the tables' forms.

local process = {}

process.functions = {
  {
    name = "shm.sleep", signature = "shm.sleep(seconds)",
    results = {},
    brief = "sleeps; Ctrl-C ends it",
    params = { { "seconds", "number", "from 0; math.huge is for ever" } },
    text = "A sleep is never shorter than that, on the monotonic clock. Who waits for something "
      .. "better waits for that: shm.wait, cell:wait.",
    raises = "what is no number from 0",
    example = [=[
local before = shm.now()
shm.sleep(0.01)
print(shm.now() - before >= 0.01)  --> true]=],
  },
  {
    name = "shm.now", signature = "shm.now()",
    results = { { "seconds", "number", "with nanoseconds" } },
    brief = "the time of the monotonic clock, the same for all processes",
    text = "It begins when the machine starts, never goes back, and is no time of day.",
    example = [=[
local before = shm.now()
print(math.type(before), shm.now() >= before)  --> float	true]=],
  },
  {
    name = "shm.pid", signature = "shm.pid()",
    results = { { "pid", "integer" } },
    brief = "the number of this process, as `moonpool who` and `mutex:owner` say it",
    example = [=[
local lock <close> = assert(shm.mutex(nil))
lock:lock()
print(lock:owner() == shm.pid())  --> true
lock:unlock()]=],
  },
}

return process
