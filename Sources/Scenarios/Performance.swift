internal import CLuaShm
internal import CShm
internal import Glibc
internal import LuaHost
internal import SharedMemory

/// One run of a scenario: a director and its actors as processes, and the faults that happen to
/// them. This process is the conductor: it forks, looks, and ends what does not end by itself.
///
/// The conductor has no thread but one and holds no object, so that a fork of it is a clean
/// process; `SIGKILL`, `SIGSTOP`, truncation and a full `/dev/shm` are done here, to processes that
/// stand (`CLuaShmPlay.h`) or at a time.
final class Performance {
  /// What does not change from run to run.
  struct Setting {
    let stage: Stage
    let theatre: Theatre
    let scenario: Scenario
    let signals: Int32
    let cast: Cast
    /// Processes that stay from run to run; nil: all end.
    var residents: Residents?
  }

  struct Plan {
    var seed: Int64
    var number: Int
    var killPoint: Outcome.KillPoint?
    /// The file's kills are not done.
    var isSweep: Bool
    /// The actors go by turns, as this says; nil: they go freely.
    var schedule: Schedule?
    var isStirred = false
  }

  let setting: Setting
  let plan: Plan
  let session: Session
  let sessionName: String
  var processes: [Process?]
  var outcome = Outcome()
  /// Shown while it happens; nil: nobody looks.
  var show: ((Outcome.Event) -> Void)?
  var timed: [(time: Int64, fault: Int)] = []
  /// Parts that are stopped, and until when.
  var frozen: [(part: Int, time: Int64, isStanding: Bool)] = []
  let begin = cshm_now()
  /// Of a replay: parts that have yet to begin, and the one whose kill is under way.
  var toBegin: [Int] = []
  var dying: Int?
  var hasBegun: Set<Int> = []
  /// Parts that have ended while another one had the turn.
  var endedAside: [Int] = []
  /// Seconds at which each part began.
  private var births: [Int: Double] = [:]
  private(set) var startTime: Int64?
  private(set) var isStopping = false

  var stage: Stage { setting.stage }
  var scenario: Scenario { setting.scenario }
  var parts: Int { scenario.actors.count + 1 }
  /// By turns there is always a director, who begins.
  private var isDirected: Bool { scenario.isDirected || plan.schedule != nil }

  init(_ setting: Setting, _ plan: Plan) {
    self.setting = setting
    self.plan = plan
    sessionName = setting.residents?.sessionName ?? "\(setting.theatre.stem)-\(plan.number)"
    session = setting.theatre.session(sessionName)
    processes = Array(repeating: nil, count: setting.scenario.actors.count + 1)
    outcome.seed = plan.seed
    outcome.killPoint = plan.killPoint
    outcome.ends = Array(repeating: nil, count: processes.count)
    outcome.operations = Array(repeating: 0, count: processes.count)
  }

  // MARK: The run

  func run() -> Outcome {
    prepareStage()
    let actors = (1..<parts).filter { scenario.actors[$0 - 1].predecessors.isEmpty }
    let first = (isDirected ? [0] : []) + actors
    for part in first where !isStopping { start(part) }
    while !isOver { look() }
    clear()
    outcome.duration = seconds(since: begin)
    return outcome
  }

  private func prepareStage() {
    setting.theatre.open(session)
    let wanted = scenario.actors.count { $0.predecessors.isEmpty }
    stage.reset(
      seed: plan.seed, run: plan.number, wanted: wanted, sweeps: plan.isSweep, reads: false)
    if let schedule = plan.schedule {
      stage.reset(schedule)
      // Never 0, and of near seeds far from each other (Knuth's multiplier).
      let random = UInt32(truncatingIfNeeded: plan.seed) &* 2_654_435_761
      stage.turns.pointee.random = plan.isStirred ? random | 1 : 0
    }
    stage.setUndirected(!isDirected)
    for part in 1..<parts { stage.setAlive(part, true) }
    if let point = plan.killPoint {
      stage.part(point.actor + 1).pointee.kill_before = UInt64(point.operation)
    }
  }

  private var isOver: Bool { processes.allSatisfy { $0?.hasEnded ?? true } && !canStartMore }

  private var canStartMore: Bool { !isStopping && (1..<parts).contains { isDue($0) } }

  /// Has not begun, and those before it have ended?
  func isDue(_ part: Int) -> Bool {
    processes[part] == nil
      && scenario.actors[part - 1].predecessors.allSatisfy { outcome.ends[$0 + 1] != nil }
  }

  private func start(_ part: Int) {
    do throws(Process.NotStarted) {
      if let stayed = setting.residents?.call(part) {
        processes[part] = stayed
      } else {
        processes[part] = try Process(
          part, stage, setting.theatre, sessionName, setting.cast)
      }
    } catch {
      fail(error.reason, scenario.place)
      stop()
      return
    }
    births[part] = seconds(since: begin)
    if part > 0 && show != nil {
      note(part, "· process \(setting.theatre.outsideNumber(of: processes[part]!.number))")
    }
  }

