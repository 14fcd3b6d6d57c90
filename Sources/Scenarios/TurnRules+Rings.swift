internal import CLuaShm
internal import COperations
internal import CShm
internal import SharedMemory

/// Rings in a replay: what `RingModel` and `BroadcastModel` say, of contents that are told apart by a
/// hash. Between two operations the models lie in the play's memory, each on a shelf of words.
extension TurnRules {
  typealias Ring = RingModel<UInt64>
  typealias Broadcast = BroadcastModel<UInt64>

  enum Records {
    case popped(Ring)
    case followed(Broadcast)
  }

  /// The object's; nil: it has no ring, or one that nobody can judge.
  func records(_ model: UnsafeMutablePointer<luashm_model>) -> Records? {
    guard let form = ObjectKind(rawValue: model.pointee.kind).waitable?.ring else { return nil }
    let limit = model.pointee.limit
    if model.pointee.is_new != 0 {
      return form == .popped
        ? .popped(without(Ring(bytes: limit))) : .followed(Broadcast(bytes: limit))
    }
    guard model.pointee.shelf != 0, let words = words(model.pointee.shelf) else { return nil }
    var reader = WordReader(words)
    switch form {
    case .popped: return Ring(&reader, bytes: limit).map { .popped(without($0)) }
    case .followed: return Broadcast(&reader, bytes: limit).map { .followed(without($0)) }
    }
  }

  /// Those who have ended have left.
  private func without(_ ring: Ring) -> Ring {
    var ring = ring
    for part in 1..<Int(LUASHM_PARTS) where isOver(part) { ring.leave(part) }
    return ring
  }

  private func without(_ broadcast: Broadcast) -> Broadcast {
    var broadcast = broadcast
    for part in 1..<Int(LUASHM_PARTS) where isOver(part) { broadcast.leave(part) }
    return broadcast
  }

  private func words(_ shelf: UInt32) -> [UInt64]? {
    let shelf = luashm_shelf(luashm_turns(play), shelf)!
    let count = Int(shelf.pointee.length)
    return Array(UnsafeBufferPointer(start: luashm_shelf_words(shelf), count: count))
  }

  /// Puts it back; what finds no room is not judged any more.
  func keep(_ records: Records, _ model: UnsafeMutablePointer<luashm_model>) {
    var words: [UInt64] = []
    switch records {
    case .popped(let ring): ring.add(to: &words)
    case .followed(let broadcast): broadcast.add(to: &words)
    }
    model.pointee.is_new = 0
    let turns = luashm_turns(play)!
    if model.pointee.shelf == 0 && turns.pointee.shelves < UInt32(LUASHM_MOST_SHELVES) {
      turns.pointee.shelves += 1
      model.pointee.shelf = turns.pointee.shelves
    }
    guard model.pointee.shelf != 0, words.count <= Int(LUASHM_SHELF) else {
      model.pointee.is_unsure = 1
      return
    }
    let shelf = luashm_shelf(turns, model.pointee.shelf)!
    shelf.pointee.length = UInt64(words.count)
    words.withUnsafeBufferPointer {
      luashm_shelf_words(shelf)!.update(from: $0.baseAddress!, count: $0.count)
    }
  }

  // MARK: What it is asked for

  private func user(_ object: luashm_object) -> RingUser {
    RingUser(process: part, handle: object.index)
  }

  private func messages() -> [RingMessage<UInt64>] {
    (0..<Int(asked.ring.count)).map { index in
      let message = asked.ring.messages[index]
      return RingMessage(
        length: message.length, kind: message.kind,
        content: luashm_digest(message.bytes, Int(message.length), 0))
    }
  }

  // MARK: What it answered

  /// An answer as far as the rules say it, as text.
  private var said: String {
    switch operation.answer {
    case LUASHM_ANSWER_REFUSED:
      let moved = op == LUASHM_OP_RING_PUSH ? operation.ring.pointee.moved : 0
      return "refused \(operation.failure?.pointee.code ?? 0)\(Self.partly(moved))"
    case LUASHM_ANSWER_TIMED_OUT:
      return op == LUASHM_OP_RING_PUSH
        ? "would wait, \(operation.ring.pointee.moved) in" : "would wait"
    default: break
    }
    guard let call = operation.ring?.pointee else { return "\(operation.result)" }
    switch op {
    case LUASHM_OP_RING_PUSH: return "\(operation.result)"
    case LUASHM_OP_RING_POP, LUASHM_OP_RING_PEEK:
      return call.reading == nil ? popped(call) : read(call)
    default: return "done"
    }
  }

