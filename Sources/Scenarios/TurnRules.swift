internal import CLuaShm
internal import SharedMemory

/// Compares what a real named object does in a replay with what its rules say (`NamedRules`), so that
/// every replay tries our own objects.
///
/// The rules work on a word of their own for each object, in the memory of the play; its marks name
/// parts, and a part that has ended is dead. Whoever has the turn is alone, so that a difference has
/// one reason.
struct TurnRules {
  let operation: luashm_operation
  /// As it was before it was performed, of rings.
  let asked: luashm_asked
  let part: Int
  let play: UnsafeMutablePointer<luashm_play>
  var op: luashm_op { luashm_op(UInt32(operation.op)) }

  /// What C calls in a part's process; `models` are those of the operation's objects.
  static let judge:
    @convention(c) (
      UnsafePointer<luashm_operation>?, UnsafePointer<luashm_asked>?,
      UnsafePointer<UnsafeMutablePointer<luashm_model>?>?, Int32, Int32,
      UnsafeMutablePointer<luashm_play>?
    ) -> Bool = { operation, asked, models, count, part, play in
      guard let operation, let asked, let play else { return true }
      let rules = TurnRules(
        operation: operation.pointee, asked: asked.pointee, part: Int(part), play: play)
      let objects = UnsafeBufferPointer(start: models, count: Int(count))
      guard let difference = rules.difference(Array(objects)) else { return true }
      difference.withCString { luashm_differ(play, UInt32(part), $0) }
      return false
    }

  private typealias Model = UnsafeMutablePointer<luashm_model>

  /// What the object should have answered.
  private enum Answer: Equatable {
    case acquired, abandoned, timedOut, refused
    case number(Int64)

    var text: String {
      switch self {
      case .acquired: "acquired"
      case .abandoned: "abandoned"
      case .timedOut: "would wait"
      case .refused: "refused"
      case .number(let number): "\(number)"
      }
    }
  }

  private func difference(_ models: [Model?]) -> String? {
    let expected: Answer?
    if op != LUASHM_OP_WAIT_SEVERAL, let model = models[0], rules(model)?.kind.ring != nil {
      return ringDifference(model)
    }
    switch op {
    case LUASHM_OP_WAIT_FOR_NAMED: expected = models[0].flatMap(waited)
    case LUASHM_OP_WAIT_SEVERAL: expected = waitedForSeveral(models)
    case LUASHM_OP_ACT_ON_NAMED: expected = models[0].flatMap(acted)
    case LUASHM_OP_CLOSE_NAMED:
      closed(models[0])
      return nil
    default: return nil
    }
    guard let expected, expected != answer else { return nil }
    return "\(verb): it says \(answer.text), where the rules say \(expected.text)"
  }

  // MARK: What it answered

  var verb: String {
    withUnsafePointer(to: operation) { String(cString: luashm_verb($0)) }
  }

  private var isWait: Bool { operation.op != UInt16(LUASHM_OP_ACT_ON_NAMED.rawValue) }

  private var answer: Answer {
    switch operation.answer {
    case LUASHM_ANSWER_REFUSED: return .refused
    case LUASHM_ANSWER_TIMED_OUT: return .timedOut
    default: break
    }
    if !isWait { return .number(operation.result) }
    let isAbandoned = operation.outcome == Int32(CSHM_ABANDONED.rawValue)
    return isAbandoned ? .abandoned : .acquired
  }

  // MARK: The rules

  private var mark: NamedMark { Self.mark(part) }

  private static func mark(_ part: Int) -> NamedMark { NamedMark(slot: part, epoch: 1) }

  /// The director is there to the end.
  private func isDead(_ mark: NamedMark) -> Bool {
    mark.slot > 0 && mark.slot < Int(LUASHM_PARTS) && alive(mark.slot) == 0
  }

  private func alive(_ part: Int) -> UInt32 { with(part) { $0.alive } }

  func isOver(_ part: Int) -> Bool { alive(part) == 0 }

  private func with<Value>(_ part: Int, _ look: (luashm_part) -> Value) -> Value {
    withUnsafeBytes(of: &play.pointee.parts) {
      look($0.load(fromByteOffset: part * MemoryLayout<luashm_part>.stride, as: luashm_part.self))
    }
  }

  private func rules(_ model: Model) -> NamedRules? {
    ObjectKind(rawValue: model.pointee.kind).waitable.map {
      NamedRules($0, limit: model.pointee.limit)
    }
  }

