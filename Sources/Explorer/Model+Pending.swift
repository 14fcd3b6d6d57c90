internal import CLuaShm
internal import SharedMemory

/// What an actor stands before: what its step would touch, and whether it can be made.
extension Model {
  typealias Operation = UnsafeMutablePointer<luashm_operation>

  /// An object of the world by the handle that names it; nil: it is closed, or no object.
  func object(_ handle: luashm_object) -> Int? {
    let entry = luashm_model_handle(handle)!.pointee
    return entry.base == nil || entry.key == 0 || entry.key > UInt64(world.objects.count)
      ? nil : Int(entry.key) - 1
  }

  func pending(_ operation: Operation, _ process: Int) -> Pending {
    let op = luashm_op(UInt32(operation.pointee.op))
    var accesses: [Access] = []
    var timeout: Int64?
    var isWide = false
    switch op {
    case LUASHM_OP_CREATE, LUASHM_OP_OPEN, LUASHM_OP_CREATE_NAMED, LUASHM_OP_OPEN_NAMED,
      LUASHM_OP_UNLINK:
      accesses = nameAccesses(operation)
    case LUASHM_OP_CLOSE, LUASHM_OP_CLOSE_NAMED, LUASHM_OP_MAP, LUASHM_OP_CHECK,
      LUASHM_OP_CHECK_NAMED:
      if let object = object(operation.pointee.object) {
        accesses = [Access(.holders(object), writes: true)]
        if op == LUASHM_OP_CLOSE_NAMED { accesses.append(Access(.word(object), writes: true)) }
        let name = world.objects[object].name
        if name >= 0 { accesses.append(Access(.name(name), writes: true)) }
      }
    case LUASHM_OP_SLEEP: timeout = operation.pointee.timeout
    case LUASHM_OP_WAIT_FOR_NAMED, LUASHM_OP_ACT_ON_NAMED, LUASHM_OP_NAMED_STATE:
      if op == LUASHM_OP_WAIT_FOR_NAMED { timeout = operation.pointee.timeout }
      if let object = object(operation.pointee.object) {
        // An owner's death frees it, which changes the word.
        accesses = [Access(.word(object), writes: op != LUASHM_OP_NAMED_STATE)]
      }
      if let act = ringAct(operation), act.onlyLooks {
        accesses = accesses.map { Access($0.space, $0.low, $0.high, writes: false) }
      }
    case LUASHM_OP_WAIT_SEVERAL:
      timeout = operation.pointee.timeout
      accesses = severalAccesses(operation)
    case LUASHM_OP_RING_PUSH, LUASHM_OP_RING_POP, LUASHM_OP_RING_PEEK, LUASHM_OP_RING_DRAIN:
      timeout = operation.pointee.timeout
      if let object = object(operation.pointee.object) {
        accesses = [Access(.word(object), writes: changesRing(operation, object))]
      }
    case LUASHM_OP_OPEN_PROCESS:
      if let other = processNumbered(operation.pointee.a) {
        accesses = [Access(.life(other), writes: false)]
      }
    default:
      if isOfView(op) {
        (accesses, isWide) = viewAccesses(operation)
        if op == LUASHM_OP_CELL_WAIT || op == LUASHM_OP_SNAPSHOT {
          timeout = operation.pointee.timeout
        }
      }
    }
    return Pending(
      .operation, op: op.rawValue, operation, accesses, timeout: timeout,
      signature: signature(operation), isWide: isWide)
  }

  func isOfView(_ op: luashm_op) -> Bool {
    op.rawValue >= LUASHM_OP_WRITE.rawValue && op.rawValue < LUASHM_OP_CREATE_NAMED.rawValue
  }

  private func signature(_ operation: Operation) -> UInt64 {
    let record = operation.pointee
    var digest = Digest()
    digest.add(UInt64(UInt(bitPattern: operation)))
    for word in [
      UInt64(record.op), UInt64(record.object.index), record.at, record.length,
      UInt64(bitPattern: record.a), UInt64(bitPattern: record.b),
    ] {
      digest.add(word)
    }
    return digest.first
  }

