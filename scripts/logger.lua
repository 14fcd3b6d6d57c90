-- Many write, one keeps: logger keep prints what logger TEXT… says, in any number of processes
-- A line is whole or not there, whoever is killed; the keeper ends when all who wrote have gone.

local NAME <const>, BYTES <const> = [[Local\log]], 262144

if arg[1] == "keep" then
  local log <close> = assert(shm.queue(NAME, BYTES, { access = "pop" }))
  for line in log:messages() do
    print(("%d: %s"):format(line.from, line.text))
    io.flush()
  end
elseif arg[1] then
  local log <close> = assert(shm.queue(NAME, BYTES, { access = "push" }))
  assert(log:push { from = shm.pid(), text = table.concat(arg, " ") })
  assert(log:drain(5)) -- or it would go with this handle, where nobody keeps the log
else
  io.stderr:write("usage: logger keep\n       logger TEXT…\n")
  os.exit(64)
end
