import Glibc
import SharedMemory
import Synchronization

/// A thread of a test that waits for something and says what came of it.
///
/// A thread of its own: tasks that block would starve the pool of the machine's two.
final class Background<Result: Sendable>: Sendable {
  private let done = Mutex<Result?>(nil)
  private let number = Atomic<Int32>(0)

  init(_ body: @escaping @Sendable () -> Result) {
    let start = Unmanaged.passRetained(
      Box { [self] in
        number.store(Self.thread, ordering: .sequentiallyConsistent)
        let result = body()
        done.withLock { $0 = result }
      })
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    pthread_detach(thread)
  }

  /// Does the thread sleep in a futex that processes share? Locks of this process's own, in which
  /// it may sleep before it comes to its wait, are private ones.
  var isAsleep: Bool {
    let number = number.load(ordering: .sequentiallyConsistent)
    guard number != 0, let file = fopen("/proc/self/task/\(number)/syscall", "r") else {
      return false
    }
    defer { fclose(file) }
    // The call's number and its first arguments; "running" has none.
    var words: [UInt] = [0, 0, 0]
    let read = words.withUnsafeMutableBufferPointer { words in
      withVaList((0..<3).map { words.baseAddress! + $0 }) { vfscanf(file, "%lu %lx %lx", $0) }
    }
    let isPrivate = words[0] == Self.futex && words[2] & 128 != 0  // FUTEX_PRIVATE_FLAG
    return read == 3 && [Self.futex, Self.futexes].contains(words[0]) && !isPrivate
  }

  /// The running thread's number: `/proc/thread-self` is `PID/task/NUMBER`.
  private static var thread: Int32 {
    guard let target = try? System().linkTarget(System.path("/proc/thread-self")) else { return 0 }
    let text = String(decoding: target, as: UTF8.self)
    return text.split(separator: "/").last.flatMap { Int32($0) } ?? 0
  }

  /// `futex(2)`
  private static var futex: UInt {
    #if arch(arm64)
      98
    #else
      202
    #endif
  }

  /// `futex_waitv(2)`
  private static var futexes: UInt { 449 }

  /// Waits for its end.
  var result: Result {
    while true {
      if let result = done.withLock({ $0 }) { return result }
      usleep(500)
    }
  }

  var isDone: Bool { done.withLock { $0 != nil } }
}

private final class Box: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
