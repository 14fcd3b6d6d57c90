internal import CShm

/// Who uses a ring of records in a model: a handle of a process. Both numbers are those of whoever
/// models.
package struct RingUser: Hashable, Sendable {
  package let process: Int
  package let handle: UInt32

  package init(process: Int, handle: UInt32) {
    self.process = process
    self.handle = handle
  }
}

/// What a handle has become by what it did: a producer, a consumer.
package struct RingUsers: Equatable, Sendable {
  package struct Use: Equatable, Sendable {
    package let user: RingUser
    package internal(set) var roles: UInt32
  }

  /// In the order of their processes and handles, so that equal states are equal.
  package private(set) var present: [Use] = []
  /// By role, the processes that have ever had it: a bit for each.
  package private(set) var former: [UInt64] = [0, 0]

  /// The handle becomes it.
  package mutating func assume(_ role: RingRole, _ user: RingUser) {
    former[role.rawValue] |= 1 << UInt64(user.process & 63)
    if let index = present.firstIndex(where: { $0.user == user }) {
      present[index].roles |= role.bit
      return
    }
    let index =
      present.firstIndex { ($0.user.process, $0.user.handle) > (user.process, user.handle) }
    present.insert(Use(user: user, roles: role.bit), at: index ?? present.count)
  }

  package mutating func remove(where isGone: (RingUser) -> Bool) {
    present.removeAll { isGone($0.user) }
  }

  /// Has there been anybody with this role?
  package func has(had role: RingRole) -> Bool { former[role.rawValue] != 0 }
  package func has(_ role: RingRole) -> Bool { present.contains { $0.roles & role.bit != 0 } }
  /// The processes that have it.
  package func processes(_ role: RingRole) -> [Int] {
    present.filter { $0.roles & role.bit != 0 }.map(\.user.process)
  }
  /// Those that have ever had it; the numbers of more than 64 are not told apart.
  package func processes(had role: RingRole) -> [Int] {
    (0..<64).filter { former[role.rawValue] & 1 << UInt64($0) != 0 }
  }
  /// Has there been anybody, and is nobody left?
  package func isDeserted(_ role: RingRole) -> Bool { has(had: role) && !has(role) }

  package init() {}
  init(present: [Use], former: [UInt64]) {
    self.present = present
    self.former = former
  }
}

/// A message for a model: its length in bytes, its kind (`cshm_record_kind`), and what stands for its
/// bytes.
package struct RingMessage<Content: Equatable & Sendable>: Equatable, Sendable {
  package let length: UInt32
  package let kind: UInt8
  package let content: Content

  package init(length: UInt32, kind: UInt8, content: Content) {
    self.length = length
    self.kind = kind
    self.content = content
  }
}

/// A kind's own operation on a ring, as its model knows it.
package enum RingAct: String, Sendable {
  case done, back, clear, finish, count, free, seek, skip, sequence

  /// It changes nothing that others can see.
  package var onlyLooks: Bool {
    switch self {
    case .done, .back, .clear, .finish: false
    case .count, .free, .seek, .skip, .sequence: true
    }
  }
}

