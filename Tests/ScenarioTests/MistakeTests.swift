import Glibc
import TestSupport
import Testing

/// What a person does wrong gets one line that says what.
@Suite struct MistakeTests {
  @Test(arguments: [
    (
      #"actor("a", { after = "b" }, function() end) actor("b", { after = "a" }, function() end)"#,
      "s.lua:2: actor: 'a' never starts, as it comes after itself"
    ),
    (
      #"actor("a", function() end) actor("a", function() end)"#,
      "s.lua:2: actor: there is an actor 'a' already"
    ),
    (
      #"actor("a", function() mark "here" end) fault.kill("a", { at = "there" })"#,
      "s.lua:2: fault.kill: no actor has the mark 'there'; there is 'here'"
    ),
    (
      #"actor("a", function() end) expect.output("b", "")"#,
      "s.lua:2: expect.output: there is no actor 'b'; there is 'a'"
    ),
    (
      #"actor("a", function() end) expect.order("a:x", "b:y")"#,
      "s.lua:2: expect.order: no actor has the mark 'x'"
    ),
    (#"mark "x""#, "s.lua:2: mark: it stands in an actor, not in the top level"),
    (
      #"expect(true)"#,
      "s.lua:2: expect: it stands in an actor, finally, always, not in the top level"
    ),
    (
      #"scenario "y""#, "s.lua:2: scenario: a file has one, and line 1 names it"
    ),
    (
      #"shm.create("v", 8):u32(0, 1)"#,
      "s.lua:2: view:u32: the top level only declares, and every process runs it; put this into "
        + "setup or an actor"
    ),
    (
      #"shm.mutex("m"):lock()"#,
      "s.lua:2: mutex:lock: the top level only declares, and every process runs it; put this into "
        + "setup or an actor"
    ),
    (
      #"actor("a", { kil = true }, function() end)"#,
      "s.lua:2: actor: there is no option 'kil'; it takes after, kill"
    ),
    (
      #"actor("a", { kill = 1 }, function() end)"#,
      "s.lua:2: actor: the option 'kill' is a boolean"
    ),
    (
      #"actor("a", function() end) fault.kill("a", {})"#,
      #"s.lua:2: fault.kill: it happens {at = "mark"}, {before = n}, {after = n} or {time = seconds}"#
    ),
    (
      #"actor("a", function() end) fault.freeze("a", { before = 1 })"#,
      "s.lua:2: fault.freeze: it takes seconds="
    ),
    (
      #"actors(27, "a", function() end)"#,
      "s.lua:2: actors: a scenario has 26 actors at most"
    ),
    ("", #"s.lua:1: scenario: it has no actor; actor("name", function() … end) adds one"#),
    ("os.exit(0)", "the top level ended the process (os.exit); it only declares"),
    ("error 'broken'", "s.lua:2: broken"),
    ("actor('a' function() end)", "s.lua:2: ')' expected near 'function'"),
  ])
  func itIsSaidInOneLine(_ text: String, _ complaint: String) {
    let outcome = play("scenario \"x\"\n" + text)
    #expect(outcome.errors == "moonpool: \(complaint)\n")
    #expect(outcome.output == "")
    #expect(outcome.status == 1)
  }

  @Test(arguments: [
    ("fault.kill('a', { before = 1 })", "fault.kill: it stands in the top level, not in an actor"),
    ("actor('b', function() end)", "actor: it stands in the top level, not in an actor"),
    ("setup(function() end)", "setup: it stands in the top level, not in an actor"),
    ("alive('b')", "alive: there is no one actor 'b'"),
    ("queue.push(1)", "push: it takes what it calls, then its arguments"),
  ])
  func inAnActorItIsAFailureWithItsLine(_ text: String, _ complaint: String) {
    let outcome = play(
      """
      scenario "x"
      local queue = history { init = {}, push = function() end }
      actor("a", function()
        \(text)
      end)
      """)
    #expect(outcome.status == 1)
    #expect(outcome.verdict.contains("    \(complaint)   "), "\(outcome.verdict)")
    #expect(outcome.verdict.contains(" s.lua:4\n"))
  }

  @Test func alwaysOnlyReads() {
    let outcome = play(
      """
      scenario "x"
      local view = assert(shm.create("v", 8))
      always(function() view:u32(0, 1) end)
      actor("a", function() end)
      """)
    #expect(
      outcome.verdict.contains("view:u32: always only reads; put this into an actor or finally"))
  }

  @Test func aFileWithoutAScenario() {
    let outcome = play("print(1)")
    #expect(
      outcome.errors
        == "moonpool: s.lua declares no scenario; scenario \"title\" names one, and a script is run "
        + "by: moonpool s.lua\n")
    #expect(outcome.status == 1)
    let file = ScenarioFile(#"print "scenario""#)
    file.add("scenario 'x' actor('a', function() end)", name: "t.lua")
    let both = run(Places.moonpool, ["play", file.folder])
    #expect(both.status == 0, "\(both.errors)")
    #expect(both.output.contains("✓ x "))
  }

  @Test func runAsAScriptItSaysWhatItIs() {
    let file = ScenarioFile("scenario 'x'")
    let outcome = run(Places.moonpool, [file.path])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\nthis is a scenario: moonpool play \(file.path)\n"))
  }

  @Test func namesThatAreNone() {
    let outcome = run(Places.moonpool, ["play", "helo"])
    #expect(
      outcome.errors
        == "moonpool: helo: no such file, and no such scenario; did you mean 'hello'?\n")
    #expect(outcome.status == 1)
    #expect(run(Places.moonpool, ["play"]).status == 64)
    #expect(run(Places.moonpool, ["play", "hello", "--times", "0"]).status == 64)
    #expect(run(Places.moonpool, ["play", "hello", "--sweep", "--times", "2"]).status == 64)
    #expect(
      run(Places.moonpool, ["play", "hello", "--sweep"]).errors.hasSuffix(
        "--sweep: no actor may be killed; actor(\"name\", { kill = true }, function() … end) may\n")
    )
  }

  @Test func anActorThatLeavesAProcess() {
    let outcome = play(
      """
      scenario "x"
      actor("a", function() os.execute("sleep 77.5 > /dev/null 2>&1 & sleep 0.1") end)
      """)
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains("    a left processes of its own running; they were ended   "))
    #expect(run("/bin/sh", ["-c", "ps ax | grep '[s]leep 77.5'"]).output == "")
  }

  @Test func outputWithoutALinesEnd() {
    let outcome = play(
      """
      scenario "x"
      actor("a", function() io.write("no end") end)
      actor("b", function() io.write("killed") mark "m" io.write("later") end)
      fault.kill("b", { at = "m" })
      expect.output("a", "no end")
      expect.output("b", "killed")
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.events.contains("a | no end"))
  }

  @Test func muchOutputIsReadAndNotKept() {
    let outcome = play(
      """
      scenario "x"
      actor("a", function() local line = ("x"):rep(999) for _ = 1, 100000 do print(line) end end)
      """)
    #expect(outcome.status == 1)
    #expect(outcome.output.utf8.count < 1_200_000)
    #expect(outcome.verdict.contains("a printed more than 1 MiB; what came later was not kept"))
  }

  /// `moonpool play … | head`: nobody reads, so nothing goes on.
  @Test func aClosedPipeEndsAll() {
    let file = ScenarioFile(
      """
      scenario "x"
      actor("a", function() while true do print "x" shm.sleep(0.01) end end)
      """)
    let word = Places.unique("pipe")
    let outcome = run(
      "/bin/bash",
      [
        "-c",
        "set -o pipefail; MOONPOOL_MARK=\(word) \(Places.moonpool) play \(file.path) | head -3; "
          + "echo ${PIPESTATUS[0]}",
      ])
    #expect(outcome.output.hasSuffix("\n141\n"), "\(outcome.output)")
    #expect(poll(within: 5) { processes(with: word).isEmpty })
  }
}

/// The processes that have the word in their environment.
func processes(with word: String) -> [String] {
  let script = "grep -lsz 'MOONPOOL_MARK=\(word)' /proc/[0-9]*/environ"
  return run("/bin/sh", ["-c", script]).output.split(separator: "\n").map(String.init)
}
