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

/// Swift hides `fork(2)`; this process has one thread that matters.
private func forked() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
