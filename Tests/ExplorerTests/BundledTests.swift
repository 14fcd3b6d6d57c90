import LuaHost
import TestSupport
import Testing

/// What `moonpool explore` says of each scenario inside of the binary, and of the bundled patterns.
@Suite struct BundledExplorationTests {
  /// One fails on purpose. In some there are more schedules than a search of some seconds goes through;
  /// and what only a fault of a play brings about is not exercised.
  private static let otherwise = [
    "transfer": "✗", "leader": "~", "telemetry": "~", "full-disk": "?", "truncated": "?",
  ]

  @Test(arguments: Bundle.scenarios.map(\.name))
  func eachHasItsVerdict(_ name: String) {
    let sign = Self.otherwise[name] ?? "✓"
    let seconds = sign == "~" ? "3" : "300"
    let outcome = run(Places.moonpool, ["explore", "--budget", seconds, name])
    #expect(outcome.output.hasPrefix("\(sign) "), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.status == (sign == "✓" || sign == "~" ? 0 : 1))
  }

  @Test func theTransferFailsByItsSmallestSchedule() {
    let outcome = run(Places.moonpool, ["explore", "transfer"])
    #expect(outcome.output.contains("coins: expected 100, got 70"))
    #expect(outcome.output.contains("Smallest 1 kill, 0 switches. Without a kill none fails"))
    #expect(outcome.output.contains("confirmed on real processes 3 of 3"))
    #expect(outcome.output.contains("moonpool replay transfer A2.xA.B4"))
  }

  /// What a fault of the file's would bring about is said to be a play's.
  @Test func whatOnlyAFaultBringsAboutIsSaidToBe() {
    let outcome = run(Places.moonpool, ["explore", "full-disk"])
    let words = outcome.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(words.contains("no fault.* of the file"))
  }

  static let patterns = Traces.names("\(Places.repository)/Tests/Scenarios/patterns").sorted()

  @Test(arguments: patterns) func patternsAreProved(_ file: String) {
    #expect(Self.patterns.count >= 5)
    let path = "\(Places.repository)/Tests/Scenarios/patterns/\(file)"
    let outcome = run(Places.moonpool, ["explore", "--budget", "300", path])
    #expect(outcome.output.hasPrefix("✓ "), "\(outcome.output)\(outcome.errors)")
  }
}

/// Files, and the second process.
@Suite struct ExploreFileTests {
  private static let bugs = "\(Places.repository)/Tests/Scenarios/bugs"

  @Test func allFilesAreWritten() {
    let stem = "/tmp/\(Places.unique("explored"))"
    let kinds = ["svg", "trace", "junit", "save"]
    defer { for kind in kinds { _ = run("/bin/rm", ["-f", "\(stem).\(kind)"]) } }
    let outcome = run(
      Places.moonpool,
      ["explore", "\(Self.bugs)/torn-read.lua"] + kinds.flatMap { ["--\($0)", "\(stem).\($0)"] })
    #expect(outcome.status == 1)
    #expect(Traces.text("\(stem).svg").hasPrefix("<svg "))
    #expect(Traces.text("\(stem).trace").hasPrefix("1  car  "))
    #expect(Traces.text("\(stem).junit").contains("<failure message=\"failed\">"))
    // A line for each step, as the replay has taken it.
    let saved = Traces.text("\(stem).save")
    #expect(saved.contains("\nschedule A:1.A.B:1.B3.A\n1  car  "), "\(saved)")
    #expect(
      run(Places.moonpool, ["replay", "\(Self.bugs)/torn-read.lua", "\(stem).save"]).status == 1)
  }

  /// With as many kills as were asked for, and no file of what does not fail.
  @Test func whatDoesNotFailLeavesNoFile() {
    let path = "/tmp/\(Places.unique("nothing")).svg"
    let outcome = run(
      Places.moonpool,
      [
        "explore", "--kills", "0", "--svg", path,
        "\(Places.repository)/Tests/Scenarios/proved/record.lua",
      ])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(run("/bin/ls", [path]).status != 0)
  }

  @Test func aFileThatCannotBeWritten() {
    let outcome = run(
      Places.moonpool, ["explore", "--svg", "/no/such/x.svg", "\(Self.bugs)/torn-read.lua"])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: /no/such/x.svg: No such file or directory\n")
  }

  /// A schedule is another one in another process if the text of the file is.
  @Test func whatIsNotTheSameTwiceIsSaid() {
    let folder = "/tmp/\(Places.unique("twice"))"
    _ = run("/bin/mkdir", ["-p", folder])
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let file = "\(folder)/twice.lua"
    let text = """
      scenario "twice"
      local word = assert(shm.create("twice", 8)):atomic(0)
      actor("one", function() word:store(tonumber((tostring(print):gsub("%D", "")):sub(-9, -4))) end)
      """
    _ = run("/bin/sh", ["-c", "printf '%s' \"$0\" > \(file)", text])
    let outcome = run(Places.moonpool, ["explore", file])
    #expect(outcome.status == 70, "\(outcome.output)")
    #expect(outcome.errors.contains("did not come out the same in a second process"))
    #expect(run(Places.moonpool, ["explore", "--no-check", file]).status == 0)
  }

  /// One schedule for all that only exchange steps which do not touch each other.
  @Test func whatIsProvedIsFollowedOnRealProcesses() {
    let outcome = run(
      Places.moonpool,
      [
        "explore", "--real", "--budget", "60",
        "\(Places.repository)/Tests/Scenarios/between/half-written.lua",
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("  Real     all ")
        && outcome.output.contains("on real processes: none failed"), "\(outcome.output)")
  }
}
