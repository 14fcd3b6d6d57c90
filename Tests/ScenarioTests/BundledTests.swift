import LuaHost
import TestSupport
import Testing

/// The scenarios inside of the binary.
@Suite struct BundledScenarioTests {
  static let names = Bundle.scenarios.map(\.name)
  /// `transfer` fails on purpose, if its auditor comes late enough.
  static let right = names.filter { $0 != "transfer" }

  @Test func thereAreEnough() {
    #expect(Self.names.count >= 14)
    #expect(Self.names == Self.names.sorted())
  }

  /// Also with the order of things changed a little each time.
  @Test(arguments: right) func itPasses(_ name: String) {
    let outcome = run(Places.moonpool, ["play", name, "--times", "4", "--seed", "1"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasPrefix("✓ "))
    #expect(outcome.output.hasSuffix("nothing left behind\n"))
  }

  @Test(arguments: right.filter { text($0).contains("kill = true") })
  func itPassesWhereverItIsKilled(_ name: String) {
    let outcome = run(Places.moonpool, ["play", name, "--sweep"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(" kill points, "))
  }

  /// Each fault, mark and sometimes, one after the other: without it the verdict is yellow, never
  /// green and never red.
  @Test(arguments: names) func whatIsOutOfReachIsMissed(_ name: String) {
    let lines = Self.text(name).split(separator: "\n", omittingEmptySubsequences: false)
    var tried = 0
    for (index, line) in lines.enumerated() {
      guard let changed = Self.outOfReach(line) else { continue }
      var copy = lines
      copy[index] = changed[...]
      let outcome = play(copy.joined(separator: "\n"))
      #expect(outcome.status == 1, "\(changed)\n\(outcome.output)\(outcome.errors)")
      #expect(outcome.verdict.contains(" not exercised  "), "\(changed)\n\(outcome.output)")
      tried += 1
    }
    #expect(tried > 0)
  }

  /// In each replay of its schedule, and in no other one.
  @Test func whatFailsOnPurposeFails() {
    let failing = run(Places.moonpool, ["replay", "transfer", "A2.xA.B4", "--times", "3"])
    #expect(failing.status == 1)
    #expect(failing.output.contains("coins: expected 100, got 70"))
    #expect(run(Places.moonpool, ["replay", "transfer", "A4.xA.B4"]).status == 0)
  }

  private static func text(_ name: String) -> String {
    Bundle.scenario(name).map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }

  /// The line with what it names out of reach; nil: it names nothing.
  private static func outOfReach(_ line: Substring) -> String? {
    if let match = line.firstMatch(of: #/^(.*)\b(mark "[^"]*")(.*)$/#), !line.hasPrefix("--") {
      return "\(match.output.1)if not shm then \(match.output.2) end\(match.output.3)"
    }
    if let match = line.firstMatch(of: #/^(.*\bsometimes\("[^"]*", )(.*)$/#) {
      return "\(match.output.1)not shm and \(match.output.2)"
    }
    guard line.hasPrefix("fault.") else { return nil }
    if line.contains("nth = ") { return String(line).replacing(#/nth = \d+/#, with: "nth = 99") }
    if line.contains("at = ") { return String(line).replacing(#/at = /#, with: "nth = 99, at = ") }
    if line.contains("fault.delay") { return nil }  // it happens to whoever has an operation
    return String(line).replacing(#/(before|after) = \d+/#, with: "before = 999999")
  }

  @Test func theyAreListedAndShown() {
    let list = run(Places.moonpool, ["scripts"]).output
    for name in Self.names {
      #expect(list.contains("\n\(name) ") || list.hasPrefix("\(name) "), "\(name)")
      let file = run("/bin/cat", ["\(Places.repository)/Tests/Scenarios/\(name).lua"]).output
      #expect(run(Places.moonpool, ["play", "--show", name]).output == file)
    }
    let files = Traces.names("\(Places.repository)/Tests/Scenarios").filter { $0.hasSuffix(".lua") }
    #expect(files.map { String($0.dropLast(4)) }.sorted() == Self.names)
  }

  @Test func aFolderIsPlayedWhole() {
    let outcome = run(
      Places.moonpool, ["play", "\(Places.repository)/Tests/Scenarios", "--json", "--times", "4"])
    #expect(outcome.status <= 1, "\(outcome.errors)")
    let passed = outcome.output.matches(of: #/"verdict": "passed"/#).count
    #expect(passed >= Self.right.count, "\(outcome.output)")
  }
}
