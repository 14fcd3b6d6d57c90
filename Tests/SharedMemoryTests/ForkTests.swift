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

/// Swift hides `fork(2)`; this process has one thread that matters.
private func forked() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
