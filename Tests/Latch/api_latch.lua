-- The API, told once: latches. See help.lua for the tables' forms.

local shared <const> = require("moonpool.api_shared")

local latch = {}

latch.classes = {
  { "latch", class = "shm.latch", made = "shm.latch",
    line = "latches: wait, count_down",
    text = "A count that ends: who waits goes on once it is 0." },
}

latch.functions = {
  {
    name = "shm.latch", signature = "shm.latch(name, count [, options])",
    results = { { "latch", "shm.latch" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes a latch, or opens the one that exists",
    params = {
      shared.naming,
      { "count", "integer", "how often it is counted down, from 1" },
      { "options", "shm.latch.options?", "half, mode, exclusive" },
    },
    codes = shared.making,
    example = 'print(shm.latch(nil, 2))  --> latch of an unnamed object (2 of 2 to come)',
  },
  {
    name = "shm.open_latch", signature = "shm.open_latch(name [, options])",
    results = { { "latch", "shm.latch" } },
    brief = "opens a latch that exists",
    params = { { "name", "string", "as it was created" }, shared.access },
    codes = shared.opening,
    example = "shm.open_latch('nobody')",
  },
}

for _, method in ipairs {
  { "wait", "waits until it is 0" }, { "count_down", "counts it down" },
  { "name", "the name as it was given" }, { "check", "is it still there?" },
  { "close", "closes the handle" },
} do
  table.insert(latch.functions, {
    name = "latch:" .. method[1], signature = "latch:" .. method[1] .. "()", results = {},
    brief = method[2], example = "shm.latch(nil, 1)",
  })
end

latch.options = {
  { "half", "boolean", "latch", "half of it has come already", class = "shm.latch.options" },
}

return latch
