import TestSupport
import Testing

/// The programs of Tests/Scenarios that are explored.
enum Corpus {
  static let bugs = names("bugs")
  static let proved = names("proved")
  static let between = names("between")

  private static func names(_ folder: String) -> [String] {
    Traces.names("\(Places.repository)/Tests/Scenarios/\(folder)").filter { $0.hasSuffix(".lua") }
      .map { "\(folder)/\($0.dropLast(4))" }.sorted()
  }
}

/// Trials of the explorer, each in a process of its own.
@Suite struct ExplorerTests {
  private func trial(_ words: String...) -> (output: String, status: Int32) {
    let outcome = run("\(Places.binaries)/explorer-trials", words)
    return (outcome.output + outcome.errors, outcome.status)
  }

  @Test func thereAreEnough() {
    #expect(Corpus.bugs.count >= 30)
    #expect(Corpus.proved.count >= 11)
    #expect(Corpus.between.count >= 10)
  }

  @Test(arguments: Corpus.bugs + Corpus.proved + Corpus.between)
  func allSearchesFindTheSame(_ name: String) {
    let (output, status) = trial("outcomes", name)
    #expect(status == 0, "\(output)")
  }

  @Test(arguments: Corpus.bugs) func aBugIsFoundSoon(_ name: String) {
    let (output, status) = trial("found", name)
    #expect(status == 0, "\(output)")
  }

  /// Whatever the explorer does wrong is seen.
  @Test func itsMistakesAreSeen() {
    let mistakes = trial("mutants").output.split(separator: "\n").map(String.init)
    #expect(mistakes.count >= 25)
    for mistake in mistakes {
      let (output, status) = trial("mutant", mistake)
      #expect(status == 0, "\(output)")
    }
  }

  /// A copy between two views of which somebody else uses one.
  @Test func copiesOfOneSideAreProved() {
    let (output, status) = trial("copies")
    #expect(status == 0, "\(output)")
  }

  /// Of two searches that do not agree it is said that the explorer is broken.
  @Test func aContradictionIsSeen() {
    let (output, status) = trial("contradiction")
    #expect(status == 0, "\(output)")
  }

  /// The model and the real primitives, side by side.
  @Test func theModelSaysWhatTheRealOnesSay() {
    let (output, status) = trial("real", "4000")
    #expect(status == 0, "\(output)")
  }

  // MARK: - What cannot be explored

  @Test(arguments: [
    ("io.open('x')", "io.open"), ("io.write('x')", "io.write"),
    ("io.stdout:write('x')", "io.stdout"),
    ("os.execute('true')", "os.execute"), ("os.remove('x')", "os.remove"),
    ("os.getenv('HOME')", "os.getenv"), ("os.exit(0, true)", "os.exit(code, true)"),
    ("dofile('x')", "dofile"), ("loadfile('x')", "loadfile"),
    ("package.loadlib('x', 'y')", "package.loadlib"), ("console.getch()", "console.getch"),
    ("pcall(io.open, 'x')", "io.open"), ("shm.list()", "shm.list"),
    ("shm.holders('refusals')", "shm.holders"), ("shm.path('refusals')", "shm.path"),
    ("shm.create('Wine\\\\x', 8)", "a name under Wine"),
    ("shm.open('refusals', {access = 'copy'})", "access \"copy\""),
    ("shm.create(nil, 1 << 30)", "more than 64 MiB of objects"),
  ]) func itIsRefused(_ body: String, _ what: String) {
    let (output, status) = trial("refused", body)
    #expect(status == 1)
    #expect(output == "test.lua:4: \(what) cannot be explored; 'moonpool play' does it\n")
  }

  @Test func whatIsMisuseIsSaid() {
    #expect(trial("refused", "end) memory:u32(0, 1) actor('b', function()").status == 1)
    #expect(trial("refused", "shm.sleep(1)").status == 0)
  }

  @Test func usage() {
    func explore(_ words: String...) -> Int32 { run(Places.moonpool, ["explore"] + words).status }
    #expect(explore("--kills", "-1", "x.lua") == 64)
    #expect(explore("--strategy", "luck", "x.lua") == 64)
    #expect(explore("--budget", "0", "x.lua") == 64)
    #expect(explore("/nonexistent.lua") == 1)
  }
}
