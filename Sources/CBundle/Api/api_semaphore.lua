-- The API, told once: semaphores. See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local shared <const> = type(given) == "function" and given("api_shared")
  or require("moonpool.api_shared")

local making <const>, opening <const>, naming <const>, options <const>, access <const>,
  timeout <const>, waited <const>, gone <const>
  = shared.making, shared.opening, shared.naming, shared.options, shared.access, shared.timeout,
  shared.waited, shared.gone

local semaphore = {}

semaphore.classes = {
  { "semaphore", class = "shm.semaphore", made = "shm.semaphore",
    line = "semaphores: acquire, release …",
    text = "A count of what is free, up to a maximum." },
}

semaphore.functions = {
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

return semaphore
