import TestSupport
import Testing

/// What never comes to an operation, or needs more than there is, fails at its line, as in a play.
@Suite struct ExploreEndlessTests {
  private func explored(
    _ text: String, _ options: [String] = []
  ) -> (output: String, errors: String, status: Int32) {
    let folder = "/tmp/\(Places.unique("endless"))"
    _ = run("/bin/mkdir", ["-p", folder])
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let file = "\(folder)/endless.lua"
    _ = run("/bin/sh", ["-c", "printf '%s' \"$0\" > \(file)", text])
    let outcome = run(Places.moonpool, ["explore", "--budget", "5"] + options + [file])
    return (outcome.output, outcome.errors, outcome.status)
  }

  @Test(arguments: [
    (
      "while true do pcall(function() while true do end end) end",
      "runs without an operation, line 2"
    ),
    (
      "coroutine.wrap(function() while true do end end)()", "runs without an operation, line 2"
    ),
    (#"print((("a"):rep(3000):find(".-.-.-.-b")))"#, "runs without an operation, line 2"),
    (
      #"local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end"#,
      "out of memory: an actor has 64 MiB in the explorer"
    ),
    ("local function f() return 1 + f() end f()", "out of memory: an actor has 64 MiB"),
    (#"print(#("x"):rep(200 << 20))"#, "out of memory: an actor has 64 MiB in the explorer"),
  ])
  func whatNeverEndsFails(body: String, told: String) {
    let outcome = explored(
      "scenario(\"endless\", { timeout = 1 })\nactor(\"a\", function() \(body) end)\n")
    #expect(outcome.status == 1, "\(body): \(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(told), "\(body): \(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("endless.lua:2"), "\(body): \(outcome.output)")
  }

  @Test(arguments: [
    ("kills = -1", "the option 'kills' is an integer from 0 to 100"),
    ("kills = 1.5", "the option 'kills' is an integer from 0 to 100"),
    ("kills = 99999999999", "the option 'kills' is an integer from 0 to 100"),
    ("budget = 0", "the budget is seconds above 0"),
    ("budget = -1", "the option 'budget' is a number of seconds from 0 to 1000000"),
  ])
  func whatCannotBeMeantIsSaid(option: String, told: String) {
    let outcome = explored(
      "scenario(\"s\", { \(option) })\nactor(\"a\", { kill = true }, function() end)\n")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasSuffix("endless.lua:1: scenario: \(told)\n"), "\(outcome.errors)")
  }

  @Test func killsHaveAnUpperBound() {
    let outcome = explored("scenario \"s\"\n", ["--kills", "99999999999"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--kills is a number from 0 to 100."), "\(outcome.errors)")
  }
}
