internal import CLuaShm
internal import CShm
internal import SharedMemory

/// Events, mutexes, semaphores: what follows from a state says the table of the real ones,
/// `NamedRules`.
extension Model {
  /// An owner is its process.
  func mark(of process: Int) -> NamedMark { NamedMark(slot: process, epoch: 1) }

  func rules(_ object: Int) -> NamedRules? {
    WaitableKinds.numbered(world.objects[object].kind).map {
      NamedRules($0, limit: world.objects[object].limit)
    }
  }

  private func next(_ object: Int, _ process: Int) -> NamedRules.Next? {
    let state = world.objects[object].state
    var waiter = NamedRules.Waiter(mark: mark(of: process), start: state)
    if state.mark != .none, !isLiving(state.mark) { waiter.dead = state.mark }
    return rules(object)?.next(state, waiter)
  }

  private func isLiving(_ mark: NamedMark) -> Bool {
    mark.slot >= world.processes.count - 1 || !world.processes[mark.slot].phase.isOver
  }

  func owns(_ object: Int, _ process: Int) -> Bool {
    world.objects[object].depth > 0 && world.objects[object].state.mark == mark(of: process)
  }

  func canTake(_ object: Int, _ process: Int) -> Bool {
    if owns(object, process) { return true }
    if case .sleep = next(object, process) { return false }
    return true
  }

  /// Takes it; only where `canTake` says so.
  private func take(_ object: Int, _ process: Int) -> cshm_outcome {
    if owns(object, process) {
      world.objects[object].depth += 1
      return CSHM_ACQUIRED
    }
    guard case .take(let state, let isAbandoned, _) = next(object, process) else {
      return CSHM_ACQUIRED
    }
    world.objects[object].state = state.without(NamedState.sleepers | NamedState.looked)
    if rules(object)?.hasOwner == true { world.objects[object].depth = 1 }
    return isAbandoned ? CSHM_ABANDONED : CSHM_ACQUIRED
  }

  // MARK: - Several

  private func holds(_ operation: Operation, _ place: Int, _ process: Int) -> Bool {
    let handle = operation.pointee.several[place]
    let condition = operation.pointee.conditions[place]
    let entry = luashm_model_handle(handle)!.pointee
    switch condition.kind {
    case LUASHM_ENDED: return !lives(Int(entry.key) - 1)
    case LUASHM_CHANGED:
      guard let base = entry.base else { return true }
      return Self.differs(base + Int(condition.at), Int(condition.size), condition.expected)
    default:
      guard let object = object(handle) else { return true }
      return ringIsReady(object, handle) ?? canTake(object, process)
    }
  }

  private func places(_ operation: Operation) -> Range<Int> { 0..<Int(operation.pointee.length) }

  func canTakeSeveral(_ operation: Operation, _ process: Int) -> Bool {
    if isInvalid(operation) != nil { return true }
    let places = places(operation)
    return operation.pointee.b != 0
      ? places.allSatisfy { holds(operation, $0, process) }
      : places.contains { holds(operation, $0, process) }
  }

  private func isInvalid(_ operation: Operation) -> SharedMemoryError? {
    let count = operation.pointee.length
    if count > UInt64(LUASHM_MOST_WAITED) {
      return SharedMemoryError(
        .invalidParameter, "wait", "",
        "\(count) objects are given; wait for 1 to \(LUASHM_MOST_WAITED)")
    }
    for place in places(operation)
    where operation.pointee.conditions[place].kind == LUASHM_TAKEN {
      let handle = operation.pointee.several[place]
      guard let object = object(handle), rights(handle) & UInt32(CSHM_MAY_WAIT) == 0 else {
        continue
      }
      let word = rules(object)?.kind.accessWords.wait ?? "wait"
      return SharedMemoryError(.accessDenied, "wait", text(object), Self.refusal(word))
    }
    if operation.pointee.b == 0 { return nil }
    var seen: Set<Int> = []
    for place in places(operation) {
      guard let object = object(operation.pointee.several[place]) else { continue }
      if seen.insert(object).inserted { continue }
      let name = world.objects[object].name
      return SharedMemoryError(
        .invalidParameter, "wait", name < 0 ? "" : names[name].text,
        "the object is given twice; a wait for all takes each once")
    }
    return nil
  }

  private func takeSeveral(
    _ operation: Operation, _ process: Int, _ conclusion: Conclusion
  ) {
    if let error = isInvalid(operation) { return fail(operation, error) }
    operation.pointee.holds = conclusion == .success
    if conclusion == .timeout {
      operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      operation.pointee.outcome = Int32(CSHM_TIMED_OUT.rawValue)
      return
    }
    if operation.pointee.b != 0 { shortcuts.insert(.takesAllAtOnce) }
    var outcome = CSHM_ACQUIRED
    for place in places(operation) where operation.pointee.conditions[place].kind == LUASHM_TAKEN {
      guard let object = object(operation.pointee.several[place]) else { continue }
      lookAtRing(object)
      if operation.pointee.b == 0 && holds(operation, place, process) { break }
    }
    for place in places(operation)
    where operation.pointee.b != 0 || holds(operation, place, process) {
      operation.pointee.result = operation.pointee.b != 0 ? 1 : Int64(place + 1)
      if operation.pointee.conditions[place].kind == LUASHM_TAKEN,
        let object = object(operation.pointee.several[place]), rules(object)?.kind.ring == nil
      {
        if take(object, process) == CSHM_ABANDONED { outcome = CSHM_ABANDONED }
      }
      if operation.pointee.b == 0 { break }
    }
    operation.pointee.outcome = Int32(outcome.rawValue)
    narrate {
      $0.isAbandoned = outcome == CSHM_ABANDONED
      $0.effect = $0.isAbandoned ? "takes it, abandoned" : ""
    }
  }

