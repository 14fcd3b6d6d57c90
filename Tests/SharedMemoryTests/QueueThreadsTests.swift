import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Several threads of one owner use one handle: whatever one of them is in the midst of, no role
/// counts twice, and nobody's job is given away.
@Suite(.timeLimit(.minutes(2))) struct QueueThreadsTests {
  private let name: String
  private let session: Session

  init() {
    name = Places.unique("threads")
    session = Session(named: name)
  }

  private func text(_ text: String) -> Message { Message(Array(text.utf8)) }

  private func watched(_ holder: Holder) -> Session {
    Session(session: Array(name.utf8), strictGlobal: false, system: System(observer: holder))
  }

  private func hold(_ isHeld: Bool, _ queue: NamedQueue) {
    let descriptor = Glibc.open(queue.path!, O_RDWR)
    defer { close(descriptor) }
    // The owner in the second slot holds the lock of pop.
    var word = isHeld ? UInt64(1 << 10 | 2) << 32 | 1 : 0
    #expect(pwrite(descriptor, &word, 8, 4224) == 8)
  }

  @Test(arguments: [true, false]) func aRoleCountsOnceForEachHandle(_ isTopic: Bool) throws {
    let holder = Holder("F_OFD_SETLK, {F_WRLCK, pushes")
    let owner = Owner()
    if isTopic {
      let topic = try NamedTopic.create("t", bytes: 4096, in: session)
      let rest = try useAtOnce(
        holder, { try NamedTopic.open("t", owner: owner, in: watched(holder)) },
        { [text] in _ = try $0.publish(text("a")) })
      defer { withExtendedLifetime(rest) {} }
      for _ in 0..<2 { #expect(try topic.next(timeout: .zero) != nil) }
      expectTheEnd { _ = try topic.next(timeout: .zero) }
    } else {
      let queue = try NamedQueue.create("q", bytes: 4096, access: .wait, in: session)
      let rest = try useAtOnce(
        holder, { try NamedQueue.open("q", owner: owner, in: watched(holder)) },
        { [text] in _ = try $0.push(text("a")) })
      defer { withExtendedLifetime(rest) {} }
      for _ in 0..<2 { #expect(try queue.pop(timeout: .zero) == text("a")) }
      expectTheEnd { _ = try queue.pop(timeout: .zero) }
    }
  }

  /// Two threads begin with one handle, which then is closed.
  ///
  /// - Returns: another handle of the owner, which has no role.
  private func useAtOnce<Object: Waitable>(
    _ holder: Holder, _ open: () throws -> Object,
    _ use: @escaping @Sendable (Object) throws -> Void
  ) throws -> Object {
    let rest = try open()
    let object = try open()
    holder.arm()
    let threads = (0..<2).map { _ in
      Background { [object] in
        do {
          try use(object)
          return true
        } catch { return false }
      }
    }
    holder.waitUntilOneIsHeld()
    usleep(50_000)  // for the other one to come as far as it can
    holder.release()
    for thread in threads { #expect(thread.result) }
    return rest
  }

  /// The threads' references to a handle go a moment after their results have come.
  private func expectTheEnd(_ body: () throws -> Void) {
    for _ in 0..<2000 where code(body) != .brokenPipe { usleep(1000) }
    #expect(code(body) == .brokenPipe)
  }

  private func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SharedMemoryError)?.code
    }
  }

  /// Of an owed job that two threads give back, one may have been taken again meanwhile.
  @Test func anOwedJobIsGivenBackOnce() throws {
    let holder = Holder("F_OFD_GETLK, {F_RDLCK, alive")
    let queue = try NamedQueue.create("q", bytes: 4096, in: watched(holder))
    let other = try NamedQueue.open("q", owner: Owner(), in: session)
    #expect(try queue.push(text("a")))
    #expect(try other.pop(timeout: .zero) == text("a"))  // it has the second slot
    #expect(try other.push(text("b")))
    var job = try queue.take(timeout: .zero)
    hold(true, queue)
    #expect(code { try job!.giveBack() } == .busy)
    job = nil
    holder.arm()
    let late = Background { try? queue.take(timeout: .zero) }
    holder.waitUntilOneIsHeld()
    hold(false, queue)
    let ours = try queue.take(timeout: .zero)
    holder.release()
    let jobs = [ours, late.result].compactMap { $0 }
    #expect(jobs.count == 1, "the job is one thread's")
    #expect(try other.take(timeout: .zero) == nil)
    try jobs.first?.done()
  }

  @Test func aJobIsSettledByOneOfTwoThreads() throws {
    let holder = Holder("F_OFD_GETLK, {F_RDLCK, alive")
    let queue = try NamedQueue.create("q", bytes: 4096, in: watched(holder))
    let other = try NamedQueue.open("q", owner: Owner(), in: session)
    #expect(try queue.push(text("a")))
    #expect(try other.pop(timeout: .zero) == text("a"))
    #expect(try other.push(text("b")))
    let job = try #require(try queue.take(timeout: .zero))
    hold(true, queue)
    holder.arm()
    let late = Background { () -> Bool in (try? job.giveBack()) != nil }
    holder.waitUntilOneIsHeld()
    hold(false, queue)
    let isOurs = code { try job.giveBack() } == nil
    let again = try queue.take(timeout: .zero)
    holder.release()
    #expect(late.result != isOurs)
    let next = try other.take(timeout: .zero)
    #expect((again == nil) != (next == nil), "the job is one owner's")
  }
}

/// Holds the first thread that is about to make a system call.
private final class Holder: SystemObserver {
  let seesSweeps = false
  private let arguments: String
  private let isArmed = Mutex(false)
  private let isHeld = Mutex(false)
  private let isReleased = Mutex(false)

  /// - Parameter arguments: what those of its `fcntl` begin with, behind the descriptor.
  init(_ arguments: String) { self.arguments = arguments }

  func arm() { isArmed.withLock { $0 = true } }
  func release() { isReleased.withLock { $0 = true } }
  func waitUntilOneIsHeld() { while !isHeld.withLock({ $0 }) { usleep(500) } }

  func step(_ step: LifetimeStep?) {}
  func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}

  func before(_ call: SystemCall) -> Errno? {
    guard call.name == "fcntl", call.arguments.contains(arguments) else { return nil }
    let holds = isArmed.withLock { isArmed in
      defer { isArmed = false }
      return isArmed
    }
    if holds {
      isHeld.withLock { $0 = true }
      while !isReleased.withLock({ $0 }) { usleep(500) }
    }
    return nil
  }
}
