-- The API, told once: named events, mutexes and semaphores. See help.lua for the tables' forms.

local named = {}

named.classes = {
  { "event", class = "shm.event", made = "shm.event",
    line = "events: set, reset, wait …",
    text = "A flag that processes wait for. An event that is not manual lets one waiter through "
      .. "and is reset by that." },
  { "mutex", class = "shm.mutex", made = "shm.mutex",
    line = "mutexes: lock, try, unlock, guard …",
    text = "A lock that one interpreter at a time has, as often as it likes." },
  { "guard", class = "shm.guard", made = "mutex:guard",
    line = "what unlocks a mutex at its scope's end",
    text = "A mutex that is locked until the guard goes out of scope: by <close>, by guard:unlock "
      .. "or, at last, by the collector." },
  { "semaphore", class = "shm.semaphore", made = "shm.semaphore",
    line = "semaphores: acquire, release …",
    text = "A count of what is free, up to a maximum." },
}

-- What every call that finds or makes an object may be refused with.
local making <const> = { 3, 4, 5, 6, 8, 87, 123, 161, 170, 183, 206, 999, 1455 }
local opening <const> = { 2, 3, 4, 5, 6, 8, 123, 161, 170, 206, 999 }

local naming <const> = { "name", "string?", "as of mappings, without a slash; nil: without a name" }
local options <const> = { "options", "shm.named.options?", "mode, exclusive" }
local access <const> = { "options", "shm.open.options?", "access" }
local timeout <const> = { "timeout", "number?", "seconds; nil: for ever; 0: do not wait" }

local function waited(what)
  return { { "acquired", "boolean", what }, { "why", "string?", '"timeout"' } }
end

local gone <const> = "memory that is gone"

named.functions = {
  {
    name = "shm.event", signature = "shm.event(name [, options])",
    results = { { "event", "shm.event" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes an event, or opens the one that exists (its kind and state win)",
    params = { naming, { "options", "shm.event.options?", "manual, set, mode, exclusive" } },
    text = "Without options it is not set, and a wait that it ends resets it.",
    codes = making,
    raises = "a name that is no string, an unknown option",
    example = [=[
local ready <close>, existed = assert(shm.event("ready"))
ready:set()
print(existed, ready:wait(), ready:wait(0))  --> false	true	false	timeout]=],
  },
  {
    name = "shm.open_event", signature = "shm.open_event(name [, options])",
    results = { { "event", "shm.event" } },
    brief = "opens an event that exists; `shm.open_mutex`, `shm.open_semaphore` likewise",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local ready <close> = assert(shm.event("ready", { manual = true }))
local waiter <close> = assert(shm.open_event("ready", { access = "wait" }))
ready:set()
print(waiter:wait(), select(3, waiter:set()))  --> true	5]=],
  },
  {
    name = "shm.mutex", signature = "shm.mutex(name [, options])",
    results = { { "mutex", "shm.mutex" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes a mutex that nobody has locked, or opens the one that exists",
    params = { naming, options },
    text = "An owner that dies leaves it to the next one, who is told so once.",
    codes = making,
    raises = "a name that is no string, an unknown option",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:lock(), mutex)  --> true	mutex of ledger (locked by this interpreter)
mutex:unlock()]=],
  },
  {
    name = "shm.open_mutex", signature = "shm.open_mutex(name [, options])",
    family = "shm.open_event",
    results = { { "mutex", "shm.mutex" } },
    brief = "opens a mutex that exists",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(shm.open_mutex("ledger"))  --> mutex of ledger (free)]=],
  },
  {
    name = "shm.semaphore", signature = "shm.semaphore(name, initial, maximum [, options])",
    results = { { "semaphore", "shm.semaphore" },
      { "existed", "boolean", "whether it was opened" } },
    brief = "makes a semaphore, or opens the one that exists (its count and maximum win)",
    params = {
      naming,
      { "initial", "integer", "how many may be acquired at first, from 0" },
      { "maximum", "integer", "the highest count, from 1 to 2,147,483,647" },
      options,
    },
    codes = making,
    raises = "a name that is no string, counts that are no integers, an unknown option",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 2, 8))
slots:acquire()
print(slots)  --> semaphore of slots (1 of 8)]=],
  },
  {
    name = "shm.open_semaphore", signature = "shm.open_semaphore(name [, options])",
    family = "shm.open_event",
    results = { { "semaphore", "shm.semaphore" } },
    brief = "opens a semaphore that exists",
    params = { { "name", "string", "as it was created" }, access },
    codes = opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 2, 8))
