/// What came of one run.
struct Outcome {
  /// What went wrong, and where the file says so.
  struct Failure: Hashable {
    let text: String
    let place: String
  }

  /// How a process ended.
  enum End: Equatable {
    case status(Int32)
    case signal(Int32)

    /// Of waitpid(2).
    init(_ status: Int32) {
      self = status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
    }

    var text: String {
      switch self {
      case .status(let status): "ends \(status)"
      case .signal(let signal): "killed (\(signal))"
      }
    }
  }

  /// A line of the page of a run: what a part printed, or what happened to it.
  struct Event {
    /// Seconds from the run's beginning.
    let time: Double
    /// 0: the conductor.
    let part: Int
    let text: [UInt8]
    /// Not printed by the part.
    let isNote: Bool
  }

  /// Where a part was killed by a sweep.
  struct KillPoint: Equatable {
    let actor: Int
    /// The kill comes before this operation, from 1.
    let operation: Int
  }

  var seed: Int64 = 0
  var killPoint: KillPoint?
  /// Whether the kill point was reached.
  var wasKilled = false
  var failures: [Failure] = []
  var events: [Event] = []
  /// By part; nil: it never began.
  var ends: [End?] = []
  /// Parts that the conductor ended, as the run had failed.
  var stopped: Set<Int> = []
  var operations: [Int] = []
  /// Numbers of the faults that were done.
  var faults: Set<Int> = []
  /// Faults that this machine does not let happen, and why.
  var refused: [Failure] = []
  var reached: Set<String> = []
  /// The sometimes that the text does not name and that were not true when they were met: the line.
  var unmet: [String: Int] = [:]
  /// "actor:mark": the number of its first passage in the order of all.
  var marks: [String: UInt64] = [:]
  /// By place: which alternatives were taken, of how many.
  var choices: [String: (taken: Set<Int>, count: Int)] = [:]
  /// Seconds.
  var duration = 0.0
  /// What was left on /dev/shm and removed.
  var leftovers: [String] = []
  var isInterrupted = false
  /// Of a replay: what was done, in its order, and why it went no further.
  var steps: [Step] = []
  var divergence: Divergence?
  /// Actors whom the schedule killed.
  var scheduledKills: Set<Int> = []
  var isStuck = false
  /// In their order, and without what was printed.
  var stepsTaken: [Step] { inOrder.filter { $0.kind == .step || $0.kind == .killed } }
  var inOrder: [Step] { steps.sorted { $0.order < $1.order } }
  /// Histories that nobody could decide in time.
  var undecided: [Failure] = []
  var operationSpans: [Operation] = []
  /// Operations that were traced no more.
  var untraced = 0
  /// For pictures: what happened when, of each part.
  var spans: [Span] = []

  /// What happened in a replay: a step, a kill behind the step of that number, a line that was
  /// printed (the result), or the alternative of an `any`.
  struct Step {
    enum Kind {
      case step, killed, printed, choice
    }
    let kind: Kind
    let number: Int
    let part: Int
    let place, verb, object, result: String
    /// Its place among all.
    let order: UInt64

    func isSame(as other: Step) -> Bool {
      (number, part, place, verb, object, result)
        == (other.number, other.part, other.place, other.verb, other.object, other.result)
    }

    func line(_ scenario: Scenario) -> String {
      ScheduleFile.line(
        number: number, actor: scenario.name(ofPart: part), place: place, verb: verb,
        object: object, result: result)
    }
  }

  /// A step that could not be taken as the schedule says.
  struct Divergence {
    let step: Int
    let actor, text, place: String
    /// One of our objects did what its rules do not say.
    let isOurs: Bool
  }

  /// Something that an actor did, or that was done to it.
  struct Span {
    enum Kind {
      case mark, frozen, killed, life
    }
    let kind: Kind
    let part: Int
    /// Seconds.
    let from, to: Double
    let text: String
  }
}

