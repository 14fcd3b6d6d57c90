-- The API, told once: queues. See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local shared <const> = type(given) == "function" and given("api_shared")
  or require("moonpool.api_shared")

local queue = {}

-- What the general table says of other things.
local stopped <const> = "another process stopped in the midst of a push or pop, for 0.3 s; try again"
local pushing <const> = {
  [13] = "what lies in its memory is no queue",
  [24] = "the message is larger than half the queue; create it with more bytes",
  [170] = stopped,
}
local popping <const> = {
  [13] = "the message is no value, or what lies in its memory is no queue",
  [109] = "the end: finished, or all who pushed have gone, and nothing is left",
  [170] = stopped,
}

queue.classes = {
  { "queue", class = "shm.queue", made = "shm.queue",
    line = "queues: push, pop, take …; topics",
    text = "Messages between processes, each for one of those who pop; ?queues says when to take "
      .. "them." },
  { "job", class = "shm.job", made = "queue:take",
    line = "jobs of queues: done, tries", within = "queue",
    text = "A message that was taken and is not done yet." },
}

queue.functions = {
  {
    name = "shm.queue", signature = "shm.queue(name, bytes [, options])",
    results = { { "queue", "shm.queue" },
      { "existed", "boolean", "whether it was opened" } },
    brief = "makes a queue of messages, or opens the one that exists (its size wins)",
    params = {
      shared.naming,
      { "bytes", "integer", "of its ring, rounded up to whole pages; from 1 to 2^30" },
      { "options", "shm.queue.options?", "access, mode, exclusive" },
    },
    text = "A message takes 16 bytes more than it has, rounded up to 16.",
    codes = shared.making,
    raises = "a name that is no string, a size that is no integer, an unknown option",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 65536))