print(shm.open_semaphore("slots"))  --> semaphore of slots (2 of 8)]=],
  },
  {
    name = "shm.wait", signature = "shm.wait({a, b, …} [, {all=, timeout=}])",
    results = {
      { "index", "integer|true|false", "the lowest of those acquired, from 1; true of all" },
      { "why", "string?", '"timeout", or "abandoned" of a mutex whose owner died, or "removed"' },
    },
    brief = "waits for one of up to 64 events, mutexes and semaphores, or for `all` of them",
    params = {
      { "objects", "table", "a list of 1 to 64 events, mutexes and semaphores" },
      { "options", "shm.wait.options?", "all, timeout" },
    },
    text = "With all it takes every one at once or none. Otherwise it takes the first in the list "
      .. "that can be had, a mutex whose owner died included.",
    codes = { 5, 87 },
    raises = "an empty list, what is no event, mutex or semaphore, a closed one, an unknown option, "
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
  {
    name = "event:set", signature = "event:set()",
    results = { { "true", "boolean" } },
    brief = "lets one waiter through, now or later; all, where the event is `manual`",
    text = "A flag, no count: set twice is set once.",
    codes = { 5 },
    raises = "a closed event, " .. gone,
    example = [=[
local ready <close> = assert(shm.event(nil))
ready:set()
ready:set()
print(ready:wait(0), ready:wait(0))  --> true	false	timeout]=],
  },
  {
    name = "event:reset", signature = "event:reset()",
    results = { { "true", "boolean" } },
    brief = "unsets it, so that the next wait waits",
    codes = { 5 },
    raises = "a closed event, " .. gone,
    example = [=[
local ready <close> = assert(shm.event(nil, { manual = true, set = true }))
print(ready:wait(0), ready:reset(), ready)  --> true	true	event of an unnamed object (manual, not set)]=],
  },
  {
    name = "event:wait", signature = "event:wait([timeout])",
    results = waited("false: it was not set in time"),
    brief = "waits until it is set; resets it unless it is `manual`",
    params = { timeout },
    text = "Ctrl-C ends every wait.",
    codes = { 5 },
    raises = "a closed event, a timeout that is no number from 0, " .. gone,
    example = [=[
local ready <close> = assert(shm.event("ready", { set = true }))
print(ready:wait(), ready:wait(0.01))  --> true	false	timeout]=],
  },
  {
    name = "event:name", signature = "event:name()",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one. Of mutexes and semaphores, too",
    example = [=[
local ready <close> = assert(shm.event("ready"))
print(ready:name())  --> ready]=],
  },
  {
    name = "event:check", signature = "event:check()",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory? Of mutexes and semaphores, too",
    text = "It says no when another program removed the object's file or cut it short: then two "
      .. "processes may have two objects of one name.",
    codes = { 2, 999 },
    raises = "a closed event",
    example = [=[
local ready <close> = assert(shm.event("ready"))
print(ready:check())  --> true]=],
  },
  {
    name = "event:close", signature = "event:close()",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same. Of "
      .. "mutexes and semaphores, too",
    text = "With the last handle of all processes the name goes, at once.",
    example = [=[
local ready = assert(shm.event("ready"))
ready:close()
print(select(3, shm.open_event("ready")))  --> 2]=],
  },
  {
    name = "mutex:lock", signature = "mutex:lock([timeout])",
    results = {
      { "acquired", "boolean", "false: somebody else kept it" },
      { "why", "string?",
        '"timeout", or "abandoned": it is yours, its last owner died with it, or "removed"' },
    },
    brief = "waits until nobody else has it, and takes it; as often as its owner likes",
    params = { timeout },
    text = "It belongs to the interpreter, whatever handle or coroutine locked it. After "
      .. '"abandoned" look at what it guards: its last owner may have been in the middle of it. '
      .. '"removed": it is yours, but its file is gone (rm, logind), and who creates the name now has '
      .. "another mutex; a lock that has to wait or is the interpreter's first says so, check always.",
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:lock(), mutex:lock(5), mutex:unlock(), mutex:unlock())  --> true	true	true	true]=],
  },
  {
    name = "mutex:try", signature = "mutex:try()",
    results = {
      { "acquired", "boolean", "false: somebody else has it" },
      { "why", "string?", '"timeout", "abandoned" or "removed"' },
    },
    brief = "`lock(0)`: takes it if nobody else has it",
    codes = { 5, 87 },
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:try())  --> true
mutex:unlock()]=],
  },
  {
    name = "mutex:unlock", signature = "mutex:unlock()",
    results = { { "true", "boolean" } },
    brief = "gives it up, once for each lock",
    codes = { 288 },
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(select(3, mutex:unlock()))  --> 288]=],
  },
  {
    name = "mutex:guard", signature = "mutex:guard([timeout])",
    results = {
      { "guard", "shm.guard|false", "false: somebody else kept it" },
      { "why", "string?", '"timeout", "abandoned" or "removed"' },
    },
    brief = "locks it until the guard's scope ends, however that is left",
    params = { timeout },
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
do
  local guard <close> = assert(mutex:guard(5))
  print(mutex)  --> mutex of ledger (locked by this interpreter)
end
print(mutex)  --> mutex of ledger (free)]=],
  },
  {
    name = "mutex:owner", signature = "mutex:owner()",
    results = {
      { "process", "integer?",
        "as it is seen here; nil: nobody has it, or one that died; 0: unknown" },
      { "ours", "boolean|string?",
        'whether it is this interpreter; behind nil "in another pid namespace": it has no number here' },
    },
    brief = "the process that has it locked, for people to look at",
    text = "It may have changed when you read it.",
    raises = "a closed mutex, " .. gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:owner())  --> nil
