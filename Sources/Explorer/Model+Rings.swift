internal import CLuaShm
internal import COperations
internal import CShm
internal import SharedMemory

/// Rings of records: what each operation does and says is in the table of `RingModel` and
/// `BroadcastModel`; here it is asked, and the outcome filled in.
extension Model {
  typealias Ring = RingModel<[UInt8]>
  typealias Broadcast = BroadcastModel<[UInt8]>

  /// A handle, as the rules know it.
  func user(_ handle: luashm_object, _ process: Int) -> RingUser {
    RingUser(process: process, handle: handle.index)
  }

  private func named(_ handle: luashm_object) -> UnsafeMutablePointer<cshm_named> {
    UnsafeMutableRawPointer(luashm_model_handle(handle)!.pointee.base!)
      .assumingMemoryBound(to: cshm_named.self)
  }

  /// What the handle of a reader knows of itself.
  private func reader(_ handle: luashm_object) -> UnsafeMutablePointer<cshm_broadcast> {
    named(handle).pointee.broadcast
  }

  func ringAct(_ operation: Operation) -> RingAct? {
    guard operation.pointee.op == UInt16(LUASHM_OP_ACT_ON_NAMED.rawValue),
      let kind = WaitableKinds.numbered(UInt32(operation.pointee.waitable))
    else { return nil }
    let verb = String(cString: luashm_verb(operation))
    return kind.acts.first { $0.verb == verb }?.onRing
  }

  private func call(_ operation: Operation) -> UnsafeMutablePointer<luashm_ring_call> {
    operation.pointee.ring
  }

  /// A reader changes nothing, nor does one who waits until all is done.
  func changesRing(_ operation: Operation, _ object: Int) -> Bool {
    let op = luashm_op(UInt32(operation.pointee.op))
    if op == LUASHM_OP_RING_DRAIN { return false }
    if case .followed = world.objects[object].records {
      return operation.pointee.op == UInt16(LUASHM_OP_RING_PUSH.rawValue)
    }
    return true
  }

  // MARK: Handles

  /// Gives the handle what the bindings look at, in its actor's arena; false: it was refused.
  func showRing(_ operation: Operation, _ object: Int, _ process: Int) -> Bool {
    let handle = operation.pointee.made
    guard let made = luashm_model_ring_make(actors[process], plain + object) else {
      refuse(operation, process, "an arena without room")
      return false
    }
    luashm_model_handle(handle)!.pointee.base =
      UnsafeMutableRawPointer(made).assumingMemoryBound(to: UInt8.self)
    luashm_model_handle(handle)!.pointee.place = 0
    let rights = made.pointee.named.rights
    let isRestricted = rights != UInt32(CSHM_MAY_WAIT) | UInt32(CSHM_MAY_MODIFY)
    let role: RingRole = rights & UInt32(CSHM_MAY_MODIFY) != 0 ? .pushes : .pops
    switch world.objects[object].records {
    case .none: break
    case .popped(var ring):
      if isRestricted { ring.begin(role, user(handle, process)) }
      made.pointee.ring.roles = isRestricted ? role.bit : 0
      world.objects[object].records = .popped(ring)
    case .followed(var broadcast):
      let isPublisher = isRestricted && role == .pushes
      if isPublisher { broadcast.begin(user(handle, process)) }
      made.pointee.broadcast.roles = isPublisher ? role.bit : 0
      world.objects[object].records = .followed(broadcast)
      let options = operation.pointee.named?.pointee
      made.pointee.broadcast.is_strict = options?.strict ?? false
      go(to: broadcast.seek(.next), handle)
      let place = ReadingPlace(options?.from ?? 0)
      if place != .next { go(to: broadcast.seek(place), handle) }
    }
    touch(.word(object), writes: true)
    return true
  }

  private func go(to place: Broadcast.Place, _ handle: luashm_object) {
    let reader = reader(handle)
    reader.pointee.position = place.position
    reader.pointee.sequence = place.sequence
    cops_broadcast_miss(reader, place.sequence - place.lost, place.sequence)
  }

  func closeRing(_ operation: Operation, _ object: Int, _ process: Int) {
    let handle = operation.pointee.object
    let user = user(handle, process)
    switch world.objects[object].records {
    case .none: return
    case .popped(var ring):
      ring.close(user)
      world.objects[object].records = .popped(ring)
    case .followed(var broadcast):
      broadcast.close(user)
      world.objects[object].records = .followed(broadcast)
    }
    luashm_model_ring_end(
      actors[process],
      UnsafeMutableRawPointer(named(handle)).assumingMemoryBound(to: luashm_model_ring.self))
  }