/// A ring of records that are popped, without memory: one table of what each operation does and says,
/// as pure functions of plain values.
///
/// Whoever explores scenarios has these in place of real rings, and whoever replays one asks them
/// beside the real ring, which has to say the same at each step. So they know what `CShmRings.h` and
/// `COperationsRings.h` make of each operation as a whole: how much room a record takes and where one
/// is padded, in which order records come, whose they are, and when it is the end. What waits is said
/// to, and asked again when something has changed.
///
/// The dead have gone: `leave` is called when a process ends, and gives back what it had taken.
package struct RingModel<Content: Equatable & Sendable>: Equatable, Sendable {
  package struct Record: Equatable, Sendable {
    /// As in the ring: units modulo twice the ring, and above them the number of records before it.
    package let at: UInt64
    package let message: RingMessage<Content>
    /// How often it was taken.
    package internal(set) var tries: UInt16 = 0
    package internal(set) var taker: RingUser?
    /// It was popped, or taken and done, and lies behind one that is taken.
    package internal(set) var isDone = false

    package var isFree: Bool { taker == nil && !isDone }
  }

  package let units: UInt32
  package private(set) var head: UInt64 = 0
  package private(set) var tail: UInt64 = 0
  /// Those between head and tail, without padding.
  package private(set) var records: [Record] = []
  package private(set) var isFinished = false
  package private(set) var users = RingUsers()

  /// - Parameter bytes: the ring's, as the real one's limit.
  package init(bytes: UInt32) { units = bytes / UInt32(CSHM_UNIT) }

  init(
    bytes: UInt32, head: UInt64, tail: UInt64, records: [Record], isFinished: Bool,
    _ users: RingUsers
  ) {
    self.init(bytes: bytes)
    (self.head, self.tail, self.records) = (head, tail, records)
    (self.isFinished, self.users) = (isFinished, users)
  }

  // MARK: Places

  private func low(_ position: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: position) }

  private func used(_ from: UInt64, _ to: UInt64) -> UInt32 {
    (low(to) &+ 2 * units &- low(from)) % (2 * units)
  }

  private func behind(_ position: UInt64, _ count: UInt32, _ records: UInt64) -> UInt64 {
    UInt64((low(position) &+ count) % (2 * units)) | ((position >> 32 &+ records) << 32)
  }

  private static func units(_ message: RingMessage<Content>) -> UInt32 {
    1 + (message.length + UInt32(CSHM_UNIT) - 1) / UInt32(CSHM_UNIT)
  }

  /// Bytes of the largest message.
  package var limit: UInt32 { cshm_ring_limit(units) }
  package var free: Int { Int(units - used(head, tail)) * Int(CSHM_UNIT) }
  /// Records that lie there, also those that were popped behind one that is taken.
  package var count: Int { Int(UInt32(truncatingIfNeeded: tail >> 32 &- head >> 32)) }
  /// Those of them that are neither popped nor done.
  package var left: Int { records.count { !$0.isDone } }
  package var isEmpty: Bool { used(head, tail) == 0 }
  /// Nobody will push any more, and nothing is left, not even with one who took it.
  package var isOver: Bool { (isFinished || users.isDeserted(.pushes)) && isEmpty }
  /// Would pop not say "timeout"?
  package var isReady: Bool { records.contains { $0.isFree } || isOver }

  /// The look of somebody who waits: it moves head over what is done, and over padding.
  package mutating func look() -> Bool {
    pass()
    return isReady
  }

  /// The handle becomes it at its opening.
  package mutating func begin(_ role: RingRole, _ user: RingUser) { users.assume(role, user) }

  // MARK: Pushing

  package enum Answer<Value: Sendable>: Sendable {
    case done(Value)
    /// It cannot go on now. What it has done so far stays done.
    case waits(Value)
    case refused(ErrorCode, String)
  }

  /// Why nothing more will be pushed, though there are messages left; nil: it waits for room.
  package var refusal: (code: ErrorCode, text: String)? {
    if isFinished { return (.noData, RingRefusals.finished) }
    if !users.isDeserted(.pops) { return nil }
    return (.noData, RingRefusals.full)
  }

  /// Pushes as many of the messages as there is room for; the answer says how many. Fewer than all
  /// are done if what is left is refused.
  package mutating func push(
    _ messages: [RingMessage<Content>], by user: RingUser
  ) -> Answer<Int> {
    users.assume(.pushes, user)
    if let text = RingRefusals.tooLong(messages.lazy.map { Int($0.length) }, limit: Int(limit)) {
      return .refused(.badLength, text)
    }
    var count = 0
    for message in messages {
      if isFinished || !append(message) { break }
      count += 1
    }
    if count == messages.count { return .done(count) }
    guard let refusal else { return .waits(count) }
    return count > 0 ? .done(count) : .refused(refusal.code, refusal.text)
  }

  /// False: there is no room.
  private mutating func append(_ message: RingMessage<Content>) -> Bool {
    let needed = Self.units(message)
    let free = units - used(head, tail)
    let rest = units - low(tail) % units
    if free < (needed > rest ? needed + rest : needed) { return false }
    if needed > rest { tail = behind(tail, rest, 0) }
    records.append(Record(at: tail, message: message))
    tail = behind(tail, needed, 1)
    return true
  }

  /// Nothing can be pushed from now on.
  package mutating func finish() { isFinished = true }

  // MARK: Popping

  package struct Popped: Equatable, Sendable {
    package fileprivate(set) var records: [Record] = []
    /// Bytes of the room.
    package fileprivate(set) var filled: UInt64 = 0
    /// Perhaps there are more than the room has room for.
    package fileprivate(set) var isCut = false
    /// There was none for the first one, which has so many bytes.
    package fileprivate(set) var tooLong: UInt32?
  }

  /// Pops up to `wanted` messages into a room of so many bytes, each behind a `cops_popped`; or takes
  /// them, so that they stay until they are done. Whoever wants none only becomes a consumer.
  package mutating func pop(
    _ wanted: UInt32, capacity: UInt64, takes: Bool, by user: RingUser
  ) -> Answer<Popped> {
    users.assume(.pops, user)
    if wanted == 0 { return .done(Popped()) }
    pass()
    var popped = Popped()
    var tooLong: UInt32 = 0
    for index in records.indices where popped.records.count < wanted {
      if !records[index].isFree { continue }
      let length = records[index].message.length
      let end = (popped.filled + 7) & ~7 + 8 + UInt64(length)
      if end > capacity {
        if popped.records.isEmpty { popped.tooLong = length }
        tooLong = length
        break
      }
      popped.filled = end
      let tries = records[index].tries
      var record = records[index]
      record.tries = tries < .max ? tries + 1 : tries
      popped.records.append(record)
      if takes {
        record.taker = user
        records[index] = record
      } else {
        records[index].isDone = true
      }
    }
    if !takes { pass() }
    popped.isCut =
      popped.records.count < wanted && NamedRing.isCut(tooLong, popped.filled, capacity)
    if !popped.records.isEmpty || popped.tooLong != nil { return .done(popped) }
    if !isOver { return .waits(popped) }
    return .refused(.brokenPipe, RingRefusals.end(isFinished: isFinished))
  }

  /// The next message as a copy: it stays, and who looks is no consumer. Nil: there is none now.
  package mutating func peek(capacity: UInt64) -> Answer<Popped> {
    pass()
    var popped = Popped()
    if let first = records.first(where: { $0.isFree }) {
      popped.filled = 8 + UInt64(first.message.length)
      if popped.filled > capacity {
        popped.tooLong = first.message.length
        popped.filled = 0
      } else {
        popped.records = [first]
      }
      return .done(popped)
    }
    return isOver
      ? .refused(.brokenPipe, RingRefusals.end(isFinished: isFinished)) : .waits(popped)
  }

  /// Pops what nobody has taken, so many messages at most, and drops it: how many.
  package mutating func clear(most: Int) -> Int {
    let dropped = records.indices.filter { records[$0].isFree }.prefix(most)
    for index in dropped { records[index].isDone = true }
    pass()
    return dropped.count
  }

  /// Head goes over what is done, and over padding.
  private mutating func pass() {
    while let first = records.first {
      head = low(first.at) == low(head) ? head : behind(head, used(head, first.at), 0)
      if !first.isDone { return }
      records.removeFirst()
      head = behind(first.at, Self.units(first.message), 1)
    }
  }

  /// The job is done, or given back. False: this handle has not taken it, or not any more.
  package mutating func settle(_ token: UInt64, isDone: Bool, by user: RingUser) -> Bool {
    guard let index = records.firstIndex(where: { $0.at == token && $0.taker == user }) else {
      return false
    }
    records[index].taker = nil
    records[index].isDone = isDone
    if isDone { pass() }
    return true
  }

  /// Waits until everything was popped, or taken and done.
  package func drain() -> Answer<Void> {
    if isEmpty { return .done(()) }
    if !users.isDeserted(.pops) { return .waits(()) }
    return .refused(.noData, RingRefusals.abandoned(left))
  }

  // MARK: By their verbs

  /// One of a kind's own operations.
  package mutating func perform(
    _ act: RingAct, _ number: Int64, by user: RingUser
  ) -> WaitableModel.Answer {
    switch act {
    case .done, .back:
      let isOurs = settle(UInt64(bitPattern: number), isDone: act == .done, by: user)
      return isOurs
        ? .number(0)
        : .refused(.notOwner, "the job is not this handle's, or was settled before")
    case .clear: return .number(Int64(clear(most: Int(number))))
    case .finish:
      finish()
      return .number(0)
    case .count: return .number(Int64(count))
    case .free: return .number(Int64(free))
    case .seek, .skip, .sequence: return .refused(.notSupported, "it is popped")
    }
  }

  // MARK: Leaving

  /// The handle is closed: what it had taken goes to the next one.
  package mutating func close(_ user: RingUser) { leave { $0 == user } }

  /// The process has ended: what it had taken goes to the next one.
  package mutating func leave(_ process: Int) { leave { $0.process == process } }

  private mutating func leave(_ isGone: (RingUser) -> Bool) {
    users.remove(where: isGone)
    for index in records.indices {
      if let taker = records[index].taker, isGone(taker) { records[index].taker = nil }
    }
  }

  /// For tests of whoever asks: a process ends, and what it had taken is not given back.
  package mutating func leaveWithJobs(_ process: Int) {
    users.remove { $0.process == process }
  }

  /// Does the process have a role here, or anything taken?
  package func isUsed(by process: Int) -> Bool {
    users.present.contains { $0.user.process == process }
      || records.contains { $0.taker?.process == process }
  }
}
