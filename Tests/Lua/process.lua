-- Time, and the process that the script is.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused = harness.test, harness.equals, harness.misused

test("the clock is a float that never goes back, in seconds of the machine's", function()
   local before = shm.now()
   equals(math.type(before), "float")
   for _ = 1, 1000 do
      local now = shm.now()
      assert(now >= before)
      before = now
   end
   -- CLOCK_MONOTONIC stands still in suspend, where the uptime goes on.
   local file <close> = assert(io.open("/proc/uptime"))
   assert(before <= file:read("n") + 0.02)
end)

test("a sleep is not shorter than what was asked for, and returns nothing", function()
   for _, seconds in ipairs { 0, 0.001, 0.03, 0.07 } do
      local before = shm.now()
      equals(select("#", shm.sleep(seconds)), 0)
      local took = shm.now() - before
      assert(took >= seconds and took < seconds + 20, took)
   end
   shm.sleep(0.0)
end)

test("what is no number of seconds is misuse", function()
   local from = "bad argument #1 to 'sleep' "
   for _, value in ipairs { -1, -0.001, -math.huge, 0 / 0 } do
      misused(from .. "(a sleep is seconds from 0)", function() shm.sleep(value) end)
   end
   misused(from .. "(number expected, got no value)", function() shm.sleep() end)
   misused(from .. "(number expected, got nil)", function() shm.sleep(nil) end)
   misused(from .. "(number expected, got string)", function() shm.sleep("1") end)
end)

test("the process is the one that owns what it locks", function()
   local lock <close> = assert(shm.mutex(nil))
   lock:lock()
   equals(shm.pid(), lock:owner())
   equals(math.type(shm.pid()), "integer")
   lock:unlock()
end)

harness.finish()