extension Outcome {
  /// What a part told.
  ///
  /// - Parameter began: the run's beginning, nanoseconds of the monotonic clock.
  mutating func take(_ record: Stage.Record, _ scenario: Scenario, began: Int64) {
    let place = record.text(1)
    let time = Double(record.time - began) / 1e9
    switch record.kind {
    // All processes load the same text, and always looks twice: it is said once.
    case "misuse", "failure":
      let failure = Failure(text: record.text(2), place: place)
      if !failures.contains(failure) { failures.append(failure) }
    case "undecided": undecided.append(Failure(text: record.text(2), place: place))
    case "refused":
      let failure = Failure(text: record.text(2), place: scenario.place)
      if !refused.contains(failure) { refused.append(failure) }
    case "mark":
      let name = record.text(2)
      let key = "\(scenario.name(ofPart: record.part)):\(name)"
      if marks[key] == nil { marks[key] = record.order }
      reached.insert(Scenario.Place.key("mark", name))
      spans.append(Span(kind: .mark, part: record.part, from: time, to: time, text: name))
    case "sometimes": reached.insert(Scenario.Place.key("sometimes", record.text(2)))
    case "unmet":
      let line = place.split(separator: ":").last.flatMap { Int($0) } ?? 0
      let known = unmet[record.text(2)] ?? line
      unmet[record.text(2)] = min(known, line)
    case "choice":
      choices[place, default: ([], 0)].taken.insert(Int(record.text(2)) ?? 0)
      choices[place]!.count = Int(record.text(3)) ?? 0
      steps.append(
        Step(
          kind: .choice, number: 0, part: record.part, place: place, verb: "any", object: "",
          result: record.text(2), order: record.order))
    case "operation": takeOperation(record, time, began)
    case "step", "printed": takeStep(record)
    default: break
    }
  }

  private mutating func takeStep(_ record: Stage.Record) {
    let isPrinted = record.kind == "printed"
    steps.append(
      Step(
        kind: isPrinted ? .printed : .step, number: isPrinted ? 0 : Int(record.text(2)) ?? 0,
        part: record.part, place: record.text(1),
        verb: isPrinted ? "" : record.text(3), object: isPrinted ? "" : record.text(4),
        result: isPrinted ? record.text(2) : record.text(5), order: record.order))
  }

  private mutating func takeOperation(_ record: Stage.Record, _ time: Double, _ began: Int64) {
    let from = Double((Int64(record.text(5)) ?? 0) - began) / 1e9
    operationSpans.append(
      Operation(
        part: record.part, from: from, to: time, place: record.text(1), verb: record.text(2),
        object: record.text(3), offset: Int(record.text(4)) ?? 0, isDone: record.text(6) == "done"))
  }

  /// An operation, of a run that is traced.
  struct Operation {
    let part: Int
    /// Seconds from the run's beginning.
    let from, to: Double
    let place, verb, object: String
    let offset: Int
    let isDone: Bool
  }
}

extension Outcome {
  /// The same with steps for times: for pictures of replays.
  var drawnBySteps: Outcome {
    var drawn = self
    let taken = stepsTaken
    drawn.duration = Double(taken.count)
    (drawn.operationSpans, drawn.spans) = ([], [])
    /// Where each part fell asleep.
    var asleep: [Int: Int] = [:]
    for (index, step) in taken.enumerated() {
      let at = Double(index)
      if step.kind == .killed {
        drawn.spans.append(Span(kind: .killed, part: step.part, from: at, to: at, text: "killed"))
      } else if step.result == "sleeps" {
        asleep[step.part] = index
      } else {
        let from = asleep.removeValue(forKey: step.part).map(Double.init) ?? at + 0.1
        drawn.operationSpans.append(
          Operation(
            part: step.part, from: from, to: at + 0.9, place: step.place, verb: step.verb,
            object: step.object, offset: 0, isDone: step.result != "timed out"))
      }
    }
    for part in Set(taken.map(\.part)) {
      let own = taken.indices.filter { taken[$0].part == part }
      drawn.spans.append(
        Span(
          kind: .life, part: part, from: 0, to: Double(own.last!) + 1, text: ""))
    }
    return drawn
  }
}
