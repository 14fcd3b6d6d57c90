internal import CLuaShm
internal import CShm
internal import Glibc
internal import SharedMemory

/// Performing what an actor stands before.
extension Model {
  enum Conclusion {
    case success
    /// Its wait's time is over.
    case timeout
  }

  /// One step of the process: performs, and lets it go on to the next.
  func step(_ process: Int) {
    let state = world.processes[process]
    if state.copy != nil { return stepCopy(process) }
    if state.phase == .woken {
      conclude(state.pending, process, .success)
    } else {
      switch state.pending.kind {
      case .life(let other):
        let answer = lives(other)
        actors[process].pointee.answer = answer ? 1 : 0
        touch(.life(other), writes: false)
        learn(process, answer ? 1 : 0)
        narrate { $0.effect = answer ? "yes" : "no" }
      case .operation:
        if state.pending.op == LUASHM_OP_CELL_WAIT.rawValue
          && !wordDiffers(state.pending.operation!)
        {
          sleep(process, state.pending)
          return
        }
        let isTaken = canSucceed(state.pending, process)
        conclude(state.pending, process, isTaken ? .success : .timeout)
      default: break
      }
    }
    world.processes[process].steps += 1
    proceed(process)
  }

  /// Its wait's time is over: at its deadline, or early.
  func timeOut(_ process: Int) {
    let state = world.processes[process]
    if state.deadline > world.time && state.deadline != .max { world.time = state.deadline }
    touch(.time, writes: true)
    if let index = world.sleepers.firstIndex(where: { $0.process == process }) {
      let sleeper = world.sleepers.remove(at: index)
      touch(.sleepers(sleeper.object), sleeper.at, sleeper.at + 8, writes: true)
    }
    world.processes[process].deadline = .max
    conclude(state.pending, process, .timeout)
    world.processes[process].steps += 1
    proceed(process)
  }

  func choose(_ process: Int, _ alternative: Int) {
    actors[process].pointee.answer = Int32(alternative)
    learn(process, UInt64(alternative))
    proceed(process)
  }

  private func sleep(_ process: Int, _ pending: Pending) {
    let operation = pending.operation!
    guard let object = object(operation.pointee.object) else { return }
    touched += pending.accesses
    let at = base(of: operation.pointee.object) + Int(operation.pointee.at)
    if operation.pointee.timeout == 0 {
      conclude(pending, process, .timeout)
      world.processes[process].steps += 1
      proceed(process)
      return
    }
    world.processes[process].steps += 1
    world.processes[process].phase = .asleep
    world.processes[process].spin = World.Spin()
    let timeout = operation.pointee.timeout
    world.processes[process].deadline = timeout == .max ? .max : world.time &+ timeout
    if timeout != .max { hasDeadlines = true }
    world.sleepers.append(World.Sleeper(process: process, object: object, at: at))
    narrate { $0.effect = "sleeps" }
  }

  /// What the process gets to know becomes a part of where it is.
  func learn(_ process: Int, _ word: UInt64) {
    world.processes[process].local.add(word)
    world.processes[process].spin.loop.round.add(word)
  }

  // MARK: - The outcome

  /// Performs the operation and fills in its outcome.
  func conclude(_ pending: Pending, _ process: Int, _ conclusion: Conclusion) {
    let operation = pending.operation!
    let op = luashm_op(pending.op)
    if !(isWatching && fault == .visibleWithoutConflicts) { touched += pending.accesses }
    if isOfView(op) {
      performOnView(operation, op, pending, process, conclusion)
    } else {
      perform(operation, op, process, conclusion)
    }
    learnOutcome(operation, process)
  }

