import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// Named objects between processes: owners that die, stop, or write what they should not.
@Suite struct NamedProcessTests {
  private let name = Places.unique()
  private let session: Session
  private let worker = "\(Places.binaries)/named-worker"

  init() { session = Session(named: name) }

  private func child(_ arguments: String...) -> Child { Child(worker, [name] + arguments) }

  @Test func s12AnOwnerThatIsKilledOrExitsAbandonsOnce() throws {
    let mutex = try NamedMutex.create("m", in: session)
    let killed = child("hold", "m")
    #expect(killed.prints("held"))
    #expect(try mutex.owner == .other(process: killed.pid))
    #expect(try mutex.tryLock() == .timedOut)
    killed.kill()
    killed.wait()
    #expect(try mutex.owner == nil)
    #expect(try mutex.tryLock() == .abandoned)
    try mutex.unlock()
    #expect(try mutex.tryLock() == .locked)
    try mutex.unlock()
    let exits = child("lock", "m", "1000")
    #expect(exits.wait() == 0)
    #expect(exits.printed == "locked\n")
    #expect(try mutex.lock() == .abandoned)
  }

  /// Who claims the slot of a dead owner and is stopped on the way does not make it look alive:
  /// neither to one who waits already, nor to one who comes then.
  @Test func aStoppedClaimerKeepsNobodyWaitingForTheDead() throws {
    for waits in [false, true] {
      let mutex = try NamedMutex.create("m", in: session)
      let owner = child("hold", "m")
      #expect(owner.prints("held"))
      let thread = waits ? Background { try? mutex.lock(timeout: .seconds(20)) } : nil
      #expect(thread.map { thread in poll { thread.isAsleep } } ?? true)
      let claimer = Glibc.open(try #require(mutex.path), O_RDWR | O_CLOEXEC)
      defer { close(claimer) }
      var state: UInt64 = 0
      #expect(pread(claimer, &state, 8, 64) == 8)
      // The kernel gives it the claim byte in the moment in which the owner dies.
      let byte = 0x7000_0000_0000_1000 + Int64(state >> 32 & 0x3FF) - 1
      owner.kill()
      #expect(poll { cshm_lock(claimer, CSHM_WRITE, byte, 1) == 0 })
      #expect(try thread?.result ?? mutex.lock(timeout: .seconds(20)) == .abandoned)
      try mutex.unlock()
    }
  }

  /// Who sleeps when the owner dies goes on by itself: nobody is left to wake it.
  @Test func aSleeperNoticesADeath() throws {
    let mutex = try NamedMutex.create("m", in: session)
    let owner = child("hold", "m")
    #expect(owner.prints("held"))
    let thread = Background { try? mutex.lock(timeout: .seconds(20)) }
    #expect(poll { thread.isAsleep })
    owner.kill()
    #expect(thread.result == .abandoned)
  }

  @Test func aStoppedOwnerKeepsItAndOthersTimeOut() throws {
    let mutex = try NamedMutex.create("m", in: session)
    let owner = child("hold", "m")
    #expect(owner.prints("held"))
    owner.kill(SIGSTOP)
    #expect(try mutex.lock(timeout: .milliseconds(60)) == .timedOut)
    #expect(try mutex.owner == .other(process: owner.pid))
    owner.kill(SIGCONT)
    #expect(try mutex.tryLock() == .timedOut)
    owner.kill()
    #expect(try mutex.lock() == .abandoned)
  }

  @Test func aCounterLosesNothing() throws {
    let object = try MemoryObject.create("n", size: 8, in: session)
    let mutex = try NamedMutex.create("m", in: session)
    let children = (0..<3).map { _ in child("count", "m", "n", "3000") }
    for child in children { #expect(child.wait() == 0) }
    let view = try object.map()
    #expect(view.base.load(as: UInt64.self) == 9_000)
    #expect(!mutex.isRemoved)
  }

  /// A name is gone with its last holder, and its memory with it.
  @Test func theNameLivesAsLongAsItsHolders() throws {
    let owner = child("hold", "m")
    #expect(owner.prints("held"))
    #expect(try NamedMutex.open("m", in: session).existed)
    owner.kill()
    owner.wait()
    #expect(refusal { _ = try NamedMutex.open("m", in: session) }?.contains("(2)") == true)
    #expect(try !NamedMutex.create("m", in: session).existed)
  }

  /// Whatever stands in the words: answers or errors, in bounded time.
  @Test(arguments: [ObjectKind.event, .mutex, .semaphore])
  func randomWordsDoNoHarm(_ kind: ObjectKind) throws {
    let object: any Waitable =
      switch kind {
      case .event: try NamedEvent.create("x", in: session)
      case .mutex: try NamedMutex.create("x", in: session)
      default: try NamedSemaphore.create("x", initial: 1, maximum: 5, in: session)
      }
    let other = try NamedEvent.create("other", manual: true, set: true, in: session)
    let hostile = child("flip", "x", "340000")
    let give = {
      switch object {
      case let event as NamedEvent:
        try event.set()
        try event.reset()
      case let mutex as NamedMutex:
        _ = try mutex.owner
        try mutex.unlock()
      default: try (object as? NamedSemaphore)?.release()
      }
    }
    for _ in 0..<200 {
      _ = try? Waiting.any([object], timeout: .milliseconds(1))
      _ = try? Waiting.all([other, object], timeout: .milliseconds(1))
      try? give()
    }
    #expect(hostile.wait() == 0)
    #expect(hostile.printed == "flipped\n")
  }

  @Test func aDamagedHeaderIsAnError() throws {
    let semaphore = try NamedSemaphore.create("s", initial: 1, maximum: 5, in: session)
    let file = Glibc.open(try #require(semaphore.path), O_RDWR | O_CLOEXEC)
    defer { close(file) }
    var limit = UInt32.max
    pwrite(file, &limit, 4, 16)
    #expect(
      refusal { _ = try NamedSemaphore.open("s", in: session) }
        == "open s: ERROR_FILE_INVALID (1006): its header says limit 4294967295 and 496 slots, "
        + "which no semaphore has; another program damaged it; close all its handles and create "
        + "it again")
    // Who has it open already keeps what it read.
    #expect(refusal { try semaphore.release(5) }?.contains("(298)") == true)
    ftruncate(file, 100)
    #expect(
      refusal { _ = try NamedSemaphore.open("s", in: session) }
        == "open s: ERROR_FILE_INVALID (1006): its file has 100 bytes where a semaphore has 4096; "
        + "another program damaged it; close all its handles and create it again")
    ftruncate(file, 0)
    #expect(refusal { _ = try semaphore.acquire(timeout: .zero) }?.contains("(999)") == true)
  }

  @Test func aNameBelongsToOneType() throws {
    let event = try NamedEvent.create("x", in: session)
    #expect(
      refusal { _ = try NamedMutex.create("x", in: session) }
        == "create x: ERROR_INVALID_HANDLE (6): the name belongs to another type (event), "
        + "not a mutex; open it as an event, or look at it with 'moonpool stat'")
    #expect(refusal { _ = try MemoryObject.open("x", in: session) }?.contains("(6)") == true)
    let mapping = try MemoryObject.create("y", size: 8, in: session)
    #expect(refusal { _ = try NamedEvent.create("y", in: session) }?.contains("(6)") == true)
    #expect(
      refusal { _ = try NamedEvent.create("/z", in: session) }
        == "create /z: ERROR_INVALID_NAME (123): POSIX names (/name) are for mappings; "
        + "this needs a name in Local\\ or Global\\")
    mapping.close()
    _ = event
  }
}
