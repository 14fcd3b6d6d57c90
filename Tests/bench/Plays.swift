import Glibc
import TestSupport

/// Runs of small scenarios on one core, beside the time that one may take: forks, a `/dev/shm`, a
/// real kill and the reaping are in it; the start of the command and the compiling are not.
func measurePlays(_ report: inout Report) {
  guard Places.haveInstalled("taskset") else {
    print("plays are not measured: taskset is not installed (util-linux)")
    return
  }
  let rows = [
    (#"scenario "empty" actor("a", function() end)"#, "one empty actor", 1.0),
    (
      """
      scenario "two"
      actor("a", function() local view <close> = assert(shm.create("v", 64)) view:u32(0, 1) end)
      actor("b", function() local view <close> = assert(shm.create("v", 64)) view:u32(0) end)
      """, "two that share a view", 1.0
    ),
    (
      """
      scenario "killed"
      actor("a", function() local lock = assert(shm.mutex("m")) lock:lock() mark "in" end)
      actor("b", { after = "a" }, function() assert(shm.mutex("m")):lock() end)
      fault.kill("a", { at = "in" })
      """, "a real kill, and a successor", 1.0 / 0.3
    ),
  ]
  let folder = "/tmp/\(Places.unique("bench"))"
  mkdir(folder, 0o700)
  defer { _ = run("/bin/rm", ["-rf", folder]) }
  for (number, (text, what, milliseconds)) in rows.enumerated() {
    let path = "\(folder)/\(number).lua"
    guard let file = fopen(path, "w") else { fatalError("\(path) cannot be written") }
    fputs(text, file)
    fclose(file)
    // The difference of many runs and few, in turns: the start is in both.
    let (many, few) = compare(rounds: 7, calls: 1) {
      play(path, 220)
    } _: {
      play(path, 20)
    }
    let taken = (many - few) / 200 / 1e6
    report.add(
      "a run: \(what), on one core", ours: taken, bare: milliseconds, budget: 1, unit: "ms")
  }
}

private func play(_ path: String, _ times: Int) {
  let outcome = run(
    "taskset", ["-c", "0", Places.moonpool, "play", "--times", "\(times)", path])
  if outcome.status != 0 { fatalError("\(outcome.output)\(outcome.errors)") }
}
