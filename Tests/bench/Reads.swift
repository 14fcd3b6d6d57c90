import Glibc
import TestSupport

/// Reads of 1 MiB in a loop, each loop in a process of its own: what one pays depends on which
/// blocks its allocator gets. The worst of ten processes, beside the worst of ten that `memcpy` into
/// one block, and of ten Pythons; by turns.
func measureReads(_ report: inout Report) {
  let program = "\(Places.binaries)/bench"
  var ours = WorstOfAll()
  var copies = WorstOfAll()
  var pythons = WorstOfAll()
  for _ in 0..<10 {
    ours.add(figures(Places.moonpool, ["\(peersFolder)/reads.lua"]))
    copies.add(figures(program, ["copy"]))
    pythons.add(figures("python3", ["\(peersFolder)/reads.py"]))
  }
  for (peer, theirs, budget) in [("memcpy", copies, 1.5), ("Python", pythons, 1.1)] {
    guard !theirs.figures.isEmpty else {
      print("\(peer) is not installed (scripts/setup bench)")
      continue
    }
    for part in ["first", "later"] {
      report.add(
        "view:read of 1 MiB, \(part) 400, worst / \(peer)", ours: ours.figures[part]!,
        bare: theirs.figures[part]!, budget: budget, unit: "us")
    }
  }
}

private struct WorstOfAll {
  private(set) var figures: [String: Double] = [:]

  mutating func add(_ more: [String: Double]?) {
    for (name, value) in more ?? [:] { figures[name] = max(figures[name] ?? 0, value) }
  }
}

/// One of the ten: prints what `peers/reads.lua` prints, of `memcpy` from a shared mapping.
func copyBlocks() {
  let size = 1 << 20
  let from = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
  let to = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
  memset(from, 120, size)
  print("first\t\(time(400) { memcpy(to, from, size) } / 1000)")
  let later = (0..<10).map { _ in time(40) { memcpy(to, from, size) } / 1000 }
  print("later\t\(later.sorted()[4])")
}
