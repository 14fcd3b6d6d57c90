import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// POSIX names, which others make and remove as they please.
@Suite struct APosixName {
  /// A stranger who makes the name before each link to it, and removes it once that is refused.
  private final class Stranger: SystemObserver {
    private let path: String
    private let left: Mutex<Int>

    init(_ path: String, times: Int) {
      self.path = path
      left = Mutex(times)
    }

    let seesSweeps = false
    func step(_ step: LifetimeStep?) {}
    func before(_ call: SystemCall) -> Errno? {
      if call.name == "linkat", left.withLock({ $0 > 0 }) {
        close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600))
      }
      return nil
    }

    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {
      guard case .failure(.exists) = result, call.name == "linkat" else { return }
      left.withLock { $0 -= 1 }
      unlink(path)
    }
  }

  @Test(arguments: [1, 3])
  func thatIsRemovedWhileItIsOpenedIsMadeAnew(times: Int) throws {
    let root = try ShmRoot()
    let stranger = Stranger("\(root.path)/frames", times: times)
    let session = root.session(system: System(observer: stranger))
    let object = try MemoryObject.create("/frames", size: 64, in: session)
    #expect(object.existed == false)
    #expect(object.size == 64)
    let found = try MemoryObject.open("/frames", in: root.session())
    #expect(found.size == 64)
  }
}
