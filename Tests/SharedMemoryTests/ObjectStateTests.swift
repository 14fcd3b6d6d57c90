import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Events, mutexes and semaphores looked at without a handle.
@Suite struct ObjectStateTests {
  private let session = Session(named: Places.unique("state"))

  private func state(_ name: String) throws -> (any ObjectState)? {
    try session.state(of: session.find(Array(name.utf8)))
  }

  private func ofMutex(_ name: String) throws -> NamedMutex.State? {
    try state(name) as? NamedMutex.State
  }

  /// What people and programs are shown.
  private func shown(_ name: String) throws -> (text: String, fields: [StateField])? {
    try state(name).map { ($0.text, $0.fields) }
  }

  @Test(arguments: [false, true]) func anEventSaysItsKindAndWhetherItIsSet(isManual: Bool) throws {
    let event = try NamedEvent.create("x", manual: isManual, in: session)
    #expect(
      try shown("x")?.fields == [.init("manual", .flag(isManual)), .init("set", .flag(false))])
    try event.set()
    #expect(
      try shown("x")?.fields == [.init("manual", .flag(isManual)), .init("set", .flag(true))])
    #expect(try shown("x")?.text == "\(isManual ? "manual" : "automatic"), set")
    #expect(try event.wait(timeout: .zero))
    #expect(
      try shown("x")?.fields == [.init("manual", .flag(isManual)), .init("set", .flag(isManual))])
  }

  @Test func aSemaphoreSaysItsCount() throws {
    let semaphore = try NamedSemaphore.create("x", initial: 3, maximum: 8, in: session)
    #expect(try shown("x")?.fields == [.init("count", .number(3)), .init("maximum", .number(8))])
    #expect(try semaphore.acquire())
    #expect(try shown("x")?.fields == [.init("count", .number(2)), .init("maximum", .number(8))])
    #expect(try shown("x")?.text == "2 of 8")
  }

  @Test func aMutexSaysWhoHasIt() throws {
    let other = try NamedMutex.create("x", owner: Owner(), in: session)
    var mutex: NamedMutex? = try NamedMutex.create("x", owner: Owner(), in: session)
    #expect(try ofMutex("x") == .free)
    #expect(try mutex?.lock() == .locked)
    #expect(try ofMutex("x") == .locked(process: getpid()))
    mutex = nil
    #expect(try ofMutex("x") == .abandoned)
    #expect(try other.lock() == .abandoned)
    try other.unlock()
    #expect(try ofMutex("x") == .free)
  }

  @Test func whatAKilledOwnerLeavesIsAbandoned() throws {
    let mutex = try NamedMutex.create("x", in: session)
    let path = try #require(mutex.path)
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    // Held by slot 7 in epoch 3, whose alive byte nobody locks.
    var raw = stat()
    #expect(stat("/proc/self/ns/pid", &raw) == 0)
    let slot = NamedSlot(epoch: 3, process: 4711, namespace: UInt64(raw.st_ino))
    var words: [UInt64] = [slot.rawValue]
    pwrite(file, &words, 8, 128 + 7 * 8)
    words = [(3 << 10 | 8) << 32 | 1]
    pwrite(file, &words, 8, 64)
    #expect(try ofMutex("x") == .abandoned)
    var lock = flock()
    lock.l_type = Int16(F_RDLCK)
    lock.l_start = 0x7000_0000_0000_2007
    lock.l_len = 1
    #expect(fcntl(file, 37, &lock) == 0)  // F_OFD_SETLK
    #expect(try ofMutex("x") == .abandoned, "who may only read revives nobody")
    lock.l_type = Int16(F_WRLCK)
    #expect(fcntl(file, 37, &lock) == 0)
    #expect(try ofMutex("x") == .locked(process: 4711))
    words = [NamedSlot(epoch: 3, process: 4711, namespace: UInt64(raw.st_ino) ^ 1).rawValue]
    pwrite(file, &words, 8, 128 + 7 * 8)
    #expect(try ofMutex("x") == .lockedElsewhere)
    words = [NamedSlot(epoch: 3, process: 0, namespace: 0).rawValue]
    pwrite(file, &words, 8, 128 + 7 * 8)
    #expect(try ofMutex("x") == .locked(process: nil))
    words = [NamedSlot(epoch: 4, process: 4711, namespace: UInt64(raw.st_ino)).rawValue]
    pwrite(file, &words, 8, 128 + 7 * 8)
    #expect(try ofMutex("x") == .abandoned, "the place is another one's now")
  }

  @Test func aMappingHasNone() throws {
    let object = try MemoryObject.create("x", size: 4096, in: session)
    #expect(try state("x") == nil)
    object.close()
  }

  /// The system calls of a session, as text.
  private final class Calls: SystemObserver {
    private let lines = Mutex<[String]>([])
    var seesSweeps: Bool { false }
    func step(_ step: LifetimeStep?) {}
    func before(_ call: SystemCall) -> Errno? { nil }
    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {
      lines.withLock { $0.append("\(call.name) \(call.arguments)") }
    }
    func taken() -> [String] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }

  @Test func lookingChangesNothing() throws {
    let name = Places.unique("state")
    let mutex = try NamedMutex.create("x", in: Session(named: name))
    #expect(try mutex.lock() == .locked)
    let path = try #require(mutex.path)
    let before = run("/bin/cat", [path]).output
    let calls = Calls()
    let session = Session(session: Array(name.utf8), system: System(observer: calls))
    let entry = try session.find(Array("x".utf8))
    _ = calls.taken()
    #expect(try session.state(of: entry) as? NamedMutex.State == .locked(process: getpid()))
    let made = calls.taken()
    #expect(
      made.map { $0.prefix { $0 != " " } } == [
        "openat", "fstat", "pread64", "mmap", "fcntl", "munmap", "close",
      ])
    #expect(made.first?.contains("O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC") == true)
    #expect(made.contains { $0.hasPrefix("mmap NULL, 4096, PROT_READ, MAP_SHARED, ") })
    #expect(made.contains { $0.hasPrefix("fcntl") && $0.contains("F_OFD_GETLK, {F_RDLCK, alive ") })
    #expect(run("/bin/cat", [path]).output == before)
    try mutex.unlock()
  }

  @Test func anyWordsAreStood() throws {
    let objects: [any Waitable] = [
      try NamedEvent.create("event", in: session), try NamedMutex.create("mutex", in: session),
      try NamedSemaphore.create("semaphore", initial: 1, maximum: 5, in: session),
    ]
    var generator = SplitMix(state: 1)
    for object in objects {
      let file = Glibc.open(try #require(object.path), O_RDWR | O_CLOEXEC)
      defer { close(file) }
      for _ in 0..<500 {
        var words = (0..<504).map { _ in generator.next() }
        pwrite(file, &words, 4032, 64)
        #expect(try state(object.name) != nil)
      }
    }
  }

  @Test func whatIsDamagedIsSaid() throws {
    let semaphore = try NamedSemaphore.create("x", initial: 1, maximum: 5, in: session)
    let entry = try session.find(Array("x".utf8))
    let file = Glibc.open(try #require(semaphore.path), O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let rest = "; another program damaged it; close all its handles and create it again"
    var limit: UInt32 = 0
    pwrite(file, &limit, 4, 16)
    #expect(
      refusal { _ = try state("x") }
        == #"examine Local\x: ERROR_FILE_INVALID (1006): its header says limit 0 and 496 slots, "#
        + "which no semaphore has" + rest)
    ftruncate(file, 100)
    #expect(
      refusal { _ = try session.state(of: entry) }
        == #"examine Local\x: ERROR_FILE_INVALID (1006): its file has 100 bytes where a "#
        + "semaphore has 4096" + rest)
    ftruncate(file, 0)
    #expect(try session.state(of: entry) == nil, "nothing says its type")
  }

  @Test func whatHasGoneMeanwhileIsNotFound() throws {
    var event: NamedEvent? = try NamedEvent.create("x", in: session)
    let keeper = try NamedEvent.create("keeper", in: session)
    let entry = try session.find(Array("x".utf8))
    event = nil
    let gone =
      #"examine Local\x: ERROR_FILE_NOT_FOUND (2): no process holds an object of this name; "#
      + "start the one that creates it first"
    #expect(refusal { _ = try session.state(of: entry) } == gone)
    event = try NamedEvent.create("x", in: session)
    #expect(refusal { _ = try session.state(of: entry) } == gone, "it is another object")
    withExtendedLifetime((event, keeper)) {}
  }
}
