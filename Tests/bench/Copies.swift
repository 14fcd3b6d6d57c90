import Glibc
import LuaHost
import SharedMemory
import TestSupport

/// A 1 MiB `write` and `read` of a view beside `memcpy` of as much.
func measureCopies(_ report: inout Report) {
  let length = 1 << 20
  let object = try! MemoryObject.create(nil, size: length)
  let view = try! object.map()
  let bytes = [UInt8](repeating: 7, count: length)
  let written = compare(rounds: 40, calls: 20) {
    try! view.write(bytes)
  } _: {
    _ = bytes.withUnsafeBytes { memcpy(view.base, $0.baseAddress!, length) }
  }
  report.add("View.write of 1 MiB", ours: written.ours, bare: written.bare, budget: 1.1)
}

/// Calls of Lua beside an empty method, and beside `memcpy`.
func measureScripts(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    mega = string.rep("x", 1 << 20)
    big = shm.create(nil, 1 << 20)
    view = shm.create(nil, 256)
    function write_big() for _ = 1, 20 do big:write(mega) end end
    function read_big() for _ = 1, 20 do big:read(1 << 20) end end
    local small = ("x"):rep(64)
    function write_small() for _ = 1, 1000 do view:write(small) end end
    function call_only() for _ = 1, 1000 do view:size() end end
    """)
  let small = compare(rounds: 40, calls: 10) {
    try! lua.run("write_small()")
  } _: {
    try! lua.run("call_only()")
  }
  report.add(
    "view:write of 64 bytes / view:size()", ours: small.ours / 1000, bare: small.bare / 1000,
    budget: 1.35)
  let bytes = [UInt8](repeating: 7, count: 1 << 20)
  let object = try! MemoryObject.create(nil, size: 1 << 20)
  let target = try! object.map()
  let big = compare(rounds: 20, calls: 2) {
    try! lua.run("write_big()")
  } _: {
    for _ in 0..<20 { _ = bytes.withUnsafeBytes { memcpy(target.base, $0.baseAddress!, 1 << 20) } }
  }
  report.add(
    "view:write of 1 MiB / memcpy", ours: big.ours / 20, bare: big.bare / 20, budget: 1.1)
  // Blocks that were freed are kept for the next read: no page is new after the first ones.
  let block = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 4096)
  defer { block.deallocate() }
  let read = compare(rounds: 20, calls: 2) {
    try! lua.run("read_big()")
  } _: {
    for _ in 0..<20 { memcpy(block, target.base, 1 << 20) }
  }
  report.add(
    "view:read of 1 MiB / memcpy", ours: read.ours / 20, bare: read.bare / 20, budget: 1.5)
  measureNumbers(lua, &report)
}

/// Many numbers a call, beside an empty method a number.
private func measureNumbers(_ lua: borrowing Interpreter, _ report: inout Report) {
  try! lua.run(
    """
    local list = big:numbers("f64", 0, 1000)
    function numbers_read() for _ = 1, 10 do big:numbers("f64", 0, 1000) end end
    function numbers_written() for _ = 1, 10 do big:numbers("f64", 0, list) end end
    function ten_calls() for _ = 1, 10000 do view:size() end end
    """)
  for name in ["read", "written"] {
    let taken = compare(rounds: 40, calls: 1) {
      try! lua.run("numbers_\(name)()")
    } _: {
      try! lua.run("ten_calls()")
    }
    report.add(
      "a number of view:numbers, \(name) / view:size()", ours: taken.ours / 10_000,
      bare: taken.bare / 10_000, budget: nil)
  }
}
