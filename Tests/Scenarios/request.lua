-- Ask, and be answered, by servers of which one may be killed at any step: the request it had taken
-- goes to the next one. Each caller has a queue for its answer, whose name travels in the request.
local requests = assert(shm.queue("requests", 4096))

scenario "every request is answered"

local function ask(who, number)
  local name = "answer." .. who
  local answers <close> = assert(shm.queue(name, 4096))
  assert(requests:push { name = name, number = number })
  while true do
    local answer, _, code = answers:pop(1)
    if answer then return answer end
    -- Told the end: the server that had it died; another one has the request now.
    expect(answer == false or code == 109, "an answer")
  end
end

actors(2, "server", { kill = true }, function()
  while true do
    local job, request = requests:take()
    if not job then break end
    local answers = shm.open_queue(request.name, { access = "push" })
    if answers then                           -- nil: who asked has its answer, and has gone
      answers:push(request.number * 2)
      answers:close()
    end
    job:done()
  end
end)

actor("client", function()
  expect.equal(ask("client", 21), 42, "answer")
  requests:finish()
end)

fault.kill("server1", { after = 1 })
