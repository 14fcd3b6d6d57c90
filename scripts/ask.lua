-- Request and response: ask serve answers what ask TEXT… asks; several may serve
-- An asker's own queue takes the answer; a request that a killed server had goes to the next one.

local NAME <const>, BYTES <const> = [[Local\requests]], 65536

local function serve()
  local requests <close> = assert(shm.queue(NAME, BYTES, { access = "pop" }))
  -- Who could push is here, so requests do not end with the first who asks.
  local _ <close> = assert(shm.queue(NAME, BYTES, { access = "push" }))
  while true do
    local job <close>, request = assert(requests:take())
    local reply <close> = shm.open_queue(request.reply, { access = "push" }) -- nil: who asked has gone
    local done, answer = pcall(string.upper, request.text)
    if reply then
      local told, problem = reply:push({ [done and "text" or "error"] = answer }, 0)
      if not told then reply:push({ error = problem }, 0) end -- it was too large
    end
    assert(job:done())
  end
end

local function ask(text)
  local mine = ("%s-%d"):format(NAME, shm.pid())
  local reply <close> = assert(shm.queue(mine, BYTES))
  -- Who could answer is here, so the answers do not end with a server that is killed.
  local _ <close> = assert(shm.open_queue(mine, { access = "push" }))
  local requests <close> = assert(shm.open_queue(NAME, { access = "push" }))
  assert(requests:push { reply = mine, text = text })
  local answer, why
  repeat
    local _, problem, code = requests:drain(0) -- 232: no server is left
    answer, why = reply:pop(code and 0 or 1)
    assert(answer or not code and why == "timeout", code and problem or why)
  until answer
  print((assert(answer.text, answer.error)))
end

if arg[1] == "serve" then
  serve()
elseif arg[1] then
  ask(table.concat(arg, " "))
else
  io.stderr:write("usage: ask serve\n       ask TEXT…\n")
  os.exit(64)
end
