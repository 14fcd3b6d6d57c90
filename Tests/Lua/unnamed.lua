-- An empty name is none, everywhere; and modes that look like octal and are not.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, refused = harness.test, harness.equals, harness.refused

test("an empty name is no name", function()
   local view <close> = assert(shm.create("", 8))
   equals(view:name(), nil)
   equals(tostring(view), "view of an unnamed object (8 bytes, rw)")
   local window <close> = view:map {}
   equals(window:name(), nil)
   local event <close> = assert(shm.event(""))
   local mutex <close> = assert(shm.mutex(""))
   local semaphore <close> = assert(shm.semaphore("", 1, 2))
   for _, object in ipairs { event, mutex, semaphore } do
      equals(object:name(), nil)
      equals(tostring(object):match(" of an unnamed object ") ~= nil, true)
   end
   local guard <close> = mutex:guard()
   equals(tostring(guard), "guard of an unnamed object (locked)")
   view:close()
   event:close()
   equals(view:name(), nil)
   equals(event:name(), nil)
   equals(tostring(event), "event of an unnamed object (closed)")
end)

test("an empty name opens nothing", function()
   for _, open in ipairs { shm.open, shm.open_event, shm.open_mutex, shm.open_semaphore } do
      refused(6, open(""))
   end
   refused(123, shm.unlink(""))
   refused(123, shm.path(""))
end)

local makers <const> = {
   function(options) return shm.create(harness.name(), 8, options) end,
   function(options) return shm.event(harness.name(), options) end,
   function(options) return shm.mutex(harness.name(), options) end,
   function(options) return shm.semaphore(harness.name(), 0, 1, options) end,
}

test("a mode whose decimal digits are meant as octal ones is refused, and says how", function()
   local meant <const> = {
      [644] = "01204", [600] = "01130", [666] = "01232", [660] = "01224", [640] = "01200",
      [755] = "01363", [777] = "01411", [700] = "01274", [400] = "0620", [440] = "0670",
      [444] = "0674", [500] = "0764",
   }
   for mode, bits in pairs(meant) do
      for _, make in ipairs(makers) do
         local made, message, code = make { mode = mode }
         equals(made, nil)
         equals(code, 87)
         equals(message:match("%(87%): (.*)$"),
            ('mode = %d is %s in octal; write mode = "0%d"'):format(mode, bits, mode))
      end
   end
end)

test("a mode that is an integer of its own is taken", function()
   for _, mode in ipairs { 384, 420, 436, 432, 438, 416, 448, 493, 504, 511 } do
      local _ <close> = assert(makers[1] { mode = mode })
   end
   for _, mode in ipairs { 384, 438, 432, 511 } do
      for make = 2, 4 do
         local _ <close> = assert(makers[make] { mode = mode })
      end
   end
   for _, mode in ipairs { 256, 292, 0x1A4 } do
      local _ <close> = assert(makers[1] { mode = mode })
   end
end)

test("digits in a string are octal, whatever they are", function()
   for _, mode in ipairs { "0620", "620", "0644", "644", "0764" } do
      local _ <close> = assert(makers[1] { mode = mode })
   end
end)

harness.finish()
