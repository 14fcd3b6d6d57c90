internal import CLuaShm
internal import CShm
internal import Glibc
internal import Scenarios

/// The search with a cache and partial-order reduction, side by side: each is the better one for other
/// programs, and they cannot be combined (what a sleeping move leaves out depends on the way to a state,
/// which a cache forgets). The first that ends has the answer.
///
/// The first few steps belong to the cache alone, which does for most; then a forked process reduces. Who
/// is the first is not left to the scheduler: it is the one that ends with fewer steps, the head start
/// included, so that the same file has the same report in each run. Whoever ends looks how far the other
/// is, and waits until it has passed, which it has nearly done, as both run at once.
final class TwoSearches {
  /// Steps that the cache makes alone: 50 ms or so.
  static let headStart = 10_000

  private let model: Model
  private let search: Search
  private var other: Other?
  /// Steps of the searches with the cache that are over.
  private var steps = 0

  init(_ model: Model, _ search: Search) {
    self.model = model
    self.search = search
  }

  func close() {
    other?.close()
    other = nil
  }

  /// What the other process has come to, in memory that both share.
  private struct Report {
    enum State: UInt32 {
      case runs, done, failed
      /// It was cut, and says nothing.
      case gaveUp
    }

    static let size = 1 << 16
    private static let text = 64
    let memory: UnsafeMutableRawPointer

    /// mmap(2).
    init?() {
      let mapped = mmap(
        nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
      guard let mapped, mapped != MAP_FAILED else { return nil }
      memory = mapped
    }

    func close() { munmap(memory, Self.size) }

    var state: State { State(rawValue: cshm_load32(memory)) ?? .gaveUp }
    func end(_ state: State) { cshm_store32(memory, state.rawValue) }

    subscript(number: Int) -> Int {
      get { Int(cshm_load64(memory + 8 * number)) }
      nonmutating set { cshm_store64(memory + 8 * number, UInt64(newValue)) }
    }
    static let steps = 1, schedules = 2, longest = 3, flags = 4, length = 5, isReady = 6

    /// False: it has no room.
    func write(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      if bytes.count > Self.size - Self.text { return false }
      bytes.withUnsafeBytes { source in
        if let base = source.baseAddress { memcpy(memory + Self.text, base, source.count) }
      }
      self[Self.length] = bytes.count
      return true
    }

    var written: String {
      String(
        decoding: UnsafeRawBufferPointer(start: memory + Self.text, count: self[Self.length]),
        as: UTF8.self)
    }
  }

  /// What a search finds out besides.
  private struct Notes {
    var isFolded, isAssumed, hasDeadlines, toldApart: Bool
    var shortcuts: Model.Shortcuts

    init(_ model: Model) {
      isFolded = model.isFolded
      isAssumed = model.isAssumed
      hasDeadlines = model.hasDeadlines
      toldApart = model.shared.pointee.told_apart
      shortcuts = model.shortcuts
    }

    init(_ bits: Int) {
      isFolded = bits & 1 != 0
      isAssumed = bits & 2 != 0
      hasDeadlines = bits & 4 != 0
      toldApart = bits & 8 != 0
      shortcuts = .init(rawValue: bits >> 4)
    }

    var bits: Int {
      (isFolded ? 1 : 0) | (isAssumed ? 2 : 0) | (hasDeadlines ? 4 : 0) | (toldApart ? 8 : 0)
        | shortcuts.rawValue << 4
    }

    func put(into model: Model) {
      model.isFolded = isFolded
      model.isAssumed = isAssumed
      model.hasDeadlines = hasDeadlines
      model.shared.pointee.told_apart = toldApart
      model.shortcuts = shortcuts
    }
  }

  /// The process that reduces.
  private final class Other {
    let report: Report
    let process: pid_t

    init(_ report: Report, _ process: pid_t) {
      self.report = report
      self.process = process
    }

    private var isReaped = false

    /// Ends the process, if it has not ended. kill(2), waitpid(2).
    func close() {
      if !isReaped {
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0 && errno == EINTR {}
      }
      report.close()
    }

