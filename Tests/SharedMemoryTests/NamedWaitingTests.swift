import CShm
import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Waits for several objects.
@Suite struct NamedWaitingTests {
  private let session = Session(named: Places.unique())

  private func event(_ name: String, manual: Bool = false, set: Bool = false) throws -> NamedEvent {
    try NamedEvent.create(name, manual: manual, set: set, in: session)
  }

  private func semaphore(_ name: String, _ initial: Int = 0) throws -> NamedSemaphore {
    try NamedSemaphore.create(name, initial: initial, maximum: 9, in: session)
  }

  private func mutex(_ name: String) throws -> NamedMutex {
    try NamedMutex.create(name, owner: Owner(), in: session)
  }

  @Test func s20NoneAndMoreThan64Are87() throws {
    let event = try event("e", set: true)
    let text = "ERROR_INVALID_PARAMETER (87)"
    #expect(
      refusal { _ = try Waiting.any([]) }
        == "wait: \(text): 0 objects are given; wait for 1 to 64")
    #expect(
      refusal { _ = try Waiting.any(Array(repeating: event, count: 65)) }
        == "wait: \(text): 65 objects are given; wait for 1 to 64")
    #expect(refusal { _ = try Waiting.all([]) }?.contains("(87)") == true)
    #expect(try Waiting.any(Array(repeating: event, count: 64))?.index == 0)
  }

  /// An error says that nothing was taken, and then nothing was.
  @Test func aWaitThatFailsForLostMemoryTakesNothing() throws {
    let (a, b, c) = (try mutex("a"), try semaphore("b", 1), try mutex("c"))
    #expect(truncate(try #require(c.path), 0) == 0)
    let objects: [any Waitable] = [a, b, c]
    #expect(refusal { _ = try Waiting.any(objects, timeout: .zero) }?.contains("(999)") == true)
    #expect(refusal { _ = try Waiting.all(objects, timeout: .zero) }?.contains("(999)") == true)
    #expect(try a.owner == nil)
    #expect(try b.release() == 1)
  }

  /// The same when it is lost while the wait sleeps.
  @Test func aWaitThatLosesMemoryTakesNothing() async throws {
    let (a, b, c) = (try mutex("a"), try semaphore("b"), try mutex("c"))
    let wait = Background {
      refusal { _ = try Waiting.all([a, b, c], timeout: .seconds(20)) }?.contains("(999)") == true
    }
    usleep(50_000)
    #expect(truncate(try #require(c.path), 0) == 0)
    try b.release()
    #expect(wait.result)
    #expect(try a.owner == nil)
    #expect(try b.release() == 1)
  }

  /// Where a wait stands, and where the one who ends it: of the rounds, the last that has begun.
  private final class Rounds: Sendable {
    let waiting = Atomic(0)
    let ended = Atomic(0)

    static func await(_ number: Int, _ round: borrowing Atomic<Int>) {
      while round.load(ordering: .acquiring) < number { sched_yield() }
    }
  }

  /// What was set before another is preferred, also where it comes about while a look goes along the
  /// list: of 64 objects that takes so long that it often does.
  @Test func s21WhatWasSetFirstIsPreferred() throws {
    let first = try event("first")
    let last = try event("last")
    let between = try event("between")
    let objects: [any Waitable] = [first] + Array(repeating: between, count: 62) + [last]
    let rounds = Rounds()
    let count = 800
    let setter = Background {
      for number in 1...count {
        Rounds.await(number, rounds.waiting)
        // So that it comes about anywhere between the wait's beginning and its sleep.
        let due = cshm_now() + Int64(number % 200) * 1_000
        while cshm_now() < due {}
        guard (try? first.set()) != nil, (try? last.set()) != nil else { return false }
        rounds.ended.store(number, ordering: .releasing)
      }
      return true
    }
    for number in 1...count {
      rounds.waiting.store(number, ordering: .releasing)
      let index = try Waiting.any(objects)?.index
      #expect(index == 0)
      Rounds.await(number, rounds.ended)
      try first.reset()
      try last.reset()
      if index != 0 { break }
    }
    if rounds.ended.load(ordering: .acquiring) < count {
      rounds.waiting.store(count, ordering: .releasing)
    }
    #expect(setter.result)
  }

  @Test func s21TheLowestOfSeveralIsTaken() throws {
    let objects: [any Waitable] = [
      try event("a"), try semaphore("b", 1), try mutex("c"), try event("d", set: true),
    ]
    #expect(try Waiting.any(objects, timeout: .zero)?.index == 1)
    #expect(try Waiting.any(objects, timeout: .zero)?.index == 2)
    // A mutex that is held can be locked again.
    #expect(try Waiting.any(objects, timeout: .zero)?.index == 2)
    #expect(try Waiting.any([objects[0], objects[3]], timeout: .zero)?.index == 1)
    #expect(try Waiting.any([objects[0], objects[3]], timeout: .milliseconds(30)) == nil)
  }

  @Test func s21AllTakesNothingUnlessItTakesAll() throws {
    let (a, b, c) = (try event("a", set: true), try semaphore("b"), try mutex("c"))
    #expect(try Waiting.all([a, b, c], timeout: .milliseconds(30)) == .timedOut)
    #expect(try c.owner == nil)
    try b.release(2)
    #expect(try Waiting.all([a, b, c], timeout: .zero) == .locked)
    #expect(try !a.wait(timeout: .zero))
    #expect(try b.release() == 1)
    #expect(try c.owner == .ourselves)
    try c.unlock()
    #expect(refusal { try c.unlock() }?.contains("(288)") == true)
  }

  @Test func s22TheSameTwiceIs87ForAll() throws {
    let (a, again) = (try event("a", set: true), try event("a"))
    #expect(
      refusal { _ = try Waiting.all([a, again]) }
        == "wait a: ERROR_INVALID_PARAMETER (87): the object is given twice; "
        + "a wait for all takes each once")
    #expect(try Waiting.any([a, again])?.index == 0)
  }

  @Test func aWaitForAnyIsWokenByEach() throws {
    let (a, b, c) = (try event("a"), try semaphore("b"), try mutex("c"))
    let holder = try NamedMutex.open("c", owner: Owner(), in: session)
    #expect(try holder.lock() == .locked)
    for expected in 0..<3 {
      let thread = Background { try? Waiting.any([a, b, c], timeout: .seconds(20))?.index }
      #expect(poll { thread.isAsleep })
      switch expected {
      case 0: try a.set()
      case 1: try b.release()
      default: try holder.unlock()
      }
      #expect(thread.result == expected)
    }
  }

  @Test func aWaitForAllIsWokenByTheLast() throws {
    let (a, b, c) = (try event("a", manual: true), try semaphore("b"), try event("c"))
    let thread = Background { try? Waiting.all([a, b, c], timeout: .seconds(20)) }
    for act in [{ try c.set() }, { try a.set() }, { _ = try b.release() }] {
      #expect(poll { thread.isAsleep })
      #expect(!thread.isDone)
      try act()
    }
    #expect(thread.result == .locked)
    #expect(try a.wait(timeout: .zero))
    #expect(try !c.wait(timeout: .zero))
  }

  @Test func anAbandonedMutexIsToldByBoth() throws {
    for all in [false, true] {
      let (event, mutex) = (try event("e", set: true), try mutex("m"))
      var gone: NamedMutex? = try self.mutex("m")
      #expect(try gone?.lock() == .locked)
      gone = nil
      if all {
        let unset = try self.event("unset")
        #expect(try Waiting.all([unset, mutex], timeout: .milliseconds(30)) == .timedOut)
        #expect(try Waiting.all([event, mutex]) == .abandoned)
      } else {
        let end = try Waiting.any([mutex, event])
        #expect(end?.index == 0 && end?.abandoned == true)
      }
      try mutex.unlock()
      #expect(try mutex.lock() == .locked)
    }
  }

  /// Philosophers: each takes two of three at once; nobody ever has one only, and all eat.
  @Test func waitsForAllNeitherBlockEachOtherNorLosePermits() throws {
    let forks = try ["x", "y", "z"].map { try semaphore($0, 1) }
    let threads = (0..<3).map { number in
      let pair = [forks[number], forks[(number + 1) % 3]]
      return Background {
        for _ in 0..<1_000 {
          guard (try? Waiting.all(pair)) == .locked else { return false }
          for fork in pair {
            guard (try? fork.release()) == 0 else { return false }
          }
        }
        return true
      }
    }
    #expect(threads.allSatisfy { $0.result })
    for fork in forks { #expect(try fork.release() == 1) }
  }

  /// A mutex whose owner is dead stays unseen until somebody asks the kernel, and not only those
  /// ask that sleep undisturbed.
  @Test func aDeadOwnerIsNoticedByAWaitThatIsWokenAllTheTime() throws {
    let (event, mutex) = (try event("e"), try mutex("m"))
    let nobody = NamedMark(slot: 400, epoch: 1)
    store(NamedState(rawValue: UInt64(nobody.rawValue) << 32 | NamedState.held), mutex)
    let thread = Background {
      try? Waiting.any([event, mutex], timeout: .seconds(3))
    }
    let end = ContinuousClock.now + .seconds(10)
    while !thread.isDone && ContinuousClock.now < end {
      _ = cshm_futex_wake(state(event), 1)
      usleep(1_000)
    }
    let result = thread.result
    #expect(result?.index == 1 && result?.abandoned == true)
  }

  /// A wait for all that is woken by an object, and misses others still, does not keep it from
  /// whoever needs nothing else.
  @Test func aWaitForAllHandsOnWhatItCannotUse() throws {
    let (event, missing) = (try event("a"), try semaphore("b"))
    let patient = Background { try? Waiting.all([event, missing], timeout: .seconds(20)) }
    #expect(poll { patient.isAsleep })
    let word = state(event)
    let asleep = UInt32(truncatingIfNeeded: cshm_load64(word))
    let address = UInt(bitPattern: word)
    let other = Background {
      cshm_futex_wait(UnsafeRawPointer(bitPattern: address), asleep, 10_000_000_000)
    }
    #expect(poll { other.isAsleep })
    // As by one who was killed before it woke anybody.
    store(NamedState(rawValue: NamedState.set), event)
    #expect(other.result == 0)
    try missing.release()
    #expect(patient.result == .locked)
  }

  private func state(_ object: any Waitable) -> UnsafeMutableRawPointer {
    object.plain.pointee.words + Int(CSHM_STATE_AT)
  }

  /// As a peer that writes whatever it wants.
  private func store(_ state: NamedState, _ object: any Waitable) {
    cshm_store64(self.state(object), state.rawValue)
  }

  @Test func aHandleWithoutTheRightToWaitIsError5() throws {
    let event = try event("e", set: true)
    let other = try NamedEvent.open("e", access: .modify, in: session)
    let denied = refusal { _ = try Waiting.any([event, other]) }
    #expect(denied?.hasPrefix("wait e: ERROR_ACCESS_DENIED (5): ") == true)
    #expect(try event.wait(timeout: .zero))
  }
}
