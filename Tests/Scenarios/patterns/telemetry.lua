-- The bundled telemetry: a record between two versions, as rFactor 2 publishes it. No reader sees half
-- of an update, and none waits for a writer that was killed in one.
local view = assert(shm.create("telemetry", 24))

scenario "a reader sees a whole record, or none"

actor("writer", { kill = true }, function()
  view:update(8, 16, function(draft) draft:write(("<dd"):pack(0.02, 0.02)) end, { first = 0, last = 4 })
end)

actor("reader", function()
  for _ = 1, 2 do
    local record = view:snapshot(8, 16, { first = 0, last = 4 })
    if record then
      local one, other = ("<dd"):unpack(record)
      expect.equal(one, other, "time")
    end
  end
end)