    /// After how many steps of the cache it ended; nil: it goes on, or said nothing.
    var end: Int? {
      switch report.state {
      case .runs, .gaveUp: nil
      case .done, .failed: TwoSearches.headStart + report[Report.steps]
      }
    }

    /// Whether it can still be the first one beside so many steps of the cache.
    func isBehind(_ steps: Int) -> Bool {
      report.state == .runs && TwoSearches.headStart + report[Report.steps] < steps
    }

    /// A process that was killed from outside says nothing any more.
    func isThere() -> Bool {
      if !isReaped { isReaped = waitpid(process, nil, WNOHANG) == process }
      return !isReaped
    }
  }

  /// Explores with the cache; of more than one such search the steps add up. `isOvertaken`: the result
  /// is that of the other process, of all schedules.
  func explore(switches: Int? = nil) -> Search.Result {
    let former = steps
    search.beside = { [unowned self] in isOvertaken(former + $0) }
    let result = search.explore(.cache, switches: switches)
    search.beside = nil
    steps += result.steps
    guard let other, !result.isInterrupted, !model.isRefused else { return result }
    let isOver = result.failing != nil || result.isComplete && !result.isBounded
    if isOver { wait(for: other) }
    // Where it is not over, and not overtaken, time is.
    if isOver || result.isOvertaken || !result.isComplete, let end = other.end,
      end < steps || !isOver
    {
      return take(other.report)
    }
    return result
  }

  private func isOvertaken(_ steps: Int) -> Bool {
    if steps < Self.headStart { return false }
    if other == nil { other = start() }
    return other?.end.map { $0 < steps } ?? false
  }

  /// Until it is known whether it ended with fewer steps.
  private func wait(for other: Other) {
    let limit = search.budget
    while other.isBehind(steps) && other.isThere() {
      if limit.isInterrupted(0, 0) || cshm_now() > limit.deadline { break }
      usleep(200)
    }
  }

  /// The result of the other process.
  private func take(_ report: Report) -> Search.Result {
    var result = Search.Result()
    result.schedules = report[Report.schedules]
    result.longest = report[Report.longest]
    result.steps = report[Report.steps]
    result.isOvertaken = true
    Notes(report[Report.flags]).put(into: model)
    if report.state == .failed {
      let schedule = try? Schedule(report.written)
      result.failing = schedule.map { ScheduleText.moves($0) }
    } else {
      search.unmet.take(report.written)
    }
    return result
  }

  // MARK: - The other process

  /// fork(2): the child has the model as it is, and ends with us (prctl(2), PR_SET_PDEATHSIG). We wait
  /// until it has logs of its own.
  private func start() -> Other? {
    guard let report = Report() else { return nil }
    let parent = getpid()
    let process = cshm_fork()
    if process < 0 {
      report.close()
      return nil
    }
    if process == 0 {
      if cshm_end_with(parent, SIGKILL) && model.ledger.leaveParent(parts: model.actorCount) {
        report[Report.isReady] = 1
        luashm_watch_computing(model.shared)
        reduce(report)
      }
      _exit(0)
    }
    let other = Other(report, process)
    while report[Report.isReady] == 0 && other.isThere() { usleep(50) }
    return other
  }

  private func reduce(_ report: Report) {
    let second = Search(
      model, .init(deadline: search.budget.deadline, mostSteps: search.budget.mostSteps))
    second.unmet = search.unmet
    second.beside = { steps in
      report[Report.steps] = steps
      return false
    }
    let result = second.explore(.dpor)
    report[Report.steps] = result.steps
    report[Report.schedules] = result.schedules
    report[Report.longest] = result.longest
    report[Report.flags] = Notes(model).bits
    let text =
      result.failing.map { ScheduleText.text($0) }
      ?? second.unmet.text
    let isOver = result.isComplete || result.failing != nil
    if !isOver || model.isRefused || !report.write(text) { return report.end(.gaveUp) }
    report.end(result.failing != nil ? .failed : .done)
  }
}
