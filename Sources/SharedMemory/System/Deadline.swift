internal import COperations

/// When a wait ends at the latest, on the monotonic clock.
package struct Deadline: Sendable {
  private let plain: cops_deadline

  /// - Parameter nanoseconds: from now on; nil: never.
  package init(after nanoseconds: Int64?) {
    plain = cops_deadline_after(nanoseconds ?? .max)
  }

  /// Nanoseconds, from 0; nil: there is no end.
  package var left: Int64? {
    let left = cops_left(plain)
    return left == .max ? nil : left
  }

  /// The same for `poll(2)`: rounded up; -1: there is no end.
  var milliseconds: Int32 {
    left.map { Int32(clamping: $0 / 1_000_000 + ($0 % 1_000_000 > 0 ? 1 : 0)) } ?? -1
  }

  package var isOver: Bool { cops_left(plain) == 0 }

  /// A sleep until then, from what is left.
  func sleep(until due: Int64, from now: Int64) -> Int64 {
    max(0, min(due, plain.moment) - now)
  }
}