  /// Waits for whatever comes next, and deals with it.
  private func look() {
    var polled = [pollfd(fd: setting.signals, events: Int16(POLLIN), revents: 0)]
    polled.append(pollfd(fd: stage.doorbell, events: Int16(POLLIN), revents: 0))
    let fixed = polled.count
    var owners: [Int] = []
    for (part, process) in processes.enumerated() {
      for pipe in process?.pipes ?? [] where pipe.descriptor >= 0 {
        polled.append(pollfd(fd: pipe.descriptor, events: Int16(POLLIN), revents: 0))
        owners.append(part)
      }
    }
    poll(&polled, nfds_t(polled.count), milliseconds())
    for (index, part) in owners.enumerated() where polled[fixed + index].revents != 0 {
      drain(part)
    }
    if polled[1].revents != 0 { cshm_answer(stage.doorbell) }
    if polled[0].revents != 0 { takeSignals() }
    if setting.residents != nil { takeThoseWhoStay() }
    lookAtStanding()
    if !isDirected { stage.beginIfReady() }
    noteStart()
    lookAtTurns()
    lookAtTime()
  }

  private func takeSignals() {
    while true {
      let signal = cshm_next_signal(setting.signals)
      if signal == 0 { break }
      if signal == SIGCHLD { reap() } else { interrupt() }
    }
  }

  private func interrupt() {
    outcome.isInterrupted = true
    stop()
  }

  // MARK: Ends

  /// Takes the ends of children, and starts who waited for them.
  private func reap() {
    while true {
      let number = cshm_ended_child()
      if number <= 0 { break }
      guard let part = processes.firstIndex(where: { $0?.number == number }) else {
        waitpid(number, nil, 0)  // an orphan of an actor's
        continue
      }
      guard let process = processes[part] else { continue }
      drain(part)
      let end = process.wait()
      process.closePipes { line in self.print(part, line) }
      endLeftProcesses(of: process, end)
      ended(part, end)
    }
    finishIfAllHaveEnded()
  }

  /// Their parts are over, and their processes are not.
  private func takeThoseWhoStay() {
    for (part, process) in processes.enumerated() {
      guard let process, !process.hasEnded, stage.phase(part) == LUASHM_STAYS else { continue }
      drain(part)
      process.stay { line in self.print(part, line) }
      setting.residents?.keep(process)
      ended(part, .status(stage.part(part).pointee.status))
    }
    finishIfAllHaveEnded()
  }

  private func finishIfAllHaveEnded() {
    if (1..<parts).allSatisfy({ outcome.ends[$0] != nil }) {
      judgeSchedule()
      stage.finish()
    }
  }

  private func ended(_ part: Int, _ end: Outcome.End) {
    outcome.ends[part] = end
    outcome.operations[part] = stage.operations(part)
    noteDelays(part)
    outcome.spans.append(
      .init(
        kind: .life, part: part, from: births[part] ?? 0, to: seconds(since: begin), text: ""))
    stage.setAlive(part, false)
    judge(part, end)
    turnsEnded(part)
    if part > 0 || end != .status(0) && end != .status(1) {
      noteEnd(part, end)
    }
    if !isStopping { startSuccessors() }
  }

  /// Pauses happened to whoever had an operation.
  private func noteDelays(_ part: Int) {
    if outcome.operations[part] == 0 { return }
    for (index, fault) in scenario.faults.enumerated()
    where fault.kind == .delay && fault.actors.contains(part - 1) {
      outcome.faults.insert(index)
    }
  }

  private func noteEnd(_ part: Int, _ end: Outcome.End) {
    if processes[part]!.isKilled || outcome.stopped.contains(part) { return }  // told already
    note(part, "· \(end.text)")
  }

  /// What an actor leaves running would go on after its end.
  private func endLeftProcesses(of process: Process, _ end: Outcome.End) {
    guard kill(-process.number, 0) == 0 else { return }
    kill(-process.number, SIGKILL)
    process.waitForGroup()
    if case .status = end {
      fail(
        "\(scenario.name(ofPart: process.part)) left processes of its own running; they were ended",
        scenario.place)
    }
  }

  /// A part that ends before the start keeps all others from starting.
  private func judge(_ part: Int, _ end: Outcome.End) {
    if isStopping { return }
    if part == 0 {
      if !stage.hasStarted { stop() }
      return
    }
    // A fault at a time meets an actor that comes after another even while it loads.
    let isKilled = stage.hasStarted && processes[part]!.isKilled
    guard stage.phase(part) == LUASHM_LOADS && !isKilled else { return }
    if end == .status(0) {
      fail("the top level ended the process (os.exit)", scenario.place)
    }
    stop()
  }

  /// The director says when it is through; whoever ends it before then (`os.exit`, a crash) has
  /// kept something from being judged.
  private func judgeDirector() {
    guard let end = outcome.ends[0], !outcome.stopped.contains(0),
      stage.phase(0) != LUASHM_IS_OVER, stage.phase(0) != LUASHM_STAYS
    else { return }
    if end == .status(1), !outcome.failures.isEmpty { return }  // what made it fail is told
    fail("\(scenario.name(ofPart: 0)) \(end.text)", scenario.place)
  }