  /// The process has no handle any more: it ended, or closed all.
  func leaveRing(_ object: Int, _ process: Int) {
    switch world.objects[object].records {
    case .none: return
    case .popped(var ring):
      if !ring.isUsed(by: process) { return }
      if fault == .killKeepsJobs { ring.leaveWithJobs(process) } else { ring.leave(process) }
      world.objects[object].records = .popped(ring)
    case .followed(var broadcast):
      if !broadcast.isUsed(by: process) { return }
      broadcast.leave(process)
      world.objects[object].records = .followed(broadcast)
    }
    touch(.word(object), writes: true)
  }

  /// What is said when the last handle is closed with messages inside.
  func remains(_ object: Int) -> SharedMemoryError? {
    guard case .popped(let ring) = world.objects[object].records else { return nil }
    return RingRemains.warning(name: shown(object), count: ring.left)
  }

  private func shown(_ object: Int) -> String { text(object) }

  // MARK: Can it be done?

  /// For `shm.wait`; nil: it has no ring.
  func ringIsReady(_ object: Int, _ handle: luashm_object) -> Bool? {
    switch world.objects[object].records {
    case .none: nil
    case .popped(let ring): ring.isReady || endsBesideJobs(ring)
    case .followed(let broadcast): broadcast.isReady(reader(handle).pointee.sequence)
    }
  }

  /// A wait has looked at it.
  func lookAtRing(_ object: Int) {
    guard case .popped(var ring) = world.objects[object].records else { return }
    _ = ring.look()
    world.objects[object].records = .popped(ring)
  }

  private func endsBesideJobs(_ ring: Ring) -> Bool {
    fault == .endsBesideJobs && (ring.isFinished || ring.users.isDeserted(.pushes))
      && !ring.records.contains { $0.isFree }
  }

  /// Does a look at it now do anything but wait?
  func canGoOn(_ operation: Operation, _ object: Int, _ process: Int) -> Bool {
    let user = user(operation.pointee.object, process)
    if refusedRight(operation, object) != nil { return true }
    switch world.objects[object].records {
    case .none: return true
    case .popped(var ring):
      switch luashm_op(UInt32(operation.pointee.op)) {
      case LUASHM_OP_RING_PUSH:
        if case .waits = ring.push(messages(operation), by: user) { return false }
      case LUASHM_OP_RING_POP:
        if endsBesideJobs(ring) { return true }
        if case .waits = pop(&ring, operation, user) { return false }
      case LUASHM_OP_RING_PEEK: return true
      default: if case .waits = ring.drain() { return false }
      }
    case .followed(let broadcast):
      if call(operation).pointee.act == .LUASHM_RING_NEXT,
        case .waits = broadcast.next(reader(operation.pointee.object).pointee.sequence)
      {
        return false
      }
    }
    return true
  }

  private func messages(_ operation: Operation) -> [RingMessage<[UInt8]>] {
    let call = call(operation).pointee
    return (0..<Int(call.count)).map { index in
      let message = call.messages[index]
      return RingMessage(
        length: message.length, kind: message.kind,
        content: Array(UnsafeBufferPointer(start: message.bytes, count: Int(message.length))))
    }
  }

  private func pop(
    _ ring: inout Ring, _ operation: Operation, _ user: RingUser
  ) -> Ring.Answer<Ring.Popped> {
    let call = call(operation).pointee
    let takes = call.act == .LUASHM_RING_TAKE
    return ring.pop(call.count, capacity: call.capacity, takes: takes, by: user)
  }

  // MARK: Performing

  private func word(_ operation: Operation) -> String {
    if let act = ringAct(operation), act == .back { return act.rawValue }
    return String(String(cString: luashm_verb(operation)).drop { $0 != ":" }.dropFirst())
  }

  private func refuse(
    _ operation: Operation, _ object: Int, _ code: ErrorCode, _ advice: String
  ) {
    fail(operation, SharedMemoryError(code, word(operation), text(object), advice))
  }