  /// Of a push that was cut short.
  private static func partly(_ count: UInt32) -> String { count > 0 ? ", \(count) in" : "" }

  private func popped(_ call: luashm_ring_call) -> String {
    if call.too_small { return "needs \(call.filled) bytes" }
    var texts: [String] = []
    var at = 0
    for _ in 0..<call.moved {
      at = (at + 7) & ~7
      let head = UnsafeRawPointer(call.room + at).load(as: cops_popped.self)
      at += MemoryLayout<cops_popped>.size
      texts.append(
        Self.text(head.length, UInt8(head.kind), luashm_digest(call.room + at, Int(head.length), 0))
      )
      at += Int(head.length)
    }
    if call.act == .LUASHM_RING_TAKE { texts.append("job \(call.token), try \(call.tries)") }
    return texts.joined(separator: ", ") + (call.is_cut ? ", cut" : "")
  }

  private func read(_ call: luashm_ring_call) -> String {
    let reading = call.reading.pointee
    if UInt32(reading.result) == COPS_RING_TOO_SMALL.rawValue {
      return "needs \(reading.length) bytes"
    }
    let digest = luashm_digest(call.room, Int(reading.length), 0)
    return Self.text(UInt32(reading.length), reading.kind, digest)
      + ", number \(reading.sequence), lost \(reading.lost), at \(reading.time)"
  }

  private static func text(_ length: UInt32, _ kind: UInt8, _ digest: UInt64) -> String {
    "\(length) bytes \(String(digest, radix: 16)) of kind \(kind)"
  }

  // MARK: The rules

  /// What the operation says beside its rules; nil: the same, or they do not say.
  func ringDifference(_ model: UnsafeMutablePointer<luashm_model>) -> String? {
    guard var records = records(model) else {
      model.pointee.is_unsure = 1
      return nil
    }
    let expected: String?
    switch records {
    case .popped(var ring):
      expected = expectedOf(&ring)
      records = .popped(ring)
    case .followed(var broadcast):
      expected = expectedOf(&broadcast)
      records = .followed(broadcast)
    }
    keep(records, model)
    guard let expected, expected != said else { return nil }
    return "\(verb): it says \(said), where the rules say \(expected)"
  }

  private var isRestricted: (pushes: Bool, pops: Bool) {
    let rights = operation.named?.pointee.rights ?? 0
    let all = UInt32(CSHM_MAY_WAIT) | UInt32(CSHM_MAY_MODIFY)
    return (
      rights & all == UInt32(CSHM_MAY_MODIFY), rights & all == UInt32(CSHM_MAY_WAIT)
    )
  }

  /// A handle without the right is refused, whatever the rules say.
  private var isForbidden: Bool {
    operation.answer == LUASHM_ANSWER_REFUSED && operation.failure?.pointee.code == 5
  }

  private func expectedOf(_ ring: inout Ring) -> String? {
    if isForbidden { return nil }
    let user = user(operation.object)
    switch op {
    case LUASHM_OP_CREATE_NAMED, LUASHM_OP_OPEN_NAMED:
      let own = self.user(operation.made)
      if isRestricted.pushes { ring.begin(.pushes, own) }
      if isRestricted.pops { ring.begin(.pops, own) }
    case LUASHM_OP_CLOSE_NAMED: ring.close(user)
    case LUASHM_OP_RING_PUSH:
      let before = asked.ring.moved
      switch ring.push(messages(), by: user) {
      case .done(let count):
        if count == asked.ring.count { return "\(before + UInt32(count))" }
        let code = ring.refusal?.code.rawValue ?? 0
        return "refused \(code)\(Self.partly(before + UInt32(count)))"
      case .waits(let count): return "would wait, \(before + UInt32(count)) in"
      case .refused(let code, _): return "refused \(code.rawValue)\(Self.partly(before))"
      }
    case LUASHM_OP_RING_POP:
      let takes = asked.ring.act == .LUASHM_RING_TAKE
      let answer = ring.pop(
        asked.ring.count, capacity: asked.ring.capacity, takes: takes, by: user)
      switch answer {
      case .done(let popped): return text(popped, takes)
      case .waits: return "would wait"
      case .refused(let code, _): return "refused \(code.rawValue)"
      }
    case LUASHM_OP_RING_PEEK:
      switch ring.peek(capacity: asked.ring.capacity) {
      case .done(let popped): return text(popped, false)
      case .waits: return "would wait"
      case .refused(let code, _): return "refused \(code.rawValue)"
      }
    case LUASHM_OP_RING_DRAIN:
      switch ring.drain() {
      case .done: return "done"
      case .waits: return "would wait"
      case .refused(let code, _): return "refused \(code.rawValue)"
      }
    case LUASHM_OP_ACT_ON_NAMED:
      guard let act = ringAct else { return nil }
      return text(ring.perform(act, operation.a, by: user))
    default: break
    }
    return nil
  }

