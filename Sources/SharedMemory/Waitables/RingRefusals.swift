/// Why a ring refuses, in the words of the errors: of real rings and of their models.
enum RingRefusals {
  static let full = "it is full, and nobody who took messages is left; start one who does"
  static let finished = "it is finished: nothing can be pushed any more"

  static func end(isFinished: Bool) -> String {
    isFinished
      ? "the end: it is finished, and everything was taken"
      : "the end: all who pushed have gone, and everything was taken"
  }

  static func abandoned(_ left: Int) -> String {
    "\(left) message\(left == 1 ? " was" : "s were") not taken, and nobody who took messages is "
      + "left; start one who does"
  }

  /// Nil: all messages fit. Of several it says which one does not.
  static func tooLong(_ lengths: some Collection<Int>, limit: Int) -> String? {
    guard let (index, length) = lengths.enumerated().first(where: { $0.element > limit })
    else { return nil }
    let count = lengths.count
    let which = count == 1 ? "the message" : "message \(index + 1) of \(count)"
    return
      "\(which) has \(length) bytes, and the largest that fits has \(limit); create it with more "
      + "bytes"
  }
}
