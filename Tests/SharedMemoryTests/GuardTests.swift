import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// The SIGBUS guard, in processes of its own: a handler is the whole process's.
@Suite struct GuardTests {
  @Test func aTruncatedViewThrows999AndOthersWork() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique())
      let object = try MemoryObject.create("x", size: 65536 * 2, in: session)
      let other = try MemoryObject.create("other", size: 64, in: session).map()
      let whole = try object.map()
      let lower = try object.map(length: 64)
      let path = object.path!
      #expect(truncate(path, 65536) == 0)
      #expect(
        Bus.code { () throws(SharedMemoryError) in _ = try whole.read(1, at: 65536) } == .swap)
      #expect(Bus.code { () throws(SharedMemoryError) in try whole.write("x") } == .swap)
      let lost = (whole.isLost, lower.isLost, other.isLost)
      #expect(lost == (true, false, false))
      try lower.write("works")
      #expect(try other.read(64) == [UInt8](repeating: 0, count: 64))
      for access in Access.allCases {
        let view = try object.map(access: access, offset: 65536)
        #expect(Bus.code { () throws(SharedMemoryError) in _ = try view.text() } == .swap)
        let isLost = view.isLost
        #expect(isLost)
      }
    }
  }

  @Test func anotherHandlerStillGetsItsFaults() async {
    await #expect(processExitsWith: .exitCode(42)) {
      signal(SIGBUS) { _ in _exit(42) }
      try Bus.guardSomething()
      Bus.faultElsewhere()
    }
  }

  @Test func aForeignFaultStillKills() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      signal(SIGBUS, SIG_DFL)
      try Bus.guardSomething()
      Bus.faultElsewhere()
    }
  }

  @Test func aSignalThatWasSentStillKills() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      signal(SIGBUS, SIG_DFL)
      try Bus.guardSomething()
      raise(SIGBUS)
    }
  }

  @Test func aSignalThatWasIgnoredStaysIgnored() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGBUS, SIG_IGN)
      try Bus.guardSomething()
      raise(SIGBUS)
      _exit(7)
    }
  }

  /// More windows than a block of the guard's table has entries, in and out in mixed order.
  @Test func thousandsOfViewsComeAndGo() async {
    await #expect(processExitsWith: .success) {
      let session = Session(named: Places.unique())
      let object = try MemoryObject.create("x", size: 4096, in: session)
      let doomed = try MemoryObject.create("doomed", size: 4096, in: session)
      let path = doomed.path!
      let before = Traces.now()
      for _ in 0..<3 {
        var views: [Held?] = []
        for number in 0..<5000 {
          views.append(Held(try (number % 100 == 0 ? doomed.map() : object.map())))
        }
        for number in stride(from: 1, to: 5000, by: 2) { views[number] = nil }
        for number in stride(from: 1, to: 5000, by: 2) { views[number] = Held(try object.map()) }
        #expect(truncate(path, 0) == 0)
        for (number, held) in views.enumerated() {
          let lost = held?.view.isLostAfterRead ?? false
          #expect(lost == (number % 100 == 0), "\(number)")
        }
        #expect(truncate(path, 4096) == 0)
      }
      #expect(Traces.now() == before)
    }
  }
}

private final class Held {
  let view: View
  init(_ view: consuming View) { self.view = view }
}

extension View {
  fileprivate var isLostAfterRead: Bool {
    _ = try? read(1)
    return isLost
  }
}

private enum Bus {
  static func guardSomething() throws {
    let view = try MemoryObject.create(nil, size: 64).map()
    try view.write("guarded")
  }

  /// A page past the end of a file that nobody guards.
  static func faultElsewhere() {
    let file = cshm_memfd("elsewhere")
    let page = mmap(nil, 4096, PROT_READ, MAP_SHARED, file, 0)!
    _ = page.load(as: UInt8.self)
    fatalError("the access did not fault")
  }

  static func code(_ body: () throws(SharedMemoryError) -> Void) -> ErrorCode? {
    do throws(SharedMemoryError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }
}
