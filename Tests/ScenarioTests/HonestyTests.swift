import Glibc
import TestSupport
import Testing

/// A pass says that all was judged, and that what the file and the options name came about.
@Suite struct HonestyTests {
  private static let actor = #"actor("a", function() end)"#

  @Test(arguments: [
    ("setup(function() os.exit(3) end)", "conductor ends 3"),
    ("setup(function() os.exit(0) end)", "conductor ends 0"),
    ("finally(function() os.exit(1) end)", "conductor ends 1"),
    ("finally(function() os.exit(0) end)", "conductor ends 0"),
    (#"setup(function() os.execute("kill -KILL $PPID") end)"#, "conductor killed (9)"),
    (#"finally(function() os.execute("kill -KILL $PPID") end)"#, "conductor killed (9)"),
    (
      "finally(function() error(setmetatable({}, { __tostring = function() error 'no' end })) end)",
      "(error object is a table value, and its __tostring fails)"
    ),
  ])
  func theDirectorsOwnEndIsJudged(_ text: String, _ complaint: String) {
    let outcome = play("scenario \"x\"\n\(text)\n\(Self.actor)")
    #expect(outcome.status == 1)
    #expect(outcome.verdict.contains("\n    \(complaint)"), "\(outcome.output)")
  }

  @Test func aKillThatNeverHappensIsNotExercised() {
    let outcome = play(
      "scenario 'x'\nactor('a', { kill = true }, function() end)", "--kill", "a:9999")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains("    --kill a:9999 never happened; it had 0 operations   "),
      "\(outcome.output)")
    let reached = play("scenario 'x'\nactor('a', { kill = true }, function() end)", "--kill", "a:1")
    #expect(reached.status == 0, "\(reached.output)")
  }

  /// The actor has three operations in the first run, and none later.
  @Test func aSweepCountsTheKillsThatCameAbout() {
    let folder = Places.unique("met")
    let outcome = play(
      """
      local word = assert(shm.create("w", 8)):atomic(0)
      scenario "fewer"
      actor("a", { kill = true }, function()
        if os.execute("mkdir /tmp/\(folder) 2>/dev/null") then for _ = 1, 3 do word:add(1) end end
      end)
      """, "--sweep")
    rmdir("/tmp/\(folder)")
    #expect(outcome.status == 0)
    #expect(
      outcome.verdict.hasPrefix("~ fewer      no failure at 1 of 4 kill points, "),
      "\(outcome.output)")
  }

  // MARK: any

