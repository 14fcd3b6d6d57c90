-- What a debugger such as MobDebug stands on: hooks with lines, in coroutines too, a socket in one.

local here = arg[0]:match(".*/") or "./"
package.path = here .. "?.lua;" .. package.path
local harness = require "harness"
local test, equals = harness.test, harness.equals

-- The lines of `body` that a hook saw, counted from its first, as a text.
local function lines_of(thread, body)
  local first, seen = debug.getinfo(body, "S").linedefined, {}
  local function hook(event, line)
    if event == "line" and debug.getinfo(2, "f").func == body then seen[#seen + 1] = line - first end
  end
  if thread then
    debug.sethook(thread, hook, "l")
    assert(coroutine.resume(thread))
  else
    debug.sethook(hook, "l")
    body()
    debug.sethook()
  end
  return table.concat(seen, " ")
end

test("a hook sees the lines around calls of shared memory", function()
  local view <close> = assert(shm.create(nil, 64))
  local function body()
    view:u32(0, 7)
    local value = view:u32(0)
    return value
  end
  equals(lines_of(nil, body), "1 2 3")
end)

test("a coroutine has a hook of its own", function()
  local view <close> = assert(shm.create(nil, 64))
  local function body()
    view:u32(0, 7)
    coroutine.yield(view:u32(0))
  end
  equals(lines_of(coroutine.create(body), body), "1 2")
  equals(view:u32(0), 7)
end)

test("a hook sees and changes locals, and the values of the caller's level", function()
  local view <close> = assert(shm.create(nil, 64))
  local function body()
    local value = 1
    view:u32(0, value)
    return value
  end
  local first = debug.getinfo(body, "S").linedefined
  debug.sethook(function(_, line)
    if line == first + 2 then
      equals(select(2, debug.getlocal(2, 1)), 1)
      debug.setlocal(2, 1, 42)
    end
  end, "l")
  body()
  debug.sethook()
  equals(view:u32(0), 42)
end)

local found, socket = pcall(require, "socket")
if found then
  test("a hook talks through a socket, as one that waits for the debugger's commands", function()
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local debugger = assert(socket.connect("127.0.0.1", port))
    local client = assert(server:accept())
    local view <close> = assert(shm.create(nil, 64))
    local answers = {}
    local function body()
      view:u32(0, 1)
      view:u32(0, 2)
    end
    local first = debug.getinfo(body, "S").linedefined
    debug.sethook(function(_, line)
      if line <= first or line > first + 2 then return end
      assert(debugger:send("STEP\n")) -- what would come from the editor
      answers[#answers + 1] = client:receive("*l") .. " " .. line - first .. " " .. view:u32(0)
    end, "l")
    body()
    debug.sethook()
    equals(table.concat(answers, ", "), "STEP 1 0, STEP 2 1")
    for _, one in ipairs { client, debugger, server } do one:close() end
  end)
else
  print("skipped: lua-socket is not installed")
end

harness.finish()
