/// What is said of messages that are larger than any that a ring has room for.
enum MessageLimit {
  /// Nil: all fit. Of several messages it says which one does not.
  static func refusal(_ lengths: some Collection<Int>, limit: Int) -> String? {
    guard let (index, length) = lengths.enumerated().first(where: { $0.element > limit })
    else { return nil }
    let count = lengths.count
    let which = count == 1 ? "the message" : "message \(index + 1) of \(count)"
    return "\(which) has \(length) bytes, and the largest that fits has \(limit); create it with "
      + "more bytes"
  }
}
