import SharedMemory
import TestSupport

/// Commands that look at one object among many, and at all of them.
///
/// Milliseconds of whole processes, start-up included. What is allowed is a time for what a person
/// waits for, so the ratios are of that time.
func measureLooking(_ report: inout Report) {
  let few = Places.unique("bench")
  let holders = startHolders(9, session: few)
  let kept = try! MemoryObject.create("kept", size: 256, in: Session(named: few))
  let ofTen = milliseconds(["stat", "kept"], few)
  kept.close()
  end(holders)

  // Half of them in a session of their own: a listing is of 10,000.
  let many = Places.unique("bench")
  let crowd =
    startHolders(9_999, session: many) + startHolders(10_000, session: Places.unique("bench"))
  defer { end(crowd) }
  let one = try! MemoryObject.create("kept", size: 256, in: Session(named: many))
  let ofMany = milliseconds(["stat", "kept"], many)
  report.add(
    "stat of one among 20,000 / among 10", ours: ofMany, bare: ofTen, budget: (ofTen + 20) / ofTen,
    unit: "ms")
  report.add(
    "who of one among 20,000 / 0.3 s", ours: milliseconds(["who", "kept"], many), bare: 300,
    budget: 1, unit: "ms")
  report.add(
    "dump of one among 20,000 / among 10", ours: milliseconds(["dump", "kept"], many), bare: ofTen,
    budget: (ofTen + 20) / ofTen, unit: "ms")
  report.add(
    "ls of 10,000 among 20,000 / 1 s", ours: milliseconds(["ls"], many), bare: 1000, budget: 1,
    unit: "ms")
  report.add(
    "doctor among 20,000 / stat among 10", ours: milliseconds(["doctor"], many), bare: ofTen,
    budget: nil, unit: "ms")
  one.close()
  measureDump(&report)
}

/// The peak memory of a dump does not depend on the object's size.
private func measureDump(_ report: inout Report) {
  let word = Places.unique("bench")
  let session = Session(named: word)
  let object = try! MemoryObject.create("big", size: 100 << 40, .init(reserve: true), in: session)
  try! object.map(offset: 50 << 40, length: 65_536).write("far")
  let bare = peak(["--version"], word)
  for command in [["dump", "big"], ["dump", "--raw", "--length", "1G", "big"]] {
    report.add(
      "peak memory of \(command.dropLast().joined(separator: " ")), 100 TiB / --version",
      ours: peak(command, word), bare: bare, budget: (bare + 4096) / bare, unit: "KiB")
  }
  object.close()
}

/// The median of several runs.
private func milliseconds(_ words: [String], _ session: String) -> Double {
  let times = (0..<9).map { _ in
    let begun = nanoseconds()
    let outcome = run(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session])
    precondition(outcome.status == 0 || words == ["doctor"], "\(words): \(outcome.errors)")
    return Double(nanoseconds() - begun) / 1_000_000
  }
  return times.sorted()[times.count / 2]
}

/// KiB, as `getrusage(2)` has it of a child.
private func peak(_ words: [String], _ session: String) -> Double {
  let script =
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
    + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
  let outcome = run(
    "python3", ["-c", script, Places.moonpool] + words,
    environment: ["MOONPOOL_SESSION": session])
  return outcome.output.split(separator: "\n").last.flatMap { Double($0) } ?? 0
}

private func end(_ holders: [Child]) {
  for holder in holders { holder.closeInput() }
  for holder in holders { holder.wait() }
}
