import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// Counts system calls, the sweep's included.
private final class Counter: SystemObserver {
  private let calls = Mutex(0)
  var count: Int { calls.withLock { $0 } }
  let seesSweeps = true
  func step(_ step: LifetimeStep?) {}
  func before(_ call: SystemCall) -> Errno? {
    calls.withLock { $0 += 1 }
    return nil
  }
  func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}
}

@Suite struct TheSweep {
  /// What a killed process left goes with the next operation on any name of its namespace.
  @Test(arguments: [
    #"shm.open("other")"#, #"v = shm.create("other", 1)"#, #"v = shm.open("keeper")"#,
    #"v = shm.create("keeper", 1)"#,
  ])
  func removesWhatAKilledProcessLeft(operation: String) throws {
    let word = Places.unique()
    let keeper = try MemoryObject.create("keeper", size: 1, in: Session(named: word))
    let child = Child(
      Places.moonpool,
      [
        "-e",
        """
        all = {}
        for i = 1, 20 do all[i] = assert(shm.create("left " .. i, 4096)) end
        io.write("ready\\n"):flush() io.read()
        """,
      ], environment: ["MOONPOOL_SESSION": word], input: .open)
    #expect(child.prints("ready\n"), "\(child.complained)")
    child.kill()
    child.wait()
    let directory = "/dev/shm/moonpool-\(geteuid())@\(word)"
    #expect(moonpool("-e", operation, session: word).status == 0)
    #expect(try poll(within: 1) { try entries(directory) == 1 })
    keeper.close()
  }

  private func entries(_ directory: String) throws -> Int {
    let system = System()
    return try system.entries(system.stream(System.path(directory))).count
  }

  @Test(arguments: [true, false])
  func leavesNoEmptyDirectoryOfASession(byListing: Bool) throws {
    let word = Places.unique()
    let child = Child(
      Places.moonpool,
      ["-e", #"v = assert(shm.create("x", 1)) io.write("ready\n"):flush() io.read()"#],
      environment: ["MOONPOOL_SESSION": word], input: .open)
    #expect(child.prints("ready\n"), "\(child.complained)")
    child.kill()
    child.wait()
    let directory = "/dev/shm/moonpool-\(geteuid())@\(word)"
    let session = Session(named: word)
    if byListing {
      #expect(try session.list(.local).isEmpty)
    } else {
      #expect(throws: SharedMemoryError.self) { try MemoryObject.open("y", in: session).close() }
    }
    #expect(isRemoved(directory))
  }

  /// Bound: a sweep's slice is 64 names at 4 calls each (open, fstat, lock refused, close), plus
  /// 10 for the directory. Most operations do not even sweep, as it rests 10 ms between slices.
  @Test func costsAnOperationTheSameWithTenThousandLiveNames() throws {
    let root = try ShmRoot()
    let keeper = try MemoryObject.create("keeper", size: 1, in: root.session())
    func cost() throws -> Int {
      // A new session each time: its first operation always sweeps.
      let counter = Counter()
      let session = root.session(system: System(observer: counter))
      try MemoryObject.create("one more", size: 1, in: session).close()
      return counter.count
    }
    let alone = try cost()
    // Further names of one living file, for the protocol as alive as files of their own, without
    // ten thousand descriptors.
    let path = "\(root.local)/keeper"
    for number in 1..<10 { #expect(link(path, "\(root.local)/n\(number)") == 0) }
    let ten = try cost()
    for number in 10..<10_000 { link(path, "\(root.local)/n\(number)") }
    let tenThousand = try cost()
    #expect(root.entries(root.local).count == 10_000)
    #expect(ten > alone && tenThousand >= ten)
    #expect(tenThousand <= alone + 64 * 4 + 10, "\(alone), \(ten), \(tenThousand)")
    keeper.close()
  }

  @Test func restsBetweenSlices() throws {
    let root = try ShmRoot()
    let counter = Counter()
    let session = root.session(system: System(observer: counter))
    let keeper = try MemoryObject.create("keeper", size: 1, in: session)
    for number in 1..<100 { link("\(root.local)/keeper", "\(root.local)/n\(number)") }
    // On a busy machine both slices may come with the first of these; neither without a sweep
    // takes more than some 16 calls.
    let before = counter.count
    try MemoryObject.create("x", size: 1, in: session).close()
    usleep(20_000)
    try MemoryObject.create("x", size: 1, in: session).close()
    let swept = counter.count - before
    // At most one of many sweeps within a few milliseconds: the median one does not.
    var costs: [Int] = []
    for _ in 0..<9 {
      let before = counter.count
      try MemoryObject.create("x", size: 1, in: session).close()
      costs.append(counter.count - before)
    }
    // A slice of 64 entries, or the 37 that are left for the next one.
    #expect(swept > 100)
    #expect(costs.sorted()[4] < 40, "\(costs)")
    keeper.close()
  }
}

@Test func aListingRemovesWhatTheDeadLeftInOtherSessions() throws {
  let root = try ShmRoot()
  let dead = "\(root.local)@gone"
  try #require(mkdir(dead, 0o700) == 0)
  close(open("\(dead)/x", O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
  #expect(try root.session(named: "other").list(.local).isEmpty)
  #expect(access(dead, F_OK) != 0)
}

@Test func aReadOnlyViewOfAWriterCannotBeMadeWritable() throws {
  let object = try MemoryObject.create(nil, size: 4096)
  let view = try object.map(access: .read)
  #expect(mprotect(view.base, 4096, PROT_READ | PROT_WRITE) == -1)
}
