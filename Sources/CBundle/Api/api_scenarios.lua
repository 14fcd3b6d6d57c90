-- The API, told once: the words of scenarios. See help.lua for the tables' forms; `word`: it is a
-- global of scenarios only, and its example is a whole one.

local scenarios = {}

local function word(entry)
  entry.word, entry.results = true, entry.results or {}
  return entry
end

local when <const> = "one of {at = \"mark\"} with nth= of its passages, {before = n} or {after = n} "
  .. "of its operations, {time = seconds}"

scenarios.functions = {
  word {
    name = "scenario", signature = "scenario(title [, {timeout=, kills=, budget=}])",
    brief = "names the scenario that the file is; one a file, at the top level",
    params = {
      { "title", "string", "what holds, in a few words" },
      { "options", "shm.scenario.options?", "timeout: seconds until a run has failed, default 10; "
        .. "kills, budget: of explore, the most kills in a schedule (1) and seconds (10)" },
    },
    example = [=[
scenario("it is done within a second", { timeout = 1 })
actor("a", function() shm.sleep(0.01) end)]=],
  },
  word {
    name = "setup", signature = "setup(fn)", brief = "runs before the actors start, in the conductor",
    params = { { "fn", "fun()", "may write, which the top level may not" } },
    text = "Several run in order. What it puts into a local no actor sees: memory is all they share.",
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "it begins with 7"
setup(function() word:store(7) end)
actor("a", function() expect.equal(word:load(), 7) end)]=],
  },
  word {
    name = "finally", signature = "finally(fn)",
    brief = "runs when all actors have ended or died, in the conductor",
    params = { { "fn", "fun()", "expects something of what is left" } },
    text = "Until then the conductor holds what the top level opened.",
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "both count"
actors(2, "a", function() word:add(1) end)
finally(function() expect.equal(word:load(), 2, "counted") end)]=],
  },
  word {
    name = "always", signature = "always(fn)",
    brief = "an invariant, which only reads: looked at after setup and at the end",
    params = { { "fn", "fun()", "raises, or calls expect" } },
    text = "While others run no two reads are a snapshot, so nobody looks then.",
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "it is never above 2"
always(function() expect(word:load() <= 2, "too many") end)
actors(2, "a", function() word:add(1) end)]=],
  },
  word {
    name = "actor", signature = "actor(name [, {kill=, after=}], fn)",
    brief = "a process of its own",
    params = {
      { "name", "string", "how faults and expectations call it" },
      { "options", "shm.actor.options?", "kill: it may be killed at any step; after: it starts when "
        .. "that actor has ended or died" },
      { "fn", "fun()", "what it does" },
    },
    text = "All start together, when the file is loaded in each and setup has run. An error fails the "
      .. "scenario, and so do a status other than 0 and a signal that no fault sent.",
    example = [=[
scenario "one after the other"
actor("first", function() mark "one" end)
actor("second", { after = "first" }, function() mark "two" end)
expect.order("first:one", "second:two")]=],
  },
  word {
    name = "actors", signature = "actors(n, name [, options], fn)",
    brief = "n processes, name1 to namen, each of which runs fn(i)",
    params = {
      { "n", "integer", "26 actors are in a scenario at most" },
      { "name", "string", "where a word takes an actor it means each of them" },
      { "options", "shm.actor.options?", "as of actor" },
      { "fn", "fun(i: integer)", "what each does" },
    },
    example = [=[
scenario "two of them"
actors(2, "worker", function(i) print(i, me()) end)
expect.output("worker2", "2\t2")]=],
  },
  word {
    name = "fault.kill", signature = "fault.kill(actor, when)",
    brief = "SIGKILL, for real and once", params = {
      { "actor", "string", "an actor's name" }, { "when", "shm.fault.options", when },
    },
    text = "Who reaches the place stands there until it is done. moonpool play --sweep kills actors that "
      .. "have kill = true before each of their operations instead.",
    example = [=[
local lock = assert(shm.mutex("m"))
scenario "its mutex goes to the next one"
actor("owner", function() lock:lock() mark "has it" end)
actor("heir", { after = "owner" }, function() print(lock:lock()) end)
fault.kill("owner", { at = "has it" })
expect.output("heir", "true\tabandoned")]=],
  },
  word {
    name = "fault.freeze", signature = "fault.freeze(actor, when)",
    brief = "SIGSTOP, and SIGCONT after `seconds`", params = {
      { "actor", "string", "an actor's name" },
      { "when", "shm.fault.options", when .. "; and seconds=" },
    },
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "whoever waits gives up"
actor("slow", function() mark "here" word:store(1) end)
actor("other", function() print(word:wait(0, 0.01)) end)
fault.freeze("slow", { at = "here", seconds = 0.1 })
expect.output("other", "false\ttimeout")]=],
  },
  word {
    name = "fault.delay", signature = "fault.delay(actor, {seconds=})",
    brief = "a pause before each operation, up to that long, by the seed", params = {
      { "actor", "string", "an actor's name" },
      { "when", "shm.fault.options", "seconds=, the longest pause" },
    },
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "slow and right"
actors(2, "a", function() for _ = 1, 5 do word:add(1) end end)
fault.delay("a1", { seconds = 0.002 })
finally(function() expect.equal(word:load(), 10) end)]=],
  },
  word {
    name = "fault.truncate", signature = "fault.truncate(name, when)",
    brief = "a stranger truncates the object's file to `size` bytes", params = {
      { "name", "string", "the object's" },
      { "when", "shm.fault.options", when .. "; and size=, actor=" },
    },
    example = [=[
local view = assert(shm.create("v", 8192))
scenario "its memory is gone"
actor("a", function() mark "now" print((pcall(view.u32, view, 8000))) end)
fault.truncate("v", { actor = "a", at = "now", size = 0 })
expect.output("a", "false")]=],
  },
  word {
    name = "fault.full", signature = "fault.full(when)",
    brief = "/dev/shm has no room from here on", params = {
      { "when", "shm.fault.options", when .. "; and actor=" },
    },
    text = "It is the play's own /dev/shm; where that cannot be had the verdict is: not exercised.",
    example = [=[
scenario "no room"
actor("a", function() mark "now" print(select(3, shm.create("v", 8192))) end)
fault.full { actor = "a", at = "now" }
expect.output("a", "1455")]=],
  },
  word {
    name = "expect", signature = "expect(condition, message)",
    results = { { "condition", "any", "the same" } },
    brief = "here and now: raises, and fails the scenario even if a pcall swallows it", params = {
      { "condition", "any", "false and nil fail" }, { "message", "string?", "what is wrong then" },
    },
    text = "In actors, finally and always.",
    example = [=[
scenario "sums"
actor("a", function() expect(1 + 1 == 2, "what a machine") end)]=],
  },
  word {
    name = "expect.equal", signature = "expect.equal(got, wanted [, what])",
    results = { { "got", "any", "the same" } },
    brief = "as expect, and says both values", params = {
      { "got", "any", "what came" }, { "wanted", "any", "what should have" },
      { "what", "string?", "what it is" },
    },
    example = [=[
scenario "sums"
actor("a", function() expect.equal(1 + 1, 2, "the sum") end)]=],
  },
  word {
    name = "expect.output", signature = "expect.output(actor, text)",
    brief = "all that the actor prints, without the last line's end; of a killed one up to the kill",
    params = { { "actor", "string", "an actor's name" }, { "text", "string", "what it is" } },
    example = [=[
scenario "hello"
actor("a", function() print "hello" end)
expect.output("a", "hello")]=],
  },
  word {
    name = "expect.exit", signature = "expect.exit(actor, status)",
    brief = "how the actor ends: its status, or a signal such as \"SIGKILL\"",
    params = {
      { "actor", "string", "an actor's name" }, { "status", "integer|string", "0 unless this is said" },
    },
    example = [=[
scenario "it says 3"
actor("a", function() os.exit(3) end)
expect.exit("a", 3)]=],
  },
  word {
    name = "expect.gone", signature = "expect.gone(name)",
    brief = "nobody finds the object behind the run",
    params = { { "name", "string", "the object's" } },
    example = [=[
scenario "its name goes with it"
actor("a", function() assert(shm.create("v", 8)) mark "has it" end)
fault.kill("a", { at = "has it" })
expect.gone("v")]=],
  },
  word {
    name = "expect.order", signature = 'expect.order("a:mark", "b:mark", …)',
    brief = "the first passage of each is behind that of the one before it",
    params = { { "steps", "string", "an actor, a colon, one of its marks; two or more" } },
    example = [=[
local ready = assert(shm.event("e"))
scenario "written, then read"
actor("first", function() mark "written" ready:set() end)
actor("second", function() ready:wait() mark "read" end)
expect.order("first:written", "second:read")]=],
  },
  word {
    name = "expect.linearizable", signature = "expect.linearizable(history)",
    brief = "some order of the history's calls explains what they returned",
    params = { { "history", "table", "what history returned" } },
    text = "Each call takes effect at one moment between its beginning and its end. Of a killed actor's "
      .. "last call nobody knows whether it did. A search that takes a second gives up: not exercised.",
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "numbers are given once"
local counter = history { init = 0, peek = function(state) return state end }
actors(2, "a", function() counter.peek(function() return word:load() end) end)
expect.linearizable(counter)]=],
  },
  word {
    name = "history", signature = "history{init=, operation=, …}",
    results = { { "history", "table", "with a function for each operation" } },
    brief = "the sequential truth in plain Lua, for expect.linearizable",
    params = {
      { "model", "table", "init: the first state, or a function that makes it; each operation gets the "
        .. "state first, may change it in place, and returns what the real one shall" },
    },
    text = "history.push(fn, …) calls fn(…) and notes the call, its arguments and its results.",
    example = [=[
local word = assert(shm.create("v", 8)):atomic(0)
scenario "a counter"
local counter = history {
  init = { value = 0 },
  add = function(state) state.value = state.value + 1 return state.value end,
}
actors(2, "a", function() counter.add(function() return word:add(1) + 1 end) end)
expect.linearizable(counter)]=],
  },
  word {
    name = "mark", signature = "mark(name)", brief = "a place that faults and expectations name",
    params = { { "name", "string", "in an actor" } },
    text = "One that no run reaches makes the verdict: not exercised.",
    example = [=[
scenario "killed in the middle"
actor("a", function() print "one" mark "middle" print "two" end)
fault.kill("a", { at = "middle" })
expect.output("a", "one")]=],
  },
  word {
    name = "sometimes", signature = "sometimes(name, condition)",
    results = { { "condition", "any", "the same" } },
    brief = "something that has to be true in some run, or the verdict is: not exercised",
    params = {
      { "name", "string", "what it is" }, { "condition", "any", "whether it is so now" },
    },
    text = "A name that stands in the file counts from the start, a computed one from when it is met; "
      .. "a computed one that no run comes to is not missed.",
    example = [=[
scenario "the dice"
actor("a", function() sometimes("a six", math.random(6, 6) == 6) end)]=],
  },
  word {
    name = "any", signature = "any(…)", results = { { "choice", "any", "one of them" } },
    brief = "a choice; each alternative has a run of its own",
    params = { { "alternatives", "any", "two or more" } },
    example = [=[
scenario "either way"
actor("a", function() expect(any(1, 2, 3) <= 3, "which") end)]=],
  },
  word {
    name = "me", signature = "me()", results = { { "number", "integer", "1, 2, … by declaration" } },
    brief = "the number of this actor",
    example = [=[
scenario "the second"
actor("a", function() end)
actor("b", function() print(me()) end)
expect.output("b", "2")]=],
  },
  word {
    name = "alive", signature = "alive(actor)", results = { { "alive", "boolean" } },
    brief = "false once the actor has ended or died",
    params = { { "actor", "string|integer", "its name or number" } },
    example = [=[
scenario "the dead"
actor("a", function() mark "m" end)
actor("b", { after = "a" }, function() print(alive("a"), alive(2)) end)
fault.kill("a", { at = "m" })
expect.output("b", "false\ttrue")]=],
  },
}

