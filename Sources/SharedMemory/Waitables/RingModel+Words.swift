/// Models of rings as words, for memory that several processes share: contents are hashes.
package struct WordReader {
  private var words: ArraySlice<UInt64>
  package init(_ words: [UInt64]) { self.words = words[...] }
  mutating func next() -> UInt64? { words.popFirst() }
}

extension RingUser {
  /// 0 is nobody.
  fileprivate var word: UInt64 { UInt64(process + 1) << 32 | UInt64(handle) }
  fileprivate init?(word: UInt64) {
    if word == 0 { return nil }
    self.init(process: Int(word >> 32) - 1, handle: UInt32(truncatingIfNeeded: word))
  }
}

extension RingUsers {
  func add(to words: inout [UInt64]) {
    words += former + [UInt64(present.count)]
    for use in present { words += [use.user.word, UInt64(use.roles)] }
  }

  init?(_ reader: inout WordReader) {
    guard let pushed = reader.next(), let popped = reader.next(), let count = reader.next() else {
      return nil
    }
    var present: [Use] = []
    for _ in 0..<count {
      guard let word = reader.next(), let user = RingUser(word: word), let roles = reader.next()
      else { return nil }
      present.append(Use(user: user, roles: UInt32(truncatingIfNeeded: roles)))
    }
    self.init(present: present, former: [pushed, popped])
  }
}

extension RingMessage where Content == UInt64 {
  fileprivate func add(to words: inout [UInt64]) {
    words += [UInt64(length) << 8 | UInt64(kind), content]
  }

  fileprivate init?(_ reader: inout WordReader) {
    guard let form = reader.next(), let content = reader.next() else { return nil }
    self.init(
      length: UInt32(truncatingIfNeeded: form >> 8), kind: UInt8(truncatingIfNeeded: form),
      content: content)
  }
}

extension RingModel where Content == UInt64 {
  package func add(to words: inout [UInt64]) {
    users.add(to: &words)
    words += [head, tail, isFinished ? 1 : 0, UInt64(records.count)]
    for record in records {
      words += [record.at, UInt64(record.tries) << 1 | (record.isDone ? 1 : 0)]
      words.append(record.taker?.word ?? 0)
      record.message.add(to: &words)
    }
  }

  package init?(_ reader: inout WordReader, bytes: UInt32) {
    guard let users = RingUsers(&reader), let head = reader.next(), let tail = reader.next(),
      let isFinished = reader.next(), let count = reader.next()
    else { return nil }
    var records: [Record] = []
    for _ in 0..<count {
      guard let at = reader.next(), let form = reader.next(), let taker = reader.next(),
        let message = RingMessage(&reader)
      else { return nil }
      records.append(
        Record(
          at: at, message: message, tries: UInt16(truncatingIfNeeded: form >> 1),
          taker: RingUser(word: taker), isDone: form & 1 != 0))
    }
    self.init(
      bytes: bytes, head: head, tail: tail, records: records, isFinished: isFinished != 0, users)
  }
}

extension BroadcastModel where Content == UInt64 {
  package func add(to words: inout [UInt64]) {
    users.add(to: &words)
    words += [first, tail, UInt64(records.count)]
    for record in records {
      words += [record.at, record.sequence, record.time]
      record.message.add(to: &words)
    }
  }

  package init?(_ reader: inout WordReader, bytes: UInt32) {
    guard let users = RingUsers(&reader), let first = reader.next(), let tail = reader.next(),
      let count = reader.next()
    else { return nil }
    var records: [Record] = []
    for _ in 0..<count {
      guard let at = reader.next(), let sequence = reader.next(), let time = reader.next(),
        let message = RingMessage(&reader)
      else { return nil }
      records.append(Record(at: at, sequence: sequence, time: time, message: message))
    }
    self.init(bytes: bytes, first: first, tail: tail, records: records, users)
  }
}
