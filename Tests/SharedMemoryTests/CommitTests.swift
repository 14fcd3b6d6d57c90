import CShm
import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Committing an object while signals arrive: the kernel undoes a call that one interrupts.
@Suite struct Committing {
  /// Ends the process if the work never ends.
  private static func expectInTime(_ work: () throws -> Void) rethrows {
    alarmThread(seconds: 100)
    try work()
  }

  private static func alarmThread(seconds: UInt32) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        // Signals are the other thread's.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        sleep(100)
        _exit(70)
      }, nil)
    // The signals of the process go to whoever does not block them.
    usleep(10_000)
  }

  private static let count = Atomic(0)

  /// A signal every so many microseconds of real time, whose handler restarts no call.
  private static func tick(microseconds: Int) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Committing.count.add(1, ordering: .relaxed) }
    sigaction(SIGALRM, &action, nil)
    let interval = timeval(tv_sec: 0, tv_usec: microseconds)
    var timer = itimerval(it_interval: interval, it_value: interval)
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
  }

  /// 512 MiB take many times as long as two signals are apart.
  @Test func endsUnderAStreamOfSignals() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique("stream"))
      try Committing.expectInTime {
        Committing.tick(microseconds: 1_000)
        let object = try MemoryObject.create("x", size: 512 << 20, in: session)
        #expect(Committing.count.load(ordering: .relaxed) > 10)
        var status = stat()
        #expect(stat(object.path!, &status) == 0)
        #expect(Int(status.st_size) == 512 << 20 && Int(status.st_blocks) * 512 >= 512 << 20)
        object.close()
      }
    }
  }

  /// Interrupts some calls, and writes down what was asked for.
  private final class Interruptions: SystemObserver {
    let seesSweeps = false
    private let interrupts: @Sendable (Int) -> Bool
    private let calls = Mutex<[String]>([])
    init(_ interrupts: @escaping @Sendable (Int) -> Bool) { self.interrupts = interrupts }
    var all: [String] { calls.withLock { $0 } }
    func step(_ step: LifetimeStep?) {}
    func before(_ call: SystemCall) -> Errno? {
      guard call.name == "fallocate" else { return nil }
      let number = calls.withLock {
        $0.append(String(call.arguments.split(separator: " ", maxSplits: 2)[2]))
        return $0.count
      }
      return interrupts(number) ? Errno(EINTR) : nil
    }
    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}
  }

  private func pieces(
    _ size: Int, _ interrupts: @escaping @Sendable (Int) -> Bool
  ) throws -> [String] {
    let seen = Interruptions(interrupts)
    let root = try ShmRoot()
    let session = root.session(named: "s", system: System(observer: seen))
    let object = try MemoryObject.create("x", size: size, in: session)
    var status = stat()
    #expect(stat(object.path!, &status) == 0 && Int(status.st_size) == size)
    #expect(Int(status.st_blocks) * 512 >= size)
    object.close()
    return seen.all
  }

  @Test func isOneCallWithoutSignals() throws {
    #expect(try pieces(100_000) { _ in false } == ["0, 100000"])
  }

  @Test func isDoneInPiecesWhereItIsInterrupted() throws {
    #expect(
      try pieces(100_000) { $0 <= 2 } == [
        "0, 100000", "0, 49152", "0, 24576", "24576, 49152", "73728, 26272",
      ])
    // Down to a page, and no further.
    #expect(
      try pieces(10_000) { $0 <= 4 } == [
        "0, 10000", "0, 4096", "0, 4096", "0, 4096", "0, 4096", "4096, 5904",
      ])
    #expect(try pieces(1) { $0 <= 2 } == ["0, 1", "0, 1", "0, 1"])
  }
}
