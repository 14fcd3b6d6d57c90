import ArgumentParser
import Compilers
import Glibc
import LuaHost
import Scenarios
import SharedMemory

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Follow a schedule, step by step, on real processes.",
    discussion: """
      FILE is a scenario, or the name of one inside the binary. SCHEDULE says whose turn it is: A2 is \
      two steps of the first actor, xA its kill, tA an early end of its wait, A:2 the second \
      alternative of its any, joined by dots; behind it all run on in order of declaration. Or it is \
      a file with one. The status is 1 if the scenario fails, 0 if it does not, and 2 if a step \
      cannot be taken (diverged).
      """)

  @Option(help: "Replay it so often.") var times = 1
  @Option(help: "The seed of random numbers.") var seed = 0
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write a JUnit report.", completion: .file()) var junit: String?
  @Option(help: "Draw it, a lane for each actor.", completion: .file()) var svg: String?
  @Option(help: "Write the schedule and a line for each step.", completion: .file())
  var save: String?
  @Flag(help: "Use the machine's /dev/shm, with a session for each run.") var shared = false
  /// For trials: behind the schedule anybody goes who can move, by the seed.
  @Flag(help: .hidden) var stir = false
  /// The argument is a file with a schedule in each line: all are followed, for this many seconds.
  @Option(help: .hidden) var each: Double?
  @Argument(help: "A scenario.", completion: .file(extensions: ["lua"])) var file: String
  @Argument(help: "A schedule, or a file with one.", completion: .file()) var schedule: String

  func validate() throws {
    if times < 1 { throw ValidationError("--times is a number from 1.") }
  }

  func run() {
    let (texts, complaint) = ScenarioFiles([file]).found
    if let complaint { ExitStatus.failure.exit(complaint) }
    if ScenarioFiles.isFolder(file) { ExitStatus.usage.exit("replay takes one scenario") }
    var plays = Plays()
    do throws(Schedule.Problem) {
      if let each {
        plays.options.schedules = try Self.list(schedule)
        plays.options.budget = each
      } else {
        plays.options.replays = try Self.trace(ParserText.decodedString(schedule))
      }
    } catch { ExitStatus.usage.exit("replay: \(error.text)") }
    plays.options.times = times
    plays.options.seed = Int64(seed)
    plays.options.isStirred = stir
    plays.options.isShared = shared
    plays.isJSON = json
    plays.isPrivate = !shared
    plays.junit = junit
    plays.svg = svg
    plays.saved = save
    ExitStatus.exit(with: plays.perform(texts))
  }

  private static func list(_ path: String) throws(Schedule.Problem) -> [Schedule] {
    var schedules: [Schedule] = []
    let text = String(decoding: TextFile.read(path) ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") { schedules.append(try Schedule(line)) }
    return schedules
  }

  /// A text is a schedule, unless it has something that no schedule has, such as a file's name.
  private static func trace(_ word: String) throws(Schedule.Problem) -> ScheduleFile {
    if access(word, F_OK) == 0, let bytes = TextFile.read(word) {
      return try ScheduleFile(text: String(decoding: bytes, as: UTF8.self))
    }
    return ScheduleFile(try Schedule(word))
  }
}
