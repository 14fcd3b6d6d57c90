import Glibc
import TestSupport
import Testing

/// `moonpool replay`: real processes by turns, as a schedule says.
@Suite struct ReplayTests {
  private static let two = """
    local view = assert(shm.create("view", 64))
    local a, b = view:atomic(0), view:atomic(4)
    scenario "two"
    actor("first", function()
      a:store(1)
      print("first sees " .. b:load())
    end)
    actor("second", function()
      b:store(1)
      print("second sees " .. a:load())
    end)
    """

  @Test func theScheduleSaysWhoGoes() {
    let file = ScenarioFile(Self.two)
    let outcome = file.replay("A.B2.A")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        two
            1  first      s.lua:5   cell:store view
            2  second     s.lua:9   cell:store view @4
            3  second     s.lua:10  cell:load view  1
               second     | second sees 1
            4  first      s.lua:6   cell:load view @4  1
               first      | first sees 1
            5  first      s.lua:6   end
            6  second     s.lua:10  end
        ✓ two      replayed, and did not fail: 6 steps on real processes

        """)
  }

  @Test func whatIsLeftRunsOnInOrderOfDeclaration() {
    let outcome = ScenarioFile(Self.two).replay("")
    #expect(
      outcome.steps == [
        "first cell:store", "first cell:load", "first end", "second cell:store",
        "second cell:load", "second end",
      ])
  }

  @Test func aKillIsRealAndWhatItReleasesIsSeen() {
    let outcome = ScenarioFile(
      """
      local lock = assert(shm.mutex("lock"))
      scenario "kill"
      actor("owner", { kill = true }, function()
        lock:lock()
        lock:unlock()
      end)
      actor("next", function()
        print(lock:owner())
        print(lock:lock())
        print(alive("owner"))
      end)
      """
    ).replay("A.B.xA")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(
      outcome.output.contains(
        """
            1  owner      s.lua:4   mutex:lock lock  acquired
            2  next       s.lua:8   mutex:owner lock  101
               next       | 101	false
               owner      s.lua:5   killed
            3  next       s.lua:9   mutex:lock lock  abandoned
               next       | true	abandoned
            4  next       s.lua:10  alive
               next       | false

        """.replacing("\n\n", with: "\n")), "\(outcome.output)")
  }

  @Test func whoSleepsOnACellIsWokenFirstInFirstOut() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell = view:atomic(0)
      scenario "wakes"
      actors(3, "sleeper", function(i)
        cell:wait(0)
        print("woken " .. i)
      end)
      actor("waker", function()
        cell:store(1)
        print("woke " .. cell:wake(2))
        print("woke " .. cell:wake())
      end)
      """
    ).replay("B.C.A.D2.A2")
    #expect(outcome.status == 2)  // the first sleeper slept last, and is not among the first two
    #expect(
      outcome.verdict.contains(
        "diverged at step 6: sleeper1: it sleeps, and nobody has woken it"), "\(outcome.output)")
  }

  @Test func timeIsVirtual() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell = view:atomic(0)
      scenario "time"
      actor("a", function()
        print(shm.now(), os.clock(), os.time(), shm.pid())
        shm.sleep(1000)
        print(shm.now(), os.clock(), os.time() - os.time { year = 2026, month = 1, day = 1, hour = 0 } < 1e6)
        print(cell:wait(0, 500))
        print(shm.now())
      end)
      actor("b", function() shm.sleep(1200) print("b at " .. shm.now()) end)
      """
    ).replay("")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(
      outcome.printed == [
        "a | 0.0\t0.0\t1767225600\t101", "a | 1000.0\t1000.0\ttrue", "b | b at 1200.0",
        "a | false\ttimeout", "a | 1500.0",
      ], "\(outcome.output)")
  }

  @Test func aWaitMayTimeOutEarly() {
    let text = """
      local event = assert(shm.event("event"))
      scenario "early"
      actor("a", function() print(event:wait(10)) end)
      actor("b", function() event:set() end)
      """
    #expect(ScenarioFile(text).replay("B.A").printed == ["a | true"])
    #expect(ScenarioFile(text).replay("tA").printed == ["a | false\ttimeout"])
  }

  @Test func anAnyTakesTheAlternativeOfTheSchedule() {
    let file = ScenarioFile(
      """
      scenario "any"
      actor("a", function() print(any("x", "y", "z")) end)
      """)
    #expect(file.replay("").printed == ["a | x"])
    #expect(file.replay("A:3").printed == ["a | z"])
    let outcome = file.replay("A:4")
    #expect(outcome.status == 2)
    #expect(
      outcome.verdict.contains("diverged at step 1: a: its any has 3 alternatives, and no 4"))
  }

  @Test func whatAlwaysHoldsIsLookedAtAfterEachStep() {
    let file = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local a, b = view:atomic(0), view:atomic(4)
      scenario "never both"
      always(function() expect(a:load() + b:load() < 2, "both inside") end)
      actor("p", function() a:store(1) a:store(0) end)
      actor("q", function() b:store(1) b:store(0) end)
      """)
    #expect(file.replay("").status == 0)
    let outcome = file.replay("A.B")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        "    both inside                                                 s.lua:4"))
  }

  @Test func whoeverIsLeftAndCannotMoveIsNamed() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell, lock = view:atomic(0), assert(shm.mutex("lock"))
      local event = assert(shm.event("event"))
      scenario "stuck"
      actor("sleeper", function() cell:wait(0) end)
      actor("holder", function() lock:lock() event:wait() end)
      actor("locker", function() lock:lock() end)
      actor("spinner", function() while cell:load() == 0 do end end)
      """
    ).replay("")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.split(separator: "\n").dropFirst().prefix(4).map {
        $0.split(separator: "  ").first!
      }
        == [
          "stuck: sleeper sleeps in cell:wait, and nobody alive will wake it",
          "stuck: holder waits in event:wait, and nobody alive will let it go on",
          "stuck: locker waits in mutex:lock, and nobody alive will let it go on",
          "stuck: spinner repeats its reads, and nobody alive will change them",
        ])
    #expect(outcome.output.contains("this 2,001 times"))
  }

  @Test func anActorAfterAnotherBeginsWhenThatIsOver() {
    let file = ScenarioFile(
      """
      scenario "phases"
      local view = assert(shm.create("view", 64))
      actor("a", function() view:u32(0, 1) end)
      actor("b", { after = "a" }, function() view:u32(0, 2) end)
      """)
    #expect(file.replay("A2.B2").status == 0)
    #expect(
      file.replay("A.B").verdict.contains("diverged at step 2: b: it has not begun yet"))
    #expect(file.replay("xA.B2").status == 0)
    #expect(file.replay("xA.A").verdict.contains("diverged at step 1: a: it has ended already"))
  }

  @Test func aStepThatWouldWaitDiverges() {
    let outcome = ScenarioFile(
      """
      local lock = assert(shm.mutex("lock"))
      scenario "locks"
      actor("a", function() lock:lock() lock:unlock() end)
      actor("b", function() lock:lock() lock:unlock() end)
      """
    ).replay("A.B")
    #expect(outcome.status == 2)
    #expect(
      outcome.verdict == """
        ✗ locks                                                         s.lua:2

            diverged at step 2: b: mutex:lock would wait                s.lua:4

        """)
  }

  @Test func aReplayIsTheSameEachTime() {
    let outcome = ScenarioFile(Self.two).replay("B.A", "--times", "20")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("6 steps on real processes, 20 times the same"))
  }

  @Test func whatDiffersFromTimeToTimeIsSeen() {
    let file = ScenarioFile("")
    file.add(
      """
      local view = assert(shm.create("view", 64))
      scenario "by address"
      actor("a", function()
        local count = io.open("\(file.folder)/count", "a+")
        view:u32(0, count:seek("end"))
        count:write("x")
        count:close()
        view:u32(0)
      end)
      """, name: "s.lua")
    let outcome = file.replay("", "--times", "3")
    #expect(outcome.status == 2)
    #expect(
      outcome.verdict.contains(
        "diverged at step 2: a: another run of the same schedule did something else here"),
      "\(outcome.output)")
  }

  // MARK: Passes that would be none

  @Test(arguments: ["A3.B3.A", "A3.B3.xA", "A.xA.B3.xB", "A3.B3.B:2"])
  func aScheduleThatIsLongerThanTheRun(schedule: String) {
    let outcome = ScenarioFile(Self.two).replay(schedule)
    #expect(outcome.status == 2)
    #expect(
      outcome.verdict.contains(": the schedule goes on, and all actors have ended"),
      "\(outcome.output)")
  }

  @Test(arguments: ["finally", "always", "setup"])
  func aDirectorThatExits(word: String) {
    let outcome = ScenarioFile(
      """
      scenario "exits"
      local view = assert(shm.create("view", 64))
      actor("a", function() view:u32(0, 1) end)
      \(word)(function() if "\(word)" ~= "always" or view:u32(0) == 1 then os.exit(0) end end)
      finally(function() error "not reached" end)
      """
    ).replay("")
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.verdict.contains("    conductor ends 0  "), "\(outcome.output)")
  }

  @Test func whatTheMachineRefusesIsNoPass() {
    let outcome = ScenarioFile(
      """
      scenario "posix"
      actor("a", function() assert(shm.create("/\(Places.unique("x"))", 64)) end)
      """
    ).replay("", "--shared")
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.verdict.hasPrefix("? posix      not exercised"))
  }

  @Test func aRunThatFailsOnceHasFailed() {
    let file = ScenarioFile("")
    file.add(
      """
      scenario "flips"
      actor("a", function() end)
      finally(function()
        local runs = io.open("\(file.folder)/runs", "a+")
        runs:write("x")
        expect(runs:seek("end") ~= 1, "first")
        runs:close()
      end)
      """, name: "s.lua")
    let outcome = file.replay("", "--times", "2")
    #expect(outcome.status == 2)
    #expect(outcome.verdict.contains("a: another run of the same schedule failed otherwise"))
  }

  // MARK: The rules and what is ordinary

  @Test(arguments: [
    // What the director does before the actors is in the model, too.
    "setup(function() m:lock() m:unlock() end) actor('a', function() m:lock() m:unlock() end)",
    "setup(function() e:set() e:wait() end) actor('a', function() print(e:wait(0)) end)",
    "setup(function() m:lock() end) actor('a', function() print(m:lock(0)) end)",
    "actor('a', function() m:lock() end) finally(function() m:lock() m:unlock() end)",
    // Two handles of one owner.
    "actor('a', function() local k = shm.mutex('m') m:lock() m:close() k:unlock() k:lock() end)",
    // An object that is made anew.
    "actor('a', function() for i = 1, 300 do local n <close> = shm.event('n', { set = i % 2 == 0 }) n:wait(0) end end)",
    "actor('a', function() m:lock() m:lock() m:unlock() m:unlock() print(pcall(m.unlock, m)) end)",
    "actor('a', function() print(shm.wait({ m, e }, { timeout = 0 })) end)",
  ])
  func isNotSaidToBreakTheRules(text: String) {
    let outcome = ScenarioFile(
      """
      local m, e = assert(shm.mutex("m")), assert(shm.event("e"))
      scenario "ordinary"
      \(text)
      """
    ).replay("")
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func readingOnIsNoLoop() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 4096))
      scenario "reads"
      actor("a", function() local sum = 0 for i = 0, 2999 do sum = sum + view:u8(i) end end)
      actor("b", function() view:u8(0, 1) end)
      """
    ).replay("")
    #expect(outcome.status == 0, "\(outcome.verdict)")
    #expect(outcome.steps.prefix(3001).allSatisfy { $0.hasPrefix("a ") })
    #expect(outcome.output.contains("s.lua:3  view:u8 view @2998  0\n"))
  }

  @Test func whoeverNeverEndsIsToldSo() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell = view:atomic(0)
      scenario "endless"
      actor("a", function() while true do cell:add(1) end end)
      """
    ).replay("")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        "    after 10000 steps it still goes on                          s.lua:3"),
      "\(outcome.verdict)")
  }

  @Test func aWakeUpIsNotLostToATimeOut() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell = view:atomic(0)
      scenario "woken"
      actor("a", function() cell:wait(0, 5) end)
      actor("b", function() cell:store(1) cell:wake() end)
      """
    ).replay("A.B2.tA")
    #expect(outcome.status == 2)
    #expect(outcome.verdict.contains("diverged at step 4: a: it has been woken already"))
  }

  /// Whoever is killed by another actor has no turn; those who come after it begin all the same.
  @Test func anActorThatAnotherKills() {
    let outcome = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      scenario "kills"
      actor("victim", function() view:u32(0) view:u32(0) end)
      actor("killer", function()
        view:u32(4, 1)
        os.execute("kill -9 " .. io.open("/proc/self/stat"):read("n") - 1)
        view:u32(8, 1)
      end)
      actor("next", { after = "victim" }, function() print "begins" end)
      expect.exit("victim", "SIGKILL")
      """
    ).replay("A.B2")
    #expect(outcome.printed == ["next | begins"] || outcome.status == 1, "\(outcome.output)")
    #expect(!outcome.verdict.contains("deadline"), "\(outcome.output)")
  }

  // MARK: Files

  @Test func aSavedScheduleIsFollowedAndItsStepsCompared() {
    let file = ScenarioFile(Self.two)
    #expect(file.replay("A.B2.A", "--save", "\(file.folder)/trace").status == 0)
    let saved = file.read("trace")
    let lines = saved.split(separator: "\n").map(String.init)
    #expect(lines[0] == "moonpool-trace 1")
    #expect(lines[1].wholeMatch(of: #/scenario [0-9a-f]{16}  .*s\.lua/#) != nil)
    #expect(lines[2] == "schedule A.B2.A")
    #expect(lines[3].hasSuffix("s.lua:5  cell:store view  done"))
    #expect(lines.count == 9)
    #expect(file.replay("\(file.folder)/trace").status == 0)
    file.add(saved.replacing("cell:load view  1", with: "cell:load view  0"), name: "trace")
    let outcome = file.replay("\(file.folder)/trace")
    #expect(outcome.status == 2)
    #expect(outcome.verdict.contains("diverged at step 3: second: the file has: 3  second"))
    let lines2 = saved.split(separator: "\n").map(String.init)
    file.add(lines2.dropLast().joined(separator: "\n"), name: "trace")
    #expect(
      file.replay("\(file.folder)/trace").verdict.contains(
        "diverged at step 6: second: the file has no more steps"))
    file.add((lines2 + ["7  x"]).joined(separator: "\n"), name: "trace")
    #expect(file.replay("\(file.folder)/trace").verdict.contains("the file goes on: 7  x"))
    file.add(Self.two + "\n-- changed", name: "s.lua")
    let other = file.replay("\(file.folder)/trace")
    #expect(other.status == 2)
    #expect(
      other.errors
        == "moonpool: s.lua is not the text of which the schedule was saved\n")
  }

  // MARK: Mistakes

  @Test(arguments: [
    ("zz", "'zz' is no element"), ("A0", "'A0' is no element"), ("A.", "'' is no element"),
    ("A2x", "'A2x' is no element"), ("xAB", "'xAB' is no element"),
    ("A99999", "a schedule has 10000 steps at most"),
  ])
  func whatIsNoScheduleIsUsage(schedule: String, problem: String) {
    let outcome = ScenarioFile(Self.two).replay(schedule)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("moonpool: replay: \(problem)"), "\(outcome.errors)")
  }

  @Test func anActorThatThereIsNot() {
    let outcome = ScenarioFile(Self.two).replay("C")
    #expect(outcome.status == 2)
    #expect(outcome.errors == "moonpool: the schedule names C, and the scenario has 2 actors\n")
  }

  @Test func errorsOfActorsAreFailures() {
    let outcome = ScenarioFile(
      """
      scenario "errors"
      local view = assert(shm.create("view", 64))
      actor("a", function() view:u32(0, 1) error("oh") end)
      actor("b", function() view:u32(0) os.exit(3) end)
      """
    ).replay("B.A")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        "    oh                                                          s.lua:3"))
    #expect(
      outcome.verdict.contains(
        "    b ends 3                                                    s.lua:4"))
    #expect(outcome.steps.suffix(2) == ["a end", "b end"])
  }

  @Test func asData() {
    let outcome = ScenarioFile(Self.two).replay("A.B2.A", "--json")
    #expect(outcome.output.contains(#""verdict": "passed""#))
    #expect(
      outcome.output.contains(
        #"{"step": 3, "actor": "second", "place": "s.lua:10", "operation": "cell:load", "#
          + #""object": "view", "result": "1"}"#), "\(outcome.output)")
  }

  @Test func aPictureHasItsSteps() {
    let file = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      local cell = view:atomic(0)
      scenario "picture"
      actor("a", function() cell:wait(0) end)
      actor("b", { kill = true }, function() cell:store(1) cell:wake() cell:load() end)
      """)
    #expect(file.replay("A.B2.xB", "--svg", "\(file.folder)/p.svg").status == 0)
    let picture = file.read("p.svg")
    #expect(picture.contains("passed, 6 steps</text>"), "\(picture)")
    #expect(picture.matches(of: #/class="wait">/#).count == 1)
    #expect(picture.matches(of: #/class="wake"/#).count == 1)
    #expect(picture.matches(of: #/class="kill">/#).count == 1)
  }

  // MARK: Our own objects

  /// Each scenario of the binary with actors in any order, while the rules judge each object.
  @Test(arguments: ["either-order", "permits", "abandoned", "two-phases", "watchdog", "leader"])
  func objectsDoWhatTheirRulesSay(name: String) {
    let outcome = run(Places.moonpool, ["replay", "--stir", "--times", "25", name, ""])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(", 25 runs"))
  }
}

extension ScenarioFile {
  func replay(_ schedule: String, _ options: String...) -> Played {
    Played(run(Places.moonpool, ["replay", path, schedule] + options), folder)
  }
}

extension Played {
  /// "first cell:store", a step each.
  var steps: [String] {
    output.split(separator: "\n").compactMap {
      $0.firstMatch(of: #/^ +\d+  (\w+) +[^ ]+ +([^ ]+)/#).map { "\($0.output.1) \($0.output.2)" }
    }
  }

  /// "first | text"
  var printed: [String] {
    output.split(separator: "\n").compactMap {
      $0.firstMatch(of: #/^ +(\w+) +\| (.*)$/#).map { "\($0.output.1) | \($0.output.2)" }
    }
  }
}
