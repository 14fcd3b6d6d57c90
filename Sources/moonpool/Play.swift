import ArgumentParser
import Glibc
import LuaHost
import Scenarios
import SharedMemory

struct Play: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Run scenarios: several processes, one memory, faults included.",
    discussion: """
      FILE is a scenario, a folder of them, or the name of one inside the binary. The status is 1 \
      if one fails, or if something that it names happened in no run (not exercised).
      """)

  @Option(help: "Run each so often, with other seeds.") var times: Int?
  @Option(help: "The seed of random numbers, of pauses and of the choices of any.") var seed = 0
  @Flag(help: "Kill each actor that may be killed before each of its operations.") var sweep = false
  @Option(
    help: ArgumentHelp(
      "Kill one actor before its operation N, from 1: ACTOR:N.", valueName: "actor:n"))
  var kill: KillPoint?
  @Flag(help: "Start each process by exec.") var fresh = false
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write a JUnit report.", completion: .file()) var junit: String?
  @Option(
    help: "Write a line for each operation of the run that failed, or of the last.",
    completion: .file()) var trace: String?
  @Option(help: "Draw that run, a lane for each actor.", completion: .file()) var svg: String?
  @Flag(help: "Use the machine's /dev/shm, with a session for each run.") var shared = false
  /// What `--fresh` starts.
  @Option(help: .hidden) var part: Int?
  @Flag(help: "Print a scenario that is inside the binary instead.") var show = false
  @Argument(
    help: ArgumentHelp("Scenarios.", valueName: "file"), completion: .file(extensions: ["lua"]))
  var files: [String]

  func validate() throws {
    if let times, times < 1 { throw ValidationError("--times is a number from 1.") }
    if sweep && (times != nil || kill != nil) || kill != nil && times != nil {
      throw ValidationError("--sweep, --kill and --times are three ways to run: give one.")
    }
  }

  func run() {
    if show { return printTexts() }
    let (texts, complaint) = ScenarioFiles(files).found
    if let complaint { ExitStatus.failure.exit(complaint) }
    if let part, let file = texts.first { ExitStatus.exit(with: Plays.play(part, of: file)) }
    var plays = Plays()
    plays.options.times = times
    plays.options.seed = Int64(seed)
    plays.options.isSweep = sweep
    plays.options.kill = kill.map { ($0.actor, $0.operation) }
    plays.options.isFresh = fresh
    plays.options.isShared = shared
    plays.options.isTraced = svg != nil || trace != nil
    plays.isJSON = json
    plays.isPrivate = !shared
    plays.junit = junit
    plays.svg = svg
    plays.trace = trace
    plays.passesOver = texts.count > 1 || files.contains(where: ScenarioFiles.isFolder)
    ExitStatus.exit(with: plays.perform(texts))
  }

  private func printTexts() {
    for name in files {
      guard let text = Bundle.scenario(ParserText.decodedString(name)) else {
        ExitStatus.failure.exit(ScenarioFiles.unknown(name))
      }
      print(String(decoding: text.bytes, as: UTF8.self), terminator: "")
    }
  }
}

/// `mover:3`
struct KillPoint: ExpressibleByArgument {
  let actor: String
  let operation: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":")
    guard parts.count == 2, let operation = Int(parts[1]), operation >= 1 else { return nil }
    actor = ParserText.decodedString(String(parts[0]))
    self.operation = operation
  }
}