  // MARK: - One

  func performOnNamed(
    _ operation: Operation, _ op: luashm_op, _ process: Int, _ conclusion: Conclusion
  ) {
    if op == LUASHM_OP_WAIT_SEVERAL { return takeSeveral(operation, process, conclusion) }
    guard let object = object(operation.pointee.object) else {
      operation.pointee.answer = LUASHM_ANSWER_CLOSED
      return
    }
    if world.objects[object].records != .none {
      return performOnRing(operation, op, object, process, conclusion)
    }
    switch op {
    case LUASHM_OP_WAIT_FOR_NAMED: wait(operation, object, process, conclusion)
    case LUASHM_OP_NAMED_STATE:
      if rules(object)?.hasOwner == true, world.objects[object].depth > 0 {
        tellApart(world.objects[object].state.mark.slot)
      }
      operation.pointee.result = Int64(bitPattern: world.objects[object].state.rawValue)
      operation.pointee.b = owns(object, process) ? 1 : 0
      narrate { $0.effect = "looks at \(self.shownName(object))" }
    default: act(operation, object, process)
    }
  }

  private func require(
    _ operation: Operation, _ object: Int, _ right: Int, _ verb: String
  ) -> Bool {
    if rights(operation.pointee.object) & UInt32(right) != 0 { return true }
    let word = right == Int(CSHM_MAY_WAIT) ? "wait" : "modify"
    fail(operation, SharedMemoryError(.accessDenied, verb, text(object), Self.refusal(word)))
    return false
  }

  static func refusal(_ word: String) -> String {
    "the handle was opened without the right to \(word); open it with access \"\(word)\" or \"all\""
  }

  /// What the handle was opened for.
  private func rights(_ handle: luashm_object) -> UInt32 {
    let entry = luashm_model_handle(handle)!.pointee
    guard let object = object(handle), world.objects[object].records != .none else {
      return UInt32(truncatingIfNeeded: entry.place)
    }
    return UnsafeMutableRawPointer(entry.base!).load(as: cshm_named.self).rights
  }

  func text(_ object: Int) -> String {
    world.objects[object].name < 0 ? "" : names[world.objects[object].name].text
  }

  private func wait(
    _ operation: Operation, _ object: Int, _ process: Int, _ conclusion: Conclusion
  ) {
    let verb = rules(object)?.kind.wait ?? "wait"
    if !require(operation, object, Int(CSHM_MAY_WAIT), verb) { return }
    operation.pointee.holds = conclusion == .success
    if conclusion == .timeout {
      operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      operation.pointee.outcome = Int32(CSHM_TIMED_OUT.rawValue)
      narrate { $0.effect = "times out" }
      return
    }
    let owner = world.objects[object].left
    let outcome = take(object, process)
    operation.pointee.outcome = Int32(outcome.rawValue)
    operation.pointee.result = 1
    narrate {
      $0.isAbandoned = outcome == CSHM_ABANDONED
      $0.effect =
        outcome == CSHM_ABANDONED
        ? "takes it, abandoned" + self.nameOfProcess(owner) : "takes \(self.shownName(object))"
    }
  }

  private func nameOfProcess(_ process: Int) -> String {
    (0..<actorCount).contains(process) ? " by \(outline.actors[process].name)" : ""
  }

  func shownName(_ object: Int) -> String { text(object).isEmpty ? "it" : text(object) }

  private func act(_ operation: Operation, _ object: Int, _ process: Int) {
    let verb = String(cString: luashm_verb(operation))
    guard let rules = rules(object),
      let act = rules.kind.acts.first(where: { $0.verb == verb })?.modelled
    else { return refuse(operation, process, verb) }
    let word = String(verb.drop { $0 != ":" }.dropFirst())
    if !rules.hasOwner && !require(operation, object, Int(CSHM_MAY_MODIFY), word) { return }
    var model = WaitableModel(
      state: world.objects[object].state, limit: world.objects[object].limit,
      depth: world.objects[object].depth)
    switch act(&model, mark(of: process), operation.pointee.a) {
    case .number(let number): operation.pointee.result = number
    case .process(let mark): operation.pointee.result = owner(mark)
    case .refused: return fail(operation, refusal(operation, object, rules, word))
    }
    world.objects[object].state = model.state.without(NamedState.sleepers | NamedState.looked)
    world.objects[object].depth = model.depth
    operation.pointee.b = owns(object, process) ? 1 : 0
  }

  private func owner(_ mark: NamedMark?) -> Int64 {
    if let mark, mark != .none { tellApart(mark.slot) }
    guard let mark, mark != .none, isLiving(mark) else { return Int64(CSHM_NOBODY.rawValue) }
    return Int64(number(of: mark.slot))
  }

  /// Who does not own what has an owner; or too many of what is counted.
  private func refusal(
    _ operation: Operation, _ object: Int, _ rules: NamedRules, _ word: String
  ) -> SharedMemoryError {
    let number = operation.pointee.a
    if rules.hasOwner {
      return SharedMemoryError(
        .notOwner, word, text(object),
        "this owner does not hold it; unlock once for each lock")
    }
    if number < 1 {
      return SharedMemoryError(
        .invalidParameter, word, text(object), "\(word) at least 1, not \(number)")
    }
    return SharedMemoryError(
      .tooManyPosts, word, text(object),
      "\(number) more would exceed the maximum, \(world.objects[object].limit)")
  }
}