scenarios.options = {
  { "timeout", "number", "scenario", "seconds until a run has failed; default 10",
    class = "shm.scenario.options" },
  { "kills", "integer", "scenario", "of explore: how many kills in a schedule; default 1",
    class = "shm.scenario.options" },
  { "budget", "number", "scenario", "of explore: seconds to search; default 10",
    class = "shm.scenario.options" },
  { "kill", "boolean", "actor, actors", "it may be killed, at any step", class = "shm.actor.options" },
  { "after", "string", "actor, actors", "starts when that actor has ended or died",
    class = "shm.actor.options" },
  { "at", "string", "fault.…", "the mark where it happens", class = "shm.fault.options" },
  { "nth", "integer", "fault.…", "which passage of the mark; default 1", class = "shm.fault.options" },
  { "before", "integer", "fault.…", "before the actor's nth operation", class = "shm.fault.options" },
  { "after", "integer", "fault.…", "after the actor's nth operation", class = "shm.fault.options" },
  { "time", "number", "fault.…", "seconds after the start", class = "shm.fault.options" },
  { "seconds", "number", "fault.freeze, fault.delay", "how long", class = "shm.fault.options" },
  { "size", "integer", "fault.truncate", "bytes that are left", class = "shm.fault.options" },
  { "actor", "string", "fault.truncate, fault.full", "whose mark or operation it is",
    class = "shm.fault.options" },
}

