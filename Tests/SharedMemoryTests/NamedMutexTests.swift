import SharedMemory
import TestSupport
import Testing

@Suite struct NamedMutexTests {
  private let session = Session(named: Places.unique())

  private func mutex(_ owner: Owner = Owner()) throws -> NamedMutex {
    try NamedMutex.create("m", owner: owner, in: session)
  }

  @Test func s9ItIsRecursiveAndOneUnlockTooManyIs288() throws {
    let mutex = try mutex()
    for _ in 0..<3 { #expect(try mutex.lock() == .locked) }
    for _ in 0..<3 { try mutex.unlock() }
    #expect(
      refusal { try mutex.unlock() }
        == "unlock m: ERROR_NOT_OWNER (288): this owner does not hold it; "
        + "unlock once for each lock")
  }

  @Test func s11AnotherOwnerCannotUnlockIt() throws {
    let (ours, theirs) = (try mutex(), try mutex())
    #expect(theirs.existed)
    #expect(try ours.lock() == .locked)
    #expect(refusal { try theirs.unlock() }?.contains("(288)") == true)
    #expect(try theirs.tryLock() == .timedOut)
    #expect(try theirs.lock(timeout: .milliseconds(30)) == .timedOut)
    try ours.unlock()
    #expect(try theirs.tryLock() == .locked)
  }

  @Test func handlesOfOneOwnerShareItsClaim() throws {
    let owner = Owner()
    let (one, other) = (try mutex(owner), try mutex(owner))
    #expect(try one.lock() == .locked)
    #expect(try other.lock() == .locked)
    try one.unlock()
    try other.unlock()
    #expect(refusal { try one.unlock() }?.contains("(288)") == true)
    // And through a handle that never locked.
    #expect(try one.lock() == .locked)
    try mutex(owner).unlock()
    #expect(try mutex().tryLock() == .locked)
  }

  @Test func theHolderIsKnown() throws {
    let (ours, theirs) = (try mutex(), try mutex())
    #expect(try ours.owner == nil)
    #expect(try ours.lock() == .locked)
    #expect(try ours.owner == .ourselves)
    #expect(try theirs.owner == .other(process: System.process))
    try ours.unlock()
    #expect(try theirs.owner == nil)
  }

  @Test func aHandleThatIsClosedWhileItHoldsAbandonsOnce() throws {
    let other = try mutex()
    var first: NamedMutex? = try mutex()
    #expect(try first?.lock() == .locked)
    first = nil
    #expect(try other.owner == nil)
    #expect(try other.lock() == .abandoned)
    try other.unlock()
    #expect(try other.lock() == .locked)
  }

  @Test func anotherHandleOfTheOwnerKeepsItLocked() throws {
    let owner = Owner()
    let (kept, other) = (try mutex(owner), try mutex())
    var closed: NamedMutex? = try mutex(owner)
    #expect(try closed?.lock() == .locked)
    closed = nil
    #expect(try other.tryLock() == .timedOut)
    try kept.unlock()
    #expect(try other.tryLock() == .locked)
  }

  @Test func aWaiterIsWokenByUnlockAndByAbandoning() throws {
    for closes in [false, true] {
      let waiting = try mutex()
      var holder: NamedMutex? = try mutex()
      #expect(try holder?.lock() == .locked)
      let thread = Background {
        let outcome = try? waiting.lock(timeout: .seconds(20))
        try? waiting.unlock()
        return outcome
      }
      #expect(poll { thread.isAsleep })
      if closes { holder = nil } else { try holder?.unlock() }
      #expect(thread.result == (closes ? .abandoned : .locked))
      _ = holder
    }
  }

  /// Owners on threads of one process exclude each other as processes do.
  @Test func ownersExcludeEachOther() throws {
    let counter = UnsafeCounter()
    let threads = try (0..<4).map { _ in
      let mutex = try mutex()
      return Background {
        for _ in 0..<5_000 {
          guard (try? mutex.lock()) == .locked else { return false }
          counter.value += 1
          do { try mutex.unlock() } catch { return false }
        }
        return true
      }
    }
    #expect(threads.allSatisfy { $0.result })
    #expect(counter.value == 20_000)
  }

  private final class UnsafeCounter: @unchecked Sendable { var value = 0 }

  @Test func s8MissingNamesAreError2() throws {
    let text = "no process holds an object of this name; start the one that creates it first"
    #expect(
      refusal { _ = try NamedMutex.open("m", in: session) }
        == "open m: ERROR_FILE_NOT_FOUND (2): \(text)")
    #expect(
      refusal { _ = try NamedEvent.open("m", in: session) }
        == "open m: ERROR_FILE_NOT_FOUND (2): \(text)")
    #expect(
      refusal { _ = try NamedSemaphore.open("m", in: session) }
        == "open m: ERROR_FILE_NOT_FOUND (2): \(text)")
  }

  /// Its places are given to the living only, and given again after them.
  @Test func moreUsersThanPlacesIsAnError() throws {
    let mutex = try mutex()
    #expect(try mutex.lock() == .locked)
    var users: [NamedMutex] = []
    for _ in 0..<495 {
      let user = try self.mutex()
      #expect(try user.tryLock() == .timedOut)
      users.append(user)
    }
    let late = try self.mutex()
    #expect(
      refusal { _ = try late.tryLock() }
        == "lock m: ERROR_BUSY (170): all 496 places of its users are taken; "
        + "close it in other processes")
    users.removeFirst()
    #expect(try late.tryLock() == .timedOut)
    try mutex.unlock()
    #expect(try late.tryLock() == .locked)
  }
}
