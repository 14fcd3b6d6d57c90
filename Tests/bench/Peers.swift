import Glibc
import TestSupport

/// The same work by moonpool and by what people use elsewhere, as programs of `peers`, by turns: the
/// medians of five rounds. What is not installed is left out, and says so (`scripts/setup bench`).
func measurePeers(_ report: inout Report) {
  measureCopies(besidePython: &report)
  measureTurns(&report)
}

let peersFolder = "\(Places.repository)/Tests/bench/peers"
private let rounds = 5

/// The lines of a program's output: a name, a tab, nanoseconds; nil: it does not run.
func figures(_ program: String, _ words: [String]) -> [String: Double]? {
  let outcome = run(
    program, words, environment: ["PYTHONPATH": Places.repository + "/.build/peers"])
  guard outcome.status == 0 else { return nil }
  var found: [String: Double] = [:]
  for line in outcome.output.split(separator: "\n") {
    let parts = line.split(separator: "\t")
    if parts.count == 2 { found[String(parts[0])] = Double(parts[1]) }
  }
  return found
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// By turns, so that what disturbs the machine disturbs both alike.
func byTurns(
  _ ours: () -> [String: Double]?, _ theirs: () -> [String: Double]?
) -> (ours: [String: Double], theirs: [String: Double])? {
  var all: (ours: [String: [Double]], theirs: [String: [Double]]) = ([:], [:])
  for _ in 0..<rounds {
    guard let one = ours(), let other = theirs() else { return nil }
    for (name, value) in one { all.ours[name, default: []].append(value) }
    for (name, value) in other { all.theirs[name, default: []].append(value) }
  }
  return (all.ours.mapValues(median), all.theirs.mapValues(median))
}

private func measureCopies(besidePython report: inout Report) {
  let found = byTurns {
    figures(Places.moonpool, ["\(peersFolder)/copies.lua"])
  } _: {
    figures("python3", ["\(peersFolder)/copies.py"])
  }
  guard let found else { return print("Python is not installed (scripts/setup bench)") }
  for (what, name, budget) in [
    ("view:write of 64 bytes", "write-64", 1.0), ("view:read of 64 bytes", "read-64", 1),
    ("view:write of 4 KiB", "write-4096", 1), ("view:read of 4 KiB", "read-4096", 1),
    ("view:write of 1 MiB", "write-1048576", 1.1), ("view:read of 1 MiB", "read-1048576", 1.1),
    ("view:numbers, 1,000 read", "numbers-read", 1),
    // Lua has no way to many of a table's values but one by one.
    ("view:numbers, 1,000 written", "numbers-write", nil),
    ("view:f64, read", "number-read", nil), ("view:f64, written", "number-write", nil),
  ] as [(String, String, Double?)] {
    guard let ours = found.ours[name], let theirs = found.theirs[name] else { continue }
    report.add("\(what) / Python", ours: ours, bare: theirs, budget: budget)
  }
}

/// Round trips of two processes that sleep and wake each other.
private func measureTurns(_ report: inout Report) {
  let ours = { figures(Places.moonpool, ["\(peersFolder)/turns.lua", Places.unique("bench")]) }
  for (peer, program, words) in [
    ("posix_ipc", "python3", ["\(peersFolder)/posix_turns.py"]),
    ("iceoryx2", "python3", ["\(peersFolder)/iceoryx2_turns.py"]),
    ("Boost", compiled("boost_turns.cpp", by: "g++", []), []),
    ("ZeroMQ", compiled("zeromq_turns.c", by: "gcc", ["-lzmq"]), []),
  ] as [(String, String?, [String])] {
    let found = program.flatMap { program in byTurns(ours) { figures(program, words) } }
    guard let found, let one = found.ours["turns"], let other = found.theirs["turns"] else {
      print("\(peer) is not installed (scripts/setup bench)")
      continue
    }
    report.add("round trip by events / \(peer)", ours: one, bare: other, budget: nil)
  }
}

/// Nil: there is no compiler, or no library.
func compiled(_ file: String, by compiler: String, _ libraries: [String]) -> String? {
  let program = "\(Places.repository)/.build/peers-\(file.prefix { $0 != "." })"
  let outcome = run(
    compiler, ["-O2", "\(peersFolder)/\(file)", "-o", program, "-pthread"] + libraries)
  return outcome.status == 0 ? program : nil
}
