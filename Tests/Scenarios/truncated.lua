-- A stranger truncates the file under a reader: no signal kills it, the next access says what happened.
local view = assert(shm.create("frames", 65536))

scenario "memory that a stranger took away is an error"

setup(function() view:u32(40000, 7) end)

actor("reader", function()
  expect.equal(view:u32(40000), 7, "the frame")
  mark "read once"
  local ok, why = pcall(view.u32, view, 40000)
  if not ok then
    sometimes("told at the access", why:find("is gone", 1, true))
    expect.equal(select(3, view:check()), 999, "check")
  end
end)

fault.truncate("frames", { actor = "reader", at = "read once", size = 4096 })
