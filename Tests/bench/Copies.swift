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
  report.add("View.write of 1 MiB", ours: written.ours, bare: written.bare, budget: 1 / 0.95)
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
    function write_small() for _ = 1, 1000 do view:write("eight by") end end
    function call_only() for _ = 1, 1000 do view:size() end end
    """)
  let small = compare(rounds: 40, calls: 10) {
    try! lua.run("write_small()")
  } _: {
    try! lua.run("call_only()")
  }
  report.add(
    "view:write of 8 bytes / view:size()", ours: small.ours / 1000, bare: small.bare / 1000,
    budget: nil)
  let bytes = [UInt8](repeating: 7, count: 1 << 20)
  let object = try! MemoryObject.create(nil, size: 1 << 20)
  let target = try! object.map()
  let big = compare(rounds: 20, calls: 2) {
    try! lua.run("write_big()")
  } _: {
    for _ in 0..<20 { _ = bytes.withUnsafeBytes { memcpy(target.base, $0.baseAddress!, 1 << 20) } }
  }
  report.add(
    "view:write of 1 MiB / memcpy", ours: big.ours / 20, bare: big.bare / 20, budget: 1 / 0.95)
  // Each read makes a string, so memcpy fills a fresh block, too; as many stay as Lua keeps.
  var blocks = [UnsafeMutableRawPointer?](repeating: nil, count: 4)
  let read = compare(rounds: 20, calls: 2) {
    try! lua.run("read_big()")
  } _: {
    for turn in 0..<20 {
      free(blocks[turn % blocks.count])
      blocks[turn % blocks.count] = malloc(1 << 20)
      memcpy(blocks[turn % blocks.count]!, target.base, 1 << 20)
    }
  }
  for block in blocks { free(block) }
  report.add(
    "view:read of 1 MiB / malloc+memcpy", ours: read.ours / 20, bare: read.bare / 20,
    budget: 1 / 0.95)
}