  func learnOutcome(_ operation: Operation, _ process: Int) {
    let record = operation.pointee
    var digest = Digest()
    digest.add(UInt64(record.op))
    digest.add(UInt64(record.answer.rawValue))
    digest.add(UInt64(bitPattern: record.result))
    digest.add((record.holds ? 1 : 0) | UInt64(UInt32(bitPattern: record.outcome)) << 8)
    if record.answer == LUASHM_ANSWER_REFUSED {
      digest.add(UInt64(record.failure.pointee.code))
      if fault != .learnsNoTexts { digest.add(Self.textHash(record.failure)) }
    }
    if record.answer == LUASHM_ANSWER_DONE, makes(luashm_op(UInt32(record.op))) {
      // Its size, its bounds, whose it is: all that a handle shows.
      digest.add(luashm_model_handle(record.made)!.pointee.key)
    }
    if record.ring != nil { addRingOutcome(operation, &digest) }
    world.processes[process].local.add(digest)
    world.processes[process].spin.loop.round.add(digest)
  }

  /// Of what a script gets to read; only the code would not do, as texts name what they met.
  private static func textHash(_ failure: UnsafeMutablePointer<luashm_failure>) -> UInt64 {
    withUnsafeBytes(of: &failure.pointee.message) { text in
      luashm_digest(text.baseAddress, text.firstIndex(of: 0) ?? text.count, 0)
    }
  }

  private func makes(_ op: luashm_op) -> Bool {
    switch op {
    case LUASHM_OP_CREATE, LUASHM_OP_OPEN, LUASHM_OP_CREATE_NAMED, LUASHM_OP_OPEN_NAMED: true
    default: false
    }
  }

  private func perform(
    _ operation: Operation, _ op: luashm_op, _ process: Int, _ conclusion: Conclusion
  ) {
    switch op {
    case LUASHM_OP_CREATE, LUASHM_OP_OPEN, LUASHM_OP_UNLINK, LUASHM_OP_MAP, LUASHM_OP_CLOSE,
      LUASHM_OP_CHECK, LUASHM_OP_CREATE_NAMED, LUASHM_OP_OPEN_NAMED, LUASHM_OP_CLOSE_NAMED,
      LUASHM_OP_CHECK_NAMED:
      performOnName(operation, op, process)
    case LUASHM_OP_SLEEP:
      operation.pointee.answer = LUASHM_ANSWER_DONE
    case LUASHM_OP_NOW:
      operation.pointee.result = world.time + Self.epoch
    case LUASHM_OP_PID:
      tellApart(process)
      operation.pointee.result = Int64(number(of: process))
    case LUASHM_OP_OPEN_PROCESS, LUASHM_OP_CLOSE_PROCESS:
      performOnProcess(operation, op)
    case LUASHM_OP_WAIT_FOR_NAMED, LUASHM_OP_WAIT_SEVERAL, LUASHM_OP_ACT_ON_NAMED,
      LUASHM_OP_NAMED_STATE, LUASHM_OP_RING_PUSH, LUASHM_OP_RING_POP, LUASHM_OP_RING_PEEK,
      LUASHM_OP_RING_DRAIN:
      performOnNamed(operation, op, process, conclusion)
    default:
      refuse(operation, process, String(cString: luashm_verb(operation)))
    }
  }

  /// As in replays.
  static let epoch: Int64 = 0

  /// The number of its process.
  func number(of process: Int) -> Int { 1001 + process }

  func processNumbered(_ number: Int64) -> Int? {
    let process = Int(clamping: number) - 1001
    return (0..<actorCount).contains(process) ? process : nil
  }

  private func performOnProcess(_ operation: Operation, _ op: luashm_op) {
    if op == LUASHM_OP_CLOSE_PROCESS {
      luashm_model_close_handle(operation.pointee.object)
      return
    }
    processNumbered(operation.pointee.a).map(tellApart)
    guard let other = processNumbered(operation.pointee.a), lives(other) else {
      fail(
        operation,
        SharedMemoryError(
          .invalidParameter, errno: .noProcess, "process", "\(operation.pointee.a)",
          "no process has this number now"))
      return
    }
    let entry = luashm_model_handle(operation.pointee.made)!
    entry.pointee.key = UInt64(other + 1)
    entry.pointee.host = operation.pointee.host
    entry.pointee.world = operation.pointee.host.pointee.world
    entry.pointee.base = UnsafeMutableRawPointer(entry).assumingMemoryBound(to: UInt8.self)
  }

