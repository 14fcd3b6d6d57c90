-- The head has a tag that is raised with each change, so that it is never what it was.
local memory = assert(shm.create("tagged-stack", 16))
local head = memory:atomic(0)                          -- node + 16 * tag
local function behind(node) return memory:atomic(4 * node) end

scenario "a node that is in use is not on the stack"

setup(function() head:store(1) behind(1):store(2) behind(2):store(0) end)

local function pop()
  while true do
    local seen = head:load()
    local node = seen % 16
    if node == 0 then return 0 end
    local rest = behind(node):load()
    if head:cas(seen, rest + seen // 16 * 16 + 16) then return node end
  end
end

local function push(node)
  local top
  repeat
    top = head:load()
    behind(node):store(top % 16)
  until head:cas(top, node + top // 16 * 16 + 16)
end

actor("slow", function() pop() end)

actor("quick", function()
  local first, second = pop(), pop()
  if first == 0 or second == 0 then return end
  push(first)
  expect(head:load() % 16 ~= second, "a node in use is on the stack")
end)