  /// The word for the right that the handle was opened without.
  private func refusedRight(_ operation: Operation, _ object: Int) -> String? {
    guard let words = rules(object)?.kind.accessWords else { return nil }
    let right: Int
    let name: String
    switch luashm_op(UInt32(operation.pointee.op)) {
    case LUASHM_OP_RING_PUSH: (right, name) = (Int(CSHM_MAY_MODIFY), words.modify)
    case LUASHM_OP_RING_POP, LUASHM_OP_RING_PEEK:
      (right, name) = (Int(CSHM_MAY_WAIT), words.wait)
    default:
      switch ringAct(operation) {
      case .clear, .seek, .skip: (right, name) = (Int(CSHM_MAY_WAIT), words.wait)
      case .finish: (right, name) = (Int(CSHM_MAY_MODIFY), words.modify)
      default: return nil
      }
    }
    return named(operation.pointee.object).pointee.rights & UInt32(right) != 0 ? nil : name
  }

  func performOnRing(
    _ operation: Operation, _ op: luashm_op, _ object: Int, _ process: Int,
    _ conclusion: Conclusion
  ) {
    if op == LUASHM_OP_NAMED_STATE { return describe(operation, object) }
    if let right = refusedRight(operation, object) {
      return refuse(operation, object, .accessDenied, Self.refusal(right))
    }
    operation.pointee.holds = true
    let user = user(operation.pointee.object, process)
    switch world.objects[object].records {
    case .none: return
    case .popped(var ring):
      if conclusion == .success { perform(operation, op, object, &ring, user) }
      world.objects[object].records = .popped(ring)
    case .followed(var broadcast):
      if conclusion == .success { perform(operation, op, object, &broadcast, user) }
      world.objects[object].records = .followed(broadcast)
    }
    if conclusion == .timeout {
      operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      operation.pointee.outcome = Int32(CSHM_TIMED_OUT.rawValue)
      operation.pointee.holds = false
      narrate { $0.effect = "times out" }
    } else if operation.pointee.answer == LUASHM_ANSWER_REFUSED {
      operation.pointee.holds = false
    }
  }

  private func perform(
    _ operation: Operation, _ op: luashm_op, _ object: Int, _ ring: inout Ring, _ user: RingUser
  ) {
    operation.pointee.outcome = Int32(CSHM_ACQUIRED.rawValue)
    switch op {
    case LUASHM_OP_RING_PUSH:
      let messages = messages(operation)
      switch ring.push(messages, by: user) {
      case .refused(let code, let advice): refuse(operation, object, code, advice)
      case .waits: break
      case .done(let count):
        call(operation).pointee.moved = UInt32(count)
        operation.pointee.result = Int64(count)
        assume(.pushes, operation)
        narrate { $0.effect = self.pushed(messages, ring.left, operation) }
      }
    case LUASHM_OP_RING_POP:
      if endsBesideJobs(ring) { return refuse(operation, object, .brokenPipe, "the end") }
      switch pop(&ring, operation, user) {
      case .refused(let code, let advice):
        refuse(operation, object, code, advice)
        narrate { $0.effect = "told the end: \(self.whoEnded(ring))" }
      case .done(let popped):
        assume(.pops, operation)
        fill(operation, popped, ring, object)
      case .waits: break
      }
    case LUASHM_OP_RING_PEEK:
      switch ring.peek(capacity: call(operation).pointee.capacity) {
      case .refused(let code, let advice): refuse(operation, object, code, advice)
      case .done(let popped): fill(operation, popped, ring, object)
      case .waits:
        operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
        operation.pointee.outcome = Int32(CSHM_TIMED_OUT.rawValue)
        operation.pointee.holds = false
        narrate { $0.effect = "sees none" }
      }
    case LUASHM_OP_RING_DRAIN:
      if case .refused(let code, let advice) = ring.drain() {
        return refuse(operation, object, code, advice)
      }
      narrate { $0.effect = "all is done" }
    default:
      guard let act = ringAct(operation) else { return }
      settle(operation, object, ring.perform(act, operation.pointee.a, by: user))
      narrate { self.tell(&$0, act, operation, ring, object) }
    }
  }

  /// The bindings ask for a role in a step of its own, as long as the handle has it not.
  private func assume(_ role: RingRole, _ operation: Operation) {
    let handle = named(operation.pointee.object)
    handle.pointee.ring.pointee.roles |= role.bit
    handle.pointee.broadcast.pointee.roles |= role.bit
  }

