import LuaHost
import SharedMemory
import TestSupport

/// Memory that a peer truncated, until the error says so; beside 20 ms.
func measureGone(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    size = 512 << 20
    function lose()
      view = assert(shm.create("gone", size, { reserve = true }))
      assert(os.execute("truncate -s 0 " .. shm.path("gone")))
    end
    function find_out() assert(not pcall(view.read, view, size)) end
    function close() view:close() end
    """)
  var times: [Double] = []
  for _ in 0..<9 {
    try! lua.run("lose()")
    times.append(time(1) { try! lua.run("find_out()") } / 1e6)
    try! lua.run("close()")
  }
  report.add(
    "read of 512 MiB that are gone / 20 ms", ours: times.sorted()[4], bare: 20, budget: 1,
    unit: "ms")
}

/// A field of a large record beside one of a small one: what a table costs grows with its fields.
func measureRecords(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    function made(count, stem)
      local text, values = { "struct s {" }, {}
      for number = 1, count do
        local name = stem .. number
        text[#text + 1], values[name] = "int " .. name .. ";", number
      end
      local layout = shm.layout(table.concat(text, "\\n") .. "};")
      return shm.create(nil, layout:size()):as(layout), values
    end
    """)
  // The budget is for caches, which the large one leaves; if all were compared with all, it were 32.
  // Of names over 40 bytes Lua keeps no single copy: they are found in another way.
  for (what, stem) in [("short", "f"), ("long", String(repeating: "x", count: 50))] {
    try! lua.run(
      """
      small, few = made(2000, "\(stem)")
      large, many = made(64000, "\(stem)")
      """)
    let times = compare(rounds: 20, calls: 1) {
      try! lua.run("large:write(many)")
    } _: {
      try! lua.run("for _ = 1, 2 do small:write(few) end")
    }
    report.add(
      "record:write, a field of 64,000 / of 2,000, \(what)", ours: times.ours / 64000,
      bare: times.bare / 4000, budget: 12)
  }
}
