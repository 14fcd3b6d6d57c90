-- What the debug library can do to our userdata: a metatable of another type, and user values
-- taken away. Every method then raises or answers; none follows a pointer.

package.path = (arg[0]:match(".*/") or "./") .. "?.lua;" .. package.path
local harness = require "harness"
local test, raises = harness.test, harness.raises

local function each_value()
  local view = assert(shm.create(nil, 4096))
  local layout = shm.layout "struct s { int number; char text[8]; int list[2]; };"
  local record = view:as(layout, 64)
  local mutex = assert(shm.mutex(nil))
  return {
    view = view, cell = view:atomic(0), record = record, list = record.list, mutex = mutex,
    event = assert(shm.event(nil)), semaphore = assert(shm.semaphore(nil, 0, 1)),
    guard = assert(shm.mutex(nil):guard()), layout = layout,
  }
end

local function methods_of(value)
  local meta = debug.getmetatable(value)
  local all = {}
  local index = rawget(meta, "__methods") or rawget(meta, "__index")
  if type(index) == "table" then
    for name, method in pairs(index) do all[name] = method end
  end
  for name, method in pairs(meta) do
    if type(method) == "function" then all[name] = method end
  end
  return all
end

local arguments = {
  { 0, 0 }, { 0, 1 }, { "number" }, { "text", "x" }, { 1, 1, function() end }, { "<I4", 0 },
  { {} }, { 0, 0, 0 },
}

-- The first argument of these is a timeout, or their second is.
local waits = { wait = true, lock = true, guard = true, acquire = true }

local function call_all(value, methods)
  for name, method in pairs(methods) do
    for _, each in ipairs(arguments) do
      if waits[name] then
        pcall(method, value, 0, 0)
      elseif name ~= "snapshot" then
        pcall(method, value, table.unpack(each))
      end
    end
  end
end

test("a method of one type raises for a value of another", function()
  local values = each_value()
  for kind, value in pairs(values) do
    for other, giver in pairs(each_value()) do
      if kind ~= other and not (kind == "record" and other == "list")
        and not (kind == "list" and other == "record") then
        local methods = methods_of(giver)
        for name, method in pairs(methods) do
          if name ~= "__gc" and name ~= "__close" and name ~= "__eq" then
            raises("bad argument #1", function() method(value, 0, 0) end)
          end
        end
      end
    end
  end
end)

test("a value with the metatable of another type is still itself", function()
  for kind in pairs(each_value()) do
    for other in pairs(each_value()) do
      local value, giver = each_value()[kind], each_value()[other]
      local own = debug.getmetatable(value)
      debug.setmetatable(value, debug.getmetatable(giver))
      call_all(value, methods_of(giver))
      collectgarbage()
      debug.setmetatable(value, own)
      call_all(value, methods_of(value))
    end
  end
end)

test("a foreign userdata is refused whatever metatable it has", function()
  local giver = each_value()
  for _, value in pairs(giver) do
    local file = assert(io.tmpfile())
    local own = debug.getmetatable(file)
    debug.setmetatable(file, debug.getmetatable(value))
    for name, method in pairs(methods_of(value)) do
      if name ~= "__gc" and name ~= "__close" and name ~= "__eq" then
        raises("bad argument #1", function() method(file, 0, 0) end)
      else
        pcall(method, file)
      end
    end
    debug.setmetatable(file, own)
    file:close()
  end
end)

test("an update whose draft was collected by hand raises", function()
  local view <close> = assert(shm.create(nil, 4096))
  raises("the draft is gone", function()
    view:update(0, 64, function(draft) getmetatable(draft).__gc(draft) end)
  end)
end)

test("user values that are taken away cost a name at most", function()
  for _, kind in ipairs { "view", "cell", "mutex", "event", "semaphore", "guard" } do
    local values = each_value()
    local value = values[kind]
    for place = 1, 4 do debug.setuservalue(value, nil, place) end
    for name in pairs(values) do if name ~= kind then values[name] = nil end end
    collectgarbage()
    collectgarbage()
    assert(tostring(value):find("unnamed", 1, true))
    call_all(value, methods_of(value))
  end
end)

test("a record or a layout whose image is taken away raises", function()
  for _, kind in ipairs { "record", "list", "layout" } do
    local values = each_value()
    local value = values[kind]
    local image = kind == "layout" and 2 or 3
    debug.setuservalue(value, nil, image)
    for name in pairs(values) do if name ~= kind then values[name] = nil end end
    collectgarbage()
    collectgarbage()
    call_all(value, methods_of(value))
    if kind == "layout" then
      raises("attempt to use a layout that was not made", function() value:size() end)
      raises("the layout was not made", function() shm.create(nil, 64):as(value) end)
    else
      raises("an unnamed object. without its layout",
        function() tostring(value) end)
      raises("without its layout", function() return value.number end)
      raises("without its layout", function() value[0] = 1 end)
    end
  end
end)

test("no layout takes the place of another one", function()
  local one, other = each_value(), each_value()
  local wide = shm.layout "struct w { int a[100]; struct { int b; } c[4]; double number; };"
  local image, foreign = debug.getuservalue(one.layout, 2), debug.getuservalue(wide, 2)
  for _, given in ipairs { foreign, debug.getuservalue(other.layout, 2), io.stdout, 5, one.view } do
    debug.setuservalue(one.record, given, 3)
    raises("without its layout", function() return one.record.number end)
    debug.setuservalue(one.layout, given, 2)
    raises("not made", function() return one.layout:size() end)
  end
  debug.setuservalue(one.record, image, 3)
  one.record.number = 5
  assert(one.record.number == 5)
end)

test("the bytes that a script's numbers are made of pass for no value of ours", function()
  local view = shm.create(nil, 64)
  local numbers, met = {}, 0
  for i = 1, 64 do numbers[i] = 0xB5C9F16E83D24A00 | i & 15 end
  numbers[65] = "no number"
  xpcall(view.numbers, function()
    for index = 1, 20 do
      local name, value = debug.getlocal(2, index)
      if not name then break end
      if type(value) == "userdata" and value ~= view then
        met = met + 1
        for _, method in ipairs { view.read, view.size, view:atomic(0).load } do
          assert(not pcall(method, value))
        end
      end
    end
  end, shm.create(nil, 1024), "u64", 0, numbers)
  assert(met > 0, "the bytes were not on the stack")
end)

test("an image outlives a finalizer that takes it away while a record is written", function()
  local values = each_value()
  local record = values.record
  local write = record.write
  values.layout, values.record = nil, nil
  setmetatable({}, { __gc = function()
    debug.setuservalue(record, nil, 3)
    collectgarbage()
  end })
  local list = setmetatable({}, { __index = error })
  for i = 1, 2 do list[i] = i end
  collectgarbage("incremental")
  for _ = 1, 200 do
    local well, message = pcall(write, record, { number = 1, text = "text", list = list })
    assert(well or message:find("without its layout", 1, true), message)
    collectgarbage("step")
  end
  raises("without its layout", function() return record.number end)
end)

test("a cell of a closed view stays closed when its place has another view", function()
  local views, cells = {}, {}
  for i = 1, 50 do
    views[i] = assert(shm.create(nil, 64))
    cells[i] = views[i]:atomic(0)
  end
  for i = 1, 50 do views[i]:close() end
  for i = 1, 50 do views[i] = assert(shm.create(nil, 64)) end
  for i = 1, 50 do raises("closed view", function() cells[i]:load() end) end
  for i = 1, 50 do assert(views[i]:u32(0, i):u32(0) == i) end
end)

harness.finish()
