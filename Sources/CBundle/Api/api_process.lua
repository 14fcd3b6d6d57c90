-- The API, told once: time, processes, and what lives. See help.lua for the tables' forms.

local process = {}

process.classes = {
  { "process", class = "shm.process", made = "shm.process",
    line = "processes whose end can be waited for", within = "waiting",
    text = "A process, as it was when it was opened: another one that gets its number later is "
      .. "none of it." },
}

process.functions = {
  {
    name = "shm.sleep", signature = "shm.sleep(seconds)",
    results = {},
    brief = "sleeps; Ctrl-C ends it",
    params = { { "seconds", "number", "from 0; math.huge is for ever" } },
    text = "A sleep is never shorter than that, on the monotonic clock. Who waits for something "
      .. "better waits for that: shm.wait, cell:wait.",
    raises = "what is no number from 0",
    example = [=[
local before = shm.now()
shm.sleep(0.01)
print(shm.now() - before >= 0.01)  --> true]=],
  },
  {
    name = "shm.now", signature = "shm.now()",
    results = { { "seconds", "number", "with nanoseconds" } },
    brief = "the time of the monotonic clock, the same for all processes",
    text = "It begins when the machine starts, never goes back, and is no time of day.",
    example = [=[
local before = shm.now()
print(math.type(before), shm.now() >= before)  --> float	true]=],
  },
  {
    name = "shm.pid", signature = "shm.pid()",
    results = { { "pid", "integer" } },
    brief = "the number of this process, as `moonpool who` and `mutex:owner` say it",
    example = [=[
local lock <close> = assert(shm.mutex(nil))
lock:lock()
print(lock:owner() == shm.pid())  --> true
lock:unlock()]=],
  },
  {
    name = "shm.process", signature = "shm.process(pid)",
    results = { { "process", "shm.process" } },
    brief = "a process, for `shm.wait` and `process:wait` to wait for its end",
    params = { { "pid", "integer", "as `mutex:owner`, `shm.holders` and `shm.pid` say it" } },
    text = "Whoever waits is told of any end, by exit or by kill -9, before anybody has asked for "
      .. "its status. Of a process that has ended already it gives nil, and error 87: assert it, as "
      .. "a list ends at a nil.",
    codes = { 4, 8, 50, 87 },
    meanings = {
      [4] = "no descriptors left; a process takes one (`ulimit -n`)",
      [50] = "the kernel has no pidfd_open, or a sandbox forbids it",
      [87] = "no process has the number, or it has ended",
    },
    raises = "what is no number from 1",
    example = [=[
local us <close> = assert(shm.process(shm.pid()))
print(us:wait(0))  --> false	timeout]=],
  },
  {
    name = "process:wait", signature = "process:wait([timeout])",
    results = { { "ended", "boolean", "false: the time is over" }, { "why", "string?", '"timeout"' } },
    brief = "waits until the process has ended",
    params = { { "timeout", "number?", "seconds; nil: for ever; 0: do not wait" } },
    text = "Ctrl-C ends the wait.",
    raises = "a timeout that is no number from 0, a closed process",
    example = [=[
local shell <close> = io.popen("echo $$; exec sleep 0.05")
local sleeper <close> = assert(shm.process(shell:read("n")))
print(sleeper:wait(0), sleeper:wait(5))  --> false	true]=],
  },
  {
    name = "process:pid", signature = "process:pid()",
    results = { { "pid", "integer" } },
    brief = "its number",
    example = [=[
local us <close> = assert(shm.process(shm.pid()))
print(us:pid() == shm.pid())  --> true]=],
  },
  {
    name = "process:close", signature = "process:close()",
    results = { { "true", "boolean" } },
    brief = "gives its descriptor back; again is harmless; `<close>` and the collector do the same",
    example = [=[
local us = assert(shm.process(shm.pid()))
print(us:close(), us:close())  --> true	true]=],
  },
  {
    name = "shm.list", signature = "shm.list([pattern [, {posix=}]])",
    results = {
      { "objects", "table[]", "the objects that live, sorted by name" },
      { "unseen", "string?", "what could not be looked at, and why" },
    },
    brief = "the objects that live, as `moonpool ls --json` has them: `name`, `type`, `size`, "
      .. "`mode`, `owner`, `handles`, `path`",
    params = {
      { "pattern", "string?", "a pattern of Lua's that string.find finds in the name" },
      { "options", "shm.list.options?", "posix" },
    },
    text = "Of a name that the kernel does not keep whole there is no name, and the pattern is "
      .. "looked for in the path. Names under Wine have prefix and server, and no mode, owner and "
      .. "path. What killed processes left is removed on the way; no handle is taken.",
    codes = { 5 },
    raises = "a pattern that is malformed or no string, an unknown option",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
local lock <close> = assert(shm.mutex("guard"))
for _, object in ipairs(shm.list("^Local\\g")) do
  print(object.name, object.type, object.mode, object.handles)
end
--> Local\greeting	mapping	0600	1
--> Local\guard	mutex	0600	1]=],
  },
  {
    name = "shm.holders", signature = "shm.holders(name)",
    results = {
      { "holders", "table[]", "the processes that hold it, as far as they may be seen" },
      { "others", '("perhaps"|"certainly")?', "are there others that only root may see?" },
    },
    brief = "who holds an object, as `moonpool who --json` has it: `process`, `command`, "
      .. "`arguments`, `user`, `access`, `handles`; of queues and topics `roles`",
    params = { { "name", "string", "as it was created" } },
    text = "Of a POSIX name they are the processes that have it open or mapped. `roles`: a list of "
      .. "\"producer\" and \"consumer\", or \"publisher\", from the first push, pop or publish on.",
    codes = { 2, 3, 5, 6, 50, 123, 161, 206 },
    raises = "a name that is no string",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
local holders = assert(shm.holders("greeting"))
print(#holders, holders[1].process == shm.pid(), holders[1].access)  --> 1	true	rw]=],
  },
}

process.options = {
  { "posix", "boolean", "list", "the POSIX objects (`/x`) instead", class = "shm.list.options" },
}

return process
