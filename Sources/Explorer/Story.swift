internal import CLuaShm

/// A schedule, step by step, as it is told.
struct Story {
  struct Step {
    let move: Move
    /// Of the scenario's file; 0: unknown.
    let line: Int
    /// `transfer.lua`, or the module's file.
    let file: String
    /// What the line says there: `a:add(-30)`.
    let call: String
    /// What the call is made on: `a`.
    let subject: String
    /// `set`, `wait` of what was called.
    let method: String
    var effect: String
    var change: (object: Int, at: Int, before: UInt64, after: UInt64)?
    var look: (object: Int, at: Int, value: UInt64)?
    let isPlainStore: Bool
    let isWait: Bool
    /// Of a number that is read or written.
    var form = LUASHM_I64
    /// The actor's end.
    var isEnd = false
    var isAbandoned = false
    /// Something failed in this step, or in what always holds behind it.
    var fails = false
    /// That is what the actor itself expects.
    var failsItself = false
    /// Named mutexes that the killed one held.
    var held: [String] = []
  }

  private(set) var steps: [Step] = []
  /// All that were made.
  private(set) var moves: [Move] = []
  private static let mostSteps = 10_000
  private(set) var ending: Ending?
  /// Where those stand who could not go on: actor, place, and what they wait for.
  private(set) var stuck: [(actor: Int, place: String, why: String)] = []
  /// Who was killed, and the line and call that it never came to.
  private(set) var cut: [(step: Int, actor: Int, line: Int, subject: String)] = []
  let names: [String]
  private var words: [Word: String] = [:]
  private let source: Source
  private let model: Model
  /// How often an actor's line had its method, one after the other.
  private var counts: [Int: (line: Int, method: String, count: Int)] = [:]

  private struct Word: Hashable {
    let object: Int
    let at: Int
  }

  init(_ model: Model, _ moves: [Move]) {
    self.model = model
    names = model.outline.actors.map(\.name)
    source = Source(model)
    model.narrates = true
    defer { model.narrates = false }
    var copied = false
    for move in moves {
      // A copy's way and its first word are one move here, and two in a schedule's text.
      if copied {
        copied = false
        if move == Move(kind: .step, actor: self.moves.last!.actor) { continue }
      }
      var move = move
      let possible = model.moves()
      let copy = Move(kind: .copy, actor: move.actor, alternative: move.alternative)
      if move.kind == .choose && possible.contains(copy) { (move, copied) = (copy, true) }
      guard possible.contains(move) else { return }
      add(move)
      self.moves.append(move)
    }
    // What is left runs on in order of declaration.
    while let next = model.moves().first, steps.count < Self.mostSteps {
      add(next)
      self.moves.append(next)
    }
    if !model.moves().isEmpty { return }
    tellStuck()
    lastEnds = steps.reversed().prefix { $0.isEnd }.count
    ending = model.finish(inDetail: true)
    explainLosses()
  }

  /// `--trace`: a line for each step.
  var lines: String {
    steps.enumerated().map { number, step in
      let place = step.line > 0 ? "\(step.file):\(step.line)" : "-"
      let parts = [
        "\(number + 1)", names[step.move.actor], place, step.call.isEmpty ? step.method : step.call,
        effect(step, arrow: "->"),
      ]
      return parts.filter { !$0.isEmpty }.joined(separator: "  ") + "\n"
    }.joined()
  }

  // MARK: - Steps

