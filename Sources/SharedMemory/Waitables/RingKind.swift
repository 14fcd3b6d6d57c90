internal import CShm

/// A kind whose file holds a ring behind the page that all kinds have. Its limit is the bytes of the
/// ring, which are whole pages; Windows has nothing like it.
package protocol RingKind: WaitableKind {}

extension RingKind {
  package func isSound(_ limit: UInt32) -> Bool {
    (CSHM_SMALLEST_RING...CSHM_LARGEST_RING).contains(Int64(limit))
      && Int64(limit) % CSHM_SMALLEST_RING == 0
  }
  package func isPassed(_ limit: UInt32) -> Bool { true }

  package var options: [String] { ["bytes"] }

  package func beginning(
    _ request: WaitableRequest
  ) throws(SharedMemoryError) -> WaitableBeginning {
    let bytes = try request.value("bytes")
    if bytes < 1 || bytes > CSHM_LARGEST_RING {
      throw request.refused("\(one) has 1 to \(CSHM_LARGEST_RING) bytes")
    }
    let pages = (bytes + CSHM_SMALLEST_RING - 1) / CSHM_SMALLEST_RING
    return WaitableBeginning(
      limit: UInt32(pages * CSHM_SMALLEST_RING), NamedState(rawValue: 0))
  }

  package var windows: String? { nil }
  package func created(_ call: WaitableCall) -> String { "(none)" }
}
