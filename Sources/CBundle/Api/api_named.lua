-- The API, told once: what is the same for all kinds that can be waited for; each has a table of its
-- own (api_kinds.lua). See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local function part(name)
  return type(given) == "function" and given(name) or require("moonpool." .. name)
end
local gone <const> = part("api_shared").gone
local all_kinds <const> = table.concat(part("api_kinds"), ", ")

local named = {}

named.functions = {
  {
    name = "shm.wait", signature = "shm.wait({a, b, …} [, {all=, timeout=}])",
    results = {
      { "index", "integer|true|false", "the lowest of those that came about, from 1; true of all" },
      { "why", "string?", '"timeout", or "abandoned" of a mutex whose owner died, or "removed"' },
    },
    brief = "waits for one of up to 64 events, mutexes, semaphores, queues, topics, "
      .. "`cell:when(…)` and `shm.process(…)`, or for `all` of what can be taken",
    params = {
      { "objects", "table", "a list of 1 to 64 of these" },
      { "options", "shm.wait.options?", "all, timeout" },
    },
    text = "With all it takes every one at once or none. Otherwise it takes the first in the list "
      .. "that can be had, a mutex whose owner died included. A queue or topic is ready with a "
      .. "message, or at the end (109), which stays there for pop or next. Cells' conditions and "
      .. "processes are not taken, so that all cannot have them. No system call sleeps on words and on processes at "
      .. "once: a wait for both looks at the processes every 40 ms, so that a death is told within "
      .. "50 ms; one for processes alone looks once a second, and is told at once.",
    codes = { 5, 87 },
    raises = "an empty list, what is none of these, a closed one, all with a condition or a "
      .. "process, an unknown option, "
      .. "a timeout that is no number from 0, " .. gone,
    example = [=[
local stop <close> = assert(shm.event("stop", { manual = true }))
local work <close> = assert(shm.semaphore("work", 1, 9))
print(shm.wait { stop, work })  --> 2
print(shm.wait({ stop, work }, { timeout = 0.01 }))  --> false	timeout
stop:set()
work:release()
print(shm.wait({ stop, work }, { all = true }))  --> true]=],
  },
}

named.options = {
  { "mode", "integer|string", all_kinds,
    'permission bits, as of `create`; who reads writes, too: `"0600"`, `"0660"` or `"0666"`',
    class = "shm.named.options" },
  { "exclusive", "boolean", all_kinds, "an existing name is error 183",
    class = "shm.named.options" },
  { "access", '"all"|"wait"|"modify"', "open_event …",
    '`"all"` (default), `"wait"` (no set, reset or release), `"modify"` (no waiting)',
    class = "shm.open.options" },
  { "all", "boolean", "wait", "wait until all can be taken at once", class = "shm.wait.options" },
  { "timeout", "number", "wait", "seconds; default: for ever", class = "shm.wait.options" },
}

named.subjects = {
  { "locking", "events, mutexes and semaphores, and who waits for them", [=[
shm.event is a flag, shm.mutex a lock, shm.semaphore a count. They have names in the namespaces of
mappings, live as long as some process holds them, and one name belongs to one type at a time (error
6). Without a name they are for the handles of one interpreter.

A wait is false, "timeout" after its seconds; without a number it goes on for ever, and 0 only looks.
Ctrl-C ends it. shm.wait takes several objects at once.

  local guard <close> = assert(mutex:guard(5))   -- until the scope ends
  local taken, why = mutex:lock()                -- why == "abandoned": the last owner died

A mutex belongs to the interpreter that locked it. No wait hangs because a process was killed, at
whatever instruction of lock, unlock, acquire, release, set or wait; a process that is stopped while it
has a mutex keeps it. As on Windows, permits that the dead had acquired are gone.

A killed owner's mutex goes to the next one, who is told "abandoned", once. Of those that sleep on a
mutex one looks every 25 ms whether its owner lives: the next owner has it within 50 ms, or within
1.1 s if the kill took the one that looks, too. A wake-up that a kill swallowed costs a second at most,
as all others look again by themselves after 20, 40, 80 … 1,000 ms: a process that waits for long wakes
once a second.]=] },
}

return named
