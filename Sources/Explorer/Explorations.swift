internal import CLuaShm
internal import CShm
internal import Glibc
package import LuaHost
internal import PrintableText

/// `moonpool explore`: files, options, and what is written where.
package struct Explorations {
  package var kills: Int?
  /// Seconds.
  package var budget: Double?
  package var seed: Int64 = 0
  package var strategy = "auto"
  package var save: String?
  package var isJSON = false
  /// Several files, or a folder: those without a scenario are passed over.
  package var passesOver = false

  package static let strategies = ["auto", "cache", "sleep", "plain", "random"]
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
    var worst: Int32 = 0
    var items: [String] = []
    var isAny = false
    for file in files {
      guard let (status, item) = explore(file, page, signals) else { continue }
      isAny = true
      worst = max(worst, status)
      items.append(item)
      if status == 130 { break }
    }
    if !isAny && worst == 0 { return complain("no file declares a scenario") }
    if isJSON { write(JSON.array(items) + "\n", to: STDOUT_FILENO) }
    return worst
  }

  /// Nil: it has no scenario, and is passed over.
  private func explore(
    _ file: File, _ page: ExplorationPage, _ signals: Int32
  ) -> (Int32, String)? {
    do throws(Model.Refusal) {
      let model = try Model(file.text, .init(seed: seed))
      var options = Exploration.Options(
        kills: kills, budget: budget, seed: seed, strategy: strategy)
      options.isInterrupted = Self.interruption(signals)
      let exploration = Exploration(model, file: file.shown, options)
      try exploration.run()
      return report(exploration, page)
    } catch {
      switch error {
      case .nothing:
        if passesOver { return nil }
        return (
          complain("\(file.shown) declares no scenario; scenario \"title\" names one"), "null"
        )
      case .misuse(let text): return (complain(text), ExplorationJSON.misuse(file.shown, text))
      }
    }
  }

  /// Ctrl-C, asked for seldom.
  private static func interruption(_ signals: Int32) -> () -> Bool {
    var turns = 0
    var isInterrupted = false
    return {
      turns += 1
      if turns & 0xFF == 0 {
        while true {
          let signal = cshm_next_signal(signals)
          if signal == 0 { break }
          if signal == SIGINT || signal == SIGTERM { isInterrupted = true }
        }
      }
      return isInterrupted
    }
  }

  private func report(_ exploration: Exploration, _ page: ExplorationPage) -> (Int32, String) {
    var story: Story?
    var confirmed: Int?
    if exploration.verdict == .failed {
      story = exploration.story()
      if story == nil {
        _ = complain(
          "the explorer is broken: \(exploration.file) fails by schedule "
            + "\(ScheduleText.text(exploration.failing)), and did not when it was followed again")
        return (Self.broken, "null")
      }
    }
    var status = exploration.status
    if story != nil {
      if let save { status = max(status, write(ExplorationTrace.text(exploration), toFile: save)) }
      confirmed = Confirmation.count(exploration, seed: seed)
    }
    if !isJSON { write(page.text(exploration, story, confirmed), to: STDOUT_FILENO) }
    return (status, ExplorationJSON.text(exploration, story, confirmed))
  }

  // MARK: - Writing

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
