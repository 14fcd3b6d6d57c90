-- Jobs for several workers: worker give TEXT…, worker work [SECONDS], as often as you like
-- A worker takes a job, works, and says done; what a killed one had goes to the next at once.

local NAME <const>, BYTES <const>, MOST_TRIES <const> = [[Local\jobs]], 65536, 3

local function give(texts)
  local jobs <close> = assert(shm.queue(NAME, BYTES, { access = "push" }))
  for _, text in ipairs(texts) do assert(jobs:push { text = text }) end
  assert(jobs:drain()) -- a queue lives as long as its handles
end

local function work(seconds)
  local jobs <close> = assert(shm.queue(NAME, BYTES, { access = "pop" }))
  while true do
    local job <close>, order, code = jobs:take()
    if code == 109 then return end -- all who gave are gone, and everything is done
    assert(job, order)
    if job:tries() > MOST_TRIES then
      io.stderr:write("worker: it kills its workers: ", order.text, "\n")
    else
      shm.sleep(seconds)
      print(("%s (try %d)"):format(order.text, job:tries()))
    end
    io.flush()
    assert(job:done())
  end
end

local role, seconds = arg[1], tonumber(arg[2] or 0.1)
if role == "give" and arg[2] then
  give { table.unpack(arg, 2) }
elseif role == "work" and seconds and seconds >= 0 then
  work(seconds)
else
  io.stderr:write("usage: worker give TEXT…\n       worker work [SECONDS]\n")
  os.exit(64)
end
