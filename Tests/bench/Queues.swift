import LuaHost
import SharedMemory
import TestSupport

/// Messages of 64 bytes through a queue in one process: one by one and in batches, beside calls
/// that do nothing. What two processes add are the wake-ups, which `turns` measures.
func measureQueues(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    local queue, view, text = shm.queue(nil, 1 << 20), shm.create(nil, 256), ("x"):rep(64)
    local batch, record = {}, { id = 1, x = 0.5, y = 0.25, name = "point" }
    for i = 1, 32 do batch[i] = text end
    function singles() for _ = 1, 1000 do queue:push(text) queue:pop() end end
    function batches() for _ = 1, 32 do queue:push_all(batch) queue:pop_all() end end
    function tables() for _ = 1, 1000 do queue:push(record) queue:pop() end end
    function calls() for _ = 1, 1000 do view:size() end end
    singles()
    """)
  let single = compare(rounds: 40, calls: 10) {
    try! lua.run("singles()")
  } _: {
    try! lua.run("calls()")
  }
  report.add(
    "queue:push or pop, 64 B / an empty method", ours: single.ours / 2000,
    bare: single.bare / 1000, budget: 1.6)
  let batch = compare(rounds: 40, calls: 10) {
    try! lua.run("batches()")
  } _: {
    try! lua.run("calls()")
  }
  report.add(
    "push_all or pop_all of 32, a message / an empty method", ours: batch.ours / 2048,
    bare: batch.bare / 1000, budget: 1)
  let table = compare(rounds: 40, calls: 10) {
    try! lua.run("tables()")
  } _: {
    try! lua.run("calls()")
  }
  report.add(
    "queue:push and pop, a table of 4 / an empty method", ours: table.ours / 1000,
    bare: table.bare / 1000, budget: 12)
}
