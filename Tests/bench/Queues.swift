import BareCalls
import COperations
import CShm
import LuaHost
import SharedMemory
import TestSupport

/// Messages of 64 bytes through a queue: in one process beside calls that do nothing, in C beside a
/// ring that needs no locks, and between two scripts beside other libraries' queues.
func measureQueues(_ report: inout Report) {
  measureQueueCalls(&report)
  measureRings(&report)
  measureStreams(&report)
}

private func measureQueueCalls(_ report: inout Report) {
  let lua = try! Interpreter(session: Session(named: Places.unique("bench")))
  try! lua.open()
  try! lua.run(
    """
    collectgarbage("generational") -- as the program does
    local queue, view, text = shm.queue(nil, 1 << 20), shm.create(nil, 256), ("x"):rep(64)
    local batch, record = {}, { id = 1, x = 0.5, y = 0.25, name = "point" }
    for i = 1, 32 do batch[i] = text end
    function singles() for _ = 1, 1024 do queue:push(text) queue:pop() end end
    function batches() for _ = 1, 32 do queue:push_all(batch) queue:pop_all() end end
    function tables() for _ = 1, 1024 do queue:push(record) queue:pop() end end
    function calls() for _ = 1, 1024 do view:size() end end
    singles()
    """)
  for (what, name, operations, budget) in [
    ("queue:push or pop, 64 B / an empty method", "singles", 2048, 1.6),
    ("push_all or pop_all of 32, a message / an empty method", "batches", 2048, 1),
    ("queue:push and pop, a table of 4 / an empty method", "tables", 1024, 12),
  ] {
    // Short rounds: what takes longer would be interrupted more often on a busy machine.
    let taken = compare(rounds: 400, calls: 1) {
      try! lua.run("\(name)()")
    } _: {
      try! lua.run("calls()")
    }
    report.add(
      what, ours: taken.ours / Double(operations), bare: taken.bare / 1024, budget: budget)
  }
}

/// In C, without Lua: what the locks cost.
private func measureRings(_ report: inout Report) {
  let size = Int(CSHM_RING_AT) + 1 << 20
  let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
  memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  let seen = UnsafeMutablePointer<cshm_ring_seen>.allocate(capacity: Int(CSHM_SEEN))
  seen.initialize(
    repeating: cshm_ring_seen(tail: CSHM_NEVER_SEEN, head: CSHM_NEVER_SEEN), count: Int(CSHM_SEEN))
  var ring = cshm_ring_at(memory, 1 << 20)
  ring.seen = seen
  let bare = bare_ring_new()
  defer {
    memory.deallocate()
    seen.deallocate()
    bare_ring_free(bare)
  }
  let taken = compare(rounds: 400, calls: 1) {
    bare_queue_moves(&ring, 1 << 10 | 1, 1000)
  } _: {
    bare_ring_moves(bare, 1000)
  }
  report.add(
    "push and pop of 64 B in C / a lock-free ring", ours: taken.ours / 1000,
    bare: taken.bare / 1000, budget: 1.5)
}

/// From one process to another. All peers but ours are C, C++ or Python; ours are two scripts.
private func measureStreams(_ report: inout Report) {
  let ours = { figures(Places.moonpool, ["\(peersFolder)/stream.lua", Places.unique("bench")]) }
  for (peer, program, words) in [
    ("Boost's message_queue", compiled("boost_stream.cpp", by: "g++", []), []),
    ("ZeroMQ", compiled("zeromq_stream.c", by: "gcc", ["-lzmq"]), []),
    ("POSIX mq", compiled("posix_stream.c", by: "gcc", ["-lrt"]), []),
    ("Python's queue", "python3", ["\(peersFolder)/python_stream.py"]),
  ] as [(String, String?, [String])] {
    let found = program.flatMap { program in byTurns(ours) { figures(program, words) } }
    guard let found, let one = found.ours["stream"], let other = found.theirs["stream"] else {
      print("\(peer) is not installed (scripts/setup bench)")
      continue
    }
    report.add("a message of 64 B, two scripts / \(peer)", ours: one, bare: other, budget: 1)
    if let batched = found.ours["batches"] {
      report.add(
        "the same in batches of 32 / \(peer), one by one", ours: batched, bare: other, budget: nil)
    }
  }
}
