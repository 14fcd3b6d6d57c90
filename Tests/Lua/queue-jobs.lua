-- Queues: the loop over jobs, peek, clear, and what is said when not all went well.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals, misused, refused, name = harness.test, harness.equals, harness.misused,
   harness.refused, harness.name

-- Makes the oldest message of the named queue a value, whatever its bytes are, as a program in
-- another language may push it.
local function make_value(queue_name, at)
   local file <close> = assert(io.open(shm.path(queue_name), "r+b"))
   file:seek("set", 8192 + at + 4)
   file:write("\2")
end

-- ---- the loop over jobs ----

test("the loop takes jobs until the end", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push_all { "a", { "b" }, "c" }
   queue:finish()
   local all = {}
   for job, value in queue:jobs() do
      equals(job:tries(), 1)
      all[#all + 1] = value[1] or value
      equals(job:done(), true)
   end
   equals(table.concat(all, " "), "a b c")
   equals(#queue, 0)
end)

test("the loop ends when nothing came in time", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push("a")
   local count = 0
   for job in queue:jobs(0.01) do
      count = count + 1
      job:done()
   end
   equals(count, 1)
end)

test("a job that is neither done nor given back is misuse, and goes back", function()
   local queue <close> = assert(shm.queue("jobs", 4096))
   queue:push_all { "a", "b" }
   harness.raises("^[^:]+:%d+: attempt to go on to the next job of jobs before job:done%(%) or "
                     .. "job:close%(%)$",
                  function() for _ in queue:jobs(0) do end end)
   local job <close>, value = queue:take(0)
   equals(value, "a")
   equals(job:tries(), 2)
end)

test("a job that the body gives back comes again", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push("a")
   local tries = {}
   for job in queue:jobs(0) do
      tries[#tries + 1] = job:tries()
      if job:tries() < 3 then job:close() else job:done() end
   end
   equals(table.concat(tries, " "), "1 2 3")
end)

test("a loop that is left gives back the job that it has", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push_all { "a", "b" }
   for job, value in queue:jobs(0) do
      equals(value, "a")
      if job:tries() == 1 then break end
   end
   equals(queue:peek(), "a")
   pcall(function() for _ in queue:jobs(0) do error("it fails") end end)
   equals(queue:peek(), "a")
   for job in queue:jobs(0) do
      if job:done() then break end
   end
   equals(queue:pop(0), "b")
   equals(queue:pop(0), false)
end)

test("what the loop cannot go on with is raised", function()
   local queue_name = name()
   local pushes <close> = assert(shm.queue(queue_name, 4096, { access = "push" }))
   harness.raises("^[^:]+:%d+: take [^:]+: ERROR_ACCESS_DENIED %(5%): the handle was opened without the "
                     .. "right to pop; ", function() for _ in pushes:jobs(0) do end end)
   harness.raises("timeout", function() pushes:jobs(-1) end)
   local closed = assert(shm.queue(nil, 4096))
   closed:close()
   harness.raises("attempt to use a closed queue", function() closed:jobs() end)
   local open = assert(shm.queue(nil, 4096))
   open:push_all { 1, 2 }
   harness.raises("attempt to use a closed queue", function() for _ in open:jobs() do open:close() end end)
end)

test("the parts of the loop are safe whoever uses them", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push("a")
   local next_job, _, nothing, closer = queue:jobs(0)
   equals(nothing, nil)
   local finish = getmetatable(closer).__close
   closer[1] = io.stdout
   equals(select("#", finish(closer)), 0)
   equals(select("#", finish(1)), 0)
   equals(select("#", finish {}), 0)
   equals(select(2, next_job(queue)), "a")
   equals(pcall(next_job, 1), false)
   finish(closer)
   equals(queue:pop(0), "a")
end)

-- ---- peek ----

test("peek shows what the next pop returns", function()
   local queue <close> = assert(shm.queue(nil, 65536))
   local value, why = queue:peek()
   equals(value, false)
   equals(why, "empty")
   local large = ("x"):rep(20000)
   queue:push_all { "a", { 1, { 2 } }, large }
   equals(queue:peek(), "a")
   equals(queue:peek(), "a")
   equals(#queue, 3)
   equals(queue:pop(), "a")
   equals(queue:peek()[2][1], 2)
   equals(queue:pop()[1], 1)
   equals(queue:peek() == large, true)
   equals(queue:pop() == large, true)
   equals(queue:peek(), false)
   queue:finish()
   refused(109, queue:peek())
end)

test("peek passes over jobs, and is no consumer", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096, { access = "push" }))
   local looker <close> = assert(shm.open_queue(queue_name))
   queue:push_all { "job", "next" }
   do
      local worker <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
      local _ <close> = assert(worker:take())
      equals(looker:peek(), "next")
   end
   equals(looker:peek(), "job")
   refused(232, queue:drain(0)) -- the worker was the only one
   refused(5, queue:peek())
end)

test("peek of what is no value says so, and leaves it", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   queue:push("\xc1")
   make_value(queue_name, 0)
   for _ = 1, 2 do
      local value, message, code = queue:peek()
      equals(value, nil)
      equals(message, ("peek %s: ERROR_INVALID_DATA (13): not a value: "):format(queue_name)
                .. message:match("not a value: (.+)$"))
      equals(code, 13)
   end
   equals(#queue, 1)
   refused(13, queue:pop())
   equals(queue:peek(), false)
end)

-- ---- clear ----

test("clear drops what nobody has", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   equals(queue:clear(), 0)
   queue:push_all { "job", "a", "b", "c" }
   local job <close> = assert(queue:take())
   equals(queue:clear(), 3)
   equals(queue:pop(0), false)
   equals(job:done(), true)
   equals(queue:free(), queue:capacity())
   for i = 1, 100 do queue:push(i) end
   equals(queue:clear(), 100)
   equals(queue:drain(), true)
   local many <close> = assert(shm.queue(nil, 1 << 20))
   local list = {}
   for i = 1, 5000 do list[i] = i end
   equals(many:push_all(list), 5000)
   equals(many:clear(), 5000)
   equals(#many, 0)
   local pushes <close> = assert(shm.open_queue(queue_name, { access = "push" }))
   refused(5, pushes:clear())
end)

-- ---- what is said ----

test("drain says what is left when all consumers have gone", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096, { access = "push" }))
   queue:push_all { "a", "b", "c" }
   equals(queue:drain(0), false) -- there was none yet
   do
      local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
      equals(consumer:pop(), "a")
      local _ <close> = assert(consumer:take())
      equals(select(2, queue:drain(0)), "timeout")
   end
   local value, message, code = queue:drain()
   equals(value, nil)
   equals(message, ("drain %s: ERROR_NO_DATA (232): 2 messages were not taken, and nobody who took "
                       .. "messages is left; start one who does"):format(queue_name))
   equals(code, 232)
   local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
   equals(queue:drain(0), false)
   equals(consumer:pop(), "b")
   consumer:close()
   equals(select(2, queue:drain()),
          ("drain %s: ERROR_NO_DATA (232): 1 message was not taken, and nobody who took messages is "
              .. "left; start one who does"):format(queue_name))
   do
      local last <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
      equals(last:pop(), "c")
   end
   equals(queue:drain(), true)
end)

test("push_all says why it stopped", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   local half = ("x"):rep(2000)
   local count, why, code = queue:push_all({ half, half, half }, 0)
   equals(count, 2)
   equals(why, "timeout")
   equals(code, nil)
   queue:clear()
   count, why, code = queue:push_all { "a", ("x"):rep(2033), "b" }
   equals(count, nil)
   equals(why, ("push_all %s: ERROR_BAD_LENGTH (24): message 2 of 3 has 2033 bytes, and the largest "
                   .. "that fits has 2032; create it with more bytes"):format(queue_name))
   equals(code, 24)
   equals(#queue, 0)
   queue:close()
   -- Strings go another way than other values.
   for _, list in ipairs { { half, half, half }, { half, { half }, half } } do
      local pushes <close> = assert(shm.queue(queue_name, 4096, { access = "push" }))
      do
         local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
         equals(consumer:pop(0), false)
      end
      count, why, code = pushes:push_all(list)
      equals(count, 2)
      equals(why, ("push_all %s: ERROR_NO_DATA (232): it is full, and nobody who took messages is left; "
                      .. "start one who does"):format(queue_name))
      equals(code, 232)
      local consumer <close> = assert(shm.open_queue(queue_name, { access = "pop" }))
      equals(consumer:clear(), 2)
      equals(pushes:finish(), true)
      refused(232, pushes:push_all { "late" })
   end
end)

test("what is no value in a batch is said, and nothing else is lost", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   queue:push_all { "a", "\xc1", "b", "c", "\x92\x01", "d" }
   make_value(queue_name, 32)
   make_value(queue_name, 128)
   local list, why, code = queue:pop_all()
   equals(table.concat(list, " "), "a b c d")
   equals(code, 13)
   equals(why:match("^(.-): not a value: "), ("pop_all %s: ERROR_INVALID_DATA (13)"):format(queue_name))
   equals(why:match("%(message.*$"), "(message 2 of 6, and 1 more)")
   equals(#queue, 0)
   equals(queue:pop(0), false)
   queue:clear()
   -- The ring goes on at 192.
   queue:push_all { "\xc1", "e" }
   make_value(queue_name, 192)
   list, why, code = queue:pop_all(1)
   equals(list, nil)
   equals(why:match("%(message.*$"), "(message 1 of 1)")
   equals(code, 13)
   list, why = queue:pop_all(1)
   equals(list[1], "e")
   equals(why, nil)
   queue:push("\xc1")
   make_value(queue_name, 256)
   list, why, code = queue:pop_all()
   equals(list, nil)
   equals(why:match("%(message.*$"), "(message 1 of 1)")
   equals(code, 13)
   equals(queue:pop_all(1, 0), false)
end)

test("what is no value is said in the operation's name", function()
   local queue_name = name()
   local at = 0
   for _, word in ipairs { "pop", "take", "peek" } do
      local queue <close> = assert(shm.queue(queue_name, 4096))
      queue:push("\xc1")
      make_value(queue_name, at)
      local value, message, code = queue[word](queue)
      equals(value, nil)
      equals(message:match("^(.-): ERROR_INVALID_DATA %(13%): not a value: "), word .. " " .. queue_name)
      equals(code, 13)
      queue:clear()
   end
   local queue <close> = assert(shm.queue(queue_name, 4096))
   queue:push("\xc1")
   make_value(queue_name, 0)
   harness.raises("^[^:]+:%d+: take [^:]+: ERROR_INVALID_DATA %(13%): not a value: ",
                  function() for _ in queue:jobs() do end end)
   equals(#queue, 0) -- it would come again and again
end)

test("a settled job is misuse, where it is used", function()
   local queue <close> = assert(shm.queue(nil, 4096))
   queue:push("x")
   local job = queue:take()
   job:done()
   misused("attempt to use a settled job (of an unnamed object)", function() job:tries() end)
   misused("attempt to use a settled job (of an unnamed object)", function() job:done() end)
end)

-- As a consumer leaves the lock that is stopped in the midst of a pop: this process's own mark, which
-- is alive. 0: it goes on.
local function stop(queue_name, is_stopped)
   local file <close> = assert(io.open(shm.path(queue_name), "r+b"))
   file:seek("set", 4224)
   file:write(("<I8"):pack(is_stopped and (1 << 10 | 1) << 32 | 1 or 0))
end

test("a job that cannot be given back goes back later, and its user learns it", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   queue:push_all { "a", "b", "c" }
   local function give_back()
      local job = assert(queue:take())
      stop(queue_name, true)
      local closed, why = job:close()
      equals(closed, true)
      equals(why, ("give back %s: ERROR_BUSY (170): process %d (slot 0) has stopped in the midst of "
                      .. "popping; continue it (kill -CONT), or end it; the job goes back later: with the "
                      .. "next pop, take or wait of this queue, or when it is closed")
                :format(queue_name, shm.pid()))
      equals(tostring(job), ("job of %s (settled)"):format(queue_name))
      equals(select("#", job:close()), 1)
      refused(170, queue:pop(0)) -- not the next one: order stays
      stop(queue_name, false)
   end
   give_back()
   equals(table.concat(queue:pop_all(), " "), "a b c")
   queue:push("d")
   give_back()
   equals(shm.wait({ queue }, { timeout = 0 }), 1)
   equals(queue:peek(), "d")
   give_back()
   equals(queue:drain(0), false)
   local job <close>, value = assert(queue:take())
   equals(value, "d")
   equals(job:tries(), 3)
end)

test("what a closed handle owes another handle gives back", function()
   local queue_name = name()
   local queue <close> = assert(shm.queue(queue_name, 4096))
   local other = assert(shm.open_queue(queue_name))
   queue:push_all { "a", "b" }
   local first <close> = assert(other:take())
   local second <close> = assert(other:take())
   stop(queue_name, true)
   equals(other:close(), true)
   stop(queue_name, false)
   equals(first:close() and second:close(), true)
   equals(#queue:pop_all(), 2)
end)

harness.finish()