jobs:push { file = "a.png" }
print(jobs)  --> queue of jobs (1 message, 65504 of 65536 bytes free)
print(jobs:pop().file)  --> a.png]=],
  },
  {
    name = "shm.open_queue", signature = "shm.open_queue(name [, options])",
    family = "shm.open_event",
    results = { { "queue", "shm.queue" } },
    brief = "opens a queue that exists",
    params = { { "name", "string", "as it was created" },
      { "options", "shm.queue.options?", "access" } },
    codes = shared.opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(#shm.open_queue("jobs", { access = "pop" }))  --> 0]=],
  },
  {
    name = "queue:push", signature = "queue:push(value [, timeout])",
    results = { { "true", "boolean", "false: it stayed full" },
      { "why", "string?", '"timeout"' } },
    brief = "adds a message at the end, and waits while the queue is full",
    params = { { "value", "string|number|true|table", "one message; several values are a table" },
      shared.timeout },
    text = "Strings are any bytes. Tables become MessagePack: an array if their keys are 1 to #t (a "
      .. "hole makes a map), otherwise a map; metatables are not asked. It is there as a whole or not "
      .. "at all, whenever somebody is killed. The handle is a producer from the first push on. There are "
      .. "no turns: while a large message waits, smaller ones that fit go first, again and again if "
      .. "others push without a pause; then make the queue larger, or have large ones in one of their own.",
    codes = { 5, 13, 24, 170, 232 }, meanings = pushing,
    raises = "a closed queue, nil and false (what pop returns for no message), a function or "
      .. "userdata with the way to it, a table in itself, a timeout that is no number from 0, "
      .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:push("text"), jobs:push { 1, 2, deep = { x = 1.5 } })  --> true	true
print(jobs:pop(), jobs:pop().deep.x)  --> text	1.5]=],
  },
  {
    name = "queue:push_all", signature = "queue:push_all(list [, timeout])",
    results = { { "count", "integer", "how many; nil, message, code: none" },
      { "why", "string?", 'of fewer than all: "timeout"; or a message, and then its code' } },
    brief = "adds all messages of a list, with one wake-up",
    params = { { "list", "table", "messages, from 1" }, shared.timeout },
    text = "Those that were pushed are in the queue, whatever kept it from the rest: finished, or full "
      .. "with no consumer left (232), or a stopped producer (170). If one is too large (24), none is. "
      .. "They go in one by one: who pops meanwhile sees a part, and a kill leaves a part. What "
      .. "belongs together is one message.",
    codes = { 5, 13, 24, 170, 232 }, meanings = pushing,
    raises = "as push", family = "queue:push",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:push_all { "a", "b", "c" }, #jobs)  --> 3	3]=],
  },
  {
    name = "queue:pop", signature = "queue:pop([timeout])",
    results = { { "value", "any", "false: nothing came" }, { "why", "string?", '"timeout"' } },
    brief = "takes the oldest message out, and waits for one",
    params = { shared.timeout },
    text = "nil, …, 109 is the end: the queue is finished, or all producers that there were have "
      .. "closed it or died, and nothing is left, not even with a worker that took it. The handle is a "
      .. "consumer from the first pop on. What was popped is gone if its consumer dies; see take.",
    codes = { 5, 13, 109, 170 }, meanings = popping,
    raises = "a closed queue, a timeout that is no number from 0, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:pop(0.01))  --> false	timeout
jobs:push("one")
jobs:finish()
print(jobs:pop(), select(3, jobs:pop()))  --> one	109]=],
  },
  {
    name = "queue:pop_all", signature = "queue:pop_all([most [, timeout]])",
    results = { { "list", "any[]", "false: nothing came" },
      { "why", "string?", '"timeout"; or which messages were no values, and then 13' } },
    brief = "takes out what is there, at least one message",
    params = { { "most", "integer?", "of messages, from 1" }, shared.timeout },
    text = "What is no value, as another program may push it, is left out of the list and said beside "
      .. "it: nil, message, 13 if nothing else came. If memory runs out, no message is lost: the next "
      .. "call has them. They come out one by one: of a batch that is being pushed a part may come.",
    codes = { 5, 13, 109, 170 }, meanings = popping,
    raises = "as pop", family = "queue:pop",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push_all { "a", "b", "c" }
print(table.concat(jobs:pop_all(2), " "), #jobs)  --> a b	1]=],
  },
  {
    name = "queue:take", signature = "queue:take([timeout])",
    results = { { "job", "shm.job", "false: nothing came" },
      { "value", "any", 'of the message; without a job why: "timeout"' } },
    brief = "takes the oldest message that nobody has; it stays in the queue until `job:done()`",
    params = { shared.timeout },
    text = "A job that is closed before it is done goes back, and what a killed worker had goes to "
      .. "the next one at once: at least once. See job:tries for what kills its workers. Until it is "
      .. "done a job keeps its room, and that of all behind it, and each pop and take passes over "
      .. "those again: with thousands of them it takes longer. What is no value is error 13, and gone.",
    codes = { 5, 13, 109, 170 }, meanings = popping,
    raises = "a closed queue, a timeout that is no number from 0, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push("a.png")
do
  local job <close>, file = assert(jobs:take())
  print(file, job:tries())  --> a.png	1
end  -- without job:done() it is given back
local job <close>, file = assert(jobs:take())
print(file, job:tries(), job:done())  --> a.png	2	true]=],
  },
  {
    name = "queue:jobs", signature = "queue:jobs([timeout])",
    results = { { "next", "fun(queue: shm.queue): shm.job, any" }, { "queue", "shm.queue" },
      { "nothing", "nil" }, { "closer", "table", "gives back the job of a loop that is left" } },
    brief = "for job, value in queue:jobs() do: takes until the end, or until nothing came in time",
    params = { shared.timeout },
    text = "The loop's body says job:done(), or job:close() to give it back, which may take it again. "
      .. "A loop that is left by break or an error gives back the job that it has.",
    raises = "a closed queue; in the loop, going on with a job that is not settled, and what take "
      .. "refuses but for the end",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push_all { "a.png", "b.png" }
jobs:finish()
for job, file in jobs:jobs() do
  print(file, job:done())
end
--> a.png	true
--> b.png	true]=],
  },
  {
    name = "queue:peek", signature = "queue:peek()",
    results = { { "value", "any", "false: nothing is there" }, { "why", "string?", '"empty"' } },
    brief = "the message that the next pop would return, as a copy; it stays",
    text = "It never waits. Another consumer may pop it meanwhile. Whoever only looks is no consumer; "
      .. "nil, …, 109 at the end.",
    codes = { 5, 13, 109, 170 }, meanings = popping, family = "queue:pop",
    raises = "a closed queue, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:peek())  --> false	empty
jobs:push("one")
print(jobs:peek(), #jobs)  --> one	1]=],
  },
  {
    name = "queue:clear", signature = "queue:clear()",
    results = { { "count", "integer", "of messages" } },
    brief = "drops what is there, but for the jobs of living workers",
    text = "It makes nobody a consumer, and wakes who waits for room.",
    codes = { 5, 13, 170 }, meanings = pushing,
    raises = "a closed queue, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push_all { "job", "a", "b" }
local job <close> = assert(jobs:take())
print(jobs:clear(), jobs:pop(0))  --> 2	false	timeout]=],
  },
  {
    name = "queue:messages", signature = "queue:messages([timeout])",
    results = { { "next", "fun(queue: shm.queue): any" }, { "queue", "shm.queue" } },
    brief = "for value in queue:messages() do: pops until the end, or until nothing came in time",
    params = { shared.timeout },
    raises = "a closed queue; in the loop, what pop refuses but for the end", family = "queue:pop",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push_all { "a", "b" }
jobs:finish()
for value in jobs:messages() do print(value) end
--> a
--> b]=],
  },
  {
    name = "queue:finish", signature = "queue:finish()",
    results = { { "true", "boolean" } },
    brief = "no more messages, for everybody and for good: what is there can be popped, then 109",
    codes = { 5, 13, 170 }, meanings = pushing,
    raises = "a closed queue, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:finish(), select(3, jobs:push("late")))  --> true	232]=],
  },
  {
    name = "queue:drain", signature = "queue:drain([timeout])",
    results = { { "true", "boolean", "false: something is left" }, { "why", "string?", '"timeout"' } },
    brief = "waits until everything was popped, or taken and done",
    params = { shared.timeout },
    text = "nil, …, 232 if something is left, jobs of the dead included, and all consumers that there "
      .. "were have closed it or died: it says how many. It waits for the first consumer.",
    codes = { 13, 170, 232 },
    meanings = {
      [13] = pushing[13], [170] = stopped,
      [232] = "something is left, and all who popped have gone",
    },
    raises = "a closed queue, a timeout that is no number from 0, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:drain(), jobs:push("x"), jobs:drain(0.01))  --> true	true	false	timeout]=],
  },
  {
    name = "queue:free", signature = "queue:free()",
    results = { { "bytes", "integer" } },
    brief = "the bytes of its ring that hold no message; `#queue` counts messages",
    text = "A job counts until it is done, and so does all behind it, even what was popped meanwhile.",
    raises = "a closed queue",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:push("12345678"), #jobs, jobs:free())  --> true	1	4064]=],
  },
  {
    name = "queue:capacity", signature = "queue:capacity()", family = "queue:free",
    results = { { "bytes", "integer" } },
    brief = "the bytes of its ring",
    raises = "a closed queue",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 5000))
