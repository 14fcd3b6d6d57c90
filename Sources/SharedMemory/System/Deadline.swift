internal import COperations

/// The latest moment at which a wait ends, on the monotonic clock.
package struct Deadline: Sendable {
  private let plain: cops_deadline

  /// - Parameter nanoseconds: from now on; nil: never.
  package init(after nanoseconds: Int64?) {
    plain = cops_deadline_after(nanoseconds ?? .max)
  }

  /// The nanoseconds left, at least 0; nil: it never ends.
  package var left: Int64? {
    let left = cops_left(plain)
    return left == .max ? nil : left
  }

  /// The same in milliseconds for `poll(2)`: rounded up; -1: it never ends.
  var milliseconds: Int32 {
    left.map { Int32(clamping: $0 / 1_000_000 + ($0 % 1_000_000 > 0 ? 1 : 0)) } ?? -1
  }

  package var isOver: Bool { cops_left(plain) == 0 }

  /// How long to sleep from `now` to reach `due` or the deadline, whichever comes first.
  func sleep(until due: Int64, from now: Int64) -> Int64 {
    max(0, min(due, plain.moment) - now)
  }
}
