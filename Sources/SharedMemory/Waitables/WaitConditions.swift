package import CShm
internal import Glibc

/// What a wait for several may wait for beside objects: cells' words, and processes.
///
/// No system call sleeps on a futex and on a process's descriptor at once. Words alone are slept on
/// with the objects' (`futex_waitv(2)`), processes alone by `poll(2)`; a mix sleeps on the words and
/// looks at the processes each `Self.mixedSlice`, so that a death is told within 50 ms.
package struct WaitConditions {
  private let items: UnsafeBufferPointer<cshm_condition>
  private let hasProcesses: Bool
  private let hasWords: Bool
  /// How long the next sleep on words alone is.
  private var slice = CSHM_FIRST_SLICE

  /// Nanoseconds.
  static let mixedSlice: Int64 = 40_000_000

  /// - Parameter items: stay while this is used; in the order of their places.
  package init(_ items: UnsafeBufferPointer<cshm_condition>) {
    self.items = items
    hasProcesses = items.contains { $0.process >= 0 }
    hasWords = items.contains { $0.process < 0 }
  }

  static var none: WaitConditions { WaitConditions(UnsafeBufferPointer(start: nil, count: 0)) }

  var count: Int { items.count }

  /// The place of the first that is met.
  func firstMet() -> Int? {
    for index in items.indices where cshm_met(items.baseAddress! + index) {
      return Int(items[index].place)
    }
    return nil
  }

  /// How long a sleep may be that begins now.
  mutating func nextSlice(beside objects: Int) -> Int64 {
    if hasProcesses && (hasWords || objects > 0) { return Self.mixedSlice }
    if hasProcesses { return CSHM_LONGEST_SLICE }
    if !hasWords { return .max }
    defer { slice = cshm_next_slice(slice) }
    return slice
  }

  /// Sleeps where no object is waited for.
  func sleep(nanoseconds: Int64) -> NamedWords.Waking {
    if hasWords { return NamedWords.sleep([], beside: sleepers, nanoseconds: nanoseconds) }
    return NamedWords.waking(
      cshm_poll_processes(items.baseAddress, Int32(items.count), nanoseconds))
  }

  /// The words, as they were expected. Of 8 bytes the kernel looks at the low half.
  var sleepers: [cshm_sleeper] {
    items.filter { $0.process < 0 }.map {
      cshm_sleeper(word: cshm_low_half($0.word), expected: UInt32(truncatingIfNeeded: $0.expected))
    }
  }
}
