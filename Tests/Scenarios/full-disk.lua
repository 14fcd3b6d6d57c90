-- /dev/shm is full: create says so at once, with error 1455, and what there is goes on working.
local journal = assert(shm.create("journal", 4096))

scenario "a full /dev/shm is an error, not a crash"

actor("logger", function()
  local segments = {}
  for number = 1, 5 do
    if number == 3 then mark "two are written" end
    local segment, why, code = shm.create("segment" .. number, 65536)
    if segment then
      segments[#segments + 1] = segment:write("entry " .. number)
    else
      sometimes("there was no room", code == 1455)
      expect.equal(code, 1455, why)
      journal:text(0, "stopped at " .. number)         -- its memory was committed at the beginning
    end
  end
  expect(#segments >= 2, "the first two had room")
end)

fault.full { actor = "logger", at = "two are written" }