print(jobs:capacity())  --> 8192]=],
  },
  {
    name = "queue:limit", signature = "queue:limit()", family = "queue:free",
    results = { { "bytes", "integer" } },
    brief = "the bytes of the largest message: half the ring, without its header",
    raises = "a closed queue",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:limit(), select(3, jobs:push(("x"):rep(2033))))  --> 2032	24]=],
  },
  {
    name = "queue:name", signature = "queue:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:name())  --> jobs]=],
  },
  {
    name = "queue:check", signature = "queue:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed queue",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
print(jobs:check())  --> true]=],
  },
  {
    name = "queue:close", signature = "queue:close()", family = "event:close",
    results = { { "true", "boolean" },
      { "warning", "string?", "the name had been removed, or messages were left" } },
    brief = "closes the handle, and gives back its jobs; `<close>` and the collector do the same",
    text = "A queue lives as long as its handles: what is in it goes with the last one, which is told.",
    example = [=[
local jobs = assert(shm.queue("jobs", 4096))
print(jobs:push("x"), jobs:close(), jobs)  --> true	true	queue of jobs (closed)]=],
  },
  {
    name = "job:done", signature = "job:done()",
    results = { { "true", "boolean" } },
    brief = "the message is done, and leaves the queue",
    codes = { 13, 170, 288 },
    meanings = {
      [13] = pushing[13], [170] = stopped,
      [288] = "the job is no longer this handle's: it was given back, or another has it",
    },
    raises = "a job that is settled, " .. shared.gone,
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push("a.png")
local job <close> = assert(jobs:take())
print(#jobs, job:done(), #jobs)  --> 1	true	0]=],
  },
  {
    name = "job:tries", signature = "job:tries()",
    results = { { "tries", "integer", "1: nobody had it before" } },
    brief = "how often the message was taken, this time included",
    raises = "a job that is settled",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push("kills its workers")
for _ = 1, 2 do
  local job <close> = assert(jobs:take())
  print(job:tries(), job:tries() > 1 and job:done())
end
--> 1	false
--> 2	true]=],
  },
  {
    name = "job:close", signature = "job:close()",
    results = { { "true", "boolean" },
      { "warning", "string?", "a consumer is stopped, so it goes back later" } },
    brief = "gives the message back, unless it is done; again is harmless; `<close>` does the same",
    text = "If a consumer is stopped in the midst of a pop (170), the job goes back with the next pop, "
      .. "take or wait of the queue, with its close, or with the end of the process. `<close>` and the "
      .. "collector say so by warn.",
    example = [=[
local jobs <close> = assert(shm.queue("jobs", 4096))
jobs:push("a.png")
local job = assert(jobs:take())
print(job:close(), job)  --> true	job of jobs (settled)
print(jobs:pop())  --> a.png]=],
  },
}

