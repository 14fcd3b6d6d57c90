internal import COperations
internal import CShm

/// The sequence words of a record: they tell readers whether a writer is at work.
public enum SequenceWords: Sendable, Equatable {
  /// One `UInt32` at this offset of the view: odd while a writer is at work.
  case one(at: Int)
  /// Two words: `first` is raised before the record changes, `last` is set to the same value
  /// afterwards, as rFactor 2 does with `mVersionUpdateBegin` and `mVersionUpdateEnd`.
  case pair(first: Int, last: Int)

  /// The words' offsets in the view, in bytes.
  fileprivate var places: [Int] {
    switch self {
    case .one(let offset): Array(offset..<offset + 4)
    case .pair(let first, let last): Array(first..<first + 4) + Array(last..<last + 4)
    }
  }
}

extension View {
  /// Changes a record so that no reader sees half of it. Lua: `view:update`.
  ///
  /// The body changes a private draft, which is then copied into the memory between two changes of
  /// the words. A writer that is killed on the way leaves a record that no reader accepts until the
  /// next update. There may be one writer at a time; several need a mutex.
  ///
  /// - Parameters:
  ///   - offset: of the record's first byte in the view, in bytes; the record has `length` bytes.
  ///     If it contains the words, the body must leave their bytes in the draft unchanged.
  ///   - words: nil means one word, the record's first four bytes.
  ///   - body: gets a copy of the record, and whether a writer died in the middle of it. Nothing is
  ///     changed if it throws, gives the draft another length, or changes the words.
  /// - Throws: 87 a record or word outside of the view, a word that is not aligned to 4 bytes, a
  ///   draft of another length; 5 if the view is read-only, 999 if its memory was lost.
  public borrowing func update(
    at offset: Int, length: Int, words: SequenceWords? = nil,
    _ body: (_ draft: inout [UInt8], _ isTorn: Bool) throws(SharedMemoryError) -> Void
  ) throws(SharedMemoryError) {
    if access == .read {
      throw SharedMemoryError(.accessDenied, "update", name, "the view is read-only")
    }
    try check("update", offset, length)
    var sequence = try plain(words ?? .one(at: offset), "update")
    let record = (base + offset).assumingMemoryBound(to: UInt8.self)
    let guardian = UnsafePointer(pages.mapping.guardian)
    var draft = [UInt8](repeating: 0, count: length)
    let isTorn = draft.withUnsafeMutableBufferPointer {
      cops_draft(&sequence, $0.baseAddress, record, length, guardian)
    }
    try checkLoss("update")
    let places = (words ?? .one(at: offset)).places.map { $0 - offset }
      .filter { draft.indices.contains($0) }
    let own = places.map { draft[$0] }
    try body(&draft, isTorn)
    if draft.count != length {
      throw SharedMemoryError(
        .invalidParameter, "update", name,
        "the draft has \(draft.count) bytes in place of \(length)")
    }
    if places.map({ draft[$0] }) != own {
      throw SharedMemoryError(
        .invalidParameter, "update", name,
        "the draft changed bytes where the sequence word is; leave them alone, or name other words")
    }
    cops_publish(&sequence, record, draft, length, guardian)
    try checkLoss("update")
  }

  /// A copy of a record, taken while no writer was in the middle of it. Lua: `view:snapshot`.
  ///
  /// - Parameter timeout: how long to try; zero tries once.
  /// - Throws: 1460 if no such moment came within the time; 87 and 999 as `update`.
  public borrowing func snapshot(
    at offset: Int, length: Int, words: SequenceWords? = nil, timeout: Duration = .seconds(1)
  ) throws(SharedMemoryError) -> [UInt8] {
    try check("snapshot", offset, length)
    let sequence = try plain(words ?? .one(at: offset), "snapshot")
    var copy = [UInt8](repeating: 0, count: length)
    let (end, moved) = copy.withUnsafeMutableBufferPointer { copy in
      var asked = cops_snapshot()
      asked.words = sequence
      asked.record = UnsafePointer((base + offset).assumingMemoryBound(to: UInt8.self))
      asked.copy = copy.baseAddress
      asked.length = length
      asked.guard = UnsafePointer(pages.mapping.guardian)
      asked.timeout = timeout.nanoseconds
      return (cops_snapshot(&asked), asked.moved)
    }
    try checkLoss("snapshot")
    if end == COPS_TIMED_OUT {
      throw SharedMemoryError(
        .timeout, "snapshot", name,
        moved
          ? "the record changed all the time; wait longer, or copy less"
          : "a writer is in the middle of its update; if it died there, the next update repairs "
            + "the record")
    }
    return copy
  }

  private borrowing func plain(
    _ words: SequenceWords, _ operation: String
  ) throws(SharedMemoryError) -> cops_sequence {
    switch words {
    case .one(let offset):
      return cops_sequence(first: try word(at: offset, operation), last: nil)
    case .pair(let first, let last):
      if first == last {
        throw SharedMemoryError(
          .invalidParameter, operation, name, "the sequence words are one and the same")
      }
      return cops_sequence(
        first: try word(at: first, operation), last: try word(at: last, operation))
    }
  }

  private borrowing func word(
    at offset: Int, _ operation: String
  ) throws(SharedMemoryError) -> UnsafeMutablePointer<UInt32> {
    try check(operation, offset, 4)
    if offset % 4 != 0 {
      throw SharedMemoryError(
        .invalidParameter, operation, name,
        "the sequence word's offset \(offset) is not aligned to 4 bytes")
    }
    return (base + offset).assumingMemoryBound(to: UInt32.self)
  }
}
