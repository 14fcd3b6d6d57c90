-- What hooks and finalizers do in the midst of an operation on messages.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, raises = harness.test, harness.equals, harness.raises

-- A hook that raises at the call or return number `at` of a function of C.
local function raise_at(event, at)
   debug.sethook(function()
      if debug.getinfo(2, "S").what ~= "C" then return end
      at = at - 1
      if at == 0 then
         debug.sethook()
         error("stopped by a hook", 0)
      end
   end, event)
end

test("what a hook raises is not lost in pop_all", function()
   local queue <close> = assert(shm.queue(nil, 1 << 20))
   local list = {}
   for i = 1, 3000 do list[i] = ("%08d"):format(i) end
   -- The first call is pop_all's own, the first return sethook's; then come the later batches.
   for at = 2, 6 do
      for _, event in ipairs { "c", "r" } do
         queue:push_all(list)
         raises("^stopped by a hook$", function()
            raise_at(event, at)
            queue:pop_all()
         end)
         queue:clear()
      end
   end
   queue:push_all(list)
   equals(#queue:pop_all(), 3000)
end)

harness.finish()