queue.options = {
  { "access", '"all"|"push"|"pop"', "queue, open_queue",
    '`"all"` (default), `"push"` (a producer at once), `"pop"` (a consumer at once)',
    class = "shm.queue.options" },
}

queue.subjects = {
  { "queues", "messages, and what to take for which job", within = "queue", [=[
shm.queue carries messages, each to one of those who pop, in the order of pushes. A handle becomes a
producer with its first push and a consumer with its first pop or take; `access` says so at opening.

Which one do I take, and what is there after kill -9?

  a value that changes   view, atomic cell   readers see the last value, whoever died
  a record that changes  update, snapshot    the old one or the new one, never half of one
  "go on", "stop"        event               it stays as it was set
  a lock                 mutex               the next owner is told "abandoned"
  n of something         semaphore           what the dead had acquired is gone
  work, requests, logs   queue               see below
  what many read each    topic               what was published is there; ?topics

  a producer dies        what it had pushed is there; consumers learn the end (109) within 40 ms
                         of the last one's death, as a rule
  a consumer dies        what it had popped is gone; what it had taken goes to the next at once
  producers come late    if the first of several has gone before the second has pushed, that is the
                         end (109): let all open it with access = "push" before the first is done
  all consumers die      a full queue says 232 instead of waiting, and drain says how many messages
                         were not taken; with room pushes go on
  one is stopped         in the midst of a push or pop, its side is error 170 after 0.3 s; if it only
                         gets no processor, after 3 s

A queue lives as long as its handles; drain waits until all was taken. A job keeps its room, and that
of all behind it, until it is done. What many shall read each, such as telemetry, is a topic (slow
readers lose messages and know how many), or a queue for each reader, which loses none.]=] },
}

return queue
