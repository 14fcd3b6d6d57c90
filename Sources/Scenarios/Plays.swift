internal import CLuaShm
internal import CShm
internal import Glibc
package import LuaHost
internal import PrintableText

/// `moonpool play`: files, options, and what is written where.
package struct Plays {
  package var options = Campaign.Options()
  /// Data on standard output in place of the page.
  package var isJSON = false
  package var junit: String?
  package var svg: String?
  package var trace: String?
  /// Of a replay: where its schedule and its steps are written.
  package var saved: String?
  /// Several files, or a folder: those without a scenario are passed over.
  package var passesOver = false
  /// Whether a `/dev/shm` of its own is tried.
  package var isPrivate = true

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

  /// Plays all of them; returns the exit status. Forks: for a process with one thread.
  package func perform(_ files: [File]) -> Int32 {
    // Before anything is played, and where the machine's /dev/shm is still seen.
    var reportFiles: [ReportFile] = []
    for case (let path?, let text) in written(files) {
      guard let file = ReportFile(path, text) else {
        return complain("\(path): \(String(cString: strerror(errno)))")
      }
      reportFiles.append(file)
    }
    let theatre = Theatre.enter(isPrivate: isPrivate)
    return Supervision.perform(isPrivate: theatre.isPrivate) {
      conduct(files, theatre, reportFiles)
    }
  }

  private func written(_ files: [File]) -> [(path: String?, text: ([Report]) -> String)] {
    [
      (junit, PlayJUnit.text), (svg, PlayPicture.text), (trace, PlayTrace.text),
      (saved, { Self.saved($0, files) }),
    ]
  }

  /// In a process that was exec'ed to play a part of a play.
  package static func play(_ part: Int, of file: File) -> Int32 {
    guard 0...Int(LUASHM_MOST_ACTORS) ~= part, let stage = try? Stage.inherited(),
      let cast = try? Cast(file.text, stage)
    else { return 1 }
    cast.play(part)
  }

  private func conduct(
    _ files: [File], _ theatre: Theatre, _ reportFiles: [ReportFile]
  ) -> Int32 {
    let page = Page(isTerminal: isatty(STDOUT_FILENO) == 1)
    let progress = Progress(isShown: isatty(STDERR_FILENO) == 1)
    let signals = cshm_signals()
    guard signals >= 0, let stage = try? Stage() else { return complain("no memory for a play") }
    stage.set(traces: options.isTraced, isShared: !theatre.isPrivate)
    luashm_set_judge(TurnRules.judge)
    do { try Cast.warmUp(theatre.session("\(theatre.stem)-warm")) } catch {
      return complain("\(error)")  // a machine without room for a page has none for plays
    }
    var reports: [Report] = []
    var isNobodyKilled = false
    for file in files {
      let campaign = Campaign(
        file: file.shown, options: options, stage: stage, theatre: theatre, signals: signals,
        progress: progress,
        show: isJSON || passesOver || options.replays != nil ? nil : { Self.show(page, $0, $1) })
      guard let report = campaign.perform(file.text) else {
        if passesOver { continue }
        return complain(
          "\(file.shown) declares no scenario; scenario \"title\" names one, and a script is run "
            + "by: moonpool \(Page.quoted(file.shown))")
      }
      if passesOver && report.hasNobodyToKill {
        isNobodyKilled = true
        continue
      }
      reports.append(report)
      finish(report, page)
      if report.status == 130 { break }
    }
    if reports.isEmpty {
      return complain(
        isNobodyKilled
          ? "--sweep: no file has an actor that may be killed; \(Campaign.howToBeKilled)"
          : "no file declares a scenario")
    }
    return write(reports, reportFiles)
  }

  private static func show(_ page: Page, _ scenario: Scenario, _ event: Outcome.Event?) {
    print(event.map { page.line($0, scenario) } ?? page.title(scenario))
  }

  private func finish(_ report: Report, _ page: Page) {
    if case .misuse(let text) = report.verdict { _ = complain(text) }
    if let followed = report.followed {
      return Self.print(Array("\(report.runs) \(followed.text)\n".utf8))
    }
    if !isJSON { Self.print(page.verdict(report)) }
  }

  private func complain(_ text: String) -> Int32 {
    let isSeen = isatty(STDERR_FILENO) == 1
    let bytes = Array("moonpool: \(text)\n".utf8)
    Self.write(isSeen ? Printable.escaped(bytes, .lines) : bytes, to: STDERR_FILENO)
    return 1
  }

  private static func print(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  /// Nobody reads it any more: the parts end with us.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EPIPE { _exit(128 + SIGPIPE) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The files that were asked for; returns the worst status.
  private func write(_ reports: [Report], _ reportFiles: [ReportFile]) -> Int32 {
    var status = reports.map(\.status).max() ?? 0
    if isJSON { Self.print(Array((PlayJSON.text(reports) + "\n").utf8)) }
    for file in reportFiles where !file.write(reports) {
      status = max(status, complain("\(file.path): \(String(cString: strerror(errno)))"))
    }
    return status
  }

  /// The schedule that was replayed, with the steps that were taken.
  private static func saved(_ reports: [Report], _ files: [File]) -> String {
    guard let report = reports.first, let file = files.first, let scenario = report.scenario,
      var saved = report.options.replays
    else { return "" }
    if report.options.isStirred, let outcome = report.outcome {
      saved.schedule = Schedule(taken: outcome.inOrder)
    }
    saved.checksum = ScheduleFile.checksum(of: file.text.bytes)
    saved.steps = report.outcome?.stepsTaken.map { $0.line(scenario) } ?? []
    return saved.text(of: file.shown)
  }
}
