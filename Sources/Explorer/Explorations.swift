internal import CLuaShm
internal import CShm
internal import Glibc
package import LuaHost
internal import PrintableText
internal import Scenarios

/// `moonpool explore`: files, options, and what is written where.
package struct Explorations {
  package var kills: Int?
  /// Seconds.
  package var budget: Double?
  package var seed: Int64 = 0
  package var strategy = "auto"
  package var save: String?
  package var trace: String?
  package var svg: String?
  package var junit: String?
  /// What is proved is followed on real processes, too.
  package var isReal = false
  /// A sample is looked at in another process.
  package var checksItself = true
  package var isJSON = false
  /// Several files, or a folder: those without a scenario are passed over.
  package var passesOver = false

  package static let strategies = ["auto", "cache", "dpor", "sleep", "plain", "random"]
  /// The explorer itself is broken.
  private static let broken: Int32 = 70

  package init() {}

  /// One file's text, and what the page calls it.
  package struct File {
    package let shown: String
    package let text: Interpreter.PlayText

    package init(shown: String, text: Interpreter.PlayText) {
      self.shown = shown
      self.text = text
    }
  }

  /// Explores all of them; returns the worst exit status.
  package func perform(_ files: [File]) -> Int32 {
    let signals = cshm_signals()
    if !PlantedBug.isFound {
      _ = complain("the explorer is broken: it does not find the lost update planted in it")
      return Self.broken
    }
    let page = ExplorationPage(isTerminal: isatty(STDOUT_FILENO) == 1)
    // Before anything is explored, so that it is not in vain.
    for path in [save, trace, svg, junit] {
      if let path, !Self.canWrite(path) {
        return complain("\(path): \(String(cString: strerror(errno)))")
      }
    }
    var worst: Int32 = 0
    var items: [String] = []
    var cases: [ExplorationJUnit.Case] = []
    var isAny = false
    for file in files {
      guard let (status, item) = explore(file, page, signals, &cases) else { continue }
      isAny = true
      worst = max(worst, status)
      items.append(item)
      if status == 130 { break }
    }
    if !isAny && worst == 0 { return complain("no file declares a scenario") }
    if isJSON { write(JSON.array(items) + "\n", to: STDOUT_FILENO) }
    if let junit { worst = max(worst, write(ExplorationJUnit.text(cases), toFile: junit)) }
    return worst
  }

  /// Nil: it has no scenario, and is passed over.
  private func explore(
    _ file: File, _ page: ExplorationPage, _ signals: Int32, _ cases: inout [ExplorationJUnit.Case]
  ) -> (Int32, String)? {
    do throws(Model.Refusal) {
      let model = try Model(file.text, .init(seed: seed))
      var options = Exploration.Options(
        kills: kills, budget: budget, seed: seed, strategy: strategy)
      options.isInterrupted = Self.interruption(signals)
      let progress = ExplorationProgress(isShown: isatty(STDERR_FILENO) == 1)
      options.progress = progress
      let exploration = Exploration(model, file: file.shown, options)
      defer { progress.clear() }
      try exploration.run()
      progress.clear()
      return report(exploration, page, &cases)
    } catch {
      switch error {
      case .nothing:
        if passesOver { return nil }
        return (
          complain("\(file.shown) declares no scenario; scenario \"title\" names one"), "null"
        )
      case .misuse(let text):
        cases.append(
          .init(file: file.shown, title: file.shown, seconds: 0, verdict: nil, text: text))
        return (complain(text), ExplorationJSON.misuse(file.shown, text))
      }
    }
  }

  /// Ctrl-C, asked for seldom, but each tenth of a second.
  private static func interruption(_ signals: Int32) -> () -> Bool {
    var turns = 0
    var last = cshm_now()
    var isInterrupted = false
    return {
      turns += 1
      if turns & 0xFF == 0 || cshm_now() - last > 100_000_000 {
        last = cshm_now()
        while true {
          let signal = cshm_next_signal(signals)
          if signal == 0 { break }
          if signal == SIGINT || signal == SIGTERM { isInterrupted = true }
        }
      }
      return isInterrupted
    }
  }

  private func report(
    _ exploration: Exploration, _ page: ExplorationPage, _ cases: inout [ExplorationJUnit.Case]
  ) -> (Int32, String) {
    var story: Story?
    var confirmed: Int?
    if exploration.verdict == .failed {
      story = exploration.story()
      if story == nil {
        return broken(
          "\(exploration.file) fails by schedule \(ScheduleText.text(exploration.failing)), and did "
            + "not when it was followed again")
      }
    }
    var status = exploration.status
    if let story {
      status = max(status, writeFiles(exploration, story))
      confirmed = Confirmation.count(exploration, seed: seed, .init(svg: svg, save: save))
    } else if let why = selfCheck(exploration) {
      return broken(why)
    }
    let text = page.text(exploration, story, confirmed)
    if !isJSON { write(text, to: STDOUT_FILENO) }
    if exploration.contradictsItself {
      status =
        broken(
          "a search of all schedules of \(exploration.file) did not find the one that fails, "
            + ScheduleText.text(exploration.failing)
        ).0
    }
    if isReal && story == nil { status = max(status, follow(exploration, page)) }
    cases.append(
      .init(
        file: exploration.file, title: exploration.model.outline.title,
        seconds: exploration.duration, verdict: exploration.verdict,
        text: ExplorationPage(isTerminal: false).text(exploration, story, confirmed)))
    return (status, ExplorationJSON.text(exploration, story, confirmed))
  }

  private func broken(_ text: String) -> (Int32, String) {
    _ = complain("the explorer is broken: " + text)
    return (Self.broken, "null")
  }

  private func writeFiles(_ exploration: Exploration, _ story: Story) -> Int32 {
    var status: Int32 = 0
    if let trace { status = max(status, write(story.lines, toFile: trace)) }
    // A replay that comes about writes its steps, too.
    if let save { status = max(status, write(ExplorationTrace.text(exploration), toFile: save)) }
    return status
  }

  /// Follows a sampled schedule in a process that is started anew; says what is not the same.
  private func selfCheck(_ exploration: Exploration) -> String? {
    guard checksItself, exploration.verdict != .interrupted, let sample = exploration.sample()
    else { return nil }
    let words =
      ["explore", "--seed", "\(seed)"] + (kills.map { ["--kills", "\($0)"] } ?? [])
      + ["--follow", sample.schedule, exploration.file]
    let (status, output) = Program.run(words)
    if status == 0 && output == sample.digest + "\n" { return nil }
    return
      "schedule \(sample.schedule) of \(exploration.file) did not come out the same in a second "
      + "process; does the file depend on something outside?"
  }

  /// Of the self-check: prints a number that says what the schedule does.
  package func follow(_ schedule: String, _ file: File) -> Int32 {
    guard let schedule = try? Schedule(schedule),
      let model = try? Model(file.text, .init(seed: seed))
    else { return 1 }
    let exploration = Exploration(model, file: file.shown, .init(kills: kills, seed: seed))
    guard let digest = exploration.digest(of: ScheduleText.moves(schedule)) else { return 1 }
    write(digest + "\n", to: STDOUT_FILENO)
    return 0
  }

  /// `--real`: one schedule for all that only exchange steps which do not touch each other, each on
  /// real processes, with real kills.
  private func follow(_ exploration: Exploration, _ page: ExplorationPage) -> Int32 {
    let seconds = budget ?? exploration.model.outline.budget ?? 10
    let (schedules, isComplete) = exploration.schedules(seconds: seconds / 2)
    let all = schedules.split(separator: "\n").count
    guard
      let followed = Confirmation.follow(
        schedules, of: exploration.file, seed: seed, seconds: seconds)
    else { return complain("\(exploration.file): no real processes could be started") }
    if followed.status == 0 {
      if !isJSON {
        write(page.followed(followed.runs, of: all, isComplete), to: STDOUT_FILENO)
      }
      return 0
    }
    return broken(
      "real processes and the model differ; see: moonpool replay \(exploration.file) "
        + followed.schedule
    ).0
  }

  // MARK: - Writing

  /// Leaves no file where none was: of what does not fail there is nothing to write.
  private static func canWrite(_ path: String) -> Bool {
    let isNew = access(path, F_OK) != 0
    guard let file = fopen(path, "ae") else { return false }
    fclose(file)
    if isNew { unlink(path) }
    return true
  }

  private func write(_ text: String, toFile path: String) -> Int32 {
    guard let file = fopen(path, "we") else {
      return complain("\(path): \(String(cString: strerror(errno)))")
    }
    fputs(text, file)
    fclose(file)
    return 0
  }

  private func complain(_ text: String) -> Int32 {
    let bytes = Array("moonpool: \(text)\n".utf8)
    let isSeen = isatty(STDERR_FILENO) == 1
    write(
      String(decoding: isSeen ? Printable.escaped(bytes, .lines) : bytes, as: UTF8.self),
      to: STDERR_FILENO)
    return 1
  }

  private func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// A bug that every explorer must find, looked for before each run.
enum PlantedBug {
  static let text = """
    local n = assert(shm.create("planted", 8)):atomic(0)
    scenario "planted"
    local function add() n:store(n:load() + 1) end
    actor("one", add)
    actor("other", add)
    finally(function() expect.equal(n:load(), 2) end)
    """

  static var isFound: Bool {
    let text = Interpreter.PlayText(bytes: Array(text.utf8), name: "planted.lua", folder: ".")
    guard let model = try? Model(text, .init()) else { return false }
    let result = Search(model, .init()).explore(.cache)
    return result.failing != nil
  }
}
