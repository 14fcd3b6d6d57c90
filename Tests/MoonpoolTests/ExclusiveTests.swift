import Glibc
import SharedMemory
import TestSupport
import Testing

/// `exclusive` of events, mutexes and semaphores is decided in the protocol, as of mappings: who is
/// refused has never been one of the object's users, however it ends.
@Suite(.enabled(if: Places.canTrace, "ptrace is not permitted here"))
struct ExclusiveTests {
  enum Kind: String, Sendable, CaseIterable { case event, mutex, semaphore }

  private static func call(_ kind: Kind) -> String {
    let counts = kind == .semaphore ? "1, 2, " : ""
    return "shm.\(kind.rawValue)('x', \(counts){exclusive = true})"
  }

  private static func create(_ kind: Kind, in session: Session) throws -> any Waitable {
    switch kind {
    case .event: try NamedEvent.create("x", set: true, exclusive: true, in: session)
    case .mutex: try NamedMutex.create("x", exclusive: true, in: session)
    case .semaphore:
      try NamedSemaphore.create("x", initial: 1, maximum: 2, exclusive: true, in: session)
    }
  }

  private static func killat(_ number: Int, _ session: String, _ script: String) -> Outcome {
    run(
      Places.killat, ["kill", "\(number)", "entry", "/dev/shm", Places.moonpool, "-e", script],
      environment: ["MOONPOOL_SESSION": session])
  }

  @Test(arguments: Kind.allCases)
  func whoIsRefusedAndKilledIsNobodysUser(_ kind: Kind) throws {
    let name = Places.unique("exclusive")
    let session = Session(named: name)
    var points = 0
    while points < 200 {
      // Each time a new object: a user too many would keep its name.
      var object: (any Waitable)? = try Self.create(kind, in: session)
      let killed = Self.killat(
        points + 1, name, "assert(select(3, \(Self.call(kind))) == 183)")
      try #require(killed.status == 0 || killed.status == 3, "\(killed)")
      if killed.status == 3 { #expect(killed.errors.hasSuffix("with status 0\n"), "\(killed)") }
      try promptly("use, \(killed.errors)") { try Self.isAsItWas(object!) }
      object = nil
      #expect(Self.isGone(name, session), "\(killed.errors)")
      if killed.status == 3 { break }
      points += 1
    }
    print("exclusive \(kind): killed at \(points) points")
    #expect(points >= 4)
  }

  @Test(arguments: Kind.allCases) func whoIsKilledWhileItCreatesLeavesNothing(_ kind: Kind) throws {
    let name = Places.unique("exclusive")
    var points = 0
    while points < 200 {
      let killed = Self.killat(points + 1, name, "assert(\(Self.call(kind)))")
      try #require(killed.status == 0 || killed.status == 3, "\(killed)")
      let session = Session(named: name)
      var object: (any Waitable)? = try promptly("create, \(killed.errors)") {
        try Self.create(kind, in: session)
      }
      try Self.isAsItWas(object!)
      object = nil
      #expect(Self.isGone(name, session), "\(killed.errors)")
      if killed.status == 3 { break }
      points += 1
    }
    print("create exclusive \(kind): killed at \(points) points")
    #expect(points >= 20)
  }

  private static func isAsItWas(_ object: any Waitable) throws {
    switch object {
    case let event as NamedEvent: #expect(try event.wait(timeout: .zero))
    case let mutex as NamedMutex:
      #expect(try mutex.lock(timeout: .zero) == .locked)
      try mutex.unlock()
    case let semaphore as NamedSemaphore:
      #expect(try semaphore.acquire(timeout: .zero))
      #expect(try semaphore.release() == 0)
    default: break
    }
  }

  private static func isGone(_ name: String, _ session: Session) -> Bool {
    refusal { _ = try NamedEvent.open("x", in: session) } == 2
      && access("/dev/shm/moonpool-\(geteuid())@\(name)", F_OK) != 0
  }
}
