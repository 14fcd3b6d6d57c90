import LuaHost
import SharedMemory
import TestSupport

/// A typed access beside an empty method that is called with the same arguments.
func measureTyped(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run("view = shm.create(nil, 256)")
  for (call, empty) in [
    ("u32(8)", "size(8)"), ("u32(8, 7)", "size(8, 7)"), ("f64(8)", "size(8)"),
    ("f64(8, 0.5)", "size(8, 0.5)"), ("u32(9)", "size(9)"),
  ] {
    try! lua.run(
      """
      function typed() for _ = 1, 1000 do view:\(call) end end
      function empty() for _ = 1, 1000 do view:\(empty) end end
      """)
    let times = compare(rounds: 200, calls: 2) {
      try! lua.run("typed()")
    } _: {
      try! lua.run("empty()")
    }
    report.add(
      "view:\(call) / view:\(empty)", ours: times.ours / 1000, bare: times.bare / 1000,
      budget: 1.25)
  }
  measurePacks(lua, &report)
}

/// `view:pack` beside `string.pack` and a write; for information.
private func measurePacks(_ lua: borrowing Interpreter, _ report: inout Report) {
  try! lua.run(
    """
    local pack = string.pack
    function packed() for i = 1, 1000 do view:pack("<I4 f s2", 8, i, 0.5, "name") end end
    function written() for i = 1, 1000 do view:write(pack("<I4 f s2", i, 0.5, "name"), 8) end end
    """)
  let times = compare(rounds: 100, calls: 2) {
    try! lua.run("packed()")
  } _: {
    try! lua.run("written()")
  }
  report.add(
    "view:pack / string.pack and view:write", ours: times.ours / 1000, bare: times.bare / 1000,
    budget: nil)
}