  private mutating func add(_ move: Move) {
    let actor = move.actor
    let process = model.world.processes[actor]
    let place = model.place(actor)
    var line = Self.line(place)
    var isEnd = false
    if case .end = process.pending.kind { (line, isEnd) = (0, true) }
    let failures = model.failures
    let call = self.call(actor, process.pending, line)
    model.narration = Narration()
    if move.kind == .kill {
      let held = held(actor)
      cut.append((steps.count + 1, actor, line, call.subject))
      model.make(move)
      steps.append(
        Step(
          move: move, line: 0, file: "", call: "", subject: "", method: "",
          effect: held.isEmpty ? "killed" : "killed, holding \(held.joined(separator: ", "))",
          isPlainStore: false, isWait: false, held: held))
      return
    }
    let op = process.pending.op
    let sleeping = sleepersWord(process.pending)
    let form = Self.form(process.pending)
    let isTimeout = move.kind == .early || !model.isAble(actor) && move.kind == .step
    model.make(move)
    var effect = model.narration.effect
    if move.kind == .choose { effect = "alternative \(move.alternative)" }
    if isTimeout {
      effect =
        op == LUASHM_OP_SLEEP.rawValue ? "" : "times out" + (move.kind == .early ? " early" : "")
    }
    steps.append(
      Step(
        move: move, line: line, file: Self.file(place), call: call.text, subject: call.subject,
        method: call.method, effect: effect, change: model.narration.change,
        look: model.narration.look,
        isPlainStore: op == LUASHM_OP_STORE.rawValue || op == LUASHM_OP_CELL_STORE.rawValue,
        isWait: process.pending.timeout != nil, form: form, isEnd: isEnd,
        isAbandoned: model.narration.isAbandoned, fails: model.failures > failures,
        failsItself: model.failures > failures && lastFailing == actor + 1))
    name(call.subject)
    if let sleeping { name(call.subject, sleeping.object, sleeping.at) }
  }

  private mutating func call(_ actor: Int, _ pending: Pending, _ line: Int) -> Source.Call {
    var method = "any"
    switch pending.kind {
    case .operation:
      let verb = String(cString: luashm_verb(pending.operation!))
      method = String(verb.drop { $0 != ":" && $0 != "." }.dropFirst())
      if pending.op == LUASHM_OP_NAMED_STATE.rawValue { method = "tostring" }
    case .life: method = "alive"
    case .order(let isCall): method = isCall ? "call" : "mark"
    case .end: return Source.Call(text: "", subject: "", method: "ends")
    default: break
    }
    var count = 0
    if let former = counts[actor], former.line == line, former.method == method {
      let continues = pending.operation?.pointee.ring?.pointee.continues ?? false
      count = former.count + (continues ? 0 : 1)
    }
    counts[actor] = (line, method, count)
    return source.call(method, line, count)
  }

  private static func form(_ pending: Pending) -> luashm_scalar {
    guard let operation = pending.operation,
      [LUASHM_OP_LOAD, LUASHM_OP_STORE].contains(luashm_op(pending.op))
    else { return LUASHM_I64 }
    return luashm_scalar(UInt32(operation.pointee.type))
  }

  /// The part that told the last failure; 0: the director, of what always holds.
  private var lastFailing: Int? {
    model.ledger.records(upTo: model.actorCount + 1).last { $0.kind == "failure" }?.part
  }

  /// The word of a cell that is waited for, or whose sleepers are woken.
  private func sleepersWord(_ pending: Pending) -> (object: Int, at: Int)? {
    guard let operation = pending.operation,
      [LUASHM_OP_CELL_WAIT, LUASHM_OP_CELL_WAKE].contains(luashm_op(pending.op)),
      let object = model.object(operation.pointee.object)
    else { return nil }
    return (object, model.base(of: operation.pointee.object) + Int(operation.pointee.at))
  }

  private func held(_ actor: Int) -> [String] {
    model.world.objects.indices.filter {
      model.world.objects[$0].depth > 0
        && model.world.objects[$0].state.mark == model.mark(of: actor)
    }.map { model.shownName($0) }
      + model.ringsWithJobs(of: actor).map { "a message of \(model.shownName($0))" }
  }

  static func line(_ place: String) -> Int { Int(place.drop { $0 != ":" }.dropFirst()) ?? 0 }
  static func file(_ place: String) -> String { String(place.prefix { $0 != ":" }) }

  // MARK: - Words

  private mutating func name(_ subject: String) {
    guard !subject.isEmpty, !subject.contains("(") else { return }
    for word in [
      steps.last?.change.map { ($0.object, $0.at) }, steps.last?.look.map { ($0.object, $0.at) },
    ] {
      if let word { name(subject, word.0, word.1) }
    }
  }

  private mutating func name(_ subject: String, _ object: Int, _ at: Int) {
    let word = Word(object: object, at: at)
    if words[word] == nil && !subject.isEmpty && !subject.contains("(") { words[word] = subject }
  }

