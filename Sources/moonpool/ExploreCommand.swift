import ArgumentParser
import Explorer
import Glibc
import LuaHost
import Scenarios
import SharedMemory

struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract:
      "Explore scenarios: every interleaving, every kill, the smallest schedule that fails.",
    discussion: """
      FILE is a scenario, a folder of them, or the name of one inside the binary. Nothing of it runs \
      on real memory. The status is 0 if no schedule fails, 1 if one does or if something that the \
      file names happened in none (not exercised).
      """)

  @Option(
    help: "At most so many kills, of actors with kill = true (default: 1, or the scenario's).")
  var kills: Int?
  @Option(help: "Seconds to search (default: 10, or the scenario's).") var budget: Double?
  @Option(help: "The seed of random numbers.") var seed = 0
  @Option(
    help: "How to search: auto, cache, dpor, sleep, plain or random.",
    completion: .list(Explorations.strategies))
  var strategy = "auto"
  @Option(help: "Write the schedule that fails, for replay.", completion: .file())
  var save: String?
  @Option(help: "Write a line for each step of it.", completion: .file()) var trace: String?
  @Option(help: "Draw it, a lane for each actor.", completion: .file()) var svg: String?
  @Option(help: "Write a JUnit report.", completion: .file()) var junit: String?
  @Flag(help: "Follow what is proved on real processes, too, by turns.") var real = false
  @Flag(inversion: .prefixedNo, help: "Look at a sample in a second process.") var check = true
  /// Of that process: the schedule that it follows.
  @Option(help: .hidden) var follow: String?
  @Flag(help: "Print JSON.") var json = false
  @Argument(
    help: ArgumentHelp("Scenarios.", valueName: "file"), completion: .file(extensions: ["lua"]))
  var files: [String]

  func validate() throws {
    if let kills, !(0...100).contains(kills) {
      throw ValidationError("--kills is a number from 0 to 100.")
    }
    if let budget, !(budget > 0) { throw ValidationError("--budget is seconds above 0.") }
    if !Explorations.strategies.contains(strategy) {
      throw ValidationError(
        "--strategy is one of \(Explorations.strategies.joined(separator: ", ")).")
    }
  }

  func run() {
    let (texts, complaint) = ScenarioFiles(files).found
    if let complaint { ExitStatus.failure.exit(complaint) }
    var explorations = Explorations()
    explorations.kills = kills
    explorations.budget = budget
    explorations.seed = Int64(seed)
    explorations.strategy = strategy
    explorations.save = save
    explorations.trace = trace
    explorations.svg = svg
    explorations.junit = junit
    explorations.isReal = real
    explorations.checksItself = check
    explorations.isJSON = json
    explorations.passesOver = texts.count > 1 || files.contains(where: ScenarioFiles.isFolder)
    if let follow, let file = texts.first {
      ExitStatus.exit(with: explorations.follow(follow, .init(shown: file.shown, text: file.text)))
    }
    ExitStatus.exit(
      with: explorations.perform(texts.map { .init(shown: $0.shown, text: $0.text) }))
  }
}