  @Test func bothOfTwoAlternativesAreTaken() {
    let text = """
      scenario "two ways"
      actor("a", function() print(any("x", "y")) end)
      """
    let outcome = play(text)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.verdict.contains("2 runs of 1 process, "))
  }

  @Test(arguments: ["x", "y"]) func againTakesTheSameAlternative(_ failing: String) throws {
    let text = """
      scenario "one of two"
      actor("a", function() expect(any("x", "y") ~= "\(failing)", "that one") end)
      """
    let outcome = play(text, "--seed", "6")
    #expect(outcome.status == 1)
    let seed = try #require(outcome.verdict.firstMatch(of: #/ --seed (\d+)\n$/#)).output.1
    let again = play(text, "--seed", String(seed), "--times", "1")
    #expect(again.verdict.contains("    that one   "), "\(again.output)")
  }

  /// Only one alternative has an operation: each is swept by itself.
  @Test func aSweepKeepsTheAlternativeOfItsKillPoints() {
    let text = """
      local word = assert(shm.create("v", 8)):atomic(0)
      scenario "one way has more"
      actor("a", { kill = true }, function()
        if any(1, 2) == 1 then word:add(1) word:add(1) end
      end)
      finally(function() expect(word:load() ~= 1, "half") end)
      """
    let outcome = play(text, "--sweep")
    #expect(outcome.verdict.hasSuffix(" --seed 1 --kill a:2\n"), "\(outcome.output)")
    #expect(play(text, "--seed", "1", "--kill", "a:2").status == 1)
    let passes = play(text.replacing("~= 1", with: "< 9"), "--sweep")
    #expect(passes.status == 0)
    #expect(passes.verdict.contains("all 4 kill points, "), "\(passes.output)")
  }

  // MARK: Options

  @Test(arguments: [
    (
      "fault.truncate('o', { actor = 'a', before = 1, size = 1.5 })",
      "fault.truncate: the option 'size' is an integer from 0"
    ),
    ("fault.kill('a', { before = 0 })", "fault.kill: the option 'before' is an integer from 1"),
    ("fault.kill('a', { after = 1.5 })", "fault.kill: the option 'after' is an integer from 1"),
    (
      "fault.kill('a', { time = math.huge })",
      "fault.kill: the option 'time' is a number of seconds from 0 to 1000000"
    ),
    (
      "fault.freeze('a', { before = 1, seconds = -1 })",
      "fault.freeze: the option 'seconds' is a number of seconds from 0 to 1000000"
    ),
    (
      "fault.delay('a', { seconds = 0/0 })",
      "fault.delay: the option 'seconds' is a number of seconds from 0 to 1000000"
    ),
  ])
  func numbersThatCannotBeMeant(_ text: String, _ complaint: String) {
    let outcome = play("scenario 'x'\n\(Self.actor)\n\(text)")
    #expect(outcome.errors == "moonpool: s.lua:3: \(complaint)\n")
    #expect(outcome.status == 1)
    let late = play("scenario('x', { timeout = 1e12 })\n\(Self.actor)")
    #expect(late.errors.hasPrefix("moonpool: s.lua:1: scenario: the option 'timeout' is a number"))
  }

  @Test func aFloatThatIsAnInteger() {
    let outcome = play(
      """
      scenario "x"
      local view = assert(shm.create("o", 8192))
      actor("a", function() mark "m" end)
      fault.truncate("o", { actor = "a", at = "m", nth = 1.0, size = 2048.0 })
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("· o truncated to 2048 bytes\n"), "\(outcome.output)")
  }

  /// A name of the machine's is not the play's to truncate.
  @Test func theMachinesObjectsAreNotTruncated() {
    let name = Places.unique("stranger")
    _ = run("/bin/sh", ["-c", "printf 12345 > /dev/shm/\(name)"])
    let outcome = play(
      """
      scenario "x"
      actor("a", function() mark "m" end)
      fault.truncate("/\(name)", { actor = "a", at = "m", size = 0 })
      """, "--shared")
    #expect(run("/bin/cat", ["/dev/shm/\(name)"]).output == "12345")
    unlink("/dev/shm/\(name)")
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains("    fault.truncate: /\(name) is the machine's, as no /dev/shm"))
  }

  // MARK: Marks, and who loads

  @Test func aComputedMarkIsNoLiteral() {
    let outcome = play(
      """
      scenario "x"
      actor("a", function() for n = 1, 2 do mark("step " .. n) end end)
      expect.order("a:step 1", "a:step 2")
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func whoIsKilledWhileItLoadsStopsNobodyElse() {
    let outcome = play(
      """
      os.execute("sleep 1")
      scenario "x"
      actor("a", function() end)
      actor("b", { after = "a" }, function() print "not reached" end)
      actor("c", { after = "b" }, function() print "went on" end)
      fault.kill("b", { time = 0.5 })
      expect.output("b", "")
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.events.contains("c | went on"))
  }

  // MARK: Other processes

  @Test func childrenFromBeforeAreSpared() throws {
    let file = ScenarioFile("scenario 'x'\n\(Self.actor)")
    let script = "sleep 60 >/dev/null 2>&1 & echo $!; exec \(Places.moonpool) play \(file.path)"
    let outcome = run("/bin/sh", ["-c", script])
    let server = try #require(pid_t(outcome.output.prefix { $0 != "\n" }))
    #expect(outcome.output.contains("✓ x "))
    #expect(kill(server, 0) == 0)
    kill(server, SIGKILL)
  }

  @Test(arguments: [[], ["--shared"]]) func whoLeavesItsSessionIsEnded(_ options: [String]) {
    let file = ScenarioFile(
      """
      scenario "x"
      actor("a", function() os.execute("setsid sleep 60 >/dev/null 2>&1 & sleep 0.3") end)
      """)
    let word = Places.unique("daemon")
    let outcome = run(
      Places.moonpool, ["play", file.path] + options, environment: ["MOONPOOL_MARK": word])
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        "    processes of an actor's were left running in a session of their own; they were ended"),
      "\(outcome.output)")
    #expect(processes(with: word).isEmpty)
  }

  /// A daemon of the first file's ends while the second is read.
  @Test func anOlderZombieIsNotWaitedFor() {
    let file = ScenarioFile(
      #"os.execute("setsid sleep 0.5 >/dev/null 2>&1 & sleep 0.1") -- no scenario"#, name: "a.lua")
    file.add("os.execute('sleep 1') scenario 'x' \(Self.actor)", name: "b.lua")
    let outcome = run("/usr/bin/timeout", ["30", Places.moonpool, "play", file.folder])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  // MARK: What is said

  @Test func theWaysToTheRightCommand() {
    let outcome = run(Places.moonpool, ["run", "hello"])
    #expect(outcome.errors == "moonpool: 'hello' is a scenario: moonpool play hello\n")
    #expect(outcome.status == 1)
    let kill = run(Places.moonpool, ["play", "hello", "--kill", "first"])
    #expect(kill.errors.contains("--kill <actor:n>"), "\(kill.errors)")
    #expect(kill.status == 64)
  }

  @Test func aSweepOfAFolderPassesOverWhoNeedsNone() {
    let file = ScenarioFile("scenario 'x' \(Self.actor)", name: "a.lua")
    let none = run(Places.moonpool, ["play", "--sweep", file.folder])
    #expect(none.status == 1)
    #expect(none.errors.hasPrefix("moonpool: --sweep: no file has an actor that may be killed; "))
    file.add("scenario 'y' actor('b', { kill = true }, function() end)", name: "b.lua")
    let one = run(Places.moonpool, ["play", "--sweep", file.folder])
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.output.contains("✓ y      the only kill point, "), "\(one.output)")
    #expect(!one.output.contains(" x "))
  }
}

/// What a person is told who has written something a little otherwise.
@Suite struct AdviceTests {
  @Test(arguments: [
    (
      #"actr("a", function() end)"#,
      "attempt to call a nil value (global 'actr'); did you mean 'actor'?"
    ),
    (
      #"actor("a", function() end) fault.kil("a", { time = 1 })"#,
      "attempt to call a nil value (field 'kil'); did you mean 'fault.kill'?"
    ),
    (
      #"actor("a", function() end) expect.outputs("a", "")"#,
      "attempt to call a nil value (field 'outputs'); did you mean 'expect.output'?"
    ),
    (#"frobnicate()"#, "attempt to call a nil value (global 'frobnicate')"),
    (
      #"shm.crate("v", 64)"#,
      "attempt to call a nil value (field 'crate'); did you mean shm.create?"
    ),
    (
      #"assert(shm.event("e")):sett()"#,
      "attempt to call a nil value (method 'sett'); did you mean event:set?"
    ),
    (#"local t = {} t.foo()"#, "attempt to call a nil value (field 'foo')"),
    (#"actor(function() end)"#, "actor: it takes a name of letters, digits, blanks, . _ -"),
  ])
  func aWordThatIsNone(text: String, said: String) {
    let file = ScenarioFile("scenario 'x'\n\(text)")
    for command in ["play", "explore"] {
      let outcome = Played(run(Places.moonpool, [command, file.path]), file.folder)
      #expect(outcome.status == 1)
      #expect(outcome.errors == "moonpool: s.lua:2: \(said)\n", "\(command)")
    }
  }

  @Test func againIsWhatAShellTakes() {
    let file = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      scenario "odd"
      actor("a b", { kill = true }, function() view:u32(0, 2) end)
      finally(function() expect.equal(view:u32(0), 2) end)
      """, name: "it's.lua")
    let outcome = file.play("--sweep", "--shared")
    #expect(
      outcome.output.contains(#"  Again    moonpool play 'it'\''s.lua' --shared --kill 'a b:1'"#)
        || outcome.output.contains(#"it'\''s.lua' --shared --kill 'a b:1'"#), "\(outcome.output)")
  }

  @Test func numbersThatAreEqualAreTheSameResult() {
    let outcome = play(
      """
      scenario "numbers"
      local h = history { init = 0, get = function() return 1.0, { 2 } end }
      actor("a", function() h.get(function() return 1, { 2.0 } end) end)
      expect.linearizable(h)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func aBusyLoopInsideOfPcallFailsToo() {
    let outcome = play(
      """
      scenario "busy"
      actor("a", function()
        pcall(function() while true do end end)
      end)
      """)
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        "    runs for a second without an operation, line 3              s.lua:3"),
      "\(outcome.output)")
  }

  @Test func whoPrintsWithoutAnEndMeetsTheDeadline() {
    let outcome = play(
      """
      scenario("flood", { timeout = 1 })
      actor("a", function()
        while true do
          io.write(("y\\n"):rep(10000))
          shm.now()
        end
      end)
      """)
    #expect(outcome.status == 1)
    #expect(outcome.verdict.contains(#"    deadline: after 1 s "a" still "#))
  }

  @Test func aReportMayLieInTheMachinesMemory() {
    let path = "/dev/shm/\(Places.unique("report"))"
    defer { unlink(path) }
    #expect(run(Places.moonpool, ["play", "--junit", path, "hello"]).status == 0)
    #expect(run("/bin/cat", [path]).output.contains("<testsuite"))
  }

  @Test func aReportThatCannotBeWrittenIsSaid() {
    let nowhere = run(Places.moonpool, ["play", "--junit", "/nowhere/x", "hello"])
    #expect(nowhere.status == 1)
    #expect(nowhere.errors == "moonpool: /nowhere/x: No such file or directory\n")
    #expect(nowhere.output == "")  // nothing was played
    let full = run(Places.moonpool, ["play", "--junit", "/dev/full", "hello"])
    #expect(full.status == 1)
    #expect(full.errors == "moonpool: /dev/full: No space left on device\n")
  }

  @Test func aLongTraceIsCutAndSaysSo() {
    let file = ScenarioFile(
      """
      local view = assert(shm.create("view", 64))
      scenario "long"
      actor("a", function()
        for i = 1, 20000 do view:u32(0, i) end
        mark "end"
      end)
      """)
    let outcome = file.play("--trace", "\(file.folder)/trace")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(file.read("trace").contains(" more operations are not in this file\n"))
  }
}

/// Where a file gives a director nothing to do there is none; nothing else is different then.
@Suite struct DirectorTests {
  @Test func withoutADirectorAllBeginTogether() {
    let outcome = play(
      """
      local event, seen = assert(shm.event("event")), assert(shm.event("seen"))
      scenario "two"
      actor("a", function() print(event:wait(60)) seen:wait(60) end)
      actor("b", function()
        event:set()
        print(alive("a"), alive(2))
        seen:set()
        shm.sleep(0.2)
      end)
      actor("c", { after = "b" }, function() print(alive("b")) end)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(
      Set(outcome.events) == [
        "a | · process N", "b | · process N", "c | · process N", "a | true", "b | true\ttrue",
        "c | false", "a | · ends 0", "b | · ends 0", "c | · ends 0",
      ], "\(outcome.output)")
  }

  /// The conductor holds what the top level opens until all is over.
  @Test func whatTheTopLevelOpensIsHeldToTheEnd() {
    let outcome = play(
      """
      local view = assert(shm.create("view", 64))
      scenario "held"
      actor("a", function() view:u32(0, 7) view:close() end)
      actor("b", { after = "a" }, function() print(view:u32(0)) end)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.events.contains("b | 7"))
  }

  @Test func whatTheTopLevelPrintsIsShownOnce() {
    let outcome = play(
      """
      print "top"
      scenario "prints"
      actor("a", function() end)
      """)
    #expect(outcome.events.filter { $0 == "conductor | top" }.count == 1, "\(outcome.output)")
  }

  @Test(arguments: [1, 20])
  func anActorThatCannotLoadEndsTheRun(times: Int) {
    let file = ScenarioFile("")
    file.add(
      """
      scenario "fails"
      actor("a", function() shm.sleep(60) end)
      actor("b", function() end)
      local runs = io.open("\(file.folder)/runs", "a+")
      runs:write("x")
      if runs:seek("end") == 3 then os.exit(4) end
      runs:close()
      """, name: "s.lua")
    let outcome = file.play("--times", "\(times)")
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(
      outcome.verdict.contains("the top level ended the process (os.exit)")
        || outcome.verdict.contains("b ends 4") || outcome.verdict.contains("a ends 4"),
      "\(outcome.output)")
  }
}