  private func startSuccessors() {
    for part in 1..<parts where isDue(part) { start(part) }
  }

  /// Ends all processes; they are waited for as ever.
  func stop() {
    isStopping = true
    for process in processes {
      guard let process, !process.hasEnded else { continue }
      outcome.stopped.insert(process.part)
      process.kill()
    }
  }

  // MARK: Time

  private func noteStart() {
    guard startTime == nil, stage.hasStarted else { return }
    let now = cshm_now()
    startTime = now
    if plan.schedule != nil { return beginTurns() }
    for (index, fault) in scenario.faults.enumerated() {
      if let time = fault.time { timed.append((now + Int64(time * 1e9), index)) }
    }
  }

  private var deadline: Int64 { begin + Int64(scenario.timeout * 1e9) }

  private func milliseconds() -> Int32 {
    let next = (timed.map(\.time) + frozen.map(\.time)).min() ?? .max
    let left = max(0, min(next, isStopping ? .max : deadline) - cshm_now())
    return Int32(clamping: min(left / 1_000_000 + 1, 1_000))
  }

  private func lookAtTime() {
    let now = cshm_now()
    for fault in timed.filter({ $0.time <= now }) { doTimed(fault.fault) }
    timed.removeAll { $0.time <= now }
    for each in frozen.filter({ $0.time <= now }) { thaw(each.part, each.isStanding) }
    frozen.removeAll { $0.time <= now }
    if now > deadline && !isStopping { passDeadline() }
  }

  private func passDeadline() {
    for part in 0..<parts where processes[part].map({ !$0.hasEnded }) ?? false {
      if part == 0 && stage.hasStarted && outcome.ends.dropFirst().contains(nil) { continue }
      let place = stage.place(part)
      let doing =
        stage.isInside(part) ? "waits" : stage.phase(part) == LUASHM_LOADS ? "loads" : "runs"
      fail(
        "deadline: after \(Self.number(scenario.timeout)) s \(quotedName(part)) still "
          + doing, place)
    }
    stop()
  }

  private func quotedName(_ part: Int) -> String {
    let name = scenario.name(ofPart: part)
    return part == 0 ? name : "\"\(name)\""
  }

  static func number(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }

  func seconds(since begin: Int64) -> Double { Double(cshm_now() - begin) / 1e9 }

  // MARK: What is seen

  private func drain(_ part: Int) {
    processes[part]?.drain { line in self.print(part, line) }
  }

  private func print(_ part: Int, _ line: [UInt8]) {
    add(Outcome.Event(time: seconds(since: begin), part: part, text: line, isNote: false))
  }

  func note(_ part: Int, _ text: String) {
    add(
      Outcome.Event(
        time: seconds(since: begin), part: part, text: Array(text.utf8), isNote: true))
  }

  private func add(_ event: Outcome.Event) {
    outcome.events.append(event)
    show?(event)
  }

  func fail(_ text: String, _ place: String) {
    outcome.failures.append(.init(text: text, place: place))
  }

  // MARK: The end

  private func clear() {
    readLogs()
    noteDifference()
    judgeDirector()
    endDaemons()
    setting.theatre.judge(scenario, session, &outcome)
    let isFull = outcome.faults.contains { scenario.faults[$0].kind == .full }
    let left = setting.theatre.clear(session, isFull)
    if !isAnyKilled { outcome.leftovers = left }
    let judgement = Judgement(scenario, outcome, processes.map { $0?.output ?? [] })
    if !outcome.isInterrupted { outcome.failures += judgement.failures }
  }

  /// Who has left its actor's group (setsid) is seen only now. Of a killed actor it is no fault.
  private func endDaemons() {
    if setting.residents != nil { return }
    if Children.endAll(isPrivate: setting.theatre.isPrivate), !isAnyKilled {
      fail(
        "processes of an actor's were left running in a session of their own; they were ended",
        scenario.place)
    }
  }

  /// What killed processes leave is dead, and removed by whoever comes next: here it is us.
  private var isAnyKilled: Bool {
    isStopping
      || outcome.ends.contains {
        if case .signal = $0 { return true }
        return false
      }
  }

  private func readLogs() {
    for record in stage.records(upTo: parts) {
      outcome.take(record, scenario, began: begin)
    }
    outcome.untraced = (0..<parts).reduce(0) { $0 + Int(stage.part($1).pointee.untraced) }
    if stage.hasLost(upTo: parts) {
      fail("an actor told more than 2 MiB of marks and calls; make the run shorter", scenario.place)
    }
    for part in 0..<parts where processes[part]?.isFlooded ?? false {
      fail(
        "\(scenario.name(ofPart: part)) printed more than 1 MiB; what came later was not kept",
        scenario.place)
    }
  }
}
