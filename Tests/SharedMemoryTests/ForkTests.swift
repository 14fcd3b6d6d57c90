import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// A child that was forked without exec shares the parent's locks but has no claim of its own.
@Test func aForkedChildThatClosesLeavesTheNameToItsParent() async {
  await #expect(processExitsWith: .success) {
    let session = Session(named: Places.unique("fork"))
    let object = try MemoryObject.create("x", size: 1, in: session)
    let child = forked()
    if child == 0 {
      object.close()
      _exit(0)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    _ = try MemoryObject.open("x", in: session)
    object.close()
    #expect(throws: SharedMemoryError.self) { _ = try MemoryObject.open("x", in: session) }
  }
}

/// A mutex that a forked child opens does not take it for its parent.
@Test func aForkedChildThatOpensAMutexIsAnotherOwner() async {
  await #expect(processExitsWith: .success) {
    let session = Session(named: Places.unique("fork"))
    let mutex = try NamedMutex.create("m", in: session)
    #expect(try mutex.lock() == .locked)
    let child = forked()
    if child == 0 {
      let own = try NamedMutex.open("m", in: session)
      _exit(try own.tryLock() == .timedOut ? 0 : 1)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    #expect(status == 0)
    try mutex.unlock()
  }
}

/// With the handles that it inherits, too: they hold nothing there.
@Test func aForkedChildHoldsNothingOfItsParents() async {
  await #expect(processExitsWith: .success) {
    let mutex = try NamedMutex.create("m", in: Session(named: Places.unique("fork")))
    for _ in 0..<2 { #expect(try mutex.lock() == .locked) }
    let parent = getpid()
    let pipe = Pipe()
    let child = forked()
    if child == 0 {
      guard refusal({ try mutex.unlock() })?.contains("(288)") == true,
        try mutex.tryLock() == .timedOut, try mutex.owner == .other(process: parent)
      else { _exit(1) }
      pipe.send(1)
      // Locked by the child, and left so.
      guard try mutex.lock(timeout: .seconds(20)) == .locked, try mutex.lock() == .locked,
        try mutex.owner == .ourselves
      else { _exit(2) }
      try mutex.unlock()
      _exit(0)
    }
    #expect(pipe.receive() == 1)
    #expect(try mutex.owner == .ourselves)
    for _ in 0..<2 { try mutex.unlock() }
    #expect(ended(child) == 0)
    #expect(try mutex.tryLock() == .abandoned)
    try mutex.unlock()
  }
}

/// A child shares its parent's open file descriptions, and with them locks: not these.
@Test func aKilledParentIsDeadAlthoughItsChildLives() async {
  await #expect(processExitsWith: .success) {
    let mutex = try NamedMutex.create("m", in: Session(named: Places.unique("fork")))
    let pipe = Pipe()
    let parent = forked()
    if parent == 0 {
      _ = try mutex.lock()
      let child = forked()
      if child == 0 { while pause() < 0 {} }
      pipe.send(child)
      raise(SIGKILL)
    }
    let child = pipe.receive()
    #expect(ended(parent) == 128 + SIGKILL)
    #expect(try mutex.lock(timeout: .seconds(20)) == .abandoned)
    #expect(kill(child, SIGKILL) == 0)
    try mutex.unlock()
  }
}

/// Nor has it those that another thread is claiming or giving up at that moment.
@Test func aForkedChildKeepsNoSlotOfAnotherThread() async {
  await #expect(processExitsWith: .success) {
    let session = Session(named: Places.unique("fork"))
    let mutex = try NamedMutex.create("m", in: session)
    let end = try NamedEvent.create("end", manual: true, in: session)
    let thread = Background {
      while (try? end.wait(timeout: .zero)) == false {
        let own = try? NamedMutex.open("m", owner: Owner(), in: session)
        if (try? own?.tryLock()) != .locked || (try? own?.unlock()) == nil { return false }
      }
      return true
    }
    let children = (0..<400).map { _ in
      let child = forked()
      if child == 0 { while pause() < 0 {} }
      return child
    }
    try end.set()
    #expect(thread.result)
    let file = open(try #require(mutex.path), O_RDWR | O_CLOEXEC)
    // As soon as the last child has begun.
    #expect(poll { cshm_lock_conflict(file, CSHM_WRITE, 0x7000_0000_0000_1000, 0x2000) == 0 })
    for child in children {
      kill(child, SIGKILL)
      ended(child)
    }
  }
}

/// Its parent's slot is not the child's to close: the number may belong to somebody else by then.
@Test func aForkedChildClosesNobodysDescriptor() async {
  await #expect(processExitsWith: .success) {
    var mutex: NamedMutex? = try NamedMutex.create("m", in: Session(named: Places.unique("fork")))
    // The number that the slot's descriptor gets.
    let number = dup(0)
    close(number)
    #expect(try mutex?.lock() == .locked)
    #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
    let child = forked()
    if child == 0 {
      guard open("/dev/null", O_RDONLY | O_CLOEXEC) == number else { _exit(1) }
      mutex = nil
      _exit(fcntl(number, F_GETFD) == FD_CLOEXEC ? 0 : 2)
    }
    #expect(ended(child) == 0)
    #expect(try mutex?.owner == .ourselves)
  }
}

/// Forks are known from the begin: one that another thread is in would pass by the first claim.
@Test func aForkBeforeAnyClaimIsKnown() async {
  await #expect(processExitsWith: .success) {
    let before = cshm_generation()
    let child = forked()
    if child == 0 { _exit(cshm_generation() == before + 1 ? 0 : 1) }
    #expect(ended(child) == 0)
  }
}

/// Numbers for the parent.
private struct Pipe {
  private let ends: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    self.ends = (ends[0], ends[1])
  }

  func send(_ number: Int32) {
    withUnsafeBytes(of: number) { _ = write(ends.write, $0.baseAddress, 4) }
  }

  /// Once; a child that has ended without sending is an error.
  func receive() -> Int32 {
    close(ends.write)
    var number: Int32 = -1
    precondition(read(ends.read, &number, 4) == 4)
    return number
  }
}

/// Swift hides `fork(2)`; this process has one thread that matters.
private func forked() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