  private func fill(
    _ operation: Operation, _ popped: Ring.Popped, _ ring: Ring, _ object: Int
  ) {
    let call = call(operation)
    call.pointee.outcome = Int32(CSHM_ACQUIRED.rawValue)
    call.pointee.moved = UInt32(popped.records.count)
    call.pointee.is_cut = popped.isCut && popped.tooLong == nil
    call.pointee.too_small = popped.tooLong != nil
    call.pointee.filled =
      popped.tooLong.map { UInt64($0) + UInt64(MemoryLayout<cops_popped>.size) } ?? popped.filled
    operation.pointee.result = Int64(popped.records.count)
    var at = 0
    for record in popped.records {
      at = (at + 7) & ~7
      let room = UnsafeMutableRawPointer(call.pointee.room!) + at
      room.storeBytes(
        of: cops_popped(length: record.message.length, kind: UInt32(record.message.kind)),
        as: cops_popped.self)
      record.message.content.withUnsafeBytes {
        (room + MemoryLayout<cops_popped>.size).copyMemory(
          from: $0.baseAddress ?? UnsafeRawPointer(room), byteCount: $0.count)
      }
      at += MemoryLayout<cops_popped>.size + record.message.content.count
    }
    if call.pointee.act == .LUASHM_RING_TAKE, let record = popped.records.first {
      call.pointee.token = record.at
      call.pointee.tries = UInt32(record.tries)
    }
    narrate { $0.effect = self.taken(popped, ring, operation, object) }
  }

  private func settle(
    _ operation: Operation, _ object: Int, _ answer: WaitableModel.Answer
  ) {
    switch answer {
    case .number(let number): operation.pointee.result = number
    case .process: break
    case .refused(let code, let advice): refuse(operation, object, code, advice)
    }
    operation.pointee.b = 0
  }

  /// What tostring shows: where the bindings look.
  private func describe(_ operation: Operation, _ object: Int) {
    operation.pointee.result = 0
    operation.pointee.b = 0
    let handle = named(operation.pointee.object)
    switch world.objects[object].records {
    case .none: break
    case .popped(let ring):
      let shown = handle.pointee.ring!
      let used = UInt64(ring.units) - UInt64(ring.free / Int(CSHM_UNIT))
      shown.pointee.pop.pointee.position = 0
      shown.pointee.push.pointee.position = UInt64(ring.count) << 32 | used
    case .followed(let broadcast):
      luashm_model_ring_show(
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: luashm_model_ring.self),
        broadcast.records.first?.sequence ?? 0, broadcast.sequence)
    }
  }

  // MARK: What is followed

  private func perform(
    _ operation: Operation, _ op: luashm_op, _ object: Int, _ broadcast: inout Broadcast,
    _ user: RingUser
  ) {
    let handle = operation.pointee.object
    operation.pointee.outcome = Int32(CSHM_ACQUIRED.rawValue)
    switch op {
    case LUASHM_OP_RING_PUSH:
      let messages = messages(operation)
      let time = UInt64(max(world.time, 1))
      switch broadcast.publish(messages, time: time, by: user) {
      case .done(let sequence):
        call(operation).pointee.moved = UInt32(messages.count)
        call(operation).pointee.token = sequence
        operation.pointee.result = Int64(bitPattern: sequence)
        assume(.pushes, operation)
        narrate { $0.effect = self.published(messages, sequence, object) }
      case .refused(let code, let advice): refuse(operation, object, code, advice)
      case .waits: break
      }
    case LUASHM_OP_RING_POP where call(operation).pointee.act == .LUASHM_RING_NEWEST:
      newest(operation, broadcast)
    case LUASHM_OP_RING_POP: next(operation, object, broadcast)
    default:
      guard let act = ringAct(operation) else { return }
      let before = reader(handle).pointee.sequence
      operation.pointee.b = 0
      switch act {
      case .seek, .skip:
        let place = broadcast.seek(
          act == .skip ? .next : ReadingPlace(operation.pointee.a))
        go(to: place, handle)
        operation.pointee.result =
          act == .skip
          ? Int64(place.sequence > before ? place.sequence - before : 0) : Int64(place.sequence)
      default: operation.pointee.result = Int64(bitPattern: broadcast.sequence)
      }
      let result = operation.pointee.result
      narrate { $0.effect = act == .skip ? "passes over \(result)" : "is \(result)" }
    }
  }

  private func next(_ operation: Operation, _ object: Int, _ broadcast: Broadcast) {
    let reader = reader(operation.pointee.object)
    switch broadcast.next(reader.pointee.sequence) {
    case .waits: break
    case .refused(let code, let advice):
      refuse(operation, object, code, advice)
      narrate { $0.effect = "told the end: all who published have gone" }
    case .done(let read):
      // Counted by laps, what was lost of the last one is not.
      let lost = fault == .losesByLaps ? read.lost / 2 : read.lost
      let owed = Broadcast.owed(read, reader.pointee.owed, isStrict: reader.pointee.is_strict)
      if owed > 0 {
        go(
          to: .init(position: read.record.at, sequence: read.record.sequence, lost: lost),
          operation.pointee.object)
        reader.pointee.owed = 0
        return refuse(operation, object, .ioDevice, Broadcast.loss(owed + lost - read.lost))
      }
      fill(operation, read.record, lost: lost)
      narrate { $0.effect = self.read(read.record, lost) }
    }
  }

  private func newest(_ operation: Operation, _ broadcast: Broadcast) {
    guard let record = broadcast.records.last else {
      operation.pointee.answer = LUASHM_ANSWER_TIMED_OUT
      operation.pointee.holds = false
      narrate { $0.effect = "nothing was published" }
      return
    }
    fill(operation, record, lost: 0)
    narrate { $0.effect = self.read(record, 0) }
  }

  private func fill(_ operation: Operation, _ record: Broadcast.Record, lost: UInt64) {
    let call = call(operation)
    call.pointee.outcome = Int32(CSHM_ACQUIRED.rawValue)
    operation.pointee.result = 0
    var reading = cops_broadcast_call()
    reading.length = UInt64(record.message.length)
    reading.kind = record.message.kind
    reading.result = UInt8(COPS_RING_TOO_SMALL.rawValue)
    if UInt64(record.message.length) <= call.pointee.capacity {
      reading.result = UInt8(COPS_RING_DONE.rawValue)
      reading.at = record.at
      reading.position = record.end
      reading.sequence = record.sequence
      reading.time = record.time
      reading.lost = lost
      record.message.content.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress {
          UnsafeMutableRawPointer(call.pointee.room!).copyMemory(
            from: base, byteCount: bytes.count)
        }
      }
    }
    call.pointee.reading.pointee = reading
  }

  // MARK: What the process gets to know

  func addRingOutcome(_ operation: Operation, _ digest: inout Digest) {
    let call = call(operation).pointee
    digest.add(UInt64(call.moved) << 32 | UInt64(call.tries) << 2)
    digest.add(call.filled << 2 | (call.too_small ? 2 : 0) | (call.is_cut ? 1 : 0))
    guard operation.pointee.answer == LUASHM_ANSWER_DONE, let room = call.room else { return }
    if let reading = call.reading?.pointee {
      for word in [reading.length, reading.sequence, reading.lost, reading.time] {
        digest.add(word)
      }
      digest.add(UInt64(reading.kind) << 8 | UInt64(reading.result))
      if UInt32(reading.result) == COPS_RING_DONE.rawValue {
        digest.add(luashm_digest(room, Int(reading.length), 0))
      }
    } else if !call.too_small && call.filled <= call.capacity {
      digest.add(luashm_digest(room, Int(call.filled), 0))
    }
  }
}

