import SharedMemory
import TestSupport
import Testing

@Suite struct NamedSemaphoreTests {
  private let session = Session(named: Places.unique())

  private func semaphore(_ initial: Int, _ maximum: Int) throws -> NamedSemaphore {
    try NamedSemaphore.create("s", initial: initial, maximum: maximum, in: session)
  }

  @Test func s13CountsThatAreNoneAre87() throws {
    #expect(
      refusal { _ = try semaphore(3, 2) }
        == "create s: ERROR_INVALID_PARAMETER (87): the initial count must be 0 to the maximum, 2")
    #expect(refusal { _ = try semaphore(-1, 2) }?.contains("(87)") == true)
    #expect(
      refusal { _ = try semaphore(0, 0) }
        == "create s: ERROR_INVALID_PARAMETER (87): the maximum must be 1 to 2147483647")
    #expect(refusal { _ = try semaphore(0, 1 << 31) }?.contains("(87)") == true)
    #expect(try semaphore(2_147_483_647, 2_147_483_647).acquire(timeout: .zero))
  }

  @Test func s14WaitsCountDownAndReleaseSaysTheCountBefore() throws {
    let semaphore = try semaphore(2, 2)
    #expect(try semaphore.acquire(timeout: .zero))
    #expect(try semaphore.acquire(timeout: .zero))
    #expect(try !semaphore.acquire(timeout: .zero))
    #expect(try semaphore.release() == 0)
    #expect(try semaphore.release() == 1)
  }

  @Test func s15MoreThanTheMaximumIs298AndChangesNothing() throws {
    let semaphore = try semaphore(2, 3)
    #expect(
      refusal { try semaphore.release(2) }
        == "release s: ERROR_TOO_MANY_POSTS (298): 2 more would exceed the maximum, 3")
    #expect(refusal { try semaphore.release(1 << 40) }?.contains("(298)") == true)
    #expect(try semaphore.release() == 2)
  }

  @Test func s16LessThanOneIs87() throws {
    let semaphore = try semaphore(1, 3)
    #expect(
      refusal { try semaphore.release(0) }
        == "release s: ERROR_INVALID_PARAMETER (87): release at least 1, not 0")
    #expect(refusal { try semaphore.release(-1) }?.contains("(87)") == true)
  }

  @Test func s17AnExistingSemaphoreKeepsItsCounts() throws {
    let first = try semaphore(1, 2)
    let second = try semaphore(5, 9)
    #expect(second.existed)
    #expect(second.maximum == 2)
    #expect(try second.release() == 1)
    _ = first
  }

  @Test func oneReleaseOfManyWakesAsMany() throws {
    let semaphore = try semaphore(0, 8)
    let threads = (0..<5).map { _ in
      Background { (try? semaphore.acquire(timeout: .seconds(20))) == true }
    }
    #expect(threads.allSatisfy { thread in poll { thread.isAsleep } })
    try semaphore.release(5)
    #expect(threads.allSatisfy { $0.result })
    #expect(try !semaphore.acquire(timeout: .zero))
  }

  @Test func noPermitIsLostOrDoubled() throws {
    let semaphore = try semaphore(3, 3)
    let threads = (0..<4).map { _ in
      Background {
        for _ in 0..<3_000 {
          guard (try? semaphore.acquire()) == true else { return false }
          do { try semaphore.release() } catch { return false }
        }
        return true
      }
    }
    #expect(threads.allSatisfy { $0.result })
    #expect(refusal { try semaphore.release() }?.contains("(298)") == true)
  }
}