  func fail(_ operation: Operation, _ error: SharedMemoryError) {
    operation.pointee.answer = LUASHM_ANSWER_REFUSED
    let failure = operation.pointee.failure!
    failure.pointee.code = error.code.rawValue
    withUnsafeMutableBytes(of: &failure.pointee.message) { buffer in
      let text = error.description.utf8.prefix(buffer.count - 1)
      for (index, byte) in text.enumerated() { buffer[index] = byte }
      buffer[text.count] = 0
    }
    narrate { $0.effect = "fails: \(error.code.symbol)" }
  }

  // MARK: - Bytes

  private func performOnView(
    _ operation: Operation, _ op: luashm_op, _ pending: Pending, _ process: Int,
    _ conclusion: Conclusion
  ) {
    for access in pending.accesses {
      guard let object = access.space.objectOfBytes else { continue }
      if access.writes {
        save(object, access.low, access.high)
      } else {
        let offset = world.objects[object].offset + access.low
        learn(process, luashm_digest(heap + offset, access.high - access.low, 0))
      }
    }
    let before = narrates ? bytes(pending.accesses) : nil
    switch op {
    case LUASHM_OP_CELL_WAIT:
      operation.pointee.answer =
        conclusion == .success ? LUASHM_ANSWER_DONE : LUASHM_ANSWER_TIMED_OUT
      operation.pointee.holds = conclusion == .success
    case LUASHM_OP_CELL_WAKE: wake(operation, process)
    case LUASHM_OP_SNAPSHOT where conclusion == .timeout:
      operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      operation.pointee.holds = false
    case LUASHM_OP_SNAPSHOT:
      operation.pointee.tries = true
      luashm_perform_real(operation)
    default:
      luashm_perform_real(operation)
    }
    if operation.pointee.op == LUASHM_OP_CELL_CAS.rawValue && !operation.pointee.holds
      && fault != .failedSwapsWrite
    {
      // Swaps nothing, so it is a read.
      touched.removeAll { $0.writes && $0.space.objectOfBytes != nil }
    }
    if let before { narrate { $0.tell(self, operation, process, pending, before, conclusion) } }
  }

  /// Before they are overwritten.
  func save(_ object: Int, _ low: Int, _ high: Int) {
    let offset = world.objects[object].offset + low
    let extent = min(high, world.objects[object].size)
    if extent > world.objects[object].extent { world.objects[object].extent = extent }
    undone.append(contentsOf: UnsafeRawBufferPointer(start: heap + offset, count: high - low))
    withUnsafeBytes(of: (offset, high - low)) { undone.append(contentsOf: $0) }
  }

  /// Back to when the log had this length.
  func undo(to length: Int) {
    if fault == .undoesNothing { return undone.removeLast(undone.count - length) }
    while undone.count > length {
      let (offset, count) = undone.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: $0.count - 16, as: (Int, Int).self)
      }
      undone.removeLast(16)
      undone.withUnsafeBytes {
        _ = memcpy(heap + offset, $0.baseAddress! + ($0.count - count), count)
      }
      undone.removeLast(count)
    }
  }

  private func wake(_ operation: Operation, _ process: Int) {
    guard let object = object(operation.pointee.object) else {
      operation.pointee.answer = LUASHM_ANSWER_CLOSED
      return
    }
    let at = base(of: operation.pointee.object) + Int(operation.pointee.at)
    var count: Int64 = 0
    let most = fault == .wakesAll ? .max : operation.pointee.a
    while count < most, let index = sleeper(object, at) {
      let sleeper = world.sleepers.remove(at: index)
      world.processes[sleeper.process].phase = .woken
      world.processes[sleeper.process].deadline = .max
      count += 1
      narrate { $0.woken.append(sleeper.process) }
    }
    operation.pointee.result = count
  }

  /// The first that fell asleep on the word.
  private func sleeper(_ object: Int, _ at: Int) -> Int? {
    fault == .wakesLast
      ? world.sleepers.lastIndex { $0.object == object && $0.at == at }
      : world.sleepers.firstIndex { $0.object == object && $0.at == at }
  }

  func narrate(_ body: (inout Narration) -> Void) {
    if narrates && !isWatching { body(&narration) }
  }
}
