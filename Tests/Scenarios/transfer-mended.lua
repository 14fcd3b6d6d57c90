-- Money moves between two accounts; a mover that is killed half way is made good by the next one.
-- Explored, and proved: its note says what is to be done. Without it: transfer.
local accounts = assert(shm.create("accounts", 64))
local lock = assert(shm.mutex("accounts.lock"))
local a, b, moving = accounts:atomic(0), accounts:atomic(4), accounts:atomic(8)

scenario "no coin is lost when the mover is killed"

setup(function() a:store(100) b:store(0) end)

-- What the note says is to be done, and what of it is done, follows from the two sums alone.
local function finish_move()
  local amount = moving:load()
  if amount == 0 then return end
  a:store(100 - amount)
  b:store(amount)
  moving:store(0)
end

actor("mover", { kill = true }, function()   -- may be killed, at any step
  lock:lock()
  moving:store(30)                           -- first the note, so that the next one can go on
  a:add(-30)
  mark "half way"
  b:add(30)
  moving:store(0)
  lock:unlock()
end)

actor("auditor", { after = "mover" }, function()  -- when the mover has ended or died
  local _, why = lock:lock()
  if why == "abandoned" then finish_move() end
  local sum = a:load() + b:load()
  lock:unlock()
  expect.equal(sum, 100, "coins")
end)

fault.kill("mover", { at = "half way" })     -- for `play`: once, for real, here
