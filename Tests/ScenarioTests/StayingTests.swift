import Glibc
import TestSupport
import Testing

/// Processes that stay from run to run (`Residents`), as a search on real processes has them: each
/// run is as if they were new.
@Suite struct StayingTests {
  private static let asNew = """
    local view = assert(shm.create("v", 64))
    local lock = assert(shm.mutex("m"))
    local n = view:atomic(0)
    local runs, count = 0, {}
    scenario "as new each time"
    setup(function()
      runs = runs + 1
      assert(n:load() == 0 and runs == 1, "memory of another run")
      n:store(1)
    end)
    actor("keeps", { kill = true }, function()
      runs = runs + 1
      count[#count + 1] = true
      leaked = (leaked or 0) + 1
      expect.equal(runs + #count + leaked, 3, "variables of another run")
      local own = assert(shm.create("own", 64))
      expect.equal(own:u32(0), 0, "a name of another run")
      own:u32(0, 7)
      print("it is run " .. runs)
      expect.equal(select(2, assert(lock:lock())), nil, "a lock of another run")
    end)
    actor("heir", { after = "keeps" }, function()
      print(select(2, lock:lock(0)) == "abandoned" and "an heir" or "nobody's heir")
    end)
    finally(function() expect.equal(n:load(), 1) end)
    expect.output("heir", "an heir")
    expect.gone("own")
    """

  /// The status, and how many runs it took until one failed.
  private func follow(_ text: String, _ schedules: [String]) -> (status: Int32, runs: String) {
    let file = ScenarioFile(text)
    file.add(schedules.joined(separator: "\n"), name: "schedules")
    let outcome = run(
      Places.moonpool, ["replay", "--each", "60", file.path, "\(file.folder)/schedules"])
    return (outcome.status, outcome.output)
  }

  /// Variables, tables, names, what was printed, and a lock that it had at its end.
  @Test func nothingOfARunIsLeftForTheNext() {
    let outcome = follow(Self.asNew, Array(repeating: "A", count: 40))
    #expect(outcome.status == 0)
    #expect(outcome.runs == "40 A\n")
  }

  /// Whoever was killed is another process in the next run.
  @Test func killsAreInBetween() {
    let text = Self.asNew.replacing(#"expect.output("heir", "an heir")"#, with: "")
    let outcome = follow(
      text, Array(repeating: ["A", "xA", "A2", "A3.xA"], count: 10).flatMap { $0 })
    #expect(outcome.status == 0)
    #expect(outcome.runs == "40 A3.xA\n")
  }

  /// It ends the process itself.
  @Test func whoExitsIsForkedAgain() {
    let text = """
      scenario "exits"
      local n = assert(shm.create("n", 8)):atomic(0)
      local exits = 0
      actor("one", function() exits = exits + 1 n:add(exits) os.exit(3, true) end)
      expect.exit("one", 3)
      finally(function() expect.equal(n:load(), 1) end)
      """
    #expect(follow(text, Array(repeating: "A", count: 5)).runs == "5 A\n")
  }

  @Test func theFirstThatFailsIsSaid() {
    let text = """
      scenario "the order counts"
      local n = assert(shm.create("n", 8)):atomic(0)
      actor("one", function() n:store(1) end)
      actor("other", function() n:store(2) end)
      finally(function() expect.equal(n:load(), 2) end)
      """
    let outcome = follow(text, ["A.B", "A.B", "B.A", "A.B"])
    #expect(outcome.status == 1)
    #expect(outcome.runs == "3 B.A\n")
  }
}
