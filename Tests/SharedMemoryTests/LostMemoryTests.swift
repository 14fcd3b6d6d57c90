import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What the SIGBUS guard puts in the place of memory that is gone, in processes of their own.
@Suite struct LostMemoryTests {
  /// The kernel has less memory than this window: without MAP_NORESERVE it refuses as much.
  @Test func oneFaultReplacesAWindowOfAHundredGigabytes() async {
    await #expect(processExitsWith: .success) {
      let size = 100 << 30
      let doomed = try Doomed(size)
      doomed.truncate(to: 65536)
      #expect(doomed.code(at: 65536) == .swap)
      // Where memory is accounted for strictly the first piece may be smaller.
      if Traces.text("/proc/sys/vm/overcommit_memory") != "2" {
        #expect(try #require(doomed.mappingEnd(at: 65536)) >= size)
      }
      for offset in [size - 1, size / 2, 65536] {
        #expect(doomed.code(at: offset) == .swap)
        #expect((doomed.base + offset).load(as: UInt8.self) == 0)
      }
    }
  }

  /// More pages than a process may have mappings, each second one touched.
  @Test func moreLostPagesThanMappingsAreAllowed() async {
    await #expect(processExitsWith: .success) {
      let pages = 140_000
      let doomed = try Doomed(pages * 4096)
      doomed.truncate(to: 0)
      for page in stride(from: 0, to: pages, by: 2) {
        (doomed.base + page * 4096).storeBytes(of: 7, as: UInt8.self)
      }
      #expect(doomed.code(at: 0) == .swap)
    }
  }

  /// Of 999 pages that are lost the half of the half … that the kernel gives.
  @Test(
    "a kernel that refuses large mappings gives smaller ones",
    arguments: [(most: 1, pages: 1), (most: 5, pages: 3), (most: 300, pages: 249)])
  func aRefusedMappingIsHalved(_ most: Int, _ given: Int) async {
    await #expect(processExitsWith: .success) { [most = most * 4096 as Int, given] in
      let pages = 1000
      let doomed = try Doomed(pages * 4096)
      try doomed.view.write("kept")
      doomed.truncate(to: 4096)
      #expect(RefusedMappings.of(moreThan: UInt32(most)))
      let larger = mmap(nil, most + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      #expect(larger == MAP_FAILED)
      (doomed.base + 4096).storeBytes(of: 7, as: UInt8.self)
      #expect(doomed.mappingEnd(at: 4096) == (1 + given) * 4096)
      // In no order: a piece may end where another one begins.
      for step in 0..<pages * 2 {
        let page = 1 + step * 617 % (pages - 1)
        (doomed.base + page * 4096).storeBytes(of: 7, as: UInt8.self)
      }
      #expect(doomed.code(at: 0) == .swap)
      #expect(doomed.base.load(as: UInt8.self) == UInt8(ascii: "k"))
    }
  }

  @Test func withoutAnyMappingTheFaultKillsAsItWouldHave() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      let doomed = try Doomed(1 << 20)
      doomed.truncate(to: 0)
      // Nothing stays of it but what this process maps.
      unlink(doomed.path)
      rmdir(String(doomed.path.dropLast(2)))
      let refused = RefusedMappings.of(moreThan: 4095)
      if refused { doomed.base.storeBytes(of: 7, as: UInt8.self) }
      _exit(1)
    }
  }

  /// Each reads its own pages of the window, from the same instant on.
  @Test func threadsThatFaultAtOnceAllSeeTheLoss() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<100 {
        let doomed = try Doomed(1 << 20, reserve: false)
        for page in 0..<256 { try doomed.view.store(UInt8(7), at: page * 4096) }
        doomed.truncate(to: 0)
        let line = StartingLine(4)
        let threads = (0..<4).map { number in
          Background {
            line.wait()
            // No zero is taken for the object's: who reads one is told.
            return (0..<64).allSatisfy { doomed.code(at: ($0 * 4 + number) * 4096) == .swap }
          }
        }
        for thread in threads { #expect(thread.result) }
      }
    }
  }

  /// The page under a sleeper becomes one that no other process can wake it through.
  @Test(arguments: [true, false])
  func whoSleepsOnAPageThatIsReplacedIsTold(byAnotherThread: Bool) async {
    await #expect(processExitsWith: .success) { [byAnotherThread] in
      let doomed = try Doomed(1 << 20)
      // The zero that it waits at is what the new page holds, too.
      let cell = try doomed.view.atomic(at: 8192)
      let sleeper = Background {
        Doomed.code { () throws(SharedMemoryError) in
          _ = try cell.wait(while: 0, timeout: .seconds(60))
        }
      }
      #expect(poll { sleeper.isAsleep })
      doomed.truncate(to: 0)
      if byAnotherThread { #expect(doomed.code(at: 0) == .swap) }
      #expect(poll { sleeper.isDone })
      #expect(sleeper.result == .swap)
      #expect(
        Doomed.code { () throws(SharedMemoryError) in _ = try cell.wait(while: 0) } == .swap)
    }
  }

  /// The end is looked at first: what is gone is not gone through.
  @Test func longCopiesOfWhatIsGoneAreNotBegun() async {
    await #expect(processExitsWith: .success) {
      let doomed = try Doomed(1 << 20)
      doomed.truncate(to: 1 << 19)
      let ones = [UInt8](repeating: 1, count: 1 << 20)
      #expect(
        Doomed.code { () throws(SharedMemoryError) in try doomed.view.write(ones) } == .swap)
      #expect(doomed.base.load(as: UInt8.self) == 0)
    }
  }

  /// Who reads a text touches nothing behind it: to load a hole would commit its page.
  @Test func aTextCommitsNoMoreThanItself() throws {
    let doomed = try Doomed(1 << 30)
    try doomed.view.write("text")
    #expect(try doomed.view.text() == "text")
    var status = stat()
    #expect(stat(doomed.path, &status) == 0)
    #expect(status.st_blocks * 512 <= 1 << 16)
  }
}

