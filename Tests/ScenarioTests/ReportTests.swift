import TestSupport
import Testing

/// What a play writes for machines, and the picture.
@Suite struct PlayReportTests {
  private static let text = """
    local word = assert(shm.create("w", 8)):atomic(0)
    scenario "a <wake> & a kill"
    actor("sleeper", function() word:wait(0, 5) print "awake" end)
    actor("waker", function() shm.sleep(0.05) word:store(1) word:wake() end)
    actor("victim", function() mark "here" end)
    fault.kill("victim", { at = "here" })
    fault.freeze("waker", { before = 1, seconds = 0.02 })
    """

  private func parses(_ name: String, _ file: ScenarioFile) -> Bool {
    run(
      "python3",
      ["-c", "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", "\(file.folder)/\(name)"]
    )
    .status == 0
  }

  @Test func jsonHasAllOfIt() throws {
    let file = ScenarioFile(Self.text)
    let outcome = run(Places.moonpool, ["play", file.path, "--json", "--seed", "3"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let check = """
      import json, sys
      report, = json.load(sys.stdin)
      assert report["verdict"] == "passed" and report["runs"] == 1 and report["seed"] == 3
      assert report["title"] == "a <wake> & a kill" and report["left_behind"] == []
      assert [a["name"] for a in report["actors"]] == ["sleeper", "waker", "victim"]
      assert report["actors"][0]["status"] == 0 and report["actors"][2]["signal"] == 9
      assert report["actors"][1]["operations"] == 3
      printed = [e["text"] for e in report["events"] if e["printed"]]
      assert printed == ["awake"], printed
      """
    let checked = run("python3", ["-c", check], input: .text(outcome.output))
    #expect(checked.status == 0, "\(checked.errors)\(outcome.output)")
  }

  @Test func jsonTellsWhatIsWrong() {
    let outcome = play(
      """
      scenario "x"
      actor("a", { kill = true }, function() mark "m" expect(false, "bad") end)
      """, "--json", "--kill", "a:9")
    #expect(outcome.status == 1)
    for part in [
      #""verdict": "failed""#, #"{"text": "bad", "place": "s.lua:2"}"#,
      #"{"actor": "a", "operation": 9, "reached": false}"#,
    ] {
      #expect(outcome.output.contains(part), "\(part)\n\(outcome.output)")
    }
    let mistaken = play("scenario 'x'\nmark 'y'", "--json")
    #expect(mistaken.output.contains(#""verdict": "misuse", "message": "s.lua:2: mark: "#))
    #expect(mistaken.status == 1)
  }

  @Test func junitHasACaseForEachFile() {
    let file = ScenarioFile(Self.text)
    file.add("scenario 'fails' actor('a', function() error '<bad>' end)", name: "t.lua")
    file.add("scenario 'yellow' actor('a', function() sometimes('x', false) end)", name: "u.lua")
    let outcome = run(
      Places.moonpool, ["play", file.folder, "--junit", "\(file.folder)/report.xml"])
    #expect(outcome.status == 1)
    let report = file.read("report.xml")
    #expect(report.contains(#"tests="3" failures="1" errors="1""#), "\(report)")
    #expect(report.contains(#"name="a &lt;wake&gt; &amp; a kill""#))
    #expect(report.contains(#"<failure message="&lt;bad&gt;">"#))
    #expect(
      report.contains(#"<error message="not exercised">sometimes &quot;x&quot; was never true"#))
    #expect(parses("report.xml", file))
  }

  @Test func theTraceHasEachOperation() {
    let file = ScenarioFile(Self.text)
    _ = file.play("--trace", "\(file.folder)/trace")
    let lines = file.read("trace").split(separator: "\n")
    #expect(lines.first == "moonpool-play 1")
    let calls = lines.filter { $0.contains("s.lua:") }
    for call in ["sleeper", "cell:wait w @0", "shm.sleep", "cell:store w @0", "cell:wake w @0"] {
      #expect(calls.contains { $0.contains(call) }, "\(call)")
    }
    #expect(lines.contains { $0.hasSuffix("sleeper  prints awake") })
  }

  @Test func thePictureHasALaneForEachActor() {
    let file = ScenarioFile(Self.text)
    _ = file.play("--svg", "\(file.folder)/picture.svg")
    let picture = file.read("picture.svg")
    #expect(parses("picture.svg", file))
    for name in ["sleeper", "waker", "victim", "a &lt;wake&gt; &amp; a kill"] {
      #expect(picture.contains(">\(name)</text>"), "\(name)")
    }
    #expect(picture.matches(of: #/class="kill">/#).count == 1)
    #expect(picture.matches(of: #/class="frozen">/#).count == 1)
    #expect(picture.matches(of: #/class="wait">/#).count == 1)
    #expect(picture.matches(of: #/class="wake"/#).count == 1)
    #expect(picture.contains("prefers-color-scheme: dark"))
  }

  @Test func aFileThatCannotBeWritten() {
    let outcome = run(Places.moonpool, ["play", "hello", "--svg", "/no/such/folder/x.svg"])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: /no/such/folder/x.svg: No such file or directory\n")
  }
}

/// The other ways to run.
@Suite struct PlayModeTests {
  @Test(arguments: ["hello", "transfer-mended", "many-to-one"]) func eachPartByExec(_ name: String)
  {
    let outcome = run(Places.moonpool, ["play", name, "--fresh", "--times", "2"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  /// In the machine's `/dev/shm` the names are a session's, `Global\` included.
  @Test func withoutADevShmOfItsOwn() {
    let name = Places.unique("Global")
    let outcome = play(
      #"""
      scenario "global"
      local view = assert(shm.create([[Global\\#(name)]], 8))
      actor("a", function() print((shm.path([[Global\\#(name)]]):gsub(".*/([^/]*)/.*", "%1"))) end)
      actor("b", function() assert(shm.open([[Global\\#(name)]])) mark "m" end)
      fault.kill("b", { at = "m" })
      expect.gone([[Global\\#(name)]])
      """#, "--shared")
    #expect(outcome.status == 0, "\(outcome.output)")
    let folder = outcome.events.first { $0.hasPrefix("a | moonpool-") }
    #expect(folder?.hasSuffix(".global") ?? false, "\(outcome.output)")
    #expect(run("/bin/sh", ["-c", "ls /dev/shm | grep '@play-.*\(name)'"]).output == "")
  }

  @Test(arguments: [
    (#"actor("a", function() shm.create("/moonpool-x", 8) end)"#, "a POSIX name is the machine's"),
    (
      #"actor("a", function() mark "m" end) fault.full { actor = "a", at = "m" }"#,
      "fault.full needs a /dev/shm of the play's own"
    ),
  ])
  func whatWouldTouchTheMachineIsNotExercised(_ text: String, _ why: String) {
    let outcome = play("scenario \"x\"\n" + text, "--shared")
    #expect(outcome.status == 1)
    #expect(outcome.verdict.contains("? x      not exercised"), "\(outcome.output)")
    #expect(outcome.verdict.contains("    \(why)"), "\(outcome.output)")
  }

  /// With one, a POSIX name that nobody removed is said, and gone for the next run.
  @Test func aPosixNameIsNobodyElses() {
    let name = "/\(Places.unique("posix"))"
    let outcome = play(
      """
      scenario "posix"
      actor("a", function() assert(shm.create("\(name)", 8, { exclusive = true })) end)
      """, "--times", "2")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.verdict.hasSuffix("left behind and removed: \(name)\n"), "\(outcome.output)")
    #expect(run("/bin/ls", ["/dev/shm\(name)"]).status != 0)
  }
}