  private func isOwn(_ model: Model, _ rules: NamedRules) -> Bool {
    let state = NamedState(rawValue: model.pointee.state)
    return rules.hasOwner && state.has(NamedState.held) && state.mark == mark
  }

  private func next(_ model: Model, _ rules: NamedRules) -> NamedRules.Next {
    let state = NamedState(rawValue: model.pointee.state)
    var waiter = NamedRules.Waiter(mark: mark, start: state)
    if isDead(state.mark) { waiter.dead = state.mark }
    return rules.next(state, waiter)
  }

  /// Takes it, in the model; returns what the wait says.
  private func take(_ model: Model, _ rules: NamedRules) -> Answer {
    if isOwn(model, rules) {
      model.pointee.depth += 1
      return .acquired
    }
    switch next(model, rules) {
    case .sleep: return .timedOut
    case .pass: return .acquired
    case .take(let state, let isAbandoned, _):
      model.pointee.state = state.without(NamedState.sleepers).rawValue
      model.pointee.depth = 1
      return isAbandoned ? .abandoned : .acquired
    }
  }

  private func isAvailable(_ model: Model, _ rules: NamedRules) -> Bool {
    if isOwn(model, rules) { return true }
    if case .sleep = next(model, rules) { return false }
    return true
  }

  /// A handle that may not wait is refused, whatever the state; nil: the rules do not say.
  private func waited(_ model: Model) -> Answer? {
    guard operation.answer != LUASHM_ANSWER_REFUSED, let rules = rules(model) else { return nil }
    return take(model, rules)
  }

  private func waitedForSeveral(_ models: [Model?]) -> Answer? {
    if operation.answer == LUASHM_ANSWER_REFUSED { return nil }
    // What is no object has no model; an object without one is not judged at all.
    let objects = models.compactMap { model in
      model.flatMap { model in rules(model).map { (model, $0) } }
    }
    if operation.b != 0 { return waitedForAll(objects, models) }
    let ready = models.indices.firstIndex { isReady(models[$0], at: $0) }
    if operation.answer == LUASHM_ANSWER_TIMED_OUT { return ready == nil ? .timedOut : .acquired }
    let chosen = Int(operation.result) - 1
    guard models.indices.contains(chosen), let model = models[chosen], let rules = rules(model)
    else {
      return nil  // a word, or a process: no object was taken
    }
    // Which of several that are ready is the first only where all are objects.
    if objects.count == models.count && ready != chosen { return .timedOut }
    return rules.kind.ring == nil ? take(model, rules) : .acquired
  }

  private func isReady(_ model: Model?, at place: Int) -> Bool {
    guard let model, let rules = rules(model) else { return false }
    return rules.kind.ring != nil
      ? ringIsReady(model, operation.several[place]) ?? true : isAvailable(model, rules)
  }

  private func waitedForAll(
    _ objects: [(Model, NamedRules)], _ models: [Model?]
  ) -> Answer {
    if !models.indices.allSatisfy({ isReady(models[$0], at: $0) }) { return .timedOut }
    let answers = objects.map { $1.kind.ring == nil ? take($0, $1) : .acquired }
    return answers.contains(.abandoned) ? .abandoned : .acquired
  }

  // MARK: A kind's own operations

  /// Nil: the rules do not say; the model begins anew from the object.
  private func acted(_ model: Model) -> Answer? {
    guard let act = rules(model)?.kind.acts.first(where: { $0.verb == verb })?.modelled else {
      model.pointee.is_unsure = 1
      return nil
    }
    var object = WaitableModel(
      state: NamedState(rawValue: model.pointee.state), limit: model.pointee.limit,
      depth: model.pointee.depth)
    let answer = act(&object, mark, operation.a)
    // A handle without the right is refused, whatever the rules say.
    if operation.answer == LUASHM_ANSWER_REFUSED, operation.failure?.pointee.code == 5 {
      return nil
    }
    model.pointee.state = object.state.rawValue
    model.pointee.depth = object.depth
    switch answer {
    case .number(let number): return .number(number)
    case .process(let mark): return process(mark)
    case .refused: return .refused
    }
  }

  private func process(_ mark: NamedMark?) -> Answer? {
    guard let mark, !isDead(mark) else { return .number(Int64(CSHM_NOBODY.rawValue)) }
    let number = with(mark.slot) { $0.process }
    return number > 0 ? .number(number) : nil
  }

  /// Whether another handle of its owner's keeps it is the object's to say.
  private func closed(_ model: Model?) {
    guard let model, let rules = rules(model), isOwn(model, rules) else { return }
    model.pointee.is_unsure = 1
  }
}