  private var ringAct: RingAct? {
    WaitableKinds.numbered(UInt32(operation.waitable))?.acts.first { $0.verb == verb }?.onRing
  }

  private func text(_ answer: WaitableModel.Answer) -> String? {
    switch answer {
    case .number(let number): "\(number)"
    case .process: nil
    case .refused(let code, _): "refused \(code.rawValue)"
    }
  }

  private func text(_ popped: Ring.Popped, _ takes: Bool) -> String {
    if let long = popped.tooLong {
      return "needs \(Int(long) + MemoryLayout<cops_popped>.size) bytes"
    }
    var texts = popped.records.map {
      Self.text($0.message.length, $0.message.kind, $0.message.content)
    }
    if takes, let first = popped.records.first {
      texts.append("job \(first.at), try \(first.tries)")
    }
    return texts.joined(separator: ", ") + (popped.isCut ? ", cut" : "")
  }

  private func expectedOf(_ broadcast: inout Broadcast) -> String? {
    if isForbidden { return nil }
    let user = user(operation.object)
    switch op {
    case LUASHM_OP_CREATE_NAMED, LUASHM_OP_OPEN_NAMED:
      if isRestricted.pushes { broadcast.begin(self.user(operation.made)) }
    case LUASHM_OP_CLOSE_NAMED: broadcast.close(user)
    case LUASHM_OP_RING_PUSH:
      switch broadcast.publish(messages(), time: operation.ring.pointee.time, by: user) {
      case .done(let sequence): return "\(sequence)"
      case .waits: return "would wait, 0 in"
      case .refused(let code, _): return "refused \(code.rawValue)"
      }
    case LUASHM_OP_RING_POP where asked.ring.act == .LUASHM_RING_NEWEST:
      return broadcast.records.last.map { text($0, 0) } ?? "would wait"
    case LUASHM_OP_RING_POP:
      switch broadcast.next(asked.sequence) {
      case .done(let read):
        if Broadcast.owed(read, asked.owed, isStrict: asked.is_strict) > 0 {
          return "refused \(ErrorCode.ioDevice.rawValue)"
        }
        return text(read.record, read.lost)
      case .waits: return "would wait"
      case .refused(let code, _): return "refused \(code.rawValue)"
      }
    case LUASHM_OP_ACT_ON_NAMED:
      let after = broadcast.seek(
        ringAct == .skip ? .next : ReadingPlace(operation.a)
      ).sequence
      switch ringAct {
      case .seek: return "\(after)"
      case .skip: return "\(after > asked.sequence ? after - asked.sequence : 0)"
      case .sequence: return "\(broadcast.sequence)"
      default: return nil
      }
    default: break
    }
    return nil
  }

  private func text(_ record: Broadcast.Record, _ lost: UInt64) -> String {
    if UInt64(record.message.length) > asked.ring.capacity {
      return "needs \(record.message.length) bytes"
    }
    return Self.text(record.message.length, record.message.kind, record.message.content)
      + ", number \(record.sequence), lost \(lost), at \(record.time)"
  }

  /// Would a wait find it ready? Nil: nobody can say.
  func ringIsReady(
    _ model: UnsafeMutablePointer<luashm_model>, _ handle: luashm_object
  ) -> Bool? {
    switch records(model) {
    case nil: return nil
    case .popped(var ring):
      let isReady = ring.look()
      keep(.popped(ring), model)
      return isReady
    case .followed(let broadcast):
      return broadcast.isReady(luashm_reader_expects(handle))
    }
  }
}
