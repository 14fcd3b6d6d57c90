-- The API, told once: events. See help.lua for the tables' forms.

local given <const> = ... -- the prompt's loader, or the name that was required
local shared <const> = type(given) == "function" and given("api_shared")
  or require("moonpool.api_shared")

local making <const>, opening <const>, naming <const>, access <const>, timeout <const>,
  waited <const>, gone <const>
  = shared.making, shared.opening, shared.naming, shared.access, shared.timeout, shared.waited,
  shared.gone

local event = {}

event.classes = {
  { "event", class = "shm.event", made = "shm.event",
    line = "events: set, reset, wait …",
    text = "A flag that processes wait for. An event that is not manual lets one waiter through "
      .. "and is reset by that." },
}

event.functions = {
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
}

event.options = {
  { "manual", "boolean", "event", "it stays set until `event:reset`, for every waiter",
    class = "shm.event.options" },
  { "set", "boolean", "event", "it is set at once", class = "shm.event.options" },
}

return event
