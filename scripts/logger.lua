-- Many write, one keeps: logger keep prints what logger TEXT… says, in any number of processes
-- A line is whole or not there, whoever is killed; the keeper goes on until it is ended.

local NAME <const>, BYTES <const> = [[Local\log]], 262144

if arg[1] == "keep" then
  local log <close> = assert(shm.queue(NAME, BYTES, { access = "pop" }))
  -- Who could push is here, so the log does not end with the first who writes.
  local _ <close> = assert(shm.queue(NAME, BYTES, { access = "push" }))
  for line in log:messages() do
    print(("%d: %s"):format(line.from, line.text))
    io.flush()
  end
elseif arg[1] then
  local log <close> = assert(shm.queue(NAME, BYTES, { access = "push" }))
  assert(log:push { from = shm.pid(), text = table.concat(arg, " ") })
  if not log:drain(5) then -- the line would go with this handle
    io.stderr:write("nobody keeps the log; start: logger keep\n")
    os.exit(1, true)
  end
else
  io.stderr:write("usage: logger keep\n       logger TEXT…\n")
  os.exit(64)
end
