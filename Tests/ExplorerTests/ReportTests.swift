import Glibc
import TestSupport
import Testing

/// What `moonpool explore` prints, for every program that fails; and its exit statuses.
@Suite struct ExploreReportTests {
  private static let failing = Corpus.bugs + Corpus.between.filter(hasReport)

  private static func hasReport(_ name: String) -> Bool {
    access(path(name), F_OK) == 0
  }

  private static func path(_ name: String) -> String {
    "\(Places.repository)/Tests/ExplorerTests/Reports/\(name.split(separator: "/").last!).txt"
  }

  static func explore(_ name: String, _ options: String = "") -> (output: String, status: Int32) {
    let parts = name.split(separator: "/")
    let outcome = run(
      "/bin/sh",
      [
        "-c",
        "cd \(Places.repository)/Tests/Scenarios/\(parts[0]) && "
          + "\(Places.moonpool) explore \(options) \(parts[1]).lua",
      ])
    return (outcome.output + outcome.errors, outcome.status)
  }

  /// Times are not the same in two runs.
  private static func timeless(_ text: String) -> String {
    text.replacing(#/in [\d,.]+ m?s/#, with: "in T")
      // A longer time may take a word to the next row.
      .replacing(#/confirmed\s+on\s+real\s+processes\s+(\d)\s+of\s+3\./#) {
        "confirmed on real processes \($0.1) of 3."
      }
  }

  @Test(arguments: failing) func itReadsAsItShould(_ name: String) throws {
    let (output, status) = Self.explore(name)
    #expect(status == 1)
    #expect(Self.timeless(output) == Traces.text(Self.path(name)))
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 41)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    #expect(Self.timeless(output).contains("confirmed on real processes 3 of 3"))
  }

  /// Twice the same, times aside.
  @Test func itIsTheSameInEachRun() {
    for name in ["bugs/aba", "bugs/ticket-lock-killed"] {
      #expect(
        Self.timeless(Self.explore(name).output) == Self.timeless(Self.explore(name).output))
    }
  }

  @Test(arguments: Corpus.proved) func whatIsRightIsProved(_ name: String) {
    let (output, status) = Self.explore(name, "--budget 300")
    #expect(status == 0)
    #expect(output.hasPrefix("✓ "), "\(output)")
    #expect(output.contains("  Assuming this scenario, "))
  }

  /// The page of scenarios shows what is printed.
  @Test func thePageShowsWhatIsPrinted() {
    let page = Traces.text("\(Places.repository)/Tests/Scenarios/README.md")
    let outcome = Self.explore("./transfer")
    #expect(outcome.status == 1)
    #expect(
      Self.timeless(page).contains("```text\n" + Self.timeless(outcome.output) + "```"),
      "\(outcome.output)")
  }

  @Test func whatIsSavedIsReplayed() {
    let saved = "/tmp/\(Places.unique("fails"))"
    defer { unlink(saved) }
    #expect(Self.explore("bugs/lost-update", "--save \(saved)").status == 1)
    #expect(Traces.text(saved).contains("\nschedule A.B3.A\n"))
    let bugs = "\(Places.repository)/Tests/Scenarios/bugs"
    #expect(
      run("/bin/sh", ["-c", "cd \(bugs) && \(Places.moonpool) replay lost-update.lua \(saved)"])
        .status == 1)
  }
}
