-- A stack's head is swapped if it is what it was: it is, although the stack is another one.
local memory = assert(shm.create("aba", 16))
local head = memory:atomic(0)                          -- 0: empty; else the number of a node
local function behind(node) return memory:atomic(4 * node) end

scenario "a node that is in use is not on the stack"

setup(function() head:store(1) behind(1):store(2) behind(2):store(0) end)

local function pop()
  while true do
    local node = head:load()
    if node == 0 then return 0 end
    local rest = behind(node):load()
    if head:cas(node, rest) then return node end
  end
end

local function push(node)
  repeat
    local top = head:load()
    behind(node):store(top)
  until head:cas(top, node)
end

actor("slow", function() pop() end)

actor("quick", function()
  local first, second = pop(), pop()
  if first == 0 or second == 0 then return end
  push(first)                                          -- the second stays in use
  expect(head:load() ~= second, "a node in use is on the stack")
end)