mutex:lock()
print(math.type(mutex:owner()), select(2, mutex:owner()))  --> integer	true]=],
  },
  {
    name = "mutex:name", signature = "mutex:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:name())  --> ledger]=],
  },
  {
    name = "mutex:check", signature = "mutex:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed mutex",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(mutex:check())  --> true]=],
  },
  {
    name = "mutex:close", signature = "mutex:close()", family = "event:close",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same",
    text = "The interpreter's last handle of a mutex that it has locked leaves it to the next one, "
      .. 'who is told "abandoned".',
    example = [=[
local mutex = assert(shm.mutex("ledger"))
print(mutex:close(), mutex)  --> true	mutex of ledger (closed)]=],
  },
  {
    name = "guard:unlock", signature = "guard:unlock()",
    results = { { "true", "boolean" } },
    brief = "unlocks its mutex before the scope ends; again is harmless",
    codes = { 288 },
    raises = gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
local guard <close> = assert(mutex:guard())
print(guard:unlock(), guard:unlock(), mutex)  --> true	true	mutex of ledger (free)]=],
  },
  {
    name = "semaphore:acquire", signature = "semaphore:acquire([timeout])",
    results = waited("false: the count stayed 0"),
    brief = "waits until the count is above 0, and takes one",
    params = { timeout },
    text = "What a process has acquired when it dies stays acquired, as on Windows.",
    codes = { 5 },
    raises = "a closed semaphore, a timeout that is no number from 0, " .. gone,
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:acquire(), slots:acquire(0.01))  --> true	false	timeout]=],
  },
  {
    name = "semaphore:release", signature = "semaphore:release([n])",
    results = { { "previous", "integer", "the count before" } },
    brief = "adds `n` to the count, one without it",
    params = { { "n", "integer?", "from 1" } },
    text = "Past the maximum it adds nothing.",
    codes = { 5, 87, 298 },
    raises = "a closed semaphore, an n that is no integer, " .. gone,
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 0, 8))
print(slots:release(), slots:release(3), slots)  --> 0	1	semaphore of slots (4 of 8)
print(select(3, slots:release(5)))  --> 298]=],
  },
  {
    name = "semaphore:name", signature = "semaphore:name()", family = "event:name",
    results = { { "name", "string?" } },
    brief = "the name as it was given; nil without one",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:name())  --> slots]=],
  },
  {
    name = "semaphore:check", signature = "semaphore:check()", family = "event:check",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    codes = { 2, 999 },
    raises = "a closed semaphore",
    example = [=[
local slots <close> = assert(shm.semaphore("slots", 1, 8))
print(slots:check())  --> true]=],
  },
  {
    name = "semaphore:close", signature = "semaphore:close()", family = "event:close",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "closes the handle; again is harmless; `<close>` and the collector do the same",
    example = [=[
local slots = assert(shm.semaphore("slots", 1, 8))
print(slots:close(), slots)  --> true	semaphore of slots (closed)]=],
  },
}

named.options = {
  { "manual", "boolean", "event", "it stays set until `event:reset`, for every waiter",
    class = "shm.event.options" },
  { "set", "boolean", "event", "it is set at once", class = "shm.event.options" },
  { "mode", "integer|string", "event, mutex, semaphore",
    'permission bits, as of `create`; who reads writes, too: `"0600"`, `"0660"` or `"0666"`',
    class = "shm.named.options" },
  { "exclusive", "boolean", "event, mutex, semaphore", "an existing name is error 183",
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
