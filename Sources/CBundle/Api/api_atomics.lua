-- The API, told once: atomic cells, waiting, records under a sequence word. See help.lua for the tables' forms.

local atomics = {}

atomics.classes = {
  { "cell", class = "shm.cell", line = "atomic words: load, store, add, cas, wait, wake …",
    text = "An aligned word of a view, of 4 or 8 bytes, for operations that are atomic between all "
      .. "processes. tostring(cell) tells type, offset, object and value.",
    operators = {} },
  { "condition", class = "shm.condition", made = "cell:when",
    line = "what shm.wait can wait for of a cell", within = "cell",
    text = "What cell:when makes, for shm.wait. tostring(condition) tells what it waits for.",
    operators = {} },
}

local misuse <const> = "a value that does not fit into the cell's type, a read-only view, a closed "
  .. "view, memory that is gone (error 999)"

-- A method that changes the word and returns what it was before.
local function fetching(name, what, example, also)
  local entry = {
    name = "cell:" .. name, signature = ("cell:%s(operand)"):format(name),
    results = { { "before", "integer", "the word from before" } },
    brief = what .. "; returns the value from before",
    params = {
      { "operand", "integer", "with or without a sign: -1 and 0xFFFFFFFF are one for 32 bits" },
    },
    raises = misuse,
    example = "local view <close> = assert(shm.create(nil, 8))\nlocal cell = view:atomic(0)\n"
      .. example,
  }
  for key, value in pairs(also or {}) do entry[key] = value end
  return entry
end

local function alias(name, of, example)
  local also = { family = "cell:" .. of, text = ("The same as cell:%s."):format(of) }
  if name ~= "xor" then
    also.signature = ('cell["%s"](cell, operand)'):format(name)
    also.keyword = of
    also.text = also.text .. (" %s is a word of Lua's, so cell:%s(…) cannot be written.")
      :format(name, name)
  end
  return fetching(name, "the same as `cell:" .. of .. "`", example, also)
end

local sequence_words <const> = "The words may be inside of the record, and are left as the protocol "
  .. "makes them."

