import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// What strangers may do to named objects, and what is said of it.
@Suite struct NamedRightsTests {
  private let session = Session(named: Places.unique("rights"))

  private func mutex(_ name: String) throws -> NamedMutex {
    try NamedMutex.create(name, owner: Owner(), in: session)
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o664, 0o646, 0o755] as [UInt32])
  func whoMayOnlyReadCouldBlock(mode: UInt32) {
    func text(_ one: String) -> String {
      "create x: ERROR_INVALID_PARAMETER (87): who may only read \(one) could block it and not use "
        + #"it; mode = "0666" or "0600""#
    }
    #expect(refusal { _ = try NamedEvent.create("x", mode: mode, in: session) } == text("an event"))
    #expect(refusal { _ = try NamedMutex.create("x", mode: mode, in: session) } == text("a mutex"))
    #expect(
      refusal {
        _ = try NamedSemaphore.create("x", initial: 1, maximum: 1, mode: mode, in: session)
      } == text("a semaphore"))
    #expect(throws: Never.self) {
      try MemoryObject.create("x", size: 1, .init(mode: 0o644), in: session).close()
    }
  }

  @Test(arguments: [0o600, 0o660, 0o666, 0o606, 0o622, 0o700] as [UInt32])
  func otherModesAreFine(mode: UInt32) throws {
    _ = try NamedMutex.create("x", mode: mode, in: session)
  }

  /// `F_OFD_SETLK` of a lock over lock bytes.
  private func lock(_ file: Int32, _ type: Int32, _ start: Int64, _ length: Int64) -> Bool {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_start = Int(start)
    lock.l_len = Int(length)
    return fcntl(file, 37, &lock) == 0
  }

  private static let claims: Int64 = 0x7000_0000_0000_1000

  @Test func aStrangersLockIsNamed() throws {
    let mutex = try mutex("x")
    let path = try #require(mutex.path)
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let text =
      "lock x: ERROR_BUSY (170): a program that is none of its users has locked their places; it "
      + #"has \#(path) open: end it, or create the object anew with mode "0600""#
    // By somebody who may only read; over more than a byte; of what says that an owner lives.
    #expect(lock(file, F_RDLCK, Self.claims, 496))
    #expect(refusal { _ = try mutex.lock(timeout: .zero) } == text)
    #expect(lock(file, F_WRLCK, Self.claims, 496))
    #expect(refusal { _ = try mutex.lock(timeout: .zero) } == text)
    #expect(lock(file, F_UNLCK, Self.claims, 496))
    #expect(lock(file, F_WRLCK, Self.claims + 0x1000, 496))
    #expect(refusal { _ = try mutex.lock(timeout: .zero) } == text)
    #expect(lock(file, F_UNLCK, Self.claims + 0x1000, 496))
    #expect(try mutex.lock() == .locked)
  }

  @Test func fourHundredAndNinetySixUsersAreSaidToBeSo() throws {
    let mutex = try mutex("x")
    let path = try #require(mutex.path)
    let files = (0..<496).map { slot in
      let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
      #expect(lock(file, F_WRLCK, Self.claims + Int64(slot), 1))
      #expect(lock(file, F_WRLCK, Self.claims + 0x1000 + Int64(slot), 1))
      return file
    }
    defer { for file in files { close(file) } }
    #expect(
      refusal { _ = try mutex.lock(timeout: .zero) }
        == "lock x: ERROR_BUSY (170): all 496 places of its users are taken; close it in other "
        + "processes")
  }

  // MARK: A file that somebody removed

  @Test func aLockThatWaitsIsToldThatTheFileIsGone() throws {
    let (first, second) = (try mutex("x"), try mutex("x"))
    #expect(try second.lock() == .locked)
    try second.unlock()
    #expect(try first.lock() == .locked)
    #expect(unlink(try #require(first.path)) == 0)
    #expect(first.isRemoved && second.isRemoved)
    // Two own the name now.
    let third = try mutex("x")
    #expect(!third.existed)
    #expect(try third.lock() == .locked)
    let waiter = Background { try? second.lock(timeout: .seconds(20)) }
    #expect(poll { waiter.isAsleep })
    try first.unlock()
    #expect(waiter.result == .removed)
    try second.unlock()
    let end = try Waiting.any([try mutex("x")], timeout: .zero)
    #expect(end == nil, "that one is the third's")
  }

  @Test func waitsForSeveralAreTold() throws {
    let (one, all) = (try mutex("one"), try mutex("all"))
    for mutex in [one, all] { #expect(unlink(try #require(mutex.path)) == 0) }
    let event = try NamedEvent.create("e", manual: true, set: true, in: session)
    let end = try #require(try Waiting.any([one, event]))
    #expect(end.index == 0 && end.removed && !end.abandoned)
    #expect(try Waiting.all([event, all]) == .removed)
  }

  // MARK: What a wait for all has reserved

  /// As a wait for all that was stopped while it decided: its mark stands, and its owner lives.
  @Test func whatIsReservedIsNotShownAsFree() throws {
    let semaphore = try NamedSemaphore.create("s", initial: 3, maximum: 8, in: session)
    let event = try NamedEvent.create("e", set: true, in: session)
    let mutex = try mutex("m")
    for object in [semaphore, event, mutex] as [any Waitable] {
      let file = Glibc.open(try #require(object.path), O_RDWR | O_CLOEXEC)
      defer { close(file) }
      let mark = NamedMark(slot: 7, epoch: 3)
      var slot = NamedSlot(epoch: 3, process: 0, namespace: 0).rawValue
      #expect(pwrite(file, &slot, 8, 128 + 7 * 8) == 8)
      let low: UInt64 = object is NamedMutex ? 3 : object is NamedEvent ? 1 : 3
      var word = UInt64(mark.rawValue) << 32 | low
      #expect(pwrite(file, &word, 8, 64) == 8)
      let entry = try session.find(Array(object.name.utf8))
      let dead = try session.state(of: entry)
      #expect(lock(file, F_WRLCK, Self.claims + 0x1000 + 7, 1))
      let living = try session.state(of: entry)
      switch object {
      case is NamedSemaphore:
        #expect(living?.text == "2 of 8")
        #expect(dead?.text == "3 of 8")
      case is NamedEvent:
        #expect(living?.text == "automatic, not set")
        #expect(dead?.text == "automatic, set")
      default:
        #expect(living as? NamedMutex.State == .locked(process: nil))
        #expect(dead as? NamedMutex.State == .free)
      }
    }
  }
}
