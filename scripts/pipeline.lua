-- Three stages, two queues: pipeline read <FILE, pipeline count [SECONDS] (several may), pipeline sum
-- Kill any: another one of its stage goes on with what it had; without one the next stage is told.

local BYTES <const> = 65536

local function open(name, access)
  return assert(shm.queue("Local\\" .. name, BYTES, { access = access }))
end

-- 232: nobody of the next stage is left. Somebody may be started.
local function insist(act, ...)
  local done, message, code
  repeat
    done, message, code = act(...)
    if code == 232 then shm.sleep(0.1) else assert(done, message) end
  until done
end

-- A job is done when what was made of it is handed on: whoever dies before leaves it to another.
local function work(queue, use)
  while true do
    local job <close>, value, code = queue:take()
    if code == 109 then return end -- the end: all who pushed are gone, and everything is done
    assert(job, value)
    use(value)
    assert(job:done())
  end
end

local function read()
  local _ <close> = open("counts", "push") -- so their end comes after this, whoever counts is killed
  local lines <close> = open("lines", "push")
  local number = 0
  for text in io.lines() do
    number = number + 1
    insist(lines.push, lines, { number = number, text = text })
  end
  insist(lines.drain, lines) -- a queue lives as long as its handles
end

local function count(seconds)
  local lines <close> = open("lines", "pop")
  local counts <close> = open("counts", "push")
  work(lines, function(line)
    shm.sleep(seconds)
    local _, words = line.text:gsub("%S+", "")
    insist(counts.push, counts, { number = line.number, words = words })
  end)
  insist(counts.drain, counts)
end

local function sum()
  local counts <close> = open("counts", "pop")
  local seen, lines, words = {}, 0, 0
  work(counts, function(line)
    if seen[line.number] then return end -- who counted it was killed before it was done
    seen[line.number], lines, words = true, lines + 1, words + line.words
    print(("%d: %d"):format(line.number, line.words))
    io.flush()
  end)
  print(("%d words in %d lines"):format(words, lines))
end

local stage, seconds = arg[1], tonumber(arg[2] or 0)
if stage == "read" and not arg[2] then
  read()
elseif stage == "count" and seconds and seconds >= 0 then
  count(seconds)
elseif stage == "sum" and not arg[2] then
  sum()
else
  io.stderr:write("usage: pipeline read <FILE\n       pipeline count [SECONDS]\n       pipeline sum\n")
  os.exit(64)
end
