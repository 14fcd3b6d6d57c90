-- The API, told once: mutexes and guards. See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local shared <const> = type(given) == "function" and given("api_shared")
  or require("moonpool.api_shared")

local mutex = {}

mutex.classes = {
  { "mutex", class = "shm.mutex", made = "shm.mutex",
    line = "mutexes: lock, try, unlock, guard …",
    text = "A lock that one interpreter at a time has, as often as it likes." },
  { "guard", class = "shm.guard", made = "mutex:guard",
    line = "what unlocks a mutex at its scope's end", within = "mutex",
    text = "A mutex that is locked until the guard goes out of scope: by <close>, by guard:unlock "
      .. "or, at last, by the collector." },
}

mutex.functions = {
  {
    name = "shm.mutex", signature = "shm.mutex(name [, options])",
    results = { { "mutex", "shm.mutex" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes a mutex that nobody has locked, or opens the one that exists",
    params = { shared.naming, shared.options },
    text = "An owner that dies leaves it to the next one, who is told so once.",
    codes = shared.making,
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
    params = { { "name", "string", "as it was created" }, shared.access },
    codes = shared.opening,
    raises = "a name that is no string, an unknown option",
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
print(shm.open_mutex("ledger"))  --> mutex of ledger (free)]=],
  },
  {
    name = "mutex:lock", signature = "mutex:lock([timeout])",
    results = {
      { "acquired", "boolean", "false: somebody else kept it" },
      { "why", "string?",
        '"timeout", or "abandoned": it is yours, its last owner died with it, or "removed"' },
    },
    brief = "waits until nobody else has it, and takes it; as often as its owner likes",
    params = { shared.timeout },
    text = "It belongs to the interpreter, whatever handle or coroutine locked it. After "
      .. '"abandoned" look at what it guards: its last owner may have been in the middle of it. '
      .. '"removed": it is yours, but its file is gone (rm, logind), and who creates the name now has '
      .. "another mutex; a lock that has to wait or is the interpreter's first says so, check always.",
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. shared.gone,
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
    raises = "a closed mutex, " .. shared.gone,
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
    raises = "a closed mutex, " .. shared.gone,
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
    params = { shared.timeout },
    codes = { 5, 87 },
    raises = "a closed mutex, a timeout that is no number from 0, " .. shared.gone,
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
      { "pid", "integer?",
        "as it is seen here; nil: nobody has it, or one that died; 0: unknown" },
      { "ours", "boolean|string?",
        'whether it is this interpreter; behind nil "in another pid namespace": it has no number here' },
    },
    brief = "the process that has it locked, for people to look at",
    text = "It may have changed when you read it.",
    raises = "a closed mutex, " .. shared.gone,
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
    raises = shared.gone,
    example = [=[
local mutex <close> = assert(shm.mutex("ledger"))
local guard <close> = assert(mutex:guard())
print(guard:unlock(), guard:unlock(), mutex)  --> true	true	mutex of ledger (free)]=],
  },
}

return mutex
