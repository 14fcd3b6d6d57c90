import SharedMemory
import TestSupport
import Testing

/// Events: facts S1 to S27 of `Tests/Facts.md`.
@Suite struct NamedEventTests {
  private let session = Session(named: Places.unique())

  @Test func s1AnUnsetEventTimesOut() throws {
    let event = try NamedEvent.create("e", in: session)
    #expect(try !event.wait(timeout: .zero))
    #expect(try !event.wait(timeout: .milliseconds(30)))
  }

  @Test func s2AnEventIsAFlagAndNoCount() throws {
    let event = try NamedEvent.create("e", in: session)
    try event.set()
    try event.set()
    #expect(try event.wait(timeout: .zero))
    #expect(try !event.wait(timeout: .zero))
  }

  @Test func s3AnExistingEventKeepsItsOptions() throws {
    let first = try NamedEvent.create("e", manual: true, set: true, in: session)
    let second = try NamedEvent.create("e", manual: false, set: false, in: session)
    #expect(!first.existed)
    #expect(second.existed)
    #expect(second.isManual)
    #expect(try second.wait(timeout: .zero))
    #expect(try second.wait(timeout: .zero))
  }

  @Test func s4OneSetReleasesOneWaiter() async throws {
    let event = try NamedEvent.create("e", in: session)
    let passed = try await waiters(2, of: event) { try event.set() }
    #expect(passed == 1)
  }

  @Test func s5AManualEventReleasesAllAndStaysSet() async throws {
    let event = try NamedEvent.create("e", manual: true, in: session)
    let passed = try await waiters(2, of: event) { try event.set() }
    #expect(passed == 2)
    #expect(try event.wait(timeout: .zero))
    try event.reset()
    #expect(try !event.wait(timeout: .zero))
  }

  /// As the kernel of Windows releases the waiters within `SetEvent`.
  @Test func aResetThatFollowsAtOnceHoldsNobodyBack() async throws {
    let event = try NamedEvent.create("e", manual: true, in: session)
    let passed = try await waiters(2, of: event) {
      try event.set()
      try event.reset()
    }
    #expect(passed == 2)
  }

  /// Starts threads that wait, acts once they sleep, and counts who passed.
  private func waiters(
    _ count: Int, of event: NamedEvent, _ act: () throws -> Void
  ) async throws -> Int {
    let threads = (0..<count).map { _ in
      Background { (try? event.wait(timeout: .seconds(2))) == true }
    }
    #expect(threads.allSatisfy { thread in poll { thread.isAsleep } })
    try act()
    return threads.count { $0.result }
  }

  @Test func s7EachRightIsNeeded() throws {
    let event = try NamedEvent.create("e", in: session)
    let waiting = try NamedEvent.open("e", access: .wait, in: session)
    let modifying = try NamedEvent.open("e", access: .modify, in: session)
    #expect(
      refusal { try waiting.set() }
        == "set e: ERROR_ACCESS_DENIED (5): the handle was opened without the right to modify; "
        + "open it with access \"modify\" or \"all\"")
    #expect(refusal { try waiting.reset() }?.contains("(5)") == true)
    #expect(
      refusal { _ = try modifying.wait(timeout: .zero) }
        == "wait e: ERROR_ACCESS_DENIED (5): the handle was opened without the right to wait; "
        + "open it with access \"wait\" or \"all\"")
    try modifying.set()
    #expect(try waiting.wait(timeout: .zero))
    #expect(try !event.wait(timeout: .zero))
  }
}
