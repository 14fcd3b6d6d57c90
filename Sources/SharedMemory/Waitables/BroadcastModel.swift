internal import CShm

/// A ring of records that is written over and over, without memory: as `RingModel`, for what
/// `CShmBroadcasts.h` describes.
///
/// A reader is nothing of the ring's: where it is, it tells with each question.
package struct BroadcastModel<Content: Equatable & Sendable>: Equatable, Sendable {
  package struct Record: Equatable, Sendable {
    /// In units, which never come again.
    package let at: UInt64
    package let sequence: UInt64
    /// Nanoseconds, as whoever published says.
    package let time: UInt64
    package let message: RingMessage<Content>

    /// The position behind it.
    package var end: UInt64 { at + BroadcastModel.units(message) }
  }

  /// Where a reader goes on, and what it has lost on the way.
  package struct Place: Equatable, Sendable {
    package let position: UInt64
    package let sequence: UInt64
    package var lost: UInt64 = 0

    package init(position: UInt64, sequence: UInt64, lost: UInt64 = 0) {
      self.position = position
      self.sequence = sequence
      self.lost = lost
    }
  }

  package let units: UInt64
  package private(set) var first: UInt64 = 0
  package private(set) var tail: UInt64 = 0
  /// Those that can still be read.
  package private(set) var records: [Record] = []
  package private(set) var users = RingUsers()

  /// - Parameter bytes: the ring's, as the real one's limit.
  package init(bytes: UInt32) { units = UInt64(bytes) / UInt64(CSHM_BROADCAST_UNIT) }

  init(bytes: UInt32, first: UInt64, tail: UInt64, records: [Record], _ users: RingUsers) {
    self.init(bytes: bytes)
    (self.first, self.tail, self.records, self.users) = (first, tail, records, users)
  }

  fileprivate static func units(_ message: RingMessage<Content>) -> UInt64 {
    let unit = UInt64(CSHM_BROADCAST_UNIT)
    return UInt64(CSHM_BROADCAST_HEADER) + (UInt64(message.length) + unit - 1) / unit
  }

  /// Bytes of the largest message.
  package var limit: UInt32 { cshm_broadcast_limit(UInt32(units)) }
  /// The newest message's; 0: there has been none.
  package var sequence: UInt64 { records.last?.sequence ?? 0 }
  package var isDeserted: Bool { users.isDeserted(.pushes) }

  /// The handle is a publisher from its opening.
  package mutating func begin(_ user: RingUser) { users.assume(.pushes, user) }

  // MARK: Publishing

  package enum Answer<Value: Sendable>: Sendable {
    case done(Value)
    case waits
    case refused(ErrorCode, String)
  }

  /// Writes over the oldest as it must; the answer is the sequence of the last one.
  package mutating func publish(
    _ messages: [RingMessage<Content>], time: UInt64, by user: RingUser
  ) -> Answer<UInt64> {
    users.assume(.pushes, user)
    if let text = RingRefusals.tooLong(messages.lazy.map { Int($0.length) }, limit: Int(limit)) {
      return .refused(.badLength, text)
    }
    for message in messages { append(message, time) }
    return .done(sequence)
  }

  private mutating func append(_ message: RingMessage<Content>, _ time: UInt64) {
    let needed = Self.units(message)
    let rest = units - tail % units
    let at = needed > rest ? tail + rest : tail
    let sequence = self.sequence + 1
    while at + needed - first > units, let oldest = records.first {
      // What lies before it is padding, and goes alone.
      if oldest.at > first {
        first = oldest.at
      } else {
        records.removeFirst()
        first = oldest.end
      }
    }
    records.append(Record(at: at, sequence: sequence, time: time, message: message))
    tail = at + needed
  }

  // MARK: Reading

  package struct Read: Equatable, Sendable {
    package let record: Record
    /// Messages before it that this reader expected, and that were written over.
    package let lost: UInt64
  }

  /// The first message with this sequence or a later one.
  package func next(_ expected: UInt64) -> Answer<Read> {
    if let record = records.first(where: { $0.sequence >= expected }) {
      return .done(Read(record: record, lost: record.sequence - expected))
    }
    if !isDeserted { return .waits }
    return .refused(
      .brokenPipe, "the end: all who published have gone, and everything was read")
  }

  /// Would `next` not say "timeout"?
  package func isReady(_ expected: UInt64) -> Bool { sequence >= expected || isDeserted }

  package func seek(_ place: ReadingPlace) -> Place {
    switch place {
    case .next: return end
    case .newest: return records.last.map(at) ?? end
    case .oldest: return records.first.map(at) ?? end
    case .sequence(let wanted):
      let wanted = max(wanted, 1)
      guard let record = records.first(where: { $0.sequence >= wanted }) else { return end }
      var place = at(record)
      place.lost = record.sequence - wanted
      return place
    }
  }

  private var end: Place { Place(position: tail, sequence: sequence + 1) }
  private func at(_ record: Record) -> Place {
    Place(position: record.at, sequence: record.sequence)
  }

  /// How many lost messages a reader is told of instead of what it would read: what was written over
  /// while it read, and what it was sent to and was gone already (`seek`).
  package static func owed(_ read: Read, _ sought: UInt64, isStrict: Bool) -> UInt64 {
    isStrict ? read.lost + sought : 0
  }

  /// What a strict reader is told before it goes on.
  package static func loss(_ count: UInt64) -> String {
    "\(count) message\(count == 1 ? " was" : "s were") lost, written over before this reader came "
      + "to read; call again to go on, or create it with more bytes"
  }

  // MARK: Leaving

  package mutating func close(_ user: RingUser) { users.remove { $0 == user } }
  package mutating func leave(_ process: Int) { users.remove { $0.process == process } }
  package func isUsed(by process: Int) -> Bool {
    users.present.contains { $0.user.process == process }
  }
}
