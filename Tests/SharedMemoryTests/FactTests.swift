import Glibc
import SharedMemory
import TestSupport
import Testing

/// Facts of Win32 that the library tells better than a script: handles and views apart.
@Suite struct HandlesAndViews {
  let session = Session(named: Places.unique("facts"))

  /// The code that a body is refused with; nil where it succeeds.
  private func code(_ body: () throws(SharedMemoryError) -> Void) -> ErrorCode? {
    do throws(SharedMemoryError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  private func opening(
    _ name: String, _ access: Access = .readWrite, in session: Session
  ) -> ErrorCode? {
    code { () throws(SharedMemoryError) in
      _ = try MemoryObject.open(name, access: access, in: session)
    }
  }

  private func text(_ object: borrowing MemoryObject) throws -> String {
    try object.map().text()
  }

  private func blocks(_ object: borrowing MemoryObject) throws -> Int {
    var status = stat()
    let path = object.path ?? ""
    try #require(stat(path, &status) == 0)
    return Int(status.st_blocks) * 512
  }

  @Test("fact 14: memory is committed when the object is made")
  func memoryIsCommitted() throws {
    let object = try MemoryObject.create("x", size: 1_000_000, in: session)
    let found = try blocks(object)
    #expect(found >= 1_000_000)
  }

  @Test("fact 15: reserved memory is committed when it is touched")
  func reservedMemoryIsCommittedLater() throws {
    let object = try MemoryObject.create(
      "x", size: 1_000_000, .init(reserve: true), in: session)
    let found = try blocks(object)
    #expect(found == 0)
    try object.map().write("touched", at: 500_000)
    let after = try blocks(object)
    #expect(1..<1_000_000 ~= after)
  }

  @Test("fact 22: the file has the size that was asked for, to the byte")
  func sizesAreExact() throws {
    for size in [1, 256, 4096, 4097, 65537] {
      let object = try MemoryObject.create("x\(size)", size: size, in: session)
      let (path, told) = (object.path ?? "", object.size)
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(Int(status.st_size) == size)
      #expect(told == size)
    }
  }

  @Test("fact 46: a name that an event, mutex or semaphore has is error 6")
  func otherTypesAreInTheWay() throws {
    for kind in ObjectKind.allCases where kind != .mapping {
      let name = try ObjectName(Array("x".utf8), for: "create")
      let other = try Acquisition("create", "x", .readWrite, session, kind: kind)
        .create(name, 64, .init())
      #expect(opening("x", in: session) == .invalidHandle)
      #expect(opening("x", .read, in: session) == .invalidHandle)
      for exclusive in [false, true] {
        let creating = code { () throws(SharedMemoryError) in
          _ = try MemoryObject.create("x", size: 64, .init(exclusive: exclusive), in: session)
        }
        #expect(creating == .invalidHandle)
      }
      let wasRemoved = other.close()
      #expect(!wasRemoved)
      #expect(opening("x", in: session) == .fileNotFound)
    }
  }

  @Test("fact 47: a name that a mapping has is error 6 for an event, mutex or semaphore")
  func aMappingIsInTheWay() throws {
    let mapping = try MemoryObject.create("x", size: 64, in: session)
    let name = try ObjectName(Array("x".utf8), for: "create")
    for kind in ObjectKind.allCases where kind != .mapping {
      let acquisition = Acquisition("create", "x", .readWrite, session, kind: kind)
      let creating = code { () throws(SharedMemoryError) in
        _ = try acquisition.create(name, 64, .init())
      }
      let opening = code { () throws(SharedMemoryError) in _ = try acquisition.open(name) }
      #expect(creating == .invalidHandle)
      #expect(opening == .invalidHandle)
    }
    let found = try text(mapping)
    #expect(found == "")
  }

  @Test("fact 59: offsets are counted in units of 65536, as in Win32")
  func theGranularityIsWin32s() throws {
    #expect(MemoryObject.granularity == 65536)
    let object = try MemoryObject.create("x", size: 200_000, in: session)
    let offset = try object.map(offset: 65536).offset
    #expect(offset == 65536)
    #expect(
      code { () throws(SharedMemoryError) in _ = try object.map(offset: 4096) }
        == .mappedAlignment)
  }

  @Test("facts 70, 73: not even mprotect makes a view writable that was opened for reading")
  func theProtectionOfAReaderStays() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    let reader = try MemoryObject.open("x", access: .read, in: session).map()
    #expect(
      code { () throws(SharedMemoryError) in try reader.write("text") } == .accessDenied)
    errno = 0
    #expect(mprotect(reader.base, 4096, PROT_READ | PROT_WRITE) == -1)
    #expect(errno == EACCES)
    let found = try text(object)
    #expect(found == "")
  }

  @Test("fact 86: a view lives on after its only handle is closed")
  func aViewOutlivesItsHandle() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    let view = try object.map()
    object.close()
    try view.write("still here")
    let found = try view.text()
    #expect(found == "still here")
  }

  @Test("fact 87: a view does not keep the name, for nobody")
  func aViewKeepsNoName() throws {
    let word = Places.unique()
    let session = Session(named: word)
    let object = try MemoryObject.create("x", size: 64, in: session)
    let view = try object.map()
    object.close()
    #expect(opening("x", in: session) == .fileNotFound)
    let other = Child(
      Places.moonpool, ["-e", "print(select(3, shm.open('x')))"],
      environment: ["MOONPOOL_SESSION": word])
    #expect(other.wait() == 0)
    #expect(other.printed == "2\n")
    try view.write("still here")
  }

  @Test("fact 88: while an old view lives the name makes a new, zeroed object")
  func aNewObjectOwesTheOldViewNothing() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    let old = try object.map()
    try old.write("old")
    object.close()
    let fresh = try MemoryObject.create("x", size: 64, in: session)
    let existed = fresh.existed
    #expect(!existed)
    let new = try fresh.map()
    let begun = try new.text()
    #expect(begun == "")
    try new.write("new")
    let kept = try old.text()
    #expect(kept == "old")
  }

  @Test("fact 90: unmapped and mapped again through one handle, the content is kept")
  func aHandleKeepsTheContent() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    try object.map().write("v1")
    let found = try text(object)
    #expect(found == "v1")
  }

  @Test("fact 92: when its creator closes, a name lives on its opener's handle")
  func theOpenerKeepsTheName() throws {
    let creator = try MemoryObject.create("x", size: 64, in: session)
    let opener = try MemoryObject.open("x", access: .read, in: session)
    creator.close()
    #expect(opening("x", in: session) == nil)
    opener.close()
    #expect(opening("x", in: session) == .fileNotFound)
  }

  @Test("fact 100: every descriptor of a handle and a view is closed by exec")
  func descriptorsAreClosedByExec() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    let view = try object.map()
    let path = object.path ?? ""
    var found = 0
    for descriptor in Int32(0)..<1024 where isFile(descriptor, at: path) {
      found += 1
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
    #expect(found == 2, "one to lock and one to map")
    try view.write("still here")
  }

  private func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var one = stat()
    var other = stat()
    return fstat(descriptor, &one) == 0 && stat(path, &other) == 0 && one.st_ino == other.st_ino
      && one.st_dev == other.st_dev
  }

  @Test("fact 102: a duplicate works and keeps the name after the original is closed")
  func aDuplicateStandsAlone() throws {
    let original = try MemoryObject.create("x", size: 64, in: session)
    try original.map().write("kept")
    let duplicate = original.duplicate()
    original.close()
    #expect(opening("x", in: session) == nil)
    let found = try text(duplicate)
    #expect(found == "kept")
    duplicate.close()
    #expect(opening("x", in: session) == .fileNotFound)
  }

  @Test("fact 104: a duplicate of a reader's handle does not write")
  func aDuplicateGainsNoAccess() throws {
    let object = try MemoryObject.create("x", size: 64, in: session)
    let reader = try MemoryObject.open("x", access: .read, in: session).duplicate()
    #expect(
      code { () throws(SharedMemoryError) in _ = try reader.map(access: .readWrite) }
        == .accessDenied)
    object.close()
  }

  @Test("fact 109: the living objects are listed, with their types")
  func theLivingAreListed() throws {
    let one = try MemoryObject.create("one", size: 64, in: session)
    let two = try MemoryObject.create(#"Local\a/b"#, size: 65, in: session)
    let event = try Acquisition("create", "event", .readWrite, session, kind: .event)
      .create(ObjectName(Array("event".utf8), for: "create"), 64, .init())
    let entries = try session.list(.local)
    #expect(
      entries.map { "\($0.text) \($0.type) \($0.size)" }
        == [#"Local\a/b mapping 65"#, #"Local\event event 64"#, #"Local\one mapping 64"#])
    let paths = [two.path, event.path, one.path]
    #expect(entries.map(\.path) == paths)
  }
}