/// Lets threads go at one instant.
private final class StartingLine: Sendable {
  private let missing: Atomic<Int>
  init(_ count: Int) { missing = Atomic(count) }

  func wait() {
    missing.subtract(1, ordering: .sequentiallyConsistent)
    while missing.load(ordering: .sequentiallyConsistent) > 0 {}
  }
}

/// An object whose memory a test takes away, and a view of it.
private final class Doomed: Sendable {
  private let object: MemoryObject
  let view: View
  let path: String

  /// - Parameter reserve: its pages are not committed, so that it may be larger than the memory.
  init(_ size: Int, reserve: Bool = true) throws {
    object = try MemoryObject.create(
      "x", size: size, .init(reserve: reserve), in: Session(named: Places.unique()))
    view = try object.map()
    path = object.path!
  }

  var base: UnsafeMutableRawPointer { view.base }

  func truncate(to size: Int) { #expect(Glibc.truncate(path, size) == 0) }

  /// As whoever reads at this offset is told.
  func code(at offset: Int) -> ErrorCode? {
    Doomed.code { () throws(SharedMemoryError) in _ = try view.load(UInt8.self, at: offset) }
  }

  static func code(_ body: () throws(SharedMemoryError) -> Void) -> ErrorCode? {
    do throws(SharedMemoryError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  /// Where the mapping of the byte at an offset ends, from the view's begin; the kernel joins it
  /// with a neighbour of its kind.
  func mappingEnd(at offset: Int) -> Int? {
    let address = UInt(bitPattern: base + offset)
    for line in Traces.text("/proc/self/maps").split(separator: "\n") {
      let bounds = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16)! }
      if (bounds[0]..<bounds[1]).contains(address) {
        return Int(bounds[1] - UInt(bitPattern: base))
      }
    }
    return nil
  }
}