scenarios.subjects = {
  { "scenarios", "several processes from one file, faults included", also = { "conductor", "verdict", "words" },
    [=[
A file says what several processes do and what must hold; moonpool play FILE runs it with real
processes, real kills, and a /dev/shm of its own.

  local lock = assert(shm.mutex("lock"))        -- the top level declares, in every process
  scenario "its mutex goes to the next one"
  actor("owner", function() lock:lock() mark "has it" end)
  actor("heir", { after = "owner" }, function() print(lock:lock()) end)
  fault.kill("owner", { at = "has it" })
  expect.output("heir", "true\tabandoned")

The order is always the same: each process loads the file; setup runs in the conductor; all actors
start together; when all have ended or died finally runs in the conductor; then it closes what it
holds, and expect.gone looks.

The words: scenario, setup, finally, always; actor, actors; fault.kill, freeze, delay, truncate,
full; expect, expect.equal, output, exit, gone, order, linearizable; history; mark, sometimes, any,
me, alive. ?actor tells more. A variable belongs to its process: memory is all they share.

The verdict is passed (status 0), failed (1), or not exercised (1): a fault, a mark, a sometimes or
an alternative of an any happened in no run, so that the pass would have tested nothing.

  moonpool play FILE… --times 100     other seeds; --seed N begins with that one
  moonpool play FILE --sweep          each actor with kill = true, killed before each operation
  moonpool play FILE --fresh          each process by exec, not as a fork of one that has the file
  moonpool play FILE --shared         in the machine's /dev/shm, with a session for each run
  moonpool play FILE --json           or --junit FILE, --trace FILE, --svg FILE

moonpool explore FILE runs no process: in a model of memory, names and waits it goes through every
interleaving and every kill, and shows the smallest schedule that fails, which it has confirmed on
real processes. ✓ proved: all was explored; ~ the budget, or a copy of more than a word, cut it.
Kills are of actors with kill = true; a wait with a time-out may end early, once in a schedule.
  moonpool explore FILE --kills 2     at most so many in a schedule; by default 1
  moonpool explore FILE --budget 60   seconds; by default 10
  moonpool explore FILE --save FAILS  writes the schedule, for moonpool replay FILE FAILS

moonpool replay FILE SCHEDULE lets the actors take turns, a step each operation: A2.xA.B4 is two
steps of the first actor, its kill, four of the second; tA ends a wait early, A:2 is the second
alternative of an any; behind it all run on in order of declaration. A mark that expect.order names,
a call of a checked history, and a tostring of what can be waited for are steps, too. Time stands
still but for sleeps and time-outs, always is looked at after each step, and who cannot move is
named.

In a play pairs, next, table.sort and math.random are the same each time. moonpool scripts lists the
scenarios inside the binary, moonpool play --show NAME prints one.]=] },
}

return scenarios
