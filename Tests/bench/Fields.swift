import LuaHost
import SharedMemory
import TestSupport

/// Fields of a record beside `view:u32`: its budget is the issue's.
func measureFields(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    view = shm.create(nil, 256)
    record = view:as(shm.layout[[
      struct link { uint32_t version; float x; unsigned bits : 5; char name[16]; int list[4]; };
    ]])
    list = record.list
    function bare() for _ = 1, 1000 do local _ = view:u32(0) end end
    function read() for _ = 1, 1000 do local _ = record.version end end
    function read_float() for _ = 1, 1000 do local _ = record.x end end
    function read_bits() for _ = 1, 1000 do local _ = record.bits end end
    function read_text() for _ = 1, 1000 do local _ = record.name end end
    function read_element() for _ = 1, 1000 do local _ = list[2] end end
    function bare_write() for _ = 1, 1000 do view:u32(0, 7) end end
    function write() for _ = 1, 1000 do record.version = 7 end end
    """)
  let rows: [(name: String, ours: String, bare: String, budget: Double?)] = [
    ("record.version / view:u32(0)", "read", "bare", 1.5),
    ("record.x, a float / view:u32(0)", "read_float", "bare", 1.5),
    ("record.bits / view:u32(0)", "read_bits", "bare", nil),
    ("record.name, a text / view:u32(0)", "read_text", "bare", nil),
    ("list[2] / view:u32(0)", "read_element", "bare", nil),
    ("record.version = 7 / view:u32(0, 7)", "write", "bare_write", nil),
  ]
  for row in rows {
    let times = compare(rounds: 40, calls: 10) {
      try! lua.run("\(row.ours)()")
    } _: {
      try! lua.run("\(row.bare)()")
    }
    report.add(row.name, ours: times.ours / 1000, bare: times.bare / 1000, budget: row.budget)
  }
}