extension World.Records {
  /// All that the future depends on: places in the ring as far as they say where one wraps around,
  /// and not how often it was.
  func add(to digest: inout Digest) {
    switch self {
    case .none: return
    case .popped(let ring):
      add(ring.users, to: &digest)
      digest.add(
        UInt64(UInt32(truncatingIfNeeded: ring.head) % ring.units) << 1 | (ring.isFinished ? 1 : 0))
      digest.add(UInt64(ring.free))
      for record in ring.records {
        digest.add(
          UInt64(UInt32(truncatingIfNeeded: record.at) % ring.units) << 32 | UInt64(record.tries)
            << 1 | (record.isDone ? 1 : 0))
        digest.add((record.taker?.process ?? -1) << 32 | Int(record.taker?.handle ?? 0))
        add(record.message, to: &digest)
      }
    case .followed(let broadcast):
      add(broadcast.users, to: &digest)
      digest.add(broadcast.first)
      digest.add(broadcast.tail)
      for record in broadcast.records {
        digest.add(record.at)
        digest.add(record.sequence)
        digest.add(record.time)
        add(record.message, to: &digest)
      }
    }
  }

  private func add(_ users: RingUsers, to digest: inout Digest) {
    digest.add((users.has(had: .pushes) ? 1 : 0) | (users.has(had: .pops) ? 2 : 0))
    for use in users.present {
      digest.add(use.user.process << 40 | Int(use.user.handle) << 4 | Int(use.roles))
    }
    digest.add(users.present.count)
  }

  private func add(_ message: RingMessage<[UInt8]>, to digest: inout Digest) {
    digest.add(UInt64(message.length) << 8 | UInt64(message.kind))
    digest.add(message.content.withUnsafeBytes { luashm_digest($0.baseAddress, $0.count, 0) })
  }
}
