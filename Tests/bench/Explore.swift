import CShm
import Glibc
import TestSupport

/// How soon `moonpool explore` finds each bug of Tests/Scenarios, how long each proof takes, and how
/// many states it comes to in a second. (Loom and Shuttle publish no figures of their own to stand
/// beside these.)
func measureExplore(_ report: inout Report) {
  let bugs = explored("bugs")
  let proofs = explored("proved") + explored("patterns")
  precondition(bugs.allSatisfy { $0.verdict == "failed" }, "a bug is not found")
  precondition(proofs.allSatisfy { $0.verdict == "proved" }, "something right is not proved")
  report.add(
    "explore: schedules of the slowest of \(bugs.count) bugs / 200",
    ours: bugs.map(\.foundBySchedule).max() ?? 0, bare: 200, budget: 1, unit: "")
  report.add(
    "explore: the slowest of them / 1 s",
    ours: bugs.map(\.foundAfter).max() ?? 0, bare: 1, budget: 1, unit: "s")
  report.add(
    "explore: the slowest of \(proofs.count) proofs / 2 s",
    ours: proofs.map(\.seconds).max() ?? 0, bare: 2, budget: 1, unit: "s")
  let states = proofs.reduce(0) { $0 + $1.states }
  let seconds = proofs.reduce(0) { $0 + $1.seconds }
  report.add(
    "explore: 100,000 states a second / ours", ours: 100_000, bare: states / seconds, budget: 1,
    unit: "/ s")
  measureSchedules(&report)
  measureReal(&report)
  measureWholeCommand(&report)
}

/// All 184,756 schedules of two actors with ten steps each, one by one.
private func measureSchedules(_ report: inout Report) {
  let file = "/tmp/\(Places.unique("twenty")).lua"
  defer { unlink(file) }
  let text = """
    local memory = assert(shm.create("twenty", 16))
    scenario "twenty steps"
    actors(2, "worker", function(number)
      local word = memory:atomic(8 * (number - 1))
      for value = 1, 9 do word:store(value) end
    end)
    """
  _ = run("/bin/sh", ["-c", "printf '%s' \"$0\" > \(file)", text])
  let outcome = run(
    Places.moonpool,
    ["explore", "--json", "--no-check", "--budget", "600", "--strategy", "plain", file])
  let plain = Explored(outcome.output[...])
  precondition(plain.schedules == 184_756, "there are other schedules: \(outcome.output)")
  report.add(
    "explore: 100,000 schedules a second / ours", ours: 100_000,
    bare: plain.schedules / plain.seconds, budget: 1, unit: "/ s")
}

/// The largest of all processes so far that ended (getrusage(2)); and until a failure is on the screen,
/// with three replays that confirm it.
private func measureWholeCommand(_ report: inout Report) {
  let bug = "\(Places.repository)/Tests/Scenarios/bugs/lost-update.lua"
  var fastest = Double.infinity
  for _ in 0..<10 {
    let begin = cshm_now()
    precondition(run(Places.moonpool, ["explore", bug]).status == 1, "the bug is not found")
    fastest = min(fastest, Double(cshm_now() - begin) / 1e9)
  }
  report.add(
    "explore: a failure on the screen / 100 ms", ours: fastest, bare: 0.1, budget: 1, unit: "s")
  var usage = rusage()
  getrusage(-1, &usage)  // RUSAGE_CHILDREN
  report.add(
    "explore: memory / 64 MB", ours: Double(usage.ru_maxrss) / 1024, bare: 64, budget: 1, unit: "MB"
  )
}

/// Schedules of a search on real processes (`explore --real`), on one core: the difference of many
/// and few, so that the start of the command is not in it.
private func measureReal(_ report: inout Report) {
  let folder = "/tmp/\(Places.unique("bench"))"
  mkdir(folder, 0o700)
  defer { _ = run("/bin/rm", ["-rf", folder]) }
  let text = """
    local n = assert(shm.create("n", 8)):atomic(0)
    scenario "two"
    local function add() for i = 1, 9 do n:add(1) end end
    actor("a", { kill = true }, add)
    actor("b", add)
    """
  let scenario = write(text, "\(folder)/two.lua")
  let rows = [
    ("A.B.A2.B3.A.B2", "of 20 steps", 50.0), ("A.B.A2.xA.B", "with a real kill", 500.0),
  ]
  for (schedule, what, microseconds) in rows {
    func followed(_ count: Int) -> String {
      write(Array(repeating: schedule, count: count).joined(separator: "\n"), "\(folder)/\(count)")
    }
    let (many, few) = (followed(550), followed(50))
    let (longer, shorter) = compare(rounds: 5, calls: 1) {
      follow(scenario, many)
    } _: {
      follow(scenario, few)
    }
    report.add(
      "explore --real: a schedule \(what), on one core", ours: (longer - shorter) / 500 / 1e3,
      bare: microseconds, budget: 1, unit: "us")
  }
}

private func write(_ text: String, _ path: String) -> String {
  guard let file = fopen(path, "w") else { fatalError("\(path) cannot be written") }
  fputs(text, file)
  fclose(file)
  return path
}

private func follow(_ scenario: String, _ schedules: String) {
  let outcome = run(
    "taskset", ["-c", "0", Places.moonpool, "replay", "--each", "600", scenario, schedules])
  if outcome.status != 0 { fatalError("\(outcome.output)\(outcome.errors)") }
}

private struct Explored {
  let verdict: String
  let schedules, states, seconds, foundBySchedule, foundAfter: Double

  init(_ item: Substring) {
    func field(_ name: String) -> String {
      guard let range = item.firstRange(of: "\"\(name)\": ") else { return "" }
      return String(item[range.upperBound...].prefix { !",}\n".contains($0) }.filter { $0 != "\"" })
    }
    verdict = field("verdict")
    schedules = Double(field("schedules")) ?? 0
    states = Double(field("states")) ?? 0
    seconds = Double(field("seconds")) ?? 0
    foundBySchedule = Double(field("found_by_schedule")) ?? 0
    foundAfter = Double(field("found_after")) ?? 0
  }
}

private func explored(_ folder: String) -> [Explored] {
  let path = "\(Places.repository)/Tests/Scenarios/\(folder)"
  let output = run(Places.moonpool, ["explore", "--json", "--no-check", "--budget", "60", path])
    .output
  return output.split(separator: "\"file\": ").dropFirst().map { Explored($0) }
}