atomics.functions = {
  {
    name = "view:atomic", signature = "view:atomic(offset [, type])",
    results = { { "cell", "shm.cell" } },
    brief = 'a word for atomic operations and waiting: `"u32"` (default), `"i32"`, `"u64"`, `"i64"`',
    params = {
      { "offset", "integer", "bytes from 0, a multiple of the word's size" },
      { "type", '("u32"|"i32"|"u64"|"i64")?', 'default `"u32"`' },
    },
    text = "All operations of a cell are sequentially consistent, and work between processes and "
      .. "between views. Above 2^63-1 the value of a u64 is Lua's negative integer. A cell keeps its "
      .. "view from being collected, not from being closed.",
    raises = "an offset that is not aligned or not inside of the view, another type, a closed view",
    example = [=[
local view <close> = assert(shm.create("counter", 64))
local counter = view:atomic(8)
print(counter:add(5), counter:load())  --> 0	5]=],
  },
  {
    name = "cell:load", signature = "cell:load()",
    results = { { "value", "integer" } },
    brief = "the word",
    raises = "a closed view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:atomic(0, "u64"):store(-1):load())  --> -1]=],
  },
  {
    name = "cell:store", signature = "cell:store(value)",
    results = { { "cell", "shm.cell", "the same" } },
    brief = "makes it the word; returns the cell",
    params = { { "value", "integer", "of the cell's type" } },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local ready = view:atomic(0)
ready:store(1):wake(math.maxinteger)
print(ready:load())  --> 1]=],
  },
  fetching("add", "adds, and wraps", "print(cell:add(2), cell:add(-1), cell:load())  --> 0	2	1"),
  fetching("sub", "subtracts, and wraps", "print(cell:sub(1), cell:load())  --> 0	4294967295"),
  fetching("band", 'keeps the bits of the mask (also `cell["and"]`)',
    "cell:store(7)\nprint(cell:band(~2), cell:load())  --> 7	5"),
  fetching("bor", 'sets the bits of the mask (also `cell["or"]`)',
    "print(cell:bor(6), cell:load())  --> 0	6"),
  fetching("bxor", "flips the bits of the mask (also `xor`)",
    "cell:store(5)\nprint(cell:bxor(6), cell:load())  --> 5	3"),
  alias("and", "band", 'cell:store(7)\nprint(cell["and"](cell, 3), cell:load())  --> 7	3'),
  alias("or", "bor", 'print(cell["or"](cell, 3), cell:load())  --> 0	3'),
  alias("xor", "bxor", "print(cell:xor(3), cell:load())  --> 0	3"),
  {
    name = "cell:exchange", signature = "cell:exchange(value)",
    results = { { "before", "integer", "the word from before" } },
    brief = "makes it the word; returns the value from before",
    params = { { "value", "integer", "of the cell's type" } },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:exchange(3), cell:exchange(4))  --> 0	3]=],
  },
  {
    name = "cell:cas", signature = "cell:cas(expected, desired)",
    results = { { "swapped", "boolean" }, { "before", "integer", "the word from before" } },
    brief = "if the word is `expected`, makes it `desired`; returns whether, and the value from before",
    params = {
      { "expected", "integer", "of the cell's type" },
      { "desired", "integer", "of the cell's type" },
    },
    raises = misuse,
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:cas(0, 7))  --> true	0
print(cell:cas(0, 8))  --> false	7]=],
  },
  {
    name = "cell:wait", signature = "cell:wait(expected [, timeout])",
    results = {
      { "woken", "boolean", "false: the time is over" },
      { "reason", "string?", '"timeout"' },
    },
    brief = "waits while the word equals `expected`, until somebody changes it and wakes; "
      .. '`false, "timeout"` when the time is over',
    params = {
      { "expected", "integer", "of the cell's type" },
      { "timeout", "number?", "seconds; nil is for ever, 0 looks once" },
    },
    text = "True says that the word differs or that somebody woke: look again, in a loop. It spins "
      .. "for 0.1 ms at most, where that has lately paid and there is a second processor, then "
      .. "sleeps. A change that nobody wakes for is seen when it looks by itself: after 20, 40, 80 … "
      .. "1,000 ms. Ctrl-C ends it. Time is monotonic.",
    raises = "an expected value that does not fit, a timeout that is negative or no number, a closed "
      .. "view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local cell = view:atomic(0)
print(cell:wait(0, 0.01))  --> false	timeout
print(cell:wait(1))  --> true]=],
  },
  {
    name = "cell:wake", signature = "cell:wake([n])",
    results = { { "woken", "integer", "how many slept; who still spins needs no waking" } },
    brief = "wakes up to `n` (default 1) of those who sleep in `wait`, in all processes",
    params = { { "n", "integer?", "from 1; `math.maxinteger` is all" } },
    text = "First change the word, then wake: who waits looks at the word. Programs in other "
      .. "languages that use futex(2) without the private flag are woken, and wake.",
    raises = "a number below 1, a read-only view, a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
print(view:atomic(0):store(1):wake())  --> 0]=],
  },
  {
    name = "cell:when", signature = "cell:when(expected)",
    results = { { "condition", "shm.condition" } },
    brief = "for `shm.wait`: met while the word differs from `expected`",
    params = { { "expected", "integer", "of the cell's type" } },
    text = "It is looked at, and nothing is taken. A wake-up alone does not meet it, other than in "
      .. "cell:wait.",
    raises = "a value that does not fit into the cell's type, a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 8))
local stop <close> = assert(shm.event("stop"))
local cell = view:atomic(0)
print(shm.wait({ stop, cell:when(0) }, { timeout = 0.01 }))  --> false	timeout
cell:add(1)
print(shm.wait { stop, cell:when(0) })  --> 2]=],
  },
  {
    name = "view:update", signature = "view:update(offset, length, fn [, options])",
    results = { { "view", "shm.view", "the same" } },
    brief = "changes a record of `length` bytes, whose first four are its sequence word, so that no "
      .. "`snapshot` sees half of it: `fn(draft, torn)` changes a draft, which then is copied at once",
    params = {
      { "offset", "integer", "where the record begins" },
      { "length", "integer", "its bytes" },
      { "fn", "fun(draft: shm.view, torn: boolean)",
        "gets a view of a copy of the record, and whether a writer died in the middle of it" },
      { "options", "shm.record.options?", "sequence, or first and last" },
    },
    text = "An error in fn changes nothing. A writer that is killed leaves either record, or one that "
      .. "no snapshot accepts until the next update: torn is true there, and fn should write all of "
      .. "it. There may be one writer at a time; several need a mutex. " .. sequence_words,
    raises = "a record or a word outside of the view, a word that is not aligned to 4 bytes, an "
      .. "unknown option, a draft whose sequence word was changed, a read-only view, a closed view, "
      .. "memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 64))
view:update(0, 64, function(draft) draft:write("all or nothing", 4) end)
print(view:snapshot(0, 18):sub(5))  --> all or nothing]=],
  },
  {
    name = "view:snapshot", signature = "view:snapshot(offset, length [, options])",
    results = { { "bytes", "string" } },
    brief = "a copy of the bytes of a record that no `update` was in the middle of",
    params = {
      { "offset", "integer", "where the record begins" },
      { "length", "integer", "its bytes" },
      { "options", "shm.record.options?", "sequence, or first and last; timeout" },
    },
    text = "Tries for one second, or the option timeout; 1460 says that there was no such moment: "
      .. "a writer died in the middle, or writes without a pause.",
    codes = { 1460 },
    raises = "what view:update raises for; a timeout that is negative or no number",
    example = [=[
local view <close> = assert(shm.create(nil, 64))
local words = { first = 0, last = 4 }
view:update(8, 5, function(draft) draft:write("whole") end, words)
print(view:snapshot(8, 5, words))  --> whole
view:atomic(0):add(1)  -- as a writer that died
print(select(3, view:snapshot(8, 5, { first = 0, last = 4, timeout = 0 })))  --> 1460]=],
  },
}

atomics.options = {
  { "sequence", "integer", "update, snapshot",
    "offset of a `u32` that is odd while a writer is at work; default: the record's first four bytes",
    class = "shm.record.options" },
  { "first", "integer", "update, snapshot",
    "offset of a `u32` that is raised before the record changes; with `last`, as rFactor 2's "
      .. "`versionBegin` and `versionEnd`", class = "shm.record.options" },
  { "last", "integer", "update, snapshot",
    "offset of a `u32` that is made equal to `first` afterwards", class = "shm.record.options" },
  { "timeout", "number", "snapshot", "seconds to try for; default 1, 0 tries once",
    class = "shm.record.options" },
}

atomics.subjects = {
  { "waiting", "how processes wait for each other's words", [[
One process waits while a word has a value, another one changes the word and wakes:

  while ready:load() == 0 do ready:wait(0) end     ready:store(1):wake(math.maxinteger)

wait first spins, for 0.1 ms at most, as seeing a change takes 0.1 µs and a wake-up through the
kernel 35 µs; where that was in vain again and again it sleeps at once. Whoever waits looks again by
itself, after 20, 40, 80 … 1,000 ms, so that a process that was killed between its store and its
wake hangs nobody, and who waits for long costs nothing.

A wake costs 0.3 µs even when nobody sleeps: only the kernel knows. Leave it out where all who wait
may be late: a second, after they have waited for one.]] },
}

return atomics