  private func severalAccesses(_ operation: Operation) -> [Access] {
    var accesses: [Access] = []
    for place in 0..<min(Int(operation.pointee.length), Int(LUASHM_MOST_WAITED)) {
      let handle = operation.pointee.several[place]
      let condition = operation.pointee.conditions[place]
      switch condition.kind {
      case LUASHM_ENDED:
        let process = Int(luashm_model_handle(handle)!.pointee.key) - 1
        accesses.append(Access(.life(process), writes: false))
      case LUASHM_CHANGED:
        guard let object = object(handle) else { continue }
        let at = base(of: handle) + Int(condition.at)
        accesses.append(Access(.bytes(object), at, at + Int(condition.size), writes: false))
      default:
        guard let object = object(handle) else { continue }
        accesses.append(Access(.word(object), writes: true))
      }
    }
    return accesses
  }

  /// Where the view begins in its object.
  func base(of handle: luashm_object) -> Int { Int(luashm_model_handle(handle)!.pointee.place) }

  private func viewAccesses(_ operation: Operation) -> ([Access], Bool) {
    let touches = luashm_model_touches(operation)
    var accesses: [Access] = []
    var isWide = false
    if let object = object(operation.pointee.object) {
      let begin = base(of: operation.pointee.object)
      let at = begin + Int(touches.at)
      if touches.reads {
        accesses.append(
          Access(.bytes(object), at, at + Int(touches.length), writes: false))
      }
      if touches.writes {
        accesses.append(
          Access(.bytes(object), at, at + Int(touches.length), writes: true))
      }
      if touches.words_length > 0 {
        let words = begin + Int(touches.words_at)
        accesses.append(
          Access(
            .bytes(object), words, words + Int(touches.words_length), writes: touches.writes))
      }
      if operation.pointee.op == LUASHM_OP_CELL_WAKE.rawValue
        || operation.pointee.op == LUASHM_OP_CELL_WAIT.rawValue
      {
        accesses.append(
          Access(.sleepers(object), at, at + Int(touches.length), writes: true))
      }
      isWide = (touches.reads || touches.writes) && Self.isWide(at, Int(touches.length))
      if touches.words_length > 0 { isWide = true }
    }
    if touches.source_length > 0, let source = object(operation.pointee.source) {
      let at = base(of: operation.pointee.source) + Int(touches.source_at)
      accesses.append(
        Access(.bytes(source), at, at + Int(touches.source_length), writes: false))
      isWide = isWide || Self.isWide(at, Int(touches.source_length))
    }
    return (accesses, isWide)
  }

  /// More than what the processor moves at once.
  private static func isWide(_ at: Int, _ length: Int) -> Bool {
    switch length {
    case 0, 1: false
    case 2, 4, 8: at % length != 0
    default: true
    }
  }

  // MARK: - Can it be made?

  /// Of a wait: would a look succeed now? Others always can be made.
  func canSucceed(_ pending: Pending, _ process: Int) -> Bool {
    guard pending.timeout != nil, let operation = pending.operation else { return true }
    switch luashm_op(pending.op) {
    case LUASHM_OP_SLEEP: return operation.pointee.timeout == 0
    case LUASHM_OP_WAIT_FOR_NAMED:
      guard let object = object(operation.pointee.object) else { return true }
      return canTake(object, process)
    case LUASHM_OP_WAIT_SEVERAL: return canTakeSeveral(operation, process)
    case LUASHM_OP_RING_PUSH, LUASHM_OP_RING_POP, LUASHM_OP_RING_PEEK, LUASHM_OP_RING_DRAIN:
      guard let object = object(operation.pointee.object) else { return true }
      return canGoOn(operation, object, process)
    case LUASHM_OP_SNAPSHOT: return !luashm_model_is_torn(operation)
    default: return process != director || wordDiffers(operation)
    }
  }

  func wordDiffers(_ operation: Operation) -> Bool {
    let entry = luashm_model_handle(operation.pointee.object)!.pointee
    guard let base = entry.base else { return true }
    let expected = UInt64(bitPattern: operation.pointee.a)
    return Self.differs(base + Int(operation.pointee.at), Int(operation.pointee.type), expected)
  }

  static func differs(_ word: UnsafeMutablePointer<UInt8>, _ size: Int, _ expected: UInt64) -> Bool
  {
    let raw = UnsafeRawPointer(word)
    return size == 8
      ? raw.load(as: UInt64.self) != expected
      : raw.load(as: UInt32.self) != UInt32(truncatingIfNeeded: expected)
  }

  /// Can the process go on, without any time passing?
  func isAble(_ process: Int) -> Bool {
    let state = world.processes[process]
    if state.copy != nil { return true }
    switch state.phase {
    case .woken: return true
    case .stands:
      guard let timeout = state.pending.timeout else { return true }
      return timeout == 0 || canSucceed(state.pending, process)
    default: return false
    }
  }
}
