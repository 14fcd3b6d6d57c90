-- Who creates a segment makes the name first and its header later; who attaches between the two finds
-- an empty one. As in https://github.com/dimensionalOS/dimos/issues/3671
scenario "who attaches finds a segment with a size"

actor("publisher", function()
  local segment <close> = assert(shm.create("frames", 64))
  segment:u32(0, 60)                                   -- how much there is to read
  while alive "camera" do shm.sleep(0.001) end
end)

actor("camera", function()
  local segment <close> = shm.open("frames")
  if not segment then return end                       -- it tries again later
  expect(segment:u32(0) > 0, "cannot map an empty segment")
end)