  /// `a`, as the file calls the word; or where it is.
  func word(_ object: Int, _ at: Int) -> String {
    words[Word(object: object, at: at)] ?? "\(model.shownName(object))[\(at)]"
  }

  static func number(_ value: UInt64, _ form: luashm_scalar) -> String {
    switch form {
    case LUASHM_F64: return "\(Double(bitPattern: value))"
    case LUASHM_F32: return "\(Float(bitPattern: UInt32(truncatingIfNeeded: value)))"
    default: return number(value)
    }
  }

  static func number(_ value: UInt64) -> String {
    let signed = Int64(bitPattern: value)
    if value <= UInt64(UInt32.max) && value >= 0xFFFF_0000 {
      return "\(Int32(truncatingIfNeeded: value))"
    }
    return "\(signed)"
  }

  /// `a 100 → 70`, `is 70`, or the words of the step itself.
  func effect(_ step: Step, arrow: String) -> String {
    if !step.effect.isEmpty && step.change == nil { return step.effect }
    if let change = step.change {
      let (before, after) = (change.before, change.after)
      let values =
        "\(Self.number(before, step.form)) \(arrow) \(Self.number(after, step.form))"
      let name = word(change.object, change.at)
      return "\(name) \(values)" + (step.effect.isEmpty ? "" : "  \(step.effect)")
    }
    if let look = step.look { return "is \(Self.number(look.value, step.form))" }
    return step.effect
  }

  /// A store that overwrites what another one wrote since this actor has read the word.
  private mutating func explainLosses() {
    for index in steps.indices where steps[index].isPlainStore {
      guard let change = steps[index].change else { continue }
      let actor = steps[index].move.actor
      guard
        let read = steps[..<index].lastIndex(where: {
          $0.move.actor == actor && $0.look?.object == change.object && $0.look?.at == change.at
        }),
        let lost = steps[read..<index].lastIndex(where: {
          $0.move.actor != actor && $0.change?.object == change.object
            && $0.change?.at == change.at
        })
      else { continue }
      steps[index].effect =
        "lost \(names[steps[lost].move.actor])'s write of step \(lost + 1), read in step \(read + 1)"
      losses.append((index + 1, lost + 1, read + 1))
    }
  }

  /// How many of the last steps are ends of actors.
  private(set) var lastEnds = 0

  /// Steps: of the store, of the write that it undid, of the read before.
  private(set) var losses: [(store: Int, lost: Int, read: Int)] = []

  // MARK: - Stuck

  private mutating func tellStuck() {
    for actor in 0..<model.actorCount {
      let process = model.world.processes[actor]
      if process.phase.isOver || process.phase == .absent { continue }
      stuck.append((actor, model.place(actor), why(actor, process)))
    }
  }

  private func why(_ actor: Int, _ process: World.Process) -> String {
    switch process.phase {
    case .asleep:
      let sleeper = model.world.sleepers.first { $0.process == actor }
      let name = sleeper.map { word($0.object, $0.at) } ?? "its word"
      return "sleeps on \(name), and nobody alive will wake it"
    case .parked:
      var parts: [String] = []
      for read in process.spin.reads {
        if let object = read.space.objectOfWord, model.world.objects[object].records != .none {
          parts.append(model.shownName(object))
        }
        guard let object = read.space.objectOfBytes, read.high - read.low <= 8 else { continue }
        let bytes = model.bytes([read])[0]
        let part = "\(word(object, read.low)) = \(Self.number(Narration.number(bytes)))"
        if !parts.contains(part) { parts.append(part) }
      }
      let what = parts.isEmpty ? "" : " on " + parts.prefix(3).joined(separator: ", ")
      return "spins\(what), and nobody alive will change it"
    default:
      return waits(process)
    }
  }

  private func waits(_ process: World.Process) -> String {
    guard let operation = process.pending.operation,
      let object = model.object(operation.pointee.object)
    else { return "waits, and nobody alive will end it" }
    if let why = model.ringWait(operation, object) { return why }
    let name = model.shownName(object)
    let owner = model.world.objects[object].state.mark.slot
    if model.world.objects[object].depth > 0, names.indices.contains(owner) {
      return "waits for \(name), which \(names[owner]) holds"
    }
    return "waits for \(name), and nobody alive will free it"
  }
}
